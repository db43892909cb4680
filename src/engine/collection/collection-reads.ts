// CollectionReads: the verbs that read rows. A read sees every write acknowledged before it.

import { checkConsistencyLevel } from '../../model/consistency-level.js';
import { ElanusError, require } from '../../model/errors.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey, Row } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { CheckedFilter } from '../../query/check.js';
import type { Predicates } from '../../ports/core.js';
import type { Batches, CountOptions, ExplainOptions, GetRequest, HybridOptions, KeyList, KeysOptions, QueryExplain, QueryIteratorOptions, QueryOptions, ReadOptions, SearchIds, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchQueries, SearchResult } from '../api.js';
import { queryBatches, searchBatches } from '../read/batches.js';
import type { CollectionState } from './collection-state.js';
import { explainQuery } from '../read/explain-query.js';
import { countRows, getRows, listKeys } from '../read/lookup.js';
import { findInAll } from './missing.js';
import { countByPartition } from './partition-rows.js';
import { queryRows } from '../read/query-rows.js';
import { requireLoaded } from './release.js';
import { scoped, type Filtered } from './scope.js';
import { HitWalks } from '../search/search-pages.js';
import type { SearchPlan } from '../search/search-plan.js';
import { answerHybrid, answerSearch, metersOf, planner, type Searching } from '../search/search-verbs.js';

export type Hits = readonly Hit[] | readonly (readonly Hit[])[];
export type SearchRequest = SearchOptions & (SearchQueries | SearchIds);

export class CollectionReads {
  readonly #searching: Searching;
  readonly #state: CollectionState;
  readonly #walks: HitWalks;
  /** Answers searches with `remote`; set by who knows where a copy is from. */
  remote: ((request: SearchRequest) => Promise<SearchResult<unknown>>) | undefined;

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
    return findInAll(this.#state, 'which keys they have is not told in part', () => listKeys(this.#state, this.#state.schema, this.#scoped(options), this.#predicates));
  }

  async search(request: SearchRequest): Promise<SearchResult<unknown>> {
    if (!asksRemote(request)) return this.searchHere(request);
    if (this.remote === undefined) throw new ElanusError('Unsupported', 'remote: this database was opened without a network that sends');
    return this.remote(request);
  }

  /** Of what is here alone; among the rows for which `within` holds. */
  async searchHere(request: SearchRequest, within: readonly CheckedFilter[] = []): Promise<SearchResult<Hits>> {
    this.#walks.expire();
    this.#require(request);
    return answerSearch(this.#searching, request, within);
  }

  /** What a search looks for, checked. Errors: `InvalidArgument`, `InvalidFilter`. */
  plan(request: SearchOptions & { readonly data: unknown }): SearchPlan {
    this.#require(request);
    return planner(this.#state)(request);
  }

  /** As `searchHere`, among the rows of these keys. */
  searchAmong(request: SearchRequest, keys: readonly PrimaryKey[]): Promise<SearchResult<Hits>> {
    return this.searchHere(request, [hasKeyAmong(this.#state.schema, keys)]);
  }

  /** Of own writes and deletions that the server of a copy does not have yet, the keys, and those of them that have a row. */
  async unsentKeys(): Promise<{ readonly keys: ReadonlySet<PrimaryKey>; readonly live: readonly PrimaryKey[] }> {
    const keys = (await this.#state.outbox?.unsentKeys(this.#state.manifests.manifest)) ?? new Set<PrimaryKey>();
    const known = this.#state.table().keys;
    return { keys, live: [...keys].filter((key) => known.get(key) !== undefined) };
  }

  async hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>> {
    this.#require(request);
    for (const asked of [request, ...(Array.isArray(request?.searches) ? request.searches : [])]) refuseRemote(asked, 'hybridSearch');
    return answerHybrid(this.#searching, request);
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
    refuseRemote(request, 'searchIterator');
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

/** Whether the origin of a copy is to be asked, or may be. */
function asksRemote(request: SearchRequest | undefined): boolean {
  const remote = request?.remote;
  return typeof remote === 'object' && remote !== null ? remote.when !== 'never' : remote !== undefined && remote !== 'never';
}

function refuseRemote(request: unknown, verb: string): void {
  if (asksRemote(request as SearchRequest | undefined)) throw new ElanusError('Unsupported', `${verb}: remote: only search can be answered by the origin, too`);
}

function hasKeyAmong(schema: Schema, keys: readonly PrimaryKey[]): CheckedFilter {
  const { name, type } = primaryField(schema);
  return type === 'Int64' ? { kind: 'inSet', field: name, values: keys as readonly bigint[] } : { kind: 'textInSet', field: name, values: new Set(keys as readonly string[]) };
}
