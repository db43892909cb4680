// Pull: what copying a collection from a server takes and gives.

/** Which rows of a collection a copy is to have. What it had of others goes as soon as it has these. */
export interface CopyScope {
  /** Rows of these partitions alone. Default: of any. */
  readonly partitions?: readonly string[];
  /** Rows for which this holds alone, at most 4,096 characters of the filter language. Default: all. */
  readonly filter?: string;
}

export interface PullOptions extends CopyScope {
  /** The server's database that the collection is in. Default: the one that is called as the one here. */
  readonly database?: string;
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
  /**
   * Of a first pull: the collection answers, to reads alone, as soon as the codes of a segment have come; `onProgress` tells. Answers say
   * what they are made of (`partial`, `missing`). What of a file is read before all of it has come is checked by its checksums, not by its hash. Default false.
   */
  readonly progressive?: boolean;
}

export interface PullProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Of a progressive pull: rows that searches see, 0 until the collection can be asked. */
  readonly rowsSearchable?: number;
}

export interface PullResult {
  /** Version of the server's manifest that is now served locally. */
  readonly version: number;
  readonly rows: number;
  readonly filesFetched: number;
  readonly bytesFetched: number;
}
