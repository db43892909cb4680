// CandidateList: the k best rows of each query, put together piece by piece.

import { isDistance, type VectorMetric } from '../../model/metric.js';
import type { Candidates } from '../../ports/core.js';

export class CandidateList {
  readonly #k: number;
  readonly #rows: Uint32Array[];
  readonly #scores: Float32Array[];

  constructor(queryCount: number, k: number) {
    this.#k = k;
    this.#rows = Array.from({ length: queryCount }, () => new Uint32Array(0));
    this.#scores = Array.from({ length: queryCount }, () => new Float32Array(0));
  }

  /** At most k rows of a query, best first, instead of what it has. */
  set(query: number, rows: Uint32Array, scores: Float32Array): void {
    this.#rows[query] = rows;
    this.#scores[query] = scores;
  }

  /** Adds rows that come behind those that are there: among equal scores they are worse. */
  add(query: number, rows: Uint32Array, scores: Float32Array, metric: VectorMetric): void {
    const known = this.#rows[query] as Uint32Array;
    const all = [...known, ...rows];
    const scored = [...(this.#scores[query] as Float32Array), ...scores];
    const sign = isDistance(metric) ? 1 : -1;
    const order = scored.map((_, at) => at).sort((a, b) => compare(sign * (scored[a] as number), sign * (scored[b] as number)));
    const best = order.slice(0, this.#k);
    this.set(query, Uint32Array.from(best, (at) => all[at] as number), Float32Array.from(best, (at) => scored[at] as number));
  }

  candidates(): Candidates {
    const k = this.#k;
    const all = { k, counts: Uint32Array.from(this.#rows, ({ length }) => length), rows: new Uint32Array(this.#rows.length * k), scores: new Float32Array(this.#rows.length * k) };
    this.#rows.forEach((rows, query) => {
      all.rows.set(rows, query * k);
      all.scores.set(this.#scores[query] as Float32Array, query * k);
    });
    return all;
  }
}

// NaN, which only overflow can make, comes last.
function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
