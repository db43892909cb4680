// Hybrid: what a search by several queries, of one field or several, takes.

import type { Vector } from '../../model/row.js';
import type { DecayRerank } from '../../query/decay.js';
import type { Fusion } from '../../query/fusion.js';
import type { GroupOptions, GroupScorer } from '../../query/grouping.js';
import type { CountOptions } from './query.js';
import type { SearchIds, SearchOptions, SearchQueries } from './search.js';

export type { BoostFunction, BoostRerank } from '../../query/boost.js';
export type { DecayRerank, Fusion, GroupOptions, GroupScorer };

/** One of the searches: `limit` is how many hits it brings, by default `offset + limit` of the whole. */
export type HybridPart = Omit<SearchOptions, 'remote' | 'offset' | 'outputFields' | 'explain' | 'highlight' | keyof GroupOptions> & (SearchQueries | SearchIds);

/** Of one query each: the answer is one list of hits. */
export interface HybridOfOne {
  readonly searches: readonly (HybridPart & { readonly data: Vector | string })[];
}

/** Of several queries each: the answer has a list for each. */
export interface HybridOfSeveral {
  readonly searches: readonly (HybridPart & ({ readonly data: readonly Vector[] | readonly string[] } | SearchIds))[];
}

export interface HybridOptions extends GroupOptions, Pick<SearchOptions, 'limit' | 'offset' | 'outputFields' | 'explain' | 'highlight' | keyof CountOptions> {
  /** 1..1,024. Each has its own filter, field, parameters and reranker; all have the same number of queries. */
  readonly searches: readonly HybridPart[];
  /**
   * How their hits become one list. Default: 'rrf' with k = 60. 'decay': the best (or as `scoreMode` says) of a row's
   * scores, times the decay. Equal scores come in order of their primary key.
   */
  readonly rerank?: Fusion | DecayRerank;
  /** How groups are ranked: by the best, the sum or the mean of the scores of their hits. Default 'max'. */
  readonly groupScorer?: GroupScorer;
}
