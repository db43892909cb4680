// Fusion: several rankings of rows made into one, by ranks (RRF) or by scores (weighted), as Milvus does it. Rows are one
// by their primary key. What is equal in score comes in order of the primary key.

import { require } from '../model/errors.js';
import type { PrimaryKey } from '../model/row.js';
import { compareScores, descending, isAscending, normalized, type ScoreMetric } from './score.js';
import { compareKeys } from '../model/text-order.js';

/** How the hits of several searches become one list. */
export type Fusion =
  /** The sum over the searches of 1 / (k + rank), ranks from 1. `k`: above 0 and below 16,384; default 60. */
  | { readonly kind: 'rrf'; readonly k?: number }
  /**
   * The sum of weight times score. `weights`: one of 0 to 1 for each search. `normalize`: true, the default, maps scores to
   * 0..1 by their metric, as Milvus does; 'minmax' by the hits of each search, whose best becomes 1 and whose last 0. With
   * false they are added as they are, but distances beside similarities are mapped all the same, as larger must be nearer in both.
   */
  | { readonly kind: 'weighted'; readonly weights: readonly number[]; readonly normalize?: boolean | 'minmax' };

/** What is ranked: a row with its key, anywhere. */
export interface Scored {
  readonly key: PrimaryKey;
  readonly score: number;
}

/** One search's hits, nearest first. */
export interface Ranking<T extends Scored> {
  readonly metric: ScoreMetric;
  readonly hits: readonly T[];
}

export interface Fused<T> {
  /** Nearest first. */
  readonly hits: readonly T[];
  readonly ascending: boolean;
}

export const RRF_K = 60;
const RRF_K_END = 16_384;

/** Errors: `InvalidArgument`. */
export function checkFusion(given: unknown, searches: number): Fusion {
  require(typeof given === 'object' && given !== null, () => `rerank: expected an object with kind, found ${typeof given}`);
  const { kind } = given as { readonly kind?: unknown };
  if (kind === 'rrf') {
    const { k = RRF_K } = given as { readonly k?: unknown };
    require(typeof k === 'number' && k > 0 && k < RRF_K_END, () => `rerank: the rank param k should be in range (0, ${RRF_K_END}), found ${String(k)}`);
    return { kind, k };
  }
  require(kind === 'weighted', () => `rerank: unsupported rank type ${JSON.stringify(kind)}, expected 'rrf', 'weighted' or 'decay'`);
  const { weights, normalize = true } = given as { readonly weights?: unknown; readonly normalize?: unknown };
  require(Array.isArray(weights), () => 'rerank: weights not found, expected an array of numbers');
  require(weights.length === searches, () => `rerank: the length of weights param mismatch with ann search requests: expected ${searches}, found ${weights.length}`);
  for (const weight of weights) require(typeof weight === 'number' && weight >= 0 && weight <= 1, () => `rerank: rank param weight should be in range [0, 1], found ${String(weight)}`);
  require(typeof normalize === 'boolean' || normalize === 'minmax', () => `rerank: normalize: expected true, false or 'minmax', found ${String(normalize)}`);
  return { kind, weights: weights as readonly number[], normalize };
}

/** The first search that has a row gives what else is told of it. */
export function fuse<T extends Scored>(fusion: Fusion, rankings: readonly Ranking<T>[]): Fused<T> {
  const ascending = fusion.kind === 'weighted' && fusion.normalize === false && rankings.every(({ metric }) => isAscending(metric));
  const scores = new Map<PrimaryKey, { hit: T; score: number }>();
  rankings.forEach((ranking, search) => {
    const worth = fusion.kind === 'rrf' ? undefined : weigher(ranking, fusion.normalize ?? true, ascending);
    ranking.hits.forEach((hit, at) => {
      const score = fusion.kind === 'rrf' || worth === undefined ? 1 / (((fusion as { readonly k?: number }).k ?? RRF_K) + at + 1) : (fusion.weights[search] as number) * worth(hit.score);
      const known = scores.get(hit.key);
      if (known === undefined) scores.set(hit.key, { hit, score });
      else known.score += score;
    });
  });
  const hits = Array.from(scores.values(), ({ hit, score }) => ({ ...hit, score })).sort((a, b) => compareScores(a.score, b.score, ascending) || compareKeys(a.key, b.key));
  return { hits, ascending };
}

function weigher({ metric, hits }: Ranking<Scored>, normalize: boolean | 'minmax', ascending: boolean): (score: number) => number {
  if (normalize === true) return (score) => normalized(score, metric);
  if (normalize === false) return (score) => (ascending ? score : descending(score, metric));
  // Hits in groups do not come by their scores.
  const nearest = hits.reduce<readonly number[]>(([best, last], { score }) => [best === undefined || compareScores(score, best, isAscending(metric)) < 0 ? score : best, last === undefined || compareScores(score, last, isAscending(metric)) > 0 ? score : last], []);
  const [best = 0, last = 0] = nearest;
  return best === last ? () => 1 : (score) => (score - last) / (best - last);
}
