// What the WebGPU tests measure against: a flat index that only reads, exact search in double precision, and the
// tolerance. A score may differ from the exact one by 1e-5 of the sum of the absolute values of its terms: rounding
// is proportional to what is added, not to what is left after it cancels.

import { expect } from 'vitest';
import { hasBit, type Bitset } from '../../src/model/bitset.js';
import type { Metric } from '../../src/model/metric.js';
import type { Candidates, FlatIndex } from '../../src/ports/core.js';

const TOLERANCE = 1e-5;
/** Below the smallest normal float a device may round to zero, once for each term. */
const SUBNORMAL = 2 ** -126;

/** Numbers in [0, 1), the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function indexOf(vectors: Float32Array, dim: number, metric: Metric): FlatIndex {
  const unused = (): never => {
    throw new Error('an accelerator only reads');
  };
  const read = (first: number, count: number): Float32Array<ArrayBuffer> => new Float32Array(vectors.subarray(first * dim, (first + count) * dim));
  return { dim, metric, element: 'FloatVector', size: vectors.length / dim, read, append: unused, search: unused, close: unused };
}

interface Exact {
  readonly score: number;
  readonly tolerance: number;
}

function exactScore(query: Float32Array, row: Float32Array, metric: Metric): Exact {
  let sum = 0;
  let absolute = 0;
  let querySquares = 0;
  let rowSquares = 0;
  for (let i = 0; i < query.length; i++) {
    const a = query[i] as number;
    const b = row[i] as number;
    const term = metric === 'L2' ? (a - b) * (a - b) : a * b;
    sum += term;
    absolute += Math.abs(term);
    querySquares += a * a;
    rowSquares += b * b;
  }
  const norms = metric === 'COSINE' ? Math.sqrt(querySquares) * Math.sqrt(rowSquares) || 1 : 1;
  return { score: sum / norms, tolerance: (TOLERANCE * absolute) / norms + query.length * SUBNORMAL };
}

/** Checks `found` against every row of `vectors`: how many, which, in which order, with which scores. */
export function expectExact(found: Candidates, vectors: Float32Array, queries: Float32Array, dim: number, metric: Metric, alive?: Bitset): void {
  const live = Array.from({ length: vectors.length / dim }, (_, row) => row).filter((row) => alive === undefined || hasBit(alive, row));
  const faults: string[] = [];
  for (let query = 0; query < queries.length / dim; query++) {
    const vector = queries.subarray(query * dim, (query + 1) * dim);
    const exactOf = (row: number): Exact => exactScore(vector, vectors.subarray(row * dim, (row + 1) * dim), metric);
    const best = Float64Array.from(live, (row) => exactOf(row).score).sort();
    if (metric !== 'L2') best.reverse();
    const count = found.counts[query] as number;
    if (count !== Math.min(found.k, live.length)) faults.push(`query ${query}: ${count} candidates`);
    const rows = found.rows.subarray(query * found.k, query * found.k + count);
    const scores = found.scores.subarray(query * found.k, query * found.k + count);
    if (new Set(rows).size !== count) faults.push(`query ${query}: a row comes twice`);
    rows.forEach((row, place) => {
      const where = `query ${query}, place ${place}, row ${row}`;
      if (row >= vectors.length / dim || (alive !== undefined && !hasBit(alive, row))) return faults.push(`${where}: not a live row`);
      const { score, tolerance } = exactOf(row);
      const own = scores[place] as number;
      if (!(Math.abs(own - score) <= tolerance)) faults.push(`${where}: score ${own}, exactly ${score}`);
      if (!(Math.abs(score - (best[place] as number)) <= 2 * tolerance)) faults.push(`${where}: exactly ${score}, the best for this place has ${best[place]}`);
      if (place === 0) return;
      const before = scores[place - 1] as number;
      const ordered = before === own ? (rows[place - 1] as number) < row : metric === 'L2' ? before < own : before > own;
      if (!ordered) faults.push(`${where}: score ${own} after ${before} of row ${rows[place - 1]}`);
    });
  }
  expect(faults.slice(0, 10)).toEqual([]);
}
