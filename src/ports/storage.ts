// Storage: the port for bytes at rest. Keys are relative paths of [A-Za-z0-9._-] segments joined by "/"; no key is
// a folder of another, and no two differ only in case, for not every platform can keep those. `create` is the only
// concurrency primitive; nothing is ever overwritten, and nothing depends on rename. Every call refuses a malformed
// key or range with `InvalidArgument` and, once closed, everything with `Closed`. Every implementation passes the
// suite in test/storage/conformance.ts.

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What reads stored files. Implementations throw only `ElanusError`. */
export interface ReadStorage {
  /** Short name of the implementation: 'memory', 'fs', 'opfs', 'idb', 's3', 'r2', 'http'. */
  readonly kind: string;
  /**
   * The whole file, or exactly the bytes of `range`. The caller owns what it gets. `room`, as long as the range, is memory
   * that they may be put in, if the storage can read into it: then that is what is given.
   * Errors: `NotFound` if the key is absent; `Corrupt` if the range reaches beyond the file.
   */
  read(key: string, range?: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Size in bytes, or undefined if the key is absent. */
  size(key: string): Promise<number | undefined>;
  /** Every key that starts with `prefix`, sorted by code units. */
  list(prefix: string): Promise<readonly string[]>;
  /**
   * Looks whether others have changed what there is; false if they have not. Absent where every call sees what there is.
   * Files that were there before stay readable until it is called again.
   */
  refresh?(): Promise<boolean>;
  /** Waits for the calls under way, then frees handles, logs and locks. Later calls throw `Closed`; closing again is no error. */
  close(): Promise<void>;
}

export interface Storage extends ReadStorage {
  /** True if nothing keeps another process from writing at the same time: who opens a log takes it over from who has it. */
  readonly isShared?: boolean;
  /**
   * Writes a new file, durable when the promise resolves. False, and nothing written, if the key exists. Calls for
   * one key take turns; readers see the whole file or none. `bytes` must not change until the promise resolves.
   * A crash in the middle leaves no file, or one whose content fails its own checksum.
   * Errors: `QuotaExceeded`.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Removes a file; an absent one is no error. Errors: `InvalidArgument` while its log is open. */
  remove(key: string): Promise<void>;
  /** Opens a file for appending, created empty if absent. Errors: `InvalidArgument` if its log is open already. */
  openLog(key: string): Promise<Log>;
  /** How much is stored and allowed, in bytes, where the platform tells. */
  usage(): Promise<StorageUsage>;
}

/** A file that grows at its end. Calls are done in the order they are made, each when the one before is over. */
export interface Log {
  /** Where the next append goes: the size, less what a failed append may have left. */
  readonly sizeBytes: number;
  /**
   * Appends these parts one behind the other; none changes until the promise resolves. After an error the file may hold some
   * of the bytes: truncate, then go on. Errors: `QuotaExceeded`.
   */
  append(...parts: readonly Uint8Array[]): Promise<void>;
  /** All that was appended is durable when this resolves. */
  sync(): Promise<void>;
  /**
   * As `append` and then `sync`, where the platform does both in one call. After an error the file is as after one of
   * `append`. REQUIRES: all that was appended before is synced.
   */
  appendDurably?(...parts: readonly Uint8Array[]): Promise<void>;
  /**
   * Cuts the file to `sizeBytes`, durably. Where the storage is shared it tells, also if there is nothing to cut, that the
   * log was this writer's until now. Errors of all calls there: `Busy` once another has taken it over.
   */
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface StorageUsage {
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
  /** False if the browser may evict the data under pressure. */
  readonly persisted?: boolean;
}
