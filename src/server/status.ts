// Status: the numbers by which clients of Milvus know what went wrong: those that errors carry, and those of its REST
// server (`httpserver` of Milvus 2.6). What is no ElanusError is our own fault: 65535, and its text stays inside.

import { ElanusError, type ErrorCode } from '../model/errors.js';
import { MILVUS, type MilvusCode } from '../model/milvus-code.js';

export const STATUS = { ...MILVUS, malformedRequest: 1801, missingParameter: 1802, badInsertData: 1804, rateLimited: 8, notAuthenticated: 1400, notPermitted: 1401, groupNameInvalid: 1402, needsLogin: 1800, importFailed: 2100, timedOut: 10_001 } as const;

export type StatusCode = (typeof STATUS)[keyof typeof STATUS] | MilvusCode;

type HttpStatus = 400 | 403 | 404 | 409 | 500 | 503 | 507;

const HTTP: Readonly<Record<ErrorCode, HttpStatus>> = {
  InvalidArgument: 400,
  InvalidFilter: 400,
  NotFound: 404,
  AlreadyExists: 409,
  Corrupt: 500,
  WrongKey: 500,
  Unsupported: 400,
  ReadOnly: 409,
  NotPermitted: 403,
  Busy: 503,
  QuotaExceeded: 507,
  OutOfMemory: 503,
  StorageFailed: 500,
  Network: 503,
  Untrusted: 500,
  Interrupted: 503,
  Closed: 503,
};

/** A request that the server itself refuses, before the engine sees it. */
export class RefusedRequest extends Error {
  override readonly name: string = 'RefusedRequest';

  constructor(
    readonly status: StatusCode,
    message: string,
    readonly http: 400 | 401 | 403 | 404 | 408 | 413 | 429 | 503 = 400,
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
    const http = HTTP[error.code];
    return { status: error.milvusCode, http, message: error.message, unexpected: http >= 500 };
  }
  return { status: STATUS.unexpected, http: 500, message: 'unexpected error; the log of the server has the details', unexpected: true };
}
