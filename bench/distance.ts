// True distances in f64, smaller is nearer: l2 squared, ip the negated product, cosine 1 - similarity, hamming the
// number of differing bits, jaccard 1 - |a and b| / |a or b| (0 for two empty sets). This is the judge: no kernel
// that is measured takes part in it.

import type { BenchMetric, Vectors } from './target.js';

/** The distance from query to row; may stop early with anything above `limit` once it must exceed it. */
export type Distance = (query: number, row: number, limit?: number) => number;

export function isBinary(metric: BenchMetric): boolean {
  return metric === 'hamming' || metric === 'jaccard';
}

export function createDistance(metric: BenchMetric, queries: Vectors, base: Vectors): Distance {
  switch (metric) {
    case 'l2':
      return squared(queries, base);
    case 'ip':
      return (query, row) => -dot(queries, query, base, row);
    case 'cosine':
      return cosine(queries, base);
    case 'hamming':
      return (query, row) => bitCounts(queries, query, base, row).differing;
    case 'jaccard':
      return (query, row) => {
        const { differing, either } = bitCounts(queries, query, base, row);
        return either === 0 ? 0 : differing / either;
      };
  }
}

const BLOCK = 64;

function squared(queries: Vectors, base: Vectors): Distance {
  const { d } = base;
  const a = queries.values;
  const b = base.values;
  return (query, row, limit = Infinity) => {
    let sum = 0;
    for (let from = 0; from < d && sum <= limit; from += BLOCK) {
      const to = Math.min(from + BLOCK, d);
      for (let i = query * d + from, j = row * d + from, end = query * d + to; i < end; i++, j++) {
        const difference = (a[i] as number) - (b[j] as number);
        sum += difference * difference;
      }
    }
    return sum;
  };
}

function dot(x: Vectors, i: number, y: Vectors, j: number): number {
  const { d } = x;
  const a = x.values;
  const b = y.values;
  let sum = 0;
  for (let c = 0, p = i * d, q = j * d; c < d; c++) sum += (a[p + c] as number) * (b[q + c] as number);
  return sum;
}

function cosine(queries: Vectors, base: Vectors): Distance {
  const queryNorms = norms(queries);
  const rowNorms = norms(base);
  return (query, row) => {
    const scale = (queryNorms[query] as number) * (rowNorms[row] as number);
    return scale === 0 ? 1 : 1 - dot(queries, query, base, row) / scale;
  };
}

function norms(vectors: Vectors): Float64Array {
  return Float64Array.from({ length: vectors.n }, (_, i) => Math.sqrt(dot(vectors, i, vectors, i)));
}

const BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function bitCounts(x: Vectors, i: number, y: Vectors, j: number): { readonly differing: number; readonly either: number } {
  const rowBytes = x.d / 8;
  let differing = 0;
  let either = 0;
  for (let c = 0, p = i * rowBytes, q = j * rowBytes; c < rowBytes; c++) {
    const a = x.values[p + c] as number;
    const b = y.values[q + c] as number;
    differing += BITS[a ^ b] as number;
    either += BITS[a | b] as number;
  }
  return { differing, either };
}
