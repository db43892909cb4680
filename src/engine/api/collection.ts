// Collection: its verbs, in every runtime. Every error is an `ElanusError`.

import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { ColumnsInput } from '../../model/column-input.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../../model/row.js';
import type { Schema } from '../../model/schema.js';
import type { ExplainOptions, QueryExplain } from './explain.js';
import type { HybridOfOne, HybridOfSeveral, HybridOptions } from './hybrid.js';
import type { Batches, QueryIteratorOptions, SearchIteratorRequest, SearchPage, SearchPlace } from './iterate.js';
import type { CountOptions, GetRequest, KeyList, KeysOptions, QueryOptions } from './query.js';
import type { SearchIds, SearchOptions, SearchResult } from './search.js';
import type { CompactOptions, CompactResult, DeleteResult, MutationResult, UpsertOptions, WriteOptions } from './write.js';

export interface Collection {
  readonly name: string;
  /** In a page: as it was when this handle was got. */
  readonly schema: Schema;
  /**
   * Adds rows, durable when it resolves unless `ack` says otherwise. A row whose primary key is there already is replaced. All or nothing.
   * Given as columns (`{ columns }`) they are checked and stored a column at a time, without an object for each row. What is given may be changed
   * as soon as the call has returned its promise.
   */
  insert(rows: readonly RowInput[] | ColumnsInput, options?: WriteOptions): Promise<MutationResult>;
  /** As `insert`; the primary key must be given, also where it is generated. */
  upsert(rows: readonly RowInput[] | ColumnsInput, options?: UpsertOptions): Promise<MutationResult>;
  delete(which: { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: FilterInput; readonly filterParams?: FilterParams; readonly partitionNames?: readonly string[] }, options?: WriteOptions): Promise<DeleteResult>;
  /** The rows of these keys, in the order of `ids`; absent ones are left out. */
  get(request: GetRequest): Promise<readonly Row[]>;
  query(options?: QueryOptions): Promise<readonly Row[]>;
  /**
   * Primary keys of all rows that match, as of now: 8 bytes a row, or its text. With pages of `get` it walks through a
   * collection of any size, in time linear in its rows. Errors: `Corrupt` if rows are missing, as a file is damaged.
   */
  keys(options?: KeysOptions): Promise<KeyList>;
  search(request: SearchOptions & { readonly data: Vector | string }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] | readonly string[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  search(request: SearchOptions & SearchIds): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  /** Several searches as one: by vectors of one field or several. */
  hybridSearch(request: HybridOptions & HybridOfOne): Promise<SearchResult<readonly Hit[]>>;
  hybridSearch(request: HybridOptions & HybridOfSeveral): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>>;
  /**
   * The rows that match now, by primary key, in batches: those written later do not come; of these one deleted meanwhile
   * is left out, and one replaced meanwhile comes as it then is, if it matches still. No row comes twice. It holds 8 bytes a row, or its key's text, and
   * goes on when another tab takes over. Errors: `Corrupt` if rows are missing, as a file is damaged.
   */
  queryIterator(options?: QueryIteratorOptions): Promise<Batches<Row>>;
  /**
   * The hits of one vector, nearest first, in batches: those of the rows of now, written or deleted whatever may be meanwhile;
   * no row comes twice, and with `recall: 1` none is passed over. The collection holds that moment until the walk ends, was not
   * used for ten minutes, is one of the longest unused of more than 64, or another tab takes over; then it goes on
   * among the rows of then that are further away than it has come.
   */
  searchIterator(request: SearchIteratorRequest): Promise<Batches<Hit>>;
  /** One batch of that walk, after `place`, for who keeps the place: a server, a page that is left and comes back. */
  searchPage(request: SearchIteratorRequest, place?: SearchPlace): Promise<SearchPage>;
  /** Gives up the moment of a walk that does not go on. */
  closePage(place: SearchPlace): Promise<void>;
  /** What a query or count by this filter takes, segment by segment; of a search, `explain: true` tells it with the hits. */
  explain(options?: ExplainOptions): Promise<QueryExplain>;
  /** Live rows, or those for which `filter` holds. */
  count(filter?: FilterInput, filterParams?: FilterParams, options?: CountOptions): Promise<number>;
  /**
   * Gives up the rows that answers lack for good, as files of them are damaged or missing; then `keys` and deletions by
   * filter work again. Copies are pulled anew instead. Errors: `ReadOnly`.
   */
  discardMissing(): Promise<DeleteResult>;
  /** Seals what is growing into an immutable segment and drops the log that held it. */
  flush(): Promise<void>;
  /**
   * Merges adjacent sealed segments as far as their size allows, and drops the rows of all that are deleted, which it seals
   * before; what is sealed meanwhile is left as it is. Searches and writes go on. It happens by itself where it is worth it:
   * this is for the rest. Errors: `Closed` if aborted, `OutOfMemory`, those of `flush` and of the storage; merges that are
   * done stay.
   */
  compact(options?: CompactOptions): Promise<CompactResult>;
}
