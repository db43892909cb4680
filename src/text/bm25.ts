// BM25 (Robertson and Walker 1994): what a query's terms weigh, by statistics of the whole collection, so that the scores
// of all segments compare. A segment that scores by these weights, k1, b and the average length needs to know nothing else.

import { require } from '../model/errors.js';
import type { SparseTotals } from '../ports/core.js';

/** Milvus' `bm25_k1` and `bm25_b`. */
export interface Bm25Params {
  /** 0 to 3: how much a term counts that is there more than once. */
  readonly k1: number;
  /** 0 to 1: how much less it counts in longer texts. */
  readonly b: number;
}

export const BM25_DEFAULTS: Bm25Params = { k1: 1.2, b: 0.75 };

/** Errors: `InvalidArgument`. */
export function checkBm25Params({ k1 = BM25_DEFAULTS.k1, b = BM25_DEFAULTS.b }: Partial<Bm25Params>): Bm25Params {
  require(typeof k1 === 'number' && k1 >= 0 && k1 <= 3, () => `bm25_k1: expected 0 to 3, found ${String(k1)}`);
  require(typeof b === 'number' && b >= 0 && b <= 1, () => `bm25_b: expected 0 to 1, found ${String(b)}`);
  return { k1, b };
}

export function addTotals(totals: Iterable<SparseTotals>): SparseTotals {
  let [rows, lengthTotal] = [0, 0];
  for (const one of totals) {
    rows += one.rows;
    lengthTotal += one.lengthTotal;
  }
  return { rows, lengthTotal };
}

/** Tokens of a text on average; 1 of none, which divides by nothing. */
export function averageLength({ rows, lengthTotal }: SparseTotals): number {
  return lengthTotal > 0 ? lengthTotal / rows : 1;
}

/** ln(1 + (rows - having + 0.5) / (having + 0.5)): above 0 whatever share of the rows has the term. REQUIRES: having <= rows. */
export function inverseDocumentFrequency(rows: number, having: number): number {
  return Math.log1p((rows - having + 0.5) / (having + 0.5));
}
