// Explain: what an answer cost, and why it went the way it did. Times are by the clock of the runtime, 0 where it tells none.

import type { CountOptions, QueryOptions } from './query.js';

/** How a search went through a segment. */
export type SegmentWay =
  /** Every row that takes part was scored by its vector. */
  | 'flat'
  /** The index' codes of the few rows that take part, then the vectors of the best. */
  | 'few'
  /** The index' graph; under a filter it may have gone on by lists. */
  | 'graph'
  /** Lists of the index, without the rows that do not take part. */
  | 'ivf'
  /** Codes beside rows that have no index yet. */
  | 'codes'
  /** Lists of the terms that the query has. */
  | 'sparse'
  /** Statistics of its columns say that no row matches: nothing of it was read. */
  | 'skipped'
  /** No row took part. */
  | 'none';

/** What was looked at, over all queries and looks. */
export interface SegmentCost {
  /** Full vectors scored; of sparse rows, those looked up one by one. */
  readonly vectors: number;
  /** 4-bit codes scored; of sparse rows, values added up. */
  readonly codes: number;
  /** 1-bit codes read. */
  readonly bits: number;
  /** Rows of a graph whose neighbours were followed. */
  readonly hops: number;
  /** Lists read. */
  readonly lists: number;
}

export interface SegmentExplain {
  /** Its number in the manifest, or 'growing' for rows that are in no file yet. */
  readonly segment: string;
  readonly rows: number;
  readonly liveRows: number;
  /** Rows that match the filter and take part. Of a segment that was skipped, 0. */
  readonly matching: number;
  /** matching / liveRows; 1 if there is no filter. */
  readonly selectivity: number;
  readonly way: SegmentWay;
  /** Why this way, in words. */
  readonly why: string;
  /** Whether vectors were read from storage for it, as they are not in memory. */
  readonly stored: boolean;
  /** Scalar indexes that answered parts of the filter, by field. */
  readonly filterIndexes: readonly string[];
  /** How often it was searched: groups and rerankers may need more than one look. */
  readonly looks: number;
  readonly cost: SegmentCost;
  /** Of files of the collection, while it was read. */
  readonly bytesRead: number;
  readonly recall: number;
  readonly readMs: number;
  readonly filterMs: number;
  readonly searchMs: number;
}

export interface SearchExplain {
  readonly annsField: string;
  readonly metric: string;
  readonly filter: boolean;
  /** In order of insertion. */
  readonly segments: readonly SegmentExplain[];
}

export interface Explain {
  /** One, or those of a hybrid search. */
  readonly searches: readonly SearchExplain[];
  /** Of the fields that were fetched with the hits. */
  readonly fetchMs: number;
  readonly bytesRead: number;
  readonly totalMs: number;
}

/** A query or count to explain. */
export type ExplainOptions = Pick<QueryOptions, 'filter' | 'filterParams' | keyof CountOptions>;

/** What finding the rows of a query or count takes. */
export interface QueryExplain {
  readonly rows: number;
  readonly segments: readonly Omit<SegmentExplain, 'looks' | 'cost' | 'recall' | 'searchMs' | 'stored'>[];
  readonly bytesRead: number;
  readonly totalMs: number;
}
