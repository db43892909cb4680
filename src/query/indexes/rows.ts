// Rows: bitsets of rows that an index lists.

import { bitsetBytes, bitsetOf, type Bitset } from '../../model/bitset.js';

/** Rows that are listed one by one at most, as a share of all: beyond, reading the column is faster. Measured, see decision 28. */
export const LISTED_SHARE = 1 / 16;

/** Of `rows` rows those at `from` to `end` of a list. */
export function bitsOfRows(list: Uint32Array, from: number, end: number, rows: number): Bitset {
  const bits = new Uint8Array(bitsetBytes(rows));
  addRows(bits, list, from, end);
  return bits;
}

export function addRows(bits: Bitset, list: Uint32Array, from: number, end: number): void {
  for (let at = from; at < end; at++) {
    const row = list[at] as number;
    bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
}

/** Every row but those. */
export function bitsWithoutRows(list: Uint32Array, from: number, end: number, rows: number): Bitset {
  const bits = bitsetOf(rows, true);
  for (let at = from; at < end; at++) {
    const row = list[at] as number;
    bits[row >> 3] = (bits[row >> 3] as number) & ~(1 << (row & 7));
  }
  return bits;
}
