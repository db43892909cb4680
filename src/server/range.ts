// Range: which bytes of a file a request asks for (RFC 9110, 14.1 and 14.2). One range is answered; what is
// malformed, of another unit, or more than one range is ignored, as the RFC allows.

import type { ByteRange } from '../ports/storage.js';

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;

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
