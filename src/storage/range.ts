// The range of a read: checked before anything is allocated, in the same way in every storage.

import { require, requireIntact } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';

/** Throws `InvalidArgument` for what can be no range of any file. */
export function checkRange(key: string, range: ByteRange): void {
  const sound = Number.isSafeInteger(range.offset) && range.offset >= 0 && Number.isSafeInteger(range.length) && range.length >= 0;
  require(sound, () => `${key}: expected a range of whole numbers from 0, found offset ${range.offset}, length ${range.length}`);
}

/** The range to read of a file of `sizeBytes`: all of it by default. Throws `Corrupt` if it reaches beyond. */
export function rangeWithin(key: string, sizeBytes: number, range: ByteRange | undefined): ByteRange {
  if (range === undefined) return { offset: 0, length: sizeBytes };
  const fits = range.length <= sizeBytes && range.offset <= sizeBytes - range.length;
  requireIntact(fits, key, `expected ${range.length} bytes at ${range.offset}, found a file of ${sizeBytes} bytes`);
  return range;
}
