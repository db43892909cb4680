// Clusters of the base by the harness's own k-means, for filters that have to do with where a query is. Lloyd's algorithm
// from evenly spaced rows over an evenly spaced sample, in f64, on unit vectors under cosine: the same on every machine.

import type { BenchMetric, Vectors } from '../target.js';

const CLUSTERS = 32;
const SAMPLE = 4096;
const ITERATIONS = 8;

export interface Clusters {
  readonly count: number;
  /** Of each base row, and of each query. */
  readonly ofRow: Int32Array;
  readonly ofQuery: Int32Array;
  /** All clusters, the nearest to a cluster first, itself before all others. */
  order(cluster: number): readonly number[];
}

export function clustersOf(metric: BenchMetric, base: Vectors, queries: Vectors): Clusters {
  const { n, d } = base;
  const count = Math.min(CLUSTERS, n);
  const point = reader(metric, d);
  let centres = Array.from({ length: count }, (_, c) => point(base, Math.floor((c * n) / count)).slice());
  const sampled = Math.min(SAMPLE, n);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const sums = centres.map(() => new Float64Array(d));
    const sizes = new Uint32Array(count);
    for (let s = 0; s < sampled; s++) {
      const x = point(base, Math.floor((s * n) / sampled));
      const c = nearest(centres, x);
      const sum = sums[c] as Float64Array;
      for (let i = 0; i < d; i++) sum[i] = (sum[i] as number) + (x[i] as number);
      sizes[c] = (sizes[c] as number) + 1;
    }
    // A centre that nothing is near stays where it is.
    centres = centres.map((centre, c) => (sizes[c] === 0 ? centre : (sums[c] as Float64Array).map((value) => value / (sizes[c] as number))));
  }
  const assign = (vectors: Vectors): Int32Array => Int32Array.from({ length: vectors.n }, (_, row) => nearest(centres, point(vectors, row)));
  return {
    count,
    ofRow: assign(base),
    ofQuery: assign(queries),
    order(cluster) {
      const from = centres[cluster] as Float64Array;
      return centres.map((centre, c) => [c === cluster ? -1 : squared(centre, from, Infinity), c] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, c]) => c);
    },
  };
}

/** Reads a row into a buffer that is reused. */
function reader(metric: BenchMetric, d: number): (vectors: Vectors, row: number) => Float64Array {
  const buffer = new Float64Array(d);
  return ({ values }, row) => {
    let norm = 0;
    for (let i = 0; i < d; i++) {
      const value = values[row * d + i] as number;
      buffer[i] = value;
      norm += value * value;
    }
    if (metric === 'cosine' && norm > 0) for (let i = 0; i < d; i++) buffer[i] = (buffer[i] as number) / Math.sqrt(norm);
    return buffer;
  };
}

function nearest(centres: readonly Float64Array[], x: Float64Array): number {
  let best = 0;
  let least = Infinity;
  centres.forEach((centre, c) => {
    const distance = squared(centre, x, least);
    if (distance < least) [best, least] = [c, distance];
  });
  return best;
}

function squared(a: Float64Array, b: Float64Array, limit: number): number {
  let sum = 0;
  for (let from = 0; from < a.length && sum <= limit; from += 64) {
    for (let i = from, end = Math.min(from + 64, a.length); i < end; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  }
  return sum;
}
