// FileRequest: what a request for a file asks for: nothing, as the client has it; all of it; or a range (RFC 9110, 13.1 and 14.2).
// One range is answered; what is malformed, of another unit, or more than one range is ignored, as the RFC allows.

import type { ByteRange } from '../ports/storage.js';

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;

export interface FileRequest {
  readonly method: string;
  /** Undefined where the request has no such header. */
  header(name: 'if-none-match' | 'if-range' | 'range'): string | undefined;
}

/** 13.1.2: weak comparison with a list of entity tags. */
export function hasAlready(request: FileRequest, etag: string): boolean {
  const ifNoneMatch = request.header('if-none-match');
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** A range holds for GET alone, and under If-Range only for the very file that the client has a part of. Undefined: send the whole file. */
export function rangeWanted(request: FileRequest, etag: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = request.header('if-range');
  if (request.method !== 'GET' || (ifRange !== undefined && ifRange.trim() !== etag)) return undefined;
  return rangeOf(request.header('range'), sizeBytes);
}

/** Undefined: send the whole file. */
export function rangeOf(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = ONE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return suffix(Number(last), sizeBytes);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= sizeBytes) return 'unsatisfiable';
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return { offset: Number(first), length: end - Number(first) };
}

function suffix(length: number, sizeBytes: number): ByteRange | 'unsatisfiable' {
  if (length === 0 || sizeBytes === 0) return 'unsatisfiable';
  const offset = Math.max(0, sizeBytes - length);
  return { offset, length: sizeBytes - offset };
}
