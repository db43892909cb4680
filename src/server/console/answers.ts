// Answers: what the console's own routes say, as the page reads it. Each is the `data` of `{ code: 0, data }`; REST has no
// verb for it. An Int64 is text here, as the page asks for it so.

import type { CollectionDescription, CollectionStats, DatabaseStats, Explain, Health, IndexDescription, LoadState, QueryExplain } from '../../engine/api.js';

export interface ServerAnswer {
  readonly version: string;
  readonly health: Health;
}

export interface CollectionSummary {
  readonly name: string;
  readonly description: string;
  readonly rows: number;
  readonly sealedSegments: number;
  readonly indexedSegments: number;
  readonly loadState: LoadState;
  readonly aliases: readonly string[];
  /** Where it was pulled from. */
  readonly origin?: string;
  /** Why nothing of it can be told. */
  readonly trouble?: string;
}

export interface OverviewAnswer {
  /** In order of their making, `COLLECTIONS_MAX` at most. */
  readonly collections: readonly CollectionSummary[];
  /** How many there are. */
  readonly total: number;
  readonly memory: DatabaseStats['memory'];
  readonly tasks: DatabaseStats['tasks'];
}

export interface CollectionAnswer {
  readonly description: CollectionDescription;
  readonly stats: CollectionStats;
  readonly indexes: readonly IndexDescription[];
  readonly loadState: LoadState;
}

export type RowAnswer = Readonly<Record<string, unknown>>;

export interface RowsAnswer {
  /** Less their vectors. */
  readonly rows: readonly RowAnswer[];
  /** All that match. */
  readonly total: number;
  readonly explain?: QueryExplain;
}

export interface HitAnswer {
  readonly id: string;
  readonly score: number;
  /** Less its vectors. */
  readonly fields: RowAnswer;
}

export interface SearchAnswer {
  readonly hits: readonly HitAnswer[];
  /** The share of the true nearest to expect; 1 if exact. */
  readonly recall: number;
  /** From when the server had read the request until it had the answer. */
  readonly tookMs: number;
  readonly explain?: Explain;
  /** What the answer lacks, in words. */
  readonly missing: readonly string[];
}
