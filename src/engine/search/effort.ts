// Effort: from a recall, or from parameters given by hand, to the parameters of a search, by a segment's calibration.

import type { Calibration, CalibrationPoint } from '../../format/calibration.js';
import type { IndexKind } from '../../model/index-kind.js';
import { isDistance, type VectorMetric } from '../../model/metric.js';
import type { AnnOptions } from '../../ports/core.js';

/** The rank by whose score queries are told apart. */
export const FAR_RANK = 10;
/** What is spent on a query that is far. */
const FAR_EFFORT = 6;
/** Of what a search may miss, the share that one under a filter is spared, as calibration knows no filters. */
const FILTER_MARGIN = 0.4;
/** Where nothing was measured: 1-bit codes misplace more than 4-bit codes. */
const KEEP_PER_K = 20;

export interface Effort extends AnnOptions {
  /** The share of the true nearest rows to expect. */
  readonly recall: number;
}

/** Effort given by hand: rows kept on the way through a graph, lists to read, rows scored exactly. */
export interface GivenEffort {
  readonly ef?: number;
  readonly nprobe?: number;
  readonly rerank?: number;
}

/** The least effort that reaches `recall` for k rows; undefined if none does that was measured. */
export function effortFor(calibration: Calibration, kind: IndexKind, k: number, recall: number, filtered: boolean): Effort | undefined {
  const walk = scaled(calibration, kind, k, (point) => point.effort > 0 && point.recall >= recall * 10_000);
  if (walk === undefined || !filtered) return walk;
  const goal = recall + (1 - recall) * FILTER_MARGIN;
  const lists = scaled(calibration, kind, k, (point) => point.effort === 0 && point.recall >= goal * 10_000);
  // Where no patience is enough, every list is read.
  return { ...walk, keep: lists?.keep ?? KEEP_PER_K * k, rerank: Math.max(walk.rerank, lists?.rerank ?? 0), patience: lists?.patience ?? 0, recall: Math.min(walk.recall, lists?.recall ?? 1) };
}

/** What the given effort does, and what it finds as far as that was measured. */
export function givenEffort(calibration: Calibration, kind: IndexKind, k: number, given: GivenEffort): Effort | undefined {
  const asked = kind === 'graph' ? given.ef : given.nprobe;
  if (asked === undefined) return undefined;
  const size = k <= 10 ? 10 : 100;
  const share = Math.max(1, k / size);
  const measured = calibration.points.filter((point) => point.k === size && point.effort > 0);
  const reached = measured.filter((point) => point.effort * (kind === 'graph' ? share : 1) <= asked).at(-1);
  const lists = calibration.points.filter((point) => point.k === size && point.effort === 0).at(-1);
  const keep = Math.ceil((measured[0]?.keep ?? KEEP_PER_K * size) * share);
  const rerank = kind === 'graph' ? rerankOf(asked, k) : Math.ceil((measured[0]?.rerank ?? 4 * size) * share);
  return {
    effort: asked,
    keep: Math.max(keep, k, given.rerank ?? 0),
    rerank: Math.max(k, given.rerank ?? rerank),
    patience: lists?.patience ?? 0,
    recall: (reached?.recall ?? 0) / 10_000,
  };
}

/** The first point that will do for k rows, from those for ten and for a hundred. */
function scaled({ points }: Calibration, kind: IndexKind, k: number, will: (point: CalibrationPoint) => boolean): Effort | undefined {
  const ten = points.find((point) => point.k === 10 && will(point));
  if (ten === undefined) return undefined;
  if (k <= 10) return { ...parametersOf(ten), recall: ten.recall / 10_000 };
  // More rows need at least the effort of fewer, and of their share of a hundred.
  const hundred = points.find((point) => point.k === 100 && will(point));
  if (hundred === undefined) return undefined;
  const share = k / 100;
  const more = (name: 'keep' | 'rerank'): number => Math.max(k, ten[name], Math.ceil(hundred[name] * share));
  const effort = kind === 'graph' ? Math.max(ten.effort, Math.ceil(hundred.effort * share)) : Math.max(ten.effort, Math.ceil(hundred.effort * Math.max(1, share)));
  return {
    effort: ten.effort === 0 ? 0 : effort,
    keep: more('keep'),
    rerank: more('rerank'),
    patience: Math.max(ten.patience, Math.ceil(hundred.patience * Math.max(1, share))),
    recall: Math.min(ten.recall, hundred.recall) / 10_000,
  };
}

function parametersOf({ effort, keep, rerank, patience }: CalibrationPoint): AnnOptions {
  return { effort, keep, rerank, patience };
}

/** Rows that are scored exactly when `ef` are kept: a few times k, as 4-bit codes misplace only near neighbours. */
export function rerankOf(ef: number, k: number): number {
  if (ef <= 2 * k) return Math.max(ef, k);
  return ef <= 6 * k ? 2 * k : 4 * k;
}

/**
 * Whether a query is one of another kind than the rows, by the scores that it found, best first: what was measured on
 * rows then promises too much. Inner products grow with a query's length, so they tell nothing.
 */
export function isFar({ far }: Calibration, scores: Float32Array, metric: VectorMetric, recall: number): boolean {
  // Of those found, some are what fills the places of those missed: the true tenth is about the one at its share of ten.
  const score = scores[Math.min(Math.max(1, Math.round(FAR_RANK * recall)), scores.length) - 1];
  if (score === undefined || metric === 'IP') return false;
  return isDistance(metric) ? score > far : score < far;
}

/** The effort for a query that is far. */
export function harder({ effort, keep, rerank, patience }: AnnOptions, kind: IndexKind, k: number): AnnOptions {
  // Fewer than k rows to follow are few only where all of them are near.
  return { effort: (kind === 'graph' ? Math.max(effort, k) : effort) * FAR_EFFORT, keep: keep * 2, rerank: rerank * 2, patience: patience * FAR_EFFORT };
}
