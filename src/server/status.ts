// Status: the numbers by which clients of Milvus know what went wrong (`merr` and `httpserver` of Milvus 2.6), and
// the one table from our errors to them. What is not in the table is our own fault: 65535, and its text stays inside.

import { ElanusError, type ErrorCode } from '../model/errors.js';

export const STATUS = {
  notReady: 1,
  unavailable: 2,
  memoryExhausted: 3,
  diskExhausted: 7,
  writesDenied: 9,
  unimplemented: 10,
  collectionNotFound: 100,
  partitionNotFound: 200,
  indexNotFound: 700,
  databaseNotFound: 800,
  ioFailed: 1001,
  invalidParameter: 1100,
  tooLarge: 1102,
  malformedRequest: 1801,
  missingParameter: 1802,
  badInsertData: 1804,
  unexpected: 65535,
} as const;

export type StatusCode = (typeof STATUS)[keyof typeof STATUS];

const BY_ERROR: Readonly<Record<ErrorCode, { readonly status: StatusCode; readonly http: 400 | 404 | 409 | 500 | 503 | 507 }>> = {
  InvalidArgument: { status: STATUS.invalidParameter, http: 400 },
  InvalidFilter: { status: STATUS.invalidParameter, http: 400 },
  NotFound: { status: STATUS.collectionNotFound, http: 404 },
  AlreadyExists: { status: STATUS.unexpected, http: 409 },
  Corrupt: { status: STATUS.ioFailed, http: 500 },
  WrongKey: { status: STATUS.ioFailed, http: 500 },
  Unsupported: { status: STATUS.unimplemented, http: 400 },
  ReadOnly: { status: STATUS.writesDenied, http: 409 },
  Busy: { status: STATUS.unavailable, http: 503 },
  QuotaExceeded: { status: STATUS.diskExhausted, http: 507 },
  OutOfMemory: { status: STATUS.memoryExhausted, http: 503 },
  StorageFailed: { status: STATUS.ioFailed, http: 500 },
  Network: { status: STATUS.unavailable, http: 503 },
  Interrupted: { status: STATUS.unavailable, http: 503 },
  Closed: { status: STATUS.notReady, http: 503 },
};

/** A request that the server itself refuses, before the engine sees it. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';

  constructor(
    readonly status: StatusCode,
    message: string,
    readonly http: 400 | 403 | 404 | 413 = 400,
  ) {
    super(message);
  }
}

export interface Failure {
  readonly status: StatusCode;
  /** For the routes that are not Milvus', which answer 200 to everything. */
  readonly http: number;
  readonly message: string;
  /** True if the cause must be logged: the message does not carry it. */
  readonly unexpected: boolean;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RefusedRequest) return { status: error.status, http: error.http, message: error.message, unexpected: false };
  if (error instanceof ElanusError) {
    return { ...BY_ERROR[error.code], message: error.message, unexpected: BY_ERROR[error.code].http >= 500 };
  }
  return { status: STATUS.unexpected, http: 500, message: 'unexpected error; the log of the server has the details', unexpected: true };
}
