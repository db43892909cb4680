// Iterate: walks through more rows than an answer holds.

import type { PrimaryKey } from '../../model/row.js';
import type { Vector } from '../../model/row.js';
import type { Hit } from '../../model/hit.js';
import type { GroupOptions } from '../../query/grouping.js';
import type { CountOptions, QueryOptions } from './query.js';
import type { MissingRows, SearchOptions } from './search.js';

/** Batches, none empty, until there are no more: `for await (const batch of batches)`. */
export interface Batches<T> extends AsyncIterable<readonly T[]> {
  /** The next batch; calls are answered one after the other. Errors: those of the calls behind it; then it has ended. */
  next(): Promise<IteratorResult<readonly T[], undefined>>;
  /** Ends it and frees what is held for it; it may be called more than once. Leaving a `for await` calls it. */
  close(): Promise<void>;
}

export interface BatchOptions {
  /** Rows or hits of a batch, 1..16,384; default 1,000. */
  readonly batchSize?: number;
  /** Rows or hits at most. Default: all there are. */
  readonly limit?: number;
}

export type QueryIteratorOptions = Pick<QueryOptions, 'filter' | 'filterParams' | 'outputFields' | keyof CountOptions> & BatchOptions;

export type SearchIteratorRequest = Omit<SearchOptions, 'remote' | 'limit' | 'offset' | 'rerank' | 'explain' | 'highlight' | keyof GroupOptions> & BatchOptions & { readonly data: Vector | string };

/** Where a walk through hits stands: plain data, which may be kept, sent, and used again. */
export interface SearchPlace {
  /** Names the moment that is walked through, while its collection holds it. */
  readonly moment: string;
  /** Hits before it. */
  readonly hits: number;
  /** The score of the last of these, and the keys of all that have it. */
  readonly score: number;
  readonly ids: readonly PrimaryKey[];
}

export interface SearchPage {
  readonly hits: readonly Hit[];
  /** Where to go on; undefined after the last. */
  readonly next: SearchPlace | undefined;
  readonly recall: number;
  readonly missing?: readonly MissingRows[];
}
