// WireError: an error as plain data: an ElanusError keeps its code and place across the wall.

import { ElanusError, type DistrustReason, type ErrorCode } from '../model/errors.js';
import type { MilvusCode } from '../model/milvus-code.js';

export interface ErrorOnWire {
  /** Undefined for what is no ElanusError. */
  readonly code: ErrorCode | undefined;
  readonly milvusCode: MilvusCode | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly position: number | undefined;
  readonly file: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rows: number | undefined;
  readonly reason: DistrustReason | undefined;
}

export function errorOnWire(error: unknown): ErrorOnWire {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const { code, milvusCode, position, file, status, retryAfterMs, rows, reason } = error instanceof ElanusError ? error : ({} as Partial<ElanusError>);
  return { code, milvusCode, name, message, stack, position, file, status, retryAfterMs, rows, reason };
}

export function errorFromWire({ code, milvusCode, name, message, stack, position, file, status, retryAfterMs, rows, reason }: ErrorOnWire): Error {
  if (code === undefined) return Object.assign(new Error(message), { name, ...(stack === undefined ? {} : { stack }) });
  return new ElanusError(code, message, {
    ...(milvusCode === undefined ? {} : { milvusCode }),
    ...(position === undefined ? {} : { position }),
    ...(file === undefined ? {} : { file }),
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(rows === undefined ? {} : { rows }),
    ...(reason === undefined ? {} : { reason }),
  });
}
