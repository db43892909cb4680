// Pull: what copying a collection from a server takes and gives.

export interface PullOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly headers?: Readonly<Record<string, string>>;
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
