// Driven: a browser as the flow's tests use it, whatever speaks to it.

export interface DrivenTab {
  /** Runs a function in the page; it stands by itself and uses only its argument. What it throws is thrown here. */
  evaluate<A, R>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
  /** Does not wait for what the page does then. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface DrivenBrowser {
  /** A new tab with the page. Storage is kept from tab to tab, and gone with the browser. */
  open(url: string): Promise<DrivenTab>;
  /** Ends every process that was started for it. */
  close(): Promise<void>;
}
