// Rows of every element for the tests, and what f64 says of them.

import type { Bitset } from '../../src/model/bitset.js';
import { hasBit } from '../../src/model/bitset.js';
import { isDistance, type BinaryMetric, type Metric } from '../../src/model/metric.js';
import type { Candidates, ScoreRange, SparseRows, VectorElement } from '../../src/ports/core.js';

export type AnyMetric = Metric | BinaryMetric;
export type Hit = readonly [row: number, score: number];

/** Numbers of 0 to 2^32 - 1, always the same. */
export function randomWords(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** The values of a row's f32. */
export function valueOf(element: VectorElement, stored: number): number {
  if (element === 'BFloat16Vector') {
    u32[0] = stored << 16;
    return f32[0] as number;
  }
  if (element !== 'Float16Vector') return stored;
  const [sign, exponent, fraction] = [stored & 0x8000 ? -1 : 1, (stored >> 10) & 31, stored & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31 ? (fraction === 0 ? sign * Infinity : NaN) : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bits of values between -2 and 2 that Float16Vector and BFloat16Vector hold, whole numbers of a byte, bits, or f32. */
export function randomStored(element: VectorElement, count: number, seed: number): Float32Array | Uint16Array | Int8Array | Uint8Array {
  const next = randomWords(seed);
  switch (element) {
    case 'FloatVector':
      return Float32Array.from({ length: count }, () => next() / 2 ** 31 - 1);
    case 'Float16Vector':
      return Uint16Array.from({ length: count }, () => (next() & 0x8000) | next() % 0x4000);
    case 'BFloat16Vector':
      return Uint16Array.from({ length: count }, () => (next() & 0x8000) | (0x3c00 + (next() % 0x400)));
    case 'Int8Vector':
      return Int8Array.from({ length: count }, () => next());
    case 'BinaryVector':
      return Uint8Array.from({ length: count }, () => next());
  }
}

/** The score of two vectors of numbers; of two vectors of bytes under a binary metric. */
export function trueScore(metric: AnyMetric, a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, l2, aa, bb, differing, either] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (metric === 'HAMMING' || metric === 'JACCARD') {
      differing += bitsOf(x ^ y);
      either += bitsOf(x | y);
      continue;
    }
    dot += x * y;
    l2 += (x - y) ** 2;
    aa += x * x;
    bb += y * y;
  }
  switch (metric) {
    case 'L2':
      return l2;
    case 'IP':
      return dot;
    case 'COSINE':
      return aa * bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
    case 'HAMMING':
      return differing;
    case 'JACCARD':
      return either === 0 ? 1 : Math.fround(differing / either);
  }
}

function bitsOf(value: number): number {
  let count = 0;
  for (let rest = value & 255; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function isIn(metric: AnyMetric, { radius, rangeFilter }: ScoreRange, score: number): boolean {
  if (isDistance(metric)) return (rangeFilter ?? -Infinity) <= score && score < (radius ?? Infinity);
  return (radius ?? -Infinity) < score && score <= (rangeFilter ?? Infinity);
}

/** The best k, by sorting. */
export function sorted(metric: AnyMetric, scores: readonly number[], k: number, alive?: Bitset, range: ScoreRange = {}): readonly Hit[] {
  const hits = scores.map((score, row): Hit => [row, score]).filter(([row, score]) => (alive === undefined || hasBit(alive, row)) && isIn(metric, range, score));
  return hits.sort((a, b) => (isDistance(metric) ? a[1] - b[1] : b[1] - a[1]) || a[0] - b[0]).slice(0, k);
}

/** The hits of query q. */
export function hitsOf({ k, counts, rows, scores }: Candidates, q: number): readonly Hit[] {
  return Array.from({ length: counts[q] as number }, (_, i): Hit => [rows[q * k + i] as number, scores[q * k + i] as number]);
}

export type SparseRow = ReadonlyMap<number, number>;

export function sparseRows(rows: readonly SparseRow[]): SparseRows {
  const pairs = rows.map((row) => [...row].sort((a, b) => a[0] - b[0]));
  const indptr = new Uint32Array(rows.length + 1);
  pairs.forEach((row, i) => (indptr[i + 1] = (indptr[i] as number) + row.length));
  return { indptr, indices: Uint32Array.from(pairs.flat(), ([index]) => index), values: Float32Array.from(pairs.flat(), ([, value]) => value) };
}

/** Sums in f32 in ascending order of terms: what a sparse score is, to the bit. */
export function sparseScore(query: SparseRow, row: SparseRow): number {
  let sum = 0;
  for (const [index, value] of [...query].sort((a, b) => a[0] - b[0])) {
    const other = row.get(index);
    if (other !== undefined) sum = Math.fround(sum + Math.fround(Math.fround(value) * Math.fround(other)));
  }
  return sum;
}
