// Calibration: which parameters reach a recall on this very segment. Rows of the segment are searched for, some moved
// towards others, as queries are seldom rows; a row does not count as its own neighbour. What is promised is the lower
// end of a one-sided 95 % interval, since a sample is not the truth.

import type { CalibrationPoint } from '../format/manifest.js';
import { isDistance } from '../model/metric.js';
import type { Ambient } from '../ports/ambient.js';
import type { AnnIndex, AnnOptions, FlatIndex } from '../ports/core.js';

const QUERIES = 256;
/** Every so many queries one is a mixture of two rows. */
const MIXED_EVERY = 4;
const QUERIES_AT_ONCE = 16;
const LADDERS: readonly (readonly [k: number, efs: readonly number[]])[] = [
  [10, [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768]],
  [100, [100, 110, 120, 140, 160, 200, 250, 300, 400, 500, 700, 1000]],
];
const ENOUGH = 0.998;
const ONE_SIDED_95 = 1.645;
/** Scores that differ by less are taken for equal. */
const TOLERANCE = 1e-5;

interface Sample {
  readonly queries: Float32Array;
  /** The row that a query is, which does not count; -1 if it is none. */
  readonly selves: Int32Array;
}

/** Points by k, then by ascending ef. `stopped` ends it early with what there is. */
export async function calibrate(rows: FlatIndex, ann: AnnIndex, ambient: Ambient, stopped: () => boolean): Promise<readonly CalibrationPoint[]> {
  const sample = takeSample(rows);
  const points: CalibrationPoint[] = [];
  for (const [k, efs] of LADDERS) {
    if (k + 1 > rows.size) break;
    const bars = await trueBars(rows, sample, k, ambient, stopped);
    for (const ef of efs) {
      if (stopped()) return points;
      const options = { ef: ef + 1, rerank: rerankOf(ef, k) + 1 };
      const recall = lowerBound(recalls(rows, ann, sample, bars, k, options));
      points.push({ k, ef, rerank: rerankOf(ef, k), recall: Math.floor(recall * 10_000) });
      await ambient.pause();
      if (recall >= ENOUGH) break;
    }
  }
  return points;
}

/** Rows that are scored exactly when `ef` are kept: a few times k, as 4-bit codes misplace only near neighbours. */
export function rerankOf(ef: number, k: number): number {
  if (ef <= 2 * k) return ef;
  return ef <= 6 * k ? 2 * k : 4 * k;
}

/** The least effort that reaches `recall` for k rows; undefined if no point does. */
export function effortFor(points: readonly CalibrationPoint[], k: number, recall: number): (AnnOptions & { readonly recall: number }) | undefined {
  const reaching = (size: number): CalibrationPoint | undefined => points.find((point) => point.k === size && point.recall >= recall * 10_000);
  const ten = reaching(10);
  if (k <= 10) return ten && { ef: ten.ef, rerank: ten.rerank, recall: ten.recall / 10_000 };
  // More rows need at least the effort of fewer, and of their share of a hundred.
  const hundred = reaching(100);
  if (ten === undefined || hundred === undefined) return undefined;
  const ef = Math.max(ten.ef, k, Math.ceil((hundred.ef * k) / 100));
  return { ef, rerank: Math.max(k, Math.ceil((hundred.rerank * k) / 100)), recall: Math.min(ten.recall, hundred.recall) / 10_000 };
}

/** What `ef` gives, as far as it was measured. */
export function recallOf(points: readonly CalibrationPoint[], k: number, ef: number): number {
  const size = k <= 10 ? 10 : 100;
  const share = Math.max(1, k / size);
  const found = points.filter((point) => point.k === size && point.ef * share <= ef).at(-1);
  return (found?.recall ?? 0) / 10_000;
}

function takeSample(rows: FlatIndex): Sample {
  const count = Math.min(QUERIES, rows.size);
  const queries = new Float32Array(count * rows.dim);
  const selves = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const row = Math.floor((at * rows.size) / count);
    queries.set(rows.read(row, 1), at * rows.dim);
    selves[at] = row;
    if (at % MIXED_EVERY !== 0) continue;
    const other = rows.read(Math.floor(((at + 0.5) * rows.size) / count), 1);
    for (let i = 0; i < rows.dim; i++) queries[at * rows.dim + i] = 0.75 * (queries[at * rows.dim + i] as number) + 0.25 * (other[i] as number);
    selves[at] = -1;
  }
  return { queries, selves };
}

/** The score of each query's k-th true neighbour, moved by the tolerance. */
async function trueBars(rows: FlatIndex, { queries, selves }: Sample, k: number, ambient: Ambient, stopped: () => boolean): Promise<Float64Array> {
  const bars = new Float64Array(selves.length);
  const ascending = isDistance(rows.metric);
  for (let first = 0; first < selves.length && !stopped(); first += QUERIES_AT_ONCE) {
    const count = Math.min(QUERIES_AT_ONCE, selves.length - first);
    const found = rows.search(queries.subarray(first * rows.dim, (first + count) * rows.dim), k + 1);
    for (let q = 0; q < count; q++) {
      const places = Array.from({ length: k + 1 }, (_, at) => q * (k + 1) + at).filter((place) => found.rows[place] !== selves[first + q]);
      const bar = found.scores[places[k - 1] as number] as number;
      bars[first + q] = bar + Math.abs(bar) * (ascending ? TOLERANCE : -TOLERANCE);
    }
    await ambient.pause();
  }
  return bars;
}

/** Of each query the share of its k true neighbours that is found. */
function recalls(rows: FlatIndex, ann: AnnIndex, { queries, selves }: Sample, bars: Float64Array, k: number, options: AnnOptions): Float64Array {
  const found = ann.search(queries, k + 1, options);
  const ascending = isDistance(rows.metric);
  return Float64Array.from(selves, (self, q) => {
    let hits = 0;
    const first = q * (k + 1);
    for (let place = first; place < first + (found.counts[q] as number); place++) {
      const score = found.scores[place] as number;
      const near = ascending ? score <= (bars[q] as number) : score >= (bars[q] as number);
      if (near && found.rows[place] !== self) hits++;
    }
    return Math.min(hits, k) / k;
  });
}

function lowerBound(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return Math.max(0, mean - ONE_SIDED_95 * Math.sqrt(variance / values.length));
}
