// Value order: the rows of a column of numbers in order of their values, equal ones in order of rows. Sorted by digits of 16
// bits from the least on, each a pass over the rows; digits that all rows share are passed over.

import type { NumericColumn } from '../../ports/core.js';

const DIGITS = 65_536;
/** Rows that are moved between two steps. */
const STEP_ROWS = 131_072;
const SIGN = 0x8000;
const ALL = 0xffff;

/** Rows by value; those that are NaN come last. A step takes a few milliseconds. */
export function* valueOrder(column: NumericColumn): Generator<void, Uint32Array> {
  const perRow = Math.ceil(column.BYTES_PER_ELEMENT / 2);
  const keys = keysOf(column, perRow);
  yield;
  let order = new Uint32Array(column.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  let next = new Uint32Array(column.length);
  for (let digit = 0; digit < perRow; digit++) {
    const starts = startsOf(keys, digit, perRow);
    if (starts === undefined) continue;
    yield;
    for (let at = 0; at < order.length; at++) {
      const row = order[at] as number;
      const key = keys[row * perRow + digit] as number;
      const to = starts[key] as number;
      starts[key] = to + 1;
      next[to] = row;
      if (at % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Where the rows of each digit begin; undefined if all have the same. */
function startsOf(keys: Uint16Array, digit: number, perRow: number): Uint32Array | undefined {
  const counts = new Uint32Array(DIGITS);
  for (let at = digit; at < keys.length; at += perRow) counts[keys[at] as number] = (counts[keys[at] as number] as number) + 1;
  if (keys.length === 0 || counts[keys[digit] as number] === keys.length / perRow) return undefined;
  let start = 0;
  for (let key = 0; key < DIGITS; key++) {
    const count = counts[key] as number;
    counts[key] = start;
    start += count;
  }
  return counts;
}

/** Of each row `perRow` digits, the least first, such that rows are in the order of their digits. */
function keysOf(column: NumericColumn, perRow: number): Uint16Array {
  if (column.BYTES_PER_ELEMENT === 1) return Uint16Array.from(column as Uint8Array, (value) => value + 128);
  const bits = new Uint16Array(column.buffer, column.byteOffset, column.byteLength / 2).slice();
  if (column instanceof Uint16Array) return bits;
  const isFloat = column instanceof Float32Array || column instanceof Float64Array;
  for (let row = 0; row < column.length; row++) {
    const high = row * perRow + perRow - 1;
    if (isFloat && column[row] !== column[row]) bits.fill(ALL, high - perRow + 1, high + 1);
    // Floats below zero are greater the smaller they are.
    else if (isFloat && ((bits[high] as number) & SIGN) !== 0) for (let at = high - perRow + 1; at <= high; at++) bits[at] = ~(bits[at] as number);
    else bits[high] = (bits[high] as number) ^ SIGN;
  }
  return bits;
}
