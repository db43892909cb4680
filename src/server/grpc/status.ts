// Status: what every answer says of itself: the number of an error, and the one of before by which older clients know
// it (`merr.Code` and `oldCode` of Milvus 2.6). All its members are always filled in.

import { failureOf, STATUS } from '../status.js';

export interface StatusMessage {
  /** Name in `common.ErrorCode`. */
  readonly error_code: string;
  readonly code: number;
  readonly reason: string;
  readonly retriable: boolean;
  readonly detail: string;
}

export const SUCCESS: StatusMessage = { error_code: 'Success', code: 0, reason: '', retriable: false, detail: '' };

const OLDER: ReadonlyMap<number, string> = new Map<number, string>([
  [STATUS.notReady, 'NotReadyServe'],
  [STATUS.memoryExhausted, 'InsufficientMemoryToLoad'],
  [STATUS.diskExhausted, 'DiskQuotaExhausted'],
  [STATUS.rateLimited, 'RateLimit'],
  [STATUS.writesDenied, 'ForceDeny'],
  [STATUS.collectionNotFound, 'CollectionNotExists'],
  [109, 'SchemaMismatch'],
  [STATUS.partitionNotFound, 'MetaFailed'],
  [STATUS.indexNotFound, 'IndexNotExist'],
  [STATUS.invalidParameter, 'IllegalArgument'],
  [STATUS.missingParameter, 'IllegalArgument'],
  [STATUS.tooLarge, 'IllegalArgument'],
]);

/** What may succeed if it is asked again (`retriable` of `merr`). */
const RETRIABLE: ReadonlySet<number> = new Set([STATUS.notReady, STATUS.unavailable, STATUS.memoryExhausted, STATUS.rateLimited]);

/** A failure that carries another older number than its new one tells, as some calls do for clients of before. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(
    readonly status: number,
    message: string,
    readonly older?: string,
  ) {
    super(message);
  }
}

export interface FailedStatus {
  readonly status: StatusMessage;
  /** True if the cause must be logged. */
  readonly unexpected: boolean;
}

export function statusOf(error: unknown): FailedStatus {
  if (error instanceof StatusError) return { status: statusMessage(error.status, error.message, error.older), unexpected: false };
  const { status, message, unexpected } = failureOf(error);
  return { status: statusMessage(status, message), unexpected };
}

function statusMessage(code: number, reason: string, older = OLDER.get(code) ?? 'UnexpectedError'): StatusMessage {
  return { error_code: older, code, reason, retriable: RETRIABLE.has(code), detail: reason };
}
