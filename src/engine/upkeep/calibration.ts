// Calibration: which parameters reach a recall on this very segment. Rows of it are searched for, each as if it were not
// there: a row itself is found too easily, as the index was built around it. What is promised is the lower end of a
// one-sided 95 % interval, since a sample is not the truth.

import type { Calibration, CalibrationPoint } from '../../format/calibration.js';
import { isDistance, type Metric } from '../../model/metric.js';
import type { Ambient } from '../../ports/ambient.js';
import type { AnnIndex, AnnOptions } from '../../ports/core.js';
import { FAR_RANK, rerankOf } from '../search/effort.js';
import { queryOf, type NumberFlat } from '../table/vector-part.js';
import { scanExactly } from './exact-scan.js';
import { Pacer } from './pacer.js';

const QUERIES = 256;
/** Looked for at once among all rows, which takes the longer the more there are: a few milliseconds for so many components. */
const EXACT_AT_ONCE = 32;
const EXACT_VALUES = 30_000_000;
const SIZES = [10, 100];
const ENOUGH = 0.998;
const IDLE_STEPS = 3;
/** What the number of candidates that are kept may lose. */
const KEPT_LOSS = 0.002;
const EFS: readonly number[] = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.4, 2.8, 3.2, 4, 4.8, 5.6, 6.4, 8, 9.6, 12.8, 16, 19.2, 25.6, 38.4, 51.2, 76.8];
const EF_MOST = 768;
const EF_PER_K = 10;
const PROBES: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60, 75, 90, 110, 140, 180, 240, 320, 480];
/** Of the lists, where candidates that are kept are told apart. */
const PROBES_SHARE = 0.2;
const KEPT: readonly number[] = [2, 3, 5, 8, 12, 20];
const RERANKED: readonly number[] = [1.5, 2, 3, 4];
const PATIENCE: readonly number[] = [50, 75, 110, 160, 240, 350, 500, 750, 1100, 1600, 2400, 3500, 5000, 7500, 11_000];
/** For how long lists are read where candidates that are kept are told apart. */
const LONG_PATIENCE = 2400;
/** The share of rows whose neighbours are nearer than those of a query that is far. */
const FAR_SHARE = 0.98;
const ONE_SIDED_95 = 1.645;
/** Scores that differ by less are taken for equal. */
const TOLERANCE = 1e-5;

/** `stopped` ends it early with what there is. */
export async function calibrate(rows: NumberFlat, ann: AnnIndex, ambient: Ambient, stopped: () => boolean): Promise<Calibration> {
  const count = Math.min(QUERIES, rows.size);
  const selves = Uint32Array.from({ length: count }, (_, at) => Math.floor((at * rows.size) / count));
  const points: CalibrationPoint[] = [];
  const pacer = new Pacer(ambient);
  let far = isDistance(rows.metric) ? Number.MAX_VALUE : -Number.MAX_VALUE;
  for (const k of SIZES) {
    if (k + 1 > rows.size) break;
    const bars = await trueBars(rows, selves, k, pacer, stopped);
    if (k === FAR_RANK) far = farOf(bars, rows.metric);
    const trial = new Trial(rows, ann, { selves, bars, k }, pacer, stopped);
    points.push(...(ann.kind === 'graph' ? await trial.graph() : await trial.lists()));
  }
  return { far, points };
}

// Scores that overflowed are beyond every other; if even so near a one did, nothing is far.
function farOf(bars: Float64Array, metric: Metric): number {
  const beyond = isDistance(metric) ? Number.MAX_VALUE : -Number.MAX_VALUE;
  const nearestFirst = Array.from(bars, (bar) => (Number.isFinite(bar) ? bar : beyond)).sort(isDistance(metric) ? (a, b) => a - b : (a, b) => b - a);
  return nearestFirst[Math.floor(nearestFirst.length * FAR_SHARE)] ?? beyond;
}

interface Sample {
  readonly selves: Uint32Array;
  /** The score of each row's k-th true neighbour. */
  readonly bars: Float64Array;
  readonly k: number;
}

/** Searches for the sample with one set of parameters after the other. */
class Trial {
  readonly #rows: NumberFlat;
  readonly #ann: AnnIndex;
  readonly #sample: Sample;
  readonly #pacer: Pacer;
  readonly #stopped: () => boolean;

  constructor(rows: NumberFlat, ann: AnnIndex, sample: Sample, pacer: Pacer, stopped: () => boolean) {
    this.#rows = rows;
    this.#ann = ann;
    this.#sample = sample;
    this.#pacer = pacer;
    this.#stopped = stopped;
  }

  async graph(): Promise<readonly CalibrationPoint[]> {
    const { k } = this.#sample;
    const efs = EFS.map((factor) => Math.round(factor * k)).filter((ef) => ef <= Math.max(EF_MOST, EF_PER_K * k));
    const walked = await this.#ladder(efs.map((effort) => ({ effort, keep: effort, rerank: rerankOf(effort, k), patience: 0 })));
    const keep = await this.#least(RERANKED.map((factor) => Math.ceil(factor * k)), (tried) => ({ effort: 0, keep: tried, rerank: tried, patience: LONG_PATIENCE }));
    return [...walked, ...(await this.#patience(keep, keep))];
  }

  async lists(): Promise<readonly CalibrationPoint[]> {
    const { k } = this.#sample;
    const most = Math.max(1, Math.ceil(this.#ann.lists * PROBES_SHARE));
    const times = (factor: number): number => Math.ceil(factor * k);
    const keep = await this.#least(KEPT.map(times), (tried) => ({ effort: most, keep: tried, rerank: tried, patience: 0 }));
    const rerank = await this.#least(RERANKED.map(times).filter((tried) => tried < keep).concat(keep), (tried) => ({ effort: most, keep, rerank: tried, patience: 0 }));
    const probes = PROBES.filter((tried) => tried < this.#ann.lists).concat(this.#ann.lists);
    return [...(await this.#ladder(probes.map((effort) => ({ effort, keep, rerank, patience: 0 })))), ...(await this.#patience(keep, rerank))];
  }

  /** As under a filter: by lists until nothing better is found for long. */
  async #patience(keep: number, rerank: number): Promise<readonly CalibrationPoint[]> {
    return this.#ladder(PATIENCE.map((patience) => ({ effort: 0, keep, rerank, patience })));
  }

  /** Every step up to the first that finds enough, or is the last of several that find no more than the one before. */
  async #ladder(steps: readonly AnnOptions[]): Promise<readonly CalibrationPoint[]> {
    const points: CalibrationPoint[] = [];
    let idle = 0;
    for (const options of steps) {
      if (this.#stopped()) break;
      const recall = Math.floor(lowerBound(await this.#recalls(options)) * 10_000);
      idle = recall > (points.at(-1)?.recall ?? -1) ? 0 : idle + 1;
      points.push({ k: this.#sample.k, ...options, recall });
      if (recall >= ENOUGH * 10_000 || idle === IDLE_STEPS) break;
    }
    return points;
  }

  /** The least of `tried`, ascending, that finds as much as the last, but for a little. */
  async #least(tried: readonly number[], optionsOf: (value: number) => AnnOptions): Promise<number> {
    const last = tried.at(-1) as number;
    const goal = mean(await this.#recalls(optionsOf(last))) - KEPT_LOSS;
    for (const value of tried) if (value === last || this.#stopped() || mean(await this.#recalls(optionsOf(value))) >= goal) return value;
    return last;
  }

  /** Of each row of the sample the share of its k true neighbours that is found. */
  async #recalls(options: AnnOptions): Promise<Float64Array> {
    const { selves, bars, k } = this.#sample;
    const ascending = isDistance(this.#rows.metric);
    const shares = new Float64Array(selves.length);
    // Each by itself: hard ones take a millisecond or more.
    for (let at = 0; at < selves.length && !this.#stopped(); at++) {
      const bar = bars[at] as number;
      const { counts, scores } = this.#ann.searchRows(selves.subarray(at, at + 1), k, options);
      let found = 0;
      for (let place = 0; place < (counts[0] as number); place++) if (ascending ? (scores[place] as number) <= bar : (scores[place] as number) >= bar) found++;
      shares[at] = found / k;
      await this.#pacer.turn();
    }
    return shares;
  }
}

/** The score of each row's k-th true neighbour but itself, moved by the tolerance. */
async function trueBars(rows: NumberFlat, selves: Uint32Array, k: number, pacer: Pacer, stopped: () => boolean): Promise<Float64Array> {
  const { dim } = rows;
  const bars = new Float64Array(selves.length);
  const towards = isDistance(rows.metric) ? TOLERANCE : -TOLERANCE;
  const atOnce = Math.max(1, Math.min(EXACT_AT_ONCE, Math.floor(EXACT_VALUES / (rows.size * dim))));
  for (let first = 0; first < selves.length && !stopped(); first += atOnce) {
    const group = selves.subarray(first, first + atOnce);
    const queries = new Float32Array(group.length * dim);
    group.forEach((row, q) => queries.set(queryOf(rows, row), q * dim));
    const found = await scanExactly(rows, queries, k + 1, pacer, stopped);
    if (found === undefined) break;
    group.forEach((self, q) => {
      const others = Array.from({ length: k + 1 }, (_, at) => q * (k + 1) + at).filter((place) => found.rows[place] !== self);
      const bar = found.scores[others[k - 1] as number] as number;
      bars[first + q] = bar + Math.abs(bar) * towards;
    });
    await pacer.turn();
  }
  return bars;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lowerBound(values: Float64Array): number {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
  return Math.max(0, middle - ONE_SIDED_95 * Math.sqrt(variance / values.length));
}
