// Rerank: new scores for hits by what else their rows hold: a decay by the distance of a number or a time, or a boost
// where a filter holds. Hits that become equal stay in the order in which they were.

import { hasBit } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import { boostedScore, checkBoosts, weightOf, type BoostRerank, type Boosts } from '../../query/boost.js';
import { compileOptional, type CheckedFilter } from '../../query/check.js';
import { checkDecay, decayFactor, type Decay, type DecayRerank } from '../../query/decay.js';
import { compareScores, descending, isAscending, type ScoreMetric } from '../../query/score.js';
import type { Ranked } from './candidates.js';
import { holdsAt, keyPath, valuesAt } from './place-values.js';
import type { Reader } from '../read/visit.js';

/** What changes the scores of one search's hits, checked. */
export type Reranker =
  | { readonly kind: 'decay'; readonly decay: Decay }
  | { readonly kind: 'boost'; readonly boosts: Boosts; readonly filters: readonly (CheckedFilter | undefined)[] };

export interface Reranked<T> {
  readonly hits: readonly T[];
  readonly ascending: boolean;
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function checkRerank(given: unknown, schema: Schema): Reranker {
  require(typeof given === 'object' && given !== null, () => `rerank: expected an object with kind, found ${typeof given}`);
  const { kind } = given as { readonly kind?: unknown };
  if (kind === 'decay') return { kind, decay: checkDecay(given as DecayRerank, schema) };
  if (kind !== 'boost') throw new ElanusError('InvalidArgument', `rerank: unsupported rank type ${JSON.stringify(kind)} of a search, expected 'decay' or 'boost'`);
  const boosts = checkBoosts(given as BoostRerank, schema);
  return { kind, boosts, filters: boosts.functions.map(({ filter, filterParams }) => compileOptional(filter, schema, filterParams)) };
}

/** `hits` of one search, nearest first, with the scores that `reranker` makes of theirs. Their segments are held. */
export async function rerankHits<T extends Ranked>(reader: Reader, hits: readonly T[], reranker: Reranker, metric: ScoreMetric, schema: Schema, predicates: Predicates): Promise<Reranked<T>> {
  const scores = reranker.kind === 'decay' ? await decayed(reader, hits, reranker.decay, metric) : await boosted(reader, hits, reranker, schema, predicates);
  const ascending = reranker.kind === 'boost' && isAscending(metric);
  const changed = hits.map((hit, at) => ({ ...hit, score: scores[at] as number }));
  return { hits: changed.sort((a, b) => compareScores(a.score, b.score, ascending)), ascending };
}

async function decayed(reader: Reader, hits: readonly Ranked[], decay: Decay, metric: ScoreMetric): Promise<readonly number[]> {
  const values = await valuesAt(reader, hits, decay.path);
  return hits.map(({ score }, at) => descending(score, metric) * decayFactor(decay, values[at] ?? null));
}

async function boosted(reader: Reader, hits: readonly Ranked[], { boosts, filters }: Extract<Reranker, { readonly kind: 'boost' }>, schema: Schema, predicates: Predicates): Promise<readonly number[]> {
  const weights = hits.map((): number[] => []);
  for (const [at, boost] of boosts.functions.entries()) {
    const filter = filters[at];
    const holds = filter && (await holdsAt(reader, hits, filter, predicates));
    const values = boost.random && (await valuesAt(reader, hits, boost.random.path ?? keyPath(schema)));
    hits.forEach((_, i) => {
      if (holds !== undefined && !hasBit(holds, i)) return;
      (weights[i] as number[]).push(weightOf(boost, values?.[i] ?? null));
    });
  }
  return hits.map(({ score }, at) => boostedScore(score, weights[at] as number[], boosts));
}
