// Bytes as a disk may hold them after a crash: some of what was written since the last sync, in any order.

import { randomInteger } from '../support/random.js';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Random = () => number;

/** Sizes in which a disk may write out of order. Smaller than any disk's, so that small records are torn too. */
const BLOCK_BYTES = [1, 8, 64, 512] as const;

export const NO_BYTES: Bytes = new Uint8Array(0);

export function pick<T>(next: Random, from: readonly T[]): T {
  return from[randomInteger(next, from.length)] as T;
}

/** `bytes` at `offset` of `content`, which is lengthened with zeros where it is too short. Neither is changed. */
export function written(content: Bytes, offset: number, bytes: Uint8Array): Bytes {
  const result = new Uint8Array(Math.max(content.length, offset + bytes.length));
  result.set(content);
  result.set(bytes, offset);
  return result;
}

/**
 * What may be left of a file that was durable as `before` and to be changed to `after`: the one, the other, the first part
 * of the change, some of its blocks, or its length with zeros for content.
 */
export function torn(before: Bytes, after: Bytes, next: Random): Bytes {
  const lengthMin = Math.min(before.length, after.length);
  const length = lengthMin + randomInteger(next, after.length - lengthMin + 1);
  switch (pick(next, ['lost', 'whole', 'first', 'blocks', 'zeros'] as const)) {
    case 'lost':
      return before;
    case 'whole':
      return after;
    case 'first':
      return written(before, 0, after.subarray(0, length));
    case 'blocks':
      return blocks(before, after, pick(next, [length, after.length]), next);
    case 'zeros':
      return written(before, length, new Uint8Array(Math.max(0, after.length - length)));
  }
}

function blocks(before: Bytes, after: Bytes, length: number, next: Random): Bytes {
  const result = written(before, 0, new Uint8Array(0));
  const grown = length > result.length ? written(result, length, new Uint8Array(0)) : result;
  const size = pick(next, BLOCK_BYTES);
  const kept = pick(next, [0.1, 0.5, 0.9]);
  for (let at = 0; at < length; at += size) {
    if (next() < kept) grown.set(after.subarray(at, Math.min(at + size, length)), at);
  }
  return grown;
}
