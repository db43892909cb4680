// Calibration: which parameters reach a recall on this very segment. Rows of it are searched for, each as if it were not
// there: a row itself is found too easily, as the graph was built around it. What is promised is the lower end of a
// one-sided 95 % interval, since a sample is not the truth.

import type { Calibration, CalibrationPoint } from '../format/manifest.js';
import { isDistance, type Metric } from '../model/metric.js';
import type { Ambient } from '../ports/ambient.js';
import type { AnnIndex, AnnOptions, FlatIndex } from '../ports/core.js';

const QUERIES = 256;
const QUERIES_AT_ONCE = 16;
const LADDERS: readonly (readonly [k: number, efs: readonly number[]])[] = [
  [10, [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768]],
  [100, [100, 110, 120, 140, 160, 200, 250, 300, 400, 500, 700, 1000]],
];
const ENOUGH = 0.998;
/** The rank by whose score queries are told apart, the share of rows that are nearer, and what is spent on the others. */
const FAR_RANK = 10;
const FAR_SHARE = 0.98;
const FAR_EFFORT = 4;
const ONE_SIDED_95 = 1.645;
/** Scores that differ by less are taken for equal. */
const TOLERANCE = 1e-5;

/** `stopped` ends it early with what there is. */
export async function calibrate(rows: FlatIndex, ann: AnnIndex, ambient: Ambient, stopped: () => boolean): Promise<Calibration> {
  const count = Math.min(QUERIES, rows.size);
  const selves = Uint32Array.from({ length: count }, (_, at) => Math.floor((at * rows.size) / count));
  const points: CalibrationPoint[] = [];
  let far = 0;
  for (const [k, efs] of LADDERS) {
    if (k + 1 > rows.size) break;
    const bars = await trueBars(rows, selves, k, ambient, stopped);
    if (k === FAR_RANK) far = farOf(bars, rows.metric);
    for (const ef of efs) {
      if (stopped()) return { far, points };
      const rerank = rerankOf(ef, k);
      const recall = lowerBound(recalls(rows, ann, selves, bars, k, { effort: ef, keep: rerank, rerank, patience: 0 }));
      points.push({ k, ef, rerank, recall: Math.floor(recall * 10_000) });
      await ambient.pause();
      if (recall >= ENOUGH) break;
    }
  }
  return { far, points };
}

function farOf(bars: Float64Array, metric: Metric): number {
  const nearestFirst = [...bars].sort(isDistance(metric) ? (a, b) => a - b : (a, b) => b - a);
  return nearestFirst[Math.floor(nearestFirst.length * FAR_SHARE)] ?? 0;
}

/**
 * Whether a query is one of another kind than the rows, by the scores that it found, best first: what was measured on
 * rows then promises too much. Inner products grow with a query's length, so they tell nothing.
 */
export function isFar({ far }: Calibration, scores: Float32Array, metric: Metric): boolean {
  const score = scores[Math.min(FAR_RANK, scores.length) - 1];
  if (score === undefined || metric === 'IP') return false;
  return isDistance(metric) ? score > far : score < far;
}

/** The effort for a query that is far. */
export function harder({ effort, rerank }: AnnOptions): AnnOptions {
  return { effort: effort * FAR_EFFORT, keep: rerank * 2, rerank: rerank * 2, patience: 0 };
}

/** Rows that are scored exactly when `ef` are kept: a few times k, as 4-bit codes misplace only near neighbours. */
export function rerankOf(ef: number, k: number): number {
  if (ef <= 2 * k) return ef;
  return ef <= 6 * k ? 2 * k : 4 * k;
}

/** The least effort that reaches `recall` for k rows; undefined if no point does. */
export function effortFor({ points }: Calibration, k: number, recall: number): (AnnOptions & { readonly recall: number }) | undefined {
  const reaching = (size: number): CalibrationPoint | undefined => points.find((point) => point.k === size && point.recall >= recall * 10_000);
  const ten = reaching(10);
  if (k <= 10) return ten && { effort: ten.ef, keep: ten.rerank, rerank: ten.rerank, patience: 0, recall: ten.recall / 10_000 };
  // More rows need at least the effort of fewer, and of their share of a hundred.
  const hundred = reaching(100);
  if (ten === undefined || hundred === undefined) return undefined;
  const effort = Math.max(ten.ef, k, Math.ceil((hundred.ef * k) / 100));
  const rerank = Math.max(k, Math.ceil((hundred.rerank * k) / 100));
  return { effort, keep: rerank, rerank, patience: 0, recall: Math.min(ten.recall, hundred.recall) / 10_000 };
}

/** What `ef` gives, as far as it was measured. */
export function recallOf({ points }: Calibration, k: number, ef: number): number {
  const size = k <= 10 ? 10 : 100;
  const share = Math.max(1, k / size);
  const found = points.filter((point) => point.k === size && point.ef * share <= ef).at(-1);
  return (found?.recall ?? 0) / 10_000;
}

/** The score of each row's k-th true neighbour but itself, moved by the tolerance. */
async function trueBars(rows: FlatIndex, selves: Uint32Array, k: number, ambient: Ambient, stopped: () => boolean): Promise<Float64Array> {
  const { dim } = rows;
  const bars = new Float64Array(selves.length);
  const towards = isDistance(rows.metric) ? TOLERANCE : -TOLERANCE;
  for (let first = 0; first < selves.length && !stopped(); first += QUERIES_AT_ONCE) {
    const group = selves.subarray(first, first + QUERIES_AT_ONCE);
    const queries = new Float32Array(group.length * dim);
    group.forEach((row, q) => queries.set(rows.read(row, 1), q * dim));
    const found = rows.search(queries, k + 1);
    group.forEach((self, q) => {
      const others = Array.from({ length: k + 1 }, (_, at) => q * (k + 1) + at).filter((place) => found.rows[place] !== self);
      const bar = found.scores[others[k - 1] as number] as number;
      bars[first + q] = bar + Math.abs(bar) * towards;
    });
    await ambient.pause();
  }
  return bars;
}

/** Of each row the share of its k true neighbours that is found. */
function recalls(rows: FlatIndex, ann: AnnIndex, selves: Uint32Array, bars: Float64Array, k: number, options: AnnOptions): Float64Array {
  const found = ann.searchRows(selves, k, options);
  const ascending = isDistance(rows.metric);
  return bars.map((bar, q) => {
    const scores = found.scores.subarray(q * k, q * k + (found.counts[q] as number));
    return scores.filter((score) => (ascending ? score <= bar : score >= bar)).length / k;
  });
}

function lowerBound(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return Math.max(0, mean - ONE_SIDED_95 * Math.sqrt(variance / values.length));
}
