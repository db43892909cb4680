// Truth: how far the true k-th neighbour of each query is, and what share of an answer is at least as near.
// Ties count: any row whose f64 distance is at most that of the true k-th is right, whatever its number;
// the same row twice is right once.

import { createDistance, type Distance } from './distance.js';
import type { BenchMetric, Vectors } from './target.js';
import { UsageError } from './usage-error.js';
import type { VecsFile } from './data.js';

const RELATIVE = 1e-5;
// Cosine has no scale, and rounding leaves about 1e-16 between vectors that point the same way.
const COSINE_ABSOLUTE = 1e-9;

export interface Truth {
  /** Share of right rows among `ids` (queries x k, -1 for none). */
  recall(ids: Int32Array): number;
}

/** From the ids of a ground-truth file. Errors: `UsageError` if it does not fit the data, k or the metric. */
export function truthFromFile(path: string, gt: VecsFile<Int32Array>, metric: BenchMetric, queries: Vectors, base: Vectors, k: number): Truth {
  if (gt.n !== queries.n) throw new UsageError(`${path}: expected a row for each of the ${queries.n} queries, found ${gt.n}`);
  if (gt.d < k) throw new UsageError(`${path}: expected at least k = ${k} neighbours a query, found ${gt.d}`);
  const distance = createDistance(metric, queries, base);
  const farthest = new Float64Array(queries.n);
  let unordered = 0;
  for (let q = 0; q < queries.n; q++) {
    let last = -Infinity;
    for (let place = 0; place < k; place++) {
      const row = gt.values[q * gt.d + place] as number;
      if (row < 0 || row >= base.n) throw new UsageError(`${path}: query ${q}: expected a row from 0 to ${base.n - 1}, found ${row}`);
      const found = distance(q, row);
      if (found < last - 1e-3 * Math.abs(last)) unordered++;
      last = Math.max(last, found);
    }
    farthest[q] = last;
  }
  if (unordered > 0.01 * queries.n * k) throw new UsageError(`${path}: ${unordered} of ${queries.n * k} neighbours are nearer than the one before them under ${metric}: it was made for another metric or other data`);
  return createTruth(metric, distance, farthest, k, base.n);
}

/** From the data themselves, by brute force. */
export function truthFromData(metric: BenchMetric, queries: Vectors, base: Vectors, k: number): Truth {
  const distance = createDistance(metric, queries, base);
  const farthest = Float64Array.from({ length: queries.n }, (_, q) => kthDistance(distance, q, base.n, k));
  return createTruth(metric, distance, farthest, k, base.n);
}

function kthDistance(distance: Distance, query: number, rows: number, k: number): number {
  const nearest = new Float64Array(Math.min(k, rows)).fill(Infinity);
  const lastPlace = nearest.length - 1;
  for (let row = 0; row < rows; row++) {
    const found = distance(query, row, nearest[lastPlace] as number);
    if (found >= (nearest[lastPlace] as number)) continue;
    let place = lastPlace;
    for (; place > 0 && (nearest[place - 1] as number) > found; place--) nearest[place] = nearest[place - 1] as number;
    nearest[place] = found;
  }
  return nearest[lastPlace] as number;
}

/** The distance up to which a row ties with the true k-th at `kth`. */
export function limitOf(metric: BenchMetric, kth: number): number {
  return kth + RELATIVE * Math.abs(kth) + (metric === 'cosine' ? COSINE_ABSOLUTE : 0);
}

function createTruth(metric: BenchMetric, distance: Distance, farthest: Float64Array, k: number, rows: number): Truth {
  const wanted = Math.min(k, rows);
  return {
    recall(ids) {
      let right = 0;
      farthest.forEach((kth, q) => {
        const limit = limitOf(metric, kth);
        const answer = new Set(ids.subarray(q * k, (q + 1) * k));
        for (const row of answer) if (row >= 0 && row < rows && distance(q, row) <= limit) right++;
      });
      return right / (farthest.length * wanted);
    },
  };
}
