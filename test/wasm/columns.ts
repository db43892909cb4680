// Random columns with extreme values for the kernels' tests, and the bits that a naive model expects.

import { bitsetBytes, setBit, type Bitset } from '../../src/model/bitset.js';
import type { CompareOp, NumericColumn } from '../../src/ports/core.js';
import { randomInteger } from '../support/random.js';

export type Value = number | bigint;

export interface ColumnKind {
  readonly name: string;
  readonly extremes: readonly Value[];
  make(values: readonly Value[]): NumericColumn;
}

const floats = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1];

export const kinds: readonly ColumnKind[] = [
  { name: 'int8', extremes: [-128, -127, -1, 0, 1, 127], make: (values) => Int8Array.from(values as number[]) },
  { name: 'int16', extremes: [-32_768, -32_767, -1, 0, 1, 32_767], make: (values) => Int16Array.from(values as number[]) },
  { name: 'uint8', extremes: [0, 1, 127, 128, 255], make: (values) => Uint8Array.from(values as number[]) },
  { name: 'uint16', extremes: [0, 1, 32_767, 32_768, 65_535], make: (values) => Uint16Array.from(values as number[]) },
  { name: 'int32', extremes: [-2_147_483_648, -2_147_483_647, -1, 0, 1, 2_147_483_647], make: (values) => Int32Array.from(values as number[]) },
  {
    name: 'int64',
    extremes: [-(2n ** 63n), -(2n ** 63n) + 1n, -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 32n, 2n ** 63n - 1n],
    make: (values) => BigInt64Array.from(values as bigint[]),
  },
  { name: 'float32', extremes: [...floats, Math.fround(3.4028234663852886e38), 2 ** -149, Math.fround(0.1)], make: (values) => Float32Array.from(values as number[]) },
  { name: 'float64', extremes: [...floats, Number.MAX_VALUE, Number.MIN_VALUE, 0.1, 2 ** 53], make: (values) => Float64Array.from(values as number[]) },
];

/** A value near zero mostly, so that equal ones are common; an extreme one time in four. */
export function randomValue(kind: ColumnKind, next: () => number): Value {
  if (next() < 0.25) return kind.extremes[randomInteger(next, kind.extremes.length)] as Value;
  const near = randomInteger(next, 20) - 10;
  if (kind.name === 'int64') return BigInt(near);
  if (kind.name.startsWith('uint')) return Math.abs(near);
  return kind.name.startsWith('int') ? near : near / 2;
}

export function randomColumn(kind: ColumnKind, rows: number, next: () => number): NumericColumn {
  return kind.make(Array.from({ length: rows }, () => randomValue(kind, next)));
}

export const model: Readonly<Record<CompareOp, (x: Value, y: Value) => boolean>> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

export function bitsOf(column: NumericColumn, holds: (x: Value) => boolean): Bitset {
  const bits = new Uint8Array(bitsetBytes(column.length));
  for (let row = 0; row < column.length; row++) if (holds(column[row] as Value)) setBit(bits, row);
  return bits;
}

export function randomBits(rows: number, next: () => number): Bitset {
  const bits = new Uint8Array(bitsetBytes(rows));
  for (let row = 0; row < rows; row++) if (next() < 0.5) setBit(bits, row);
  return bits;
}
