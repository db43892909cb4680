// CollectionReads: the verbs that read rows. A read sees every write acknowledged before it.

import { checkConsistencyLevel } from '../../model/consistency-level.js';
import { require } from '../../model/errors.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { Hit } from '../../model/hit.js';
import type { Row } from '../../model/row.js';
import type { Predicates } from '../../ports/core.js';
import type { Batches, CountOptions, ExplainOptions, GetRequest, HybridOptions, KeyList, KeysOptions, QueryExplain, QueryIteratorOptions, QueryOptions, ReadOptions, SearchIds, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchQueries, SearchResult } from '../api.js';
import { queryBatches, searchBatches } from '../read/batches.js';
import type { CollectionState } from './collection-state.js';
import { explainQuery } from '../read/explain-query.js';
import { countRows, getRows, listKeys } from '../read/lookup.js';
import { requireWhole } from './missing.js';
import { countByPartition } from './partition-rows.js';
import { queryRows } from '../read/query-rows.js';
import { requireLoaded } from './release.js';
import { scoped, type Filtered } from './scope.js';
import { HitWalks } from '../search/search-pages.js';
import { answerHybrid, answerSearch, metersOf, planner, type Searching } from '../search/search-verbs.js';

export type SearchRequest = SearchOptions & (SearchQueries | SearchIds);

export class CollectionReads {
  readonly #searching: Searching;
  readonly #state: CollectionState;
  readonly #walks: HitWalks;

  constructor(searching: Searching) {
    this.#searching = searching;
    this.#state = searching.state;
    this.#walks = new HitWalks(searching.state, searching.engines.core);
  }

  async get(request: GetRequest): Promise<readonly Row[]> {
    require(typeof request === 'object' && request !== null, () => 'get: expected an object with ids');
    return getRows(this.#state, this.#state.schema, this.#scoped(request), this.#predicates);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    require(typeof options === 'object' && options !== null, () => 'query: expected an object');
    return queryRows(this.#state, this.#state.schema, this.#scoped(options), this.#predicates);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    require(typeof options === 'object' && options !== null, () => 'keys: expected an object');
    requireWhole(this.#state, 'which keys they have is not told in part');
    return listKeys(this.#state, this.#state.schema, this.#scoped(options), this.#predicates);
  }

  async search(request: SearchRequest): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>> {
    this.#walks.expire();
    this.#require(request);
    return answerSearch(this.#searching, request);
  }

  async hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[]>> {
    this.#require(request);
    return answerHybrid(this.#searching, request) as Promise<SearchResult<readonly Hit[]>>;
  }

  async queryIterator(options: QueryIteratorOptions = {}): Promise<Batches<Row>> {
    return queryBatches({ keys: (keys) => this.keys(keys), get: (request) => this.get(request) }, options);
  }

  async searchIterator(request: SearchIteratorRequest): Promise<Batches<Hit>> {
    return searchBatches({ searchPage: (asked, place) => this.searchPage(asked, place), closePage: (place) => this.closePage(place) }, request);
  }

  async searchPage(request: SearchIteratorRequest, place?: SearchPlace): Promise<SearchPage> {
    require(typeof request === 'object' && request !== null, () => 'searchIterator: expected an object with data');
    this.#require(request);
    return this.#walks.page(planner(this.#state), request, place);
  }

  async closePage({ moment }: SearchPlace): Promise<void> {
    this.#walks.close(moment);
  }

  /** Nothing of before is walked through any more: the collection is closed, or another version of it shown. */
  endWalks(): void {
    this.#walks.closeAll();
  }

  async explain(options: ExplainOptions = {}): Promise<QueryExplain> {
    require(typeof options === 'object' && options !== null, () => 'explain: expected an object');
    return explainQuery(this.#state, this.#state.schema, this.#scoped(options), this.#predicates, metersOf(this.#state));
  }

  async count(filter?: FilterInput, filterParams?: FilterParams, options: CountOptions = {}): Promise<number> {
    require(typeof options === 'object' && options !== null, () => 'count: expected an object of options');
    return countRows(this.#state, this.#state.schema, this.#scoped({ ...options, filter, filterParams }), this.#predicates);
  }

  /** Live rows of each partition. */
  rowsByPartition(): Promise<ReadonlyMap<string, number>> {
    return countByPartition(this.#state, this.#predicates);
  }

  #scoped<R extends CountOptions & ReadOptions>(request: R): R & Filtered {
    this.#require(request);
    return scoped(this.#state, request);
  }

  #require(request: ReadOptions | undefined): void {
    requireLoaded(this.#state);
    if (request?.consistencyLevel !== undefined) checkConsistencyLevel(request.consistencyLevel);
  }

  get #predicates(): Predicates {
    return this.#searching.engines.core.predicates;
  }
}
