// ElanusError: the one error type that the public API throws for what the world can do wrong.
// The set of codes is closed; a message says what was expected, what was found, and where.

import { MILVUS, type MilvusCode } from './milvus-code.js';

/** What went wrong, as a caller would branch on it. */
export type ErrorCode =
  | 'InvalidArgument' // the call breaks the contract: wrong type, dimension, limit, name
  | 'InvalidFilter' // a filter that does not parse or does not fit the schema; `position` is set
  | 'NotFound' // no such collection or file
  | 'AlreadyExists'
  | 'Corrupt' // stored or received bytes fail their checksum or structure; `file` is set
  | 'WrongKey' // a key that does not open an encrypted database, none for one, or one for a database that is not encrypted
  | 'Unsupported' // a newer format, or a feature that this runtime lacks
  | 'ReadOnly' // a write to storage that only reads, or after a failed write
  | 'NotPermitted' // the server lets the caller write other rows than these
  | 'Busy' // another process or tab owns the database
  | 'QuotaExceeded' // the disk or the origin's quota is full; the batch was refused whole
  | 'StorageFailed' // the platform failed to read or write in a way that says nothing of the data
  | 'OutOfMemory'
  | 'Network' // a server did not answer, or answered with an error; `status` may be set
  | 'Untrusted' // what a server says of its newest state is not signed by whom we trust, is older than what it said before, or has expired; `reason` is set
  | 'Interrupted' // the tab that had the database ended first: whether the call was carried out is not known
  | 'Closed'; // the database or the call was closed or aborted

const MILVUS_CODES: Readonly<Record<ErrorCode, MilvusCode>> = {
  InvalidArgument: MILVUS.invalidParameter,
  InvalidFilter: MILVUS.invalidParameter,
  NotFound: MILVUS.collectionNotFound,
  AlreadyExists: MILVUS.unexpected,
  Corrupt: MILVUS.ioFailed,
  WrongKey: MILVUS.ioFailed,
  Unsupported: MILVUS.unimplemented,
  ReadOnly: MILVUS.writesDenied,
  NotPermitted: MILVUS.writesDenied,
  Busy: MILVUS.unavailable,
  QuotaExceeded: MILVUS.diskExhausted,
  StorageFailed: MILVUS.ioFailed,
  OutOfMemory: MILVUS.memoryExhausted,
  Network: MILVUS.unavailable,
  Untrusted: MILVUS.ioFailed,
  Interrupted: MILVUS.unavailable,
  Closed: MILVUS.notReady,
};

/** Undefined if a text that came from elsewhere is no code. */
export function errorCodeOf(text: string): ErrorCode | undefined {
  return Object.hasOwn(MILVUS_CODES, text) ? (text as ErrorCode) : undefined;
}

/** 'key': signed by another; 'signature': not signed by whom it says; 'rollback': older than what was believed; 'fork': another history; 'expired'; 'collection': of another one; 'scope': of other rows than were asked for. */
export type DistrustReason = 'key' | 'signature' | 'rollback' | 'fork' | 'expired' | 'collection' | 'scope';

export interface ErrorDetail {
  /** By which clients of Milvus know it; that of the code by default. */
  readonly milvusCode?: MilvusCode;
  /** Zero-based offset in the filter text. */
  readonly position?: number;
  /** Key of the damaged or missing file. */
  readonly file?: string;
  /** HTTP status of a refused request. */
  readonly status?: number;
  /** For how long a server asks not to be asked again. */
  readonly retryAfterMs?: number;
  /** Why it is not believed. */
  readonly reason?: DistrustReason;
  /** Rows that an import had stored when it ended. */
  readonly rows?: number;
  readonly cause?: unknown;
}

export class ElanusError extends Error {
  override readonly name = 'ElanusError';
  readonly code: ErrorCode;
  /** The number by which clients of Milvus know it. */
  readonly milvusCode: MilvusCode;
  readonly position: number | undefined;
  readonly file: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rows: number | undefined;
  readonly reason: DistrustReason | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.milvusCode = detail.milvusCode ?? MILVUS_CODES[code];
    this.position = detail.position;
    this.file = detail.file;
    this.status = detail.status;
    this.retryAfterMs = detail.retryAfterMs;
    this.rows = detail.rows;
    this.reason = detail.reason;
  }
}

/** Throws `InvalidArgument` unless `condition` holds. */
export function require(condition: boolean, message: () => string, milvusCode?: MilvusCode): asserts condition {
  if (!condition) throw new ElanusError('InvalidArgument', message(), milvusCode === undefined ? {} : { milvusCode });
}

/** Throws `Corrupt`, naming `file`, unless `condition` holds. */
export function requireIntact(condition: boolean, file: string, message: string): asserts condition {
  if (!condition) throw new ElanusError('Corrupt', `${file}: ${message}`, { file });
}
