// Upload: what becomes of a segment that somebody sent, and what sending a whole collection takes and gives.

/** Of one file. */
export interface AdoptedSegment {
  /** Rows that it has; 0 if it was taken before. */
  readonly rows: number;
  /** Rows that were there under their keys. */
  readonly replaced: number;
  /** Rows that changed nothing, as something later is there. */
  readonly outdated: number;
  /** Rows whose stamps were too far ahead and were set back. */
  readonly clamped: number;
  /** It was taken before, and changed nothing now. */
  readonly isKnown: boolean;
}

export interface UploadOptions {
  /** What the collection is called on the server; default: as here. It must be there, with the property `sync.push`. */
  readonly as?: string;
  /** Of the server; default: the one that it is called in here. */
  readonly database?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: UploadProgress) => void;
}

export interface UploadProgress {
  readonly rows: number;
  readonly rowsTotal: number;
  /** Sent in this run. */
  readonly bytes: number;
}

export interface UploadResult {
  readonly segments: number;
  /** Segments that the server had already. */
  readonly segmentsKnown: number;
  /** Rows that are there now because of this run. */
  readonly rows: number;
  /** Of the server, in the place of which they are. */
  readonly replaced: number;
  readonly bytesSent: number;
}
