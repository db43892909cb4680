// What a sparse search without an index costs, written for speed: rows and lists in typed arrays, nothing allocated for a row.

import type { SparseRows } from '../../src/ports/core.js';

/** The best rows of one query, best first. */
export type SparseSearch = (query: SparseRows, k: number) => Iterable<number>;

/** Looks at every value of every row, the query's weights being in an array by index. */
export function exhaustiveScan({ indptr, indices, values }: SparseRows): SparseSearch {
  const size = indptr.length - 1;
  const weights = new Float32Array(indices.reduce((most, index) => Math.max(most, index), 0) + 1);
  const scores = new Float32Array(size);
  return (query, k) => {
    query.indices.forEach((index, i) => index < weights.length && (weights[index] = query.values[i] as number));
    let at = 0;
    for (let row = 0; row < size; row++) {
      const end = indptr[row + 1] as number;
      let sum = 0;
      for (; at < end; at++) sum += (weights[indices[at] as number] as number) * (values[at] as number);
      scores[row] = sum;
    }
    for (const index of query.indices) if (index < weights.length) weights[index] = 0;
    return best(scores, size, k);
  };
}

/** Adds up the lists of the query's indices. */
export function invertedLists({ indptr, indices, values }: SparseRows): SparseSearch {
  const size = indptr.length - 1;
  const terms = indices.reduce((most, index) => Math.max(most, index), 0) + 1;
  const starts = new Uint32Array(terms + 1);
  for (const index of indices) starts[index + 1] = (starts[index + 1] as number) + 1;
  for (let term = 0; term < terms; term++) starts[term + 1] = (starts[term + 1] as number) + (starts[term] as number);
  const [rows, weights, next] = [new Uint32Array(indices.length), new Float32Array(indices.length), starts.slice()];
  for (let row = 0; row < size; row++) {
    for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
      const place = next[indices[i] as number] as number;
      next[indices[i] as number] = place + 1;
      rows[place] = row;
      weights[place] = values[i] as number;
    }
  }
  const scores = new Float32Array(size);
  return (query, k) => {
    scores.fill(0);
    query.indices.forEach((index, i) => {
      if (index >= terms) return;
      const weight = query.values[i] as number;
      for (let at = starts[index] as number, end = starts[index + 1] as number; at < end; at++) scores[rows[at] as number] = (scores[rows[at] as number] as number) + weight * (weights[at] as number);
    });
    return best(scores, size, k);
  };
}

/** By insertion: of the few that get past the worst, none moves far. */
function best(scores: Float32Array, size: number, k: number): readonly number[] {
  const rows: number[] = [];
  let bar = 0;
  for (let row = 0; row < size; row++) {
    const score = scores[row] as number;
    if (!(score > bar)) continue;
    let at = rows.length;
    while (at > 0 && (scores[rows[at - 1] as number] as number) < score) at--;
    rows.splice(at, 0, row);
    if (rows.length > k) rows.pop();
    if (rows.length === k) bar = scores[rows[k - 1] as number] as number;
  }
  return rows;
}
