// Pull: what copying a collection from a server takes and gives.

export interface PullOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whose word the state of the collection is taken from: public keys of Ed25519, 64 hexadecimal digits each, or 'first': the one
   * that signs what is seen first, and no other from then on. A copy that was pulled so is never pulled without. Default: what the copy has, else nobody's.
   */
  readonly trust?: 'first' | readonly string[];
  /** Bytes of a file that are asked for at once, and at most fetched again after a break. Default 4 MiB, at least 64 KiB. */
  readonly partBytes?: number;
}

export interface PullProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface PullResult {
  /** Version of the server's manifest that is now served locally. */
  readonly version: number;
  readonly rows: number;
  readonly filesFetched: number;
  readonly bytesFetched: number;
}
