// EstimatedRanking: the candidates of one query by estimates of their scores, of which the best are scored exactly, as many
// as it takes. How far the estimates are off is measured on those that were: their errors are taken for normal, with the mean
// and the deviation found there, which gives how many of the k best are to be expected among the rest.

import { isDistance, type VectorMetric } from '../../model/metric.js';

export interface Estimate {
  /** Number of its segment among those asked. */
  readonly part: number;
  readonly row: number;
  readonly score: number;
}

/** Of k, what is scored exactly at first; never less than this many, so that there are errors to measure. */
const FIRST_PER_K = 2;
const FIRST_MIN = 16;
/** Below this an error is rounding. */
const DEVIATION_MIN = 1e-9;

export class EstimatedRanking {
  readonly #k: number;
  readonly #sign: number;
  /** Best first, by values of which the least is the best. */
  readonly #estimates: readonly Estimate[];
  /** Exact scores that are known from elsewhere, as such values. */
  readonly #others: readonly number[];
  /** By their number among the estimates, which were asked for. */
  readonly #exact: (number | undefined)[] = [];

  /** `others`: exact scores of rows that are no candidates here. */
  constructor(k: number, metric: VectorMetric, estimates: readonly Estimate[], others: readonly number[]) {
    this.#k = k;
    this.#sign = isDistance(metric) ? 1 : -1;
    this.#estimates = [...estimates].sort((a, b) => this.#sign * (a.score - b.score));
    this.#others = others.map((score) => this.#sign * score);
  }

  /** Candidates to be scored exactly next: those of the best estimates, each time as many again. Empty if there are no more. */
  next(): readonly Estimate[] {
    const first = this.#exact.length;
    const end = Math.min(this.#estimates.length, Math.max(2 * first, FIRST_PER_K * this.#k, FIRST_MIN));
    this.#exact.length = end;
    return this.#estimates.slice(first, end);
  }

  /** The exact score of a candidate that was asked for. */
  take(part: number, row: number, score: number): void {
    for (let at = 0; at < this.#exact.length; at++) {
      const estimate = this.#estimates[at] as Estimate;
      if (estimate.row === row && estimate.part === part) this.#exact[at] = this.#sign * score;
    }
  }

  /** The share of the k best of all candidates that is to be expected among those that have exact scores. */
  recall(): number {
    const rest = this.#estimates.length - this.#exact.length;
    if (rest <= 0) return 1;
    // Nothing was measured yet.
    if (this.#exact.length === 0) return 0;
    const known = [...this.#exact.filter((value) => value !== undefined), ...this.#others].sort((a, b) => a - b);
    const bar = known[this.#k - 1];
    if (bar === undefined) return 0;
    const { mean, deviation } = this.#errors();
    let missed = 0;
    for (let at = this.#exact.length; at < this.#estimates.length; at++) missed += normalBelow((bar - this.#sign * (this.#estimates[at] as Estimate).score - mean) / deviation);
    return Math.max(0, 1 - missed / this.#k);
  }

  // The best by their estimates are as a rule those that were estimated too well: the mean is that of the worse half, which
  // the rest comes next to.
  #errors(): { readonly mean: number; readonly deviation: number } {
    const errors = this.#exact.flatMap((value, at) => (value === undefined ? [] : [value - this.#sign * (this.#estimates[at] as Estimate).score]));
    const worse = errors.slice(errors.length >> 1);
    const mean = worse.reduce((sum, error) => sum + error, 0) / Math.max(1, worse.length);
    const squares = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0);
    return { mean, deviation: Math.max(DEVIATION_MIN, Math.sqrt(squares / Math.max(1, errors.length))) };
  }
}

/** Of a standard normal variable: how probable it is to be below x. Abramowitz and Stegun, 26.2.17: within 7.5e-8. */
export function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail = 0.3989422804014327 * Math.exp((-x * x) / 2) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
