// CollectionReads: the verbs that read rows. A read sees every write acknowledged before it.

import { require } from '../model/errors.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { Hit } from '../model/hit.js';
import type { PrimaryKey, Row, Vector } from '../model/row.js';
import type { Predicates } from '../ports/core.js';
import type { HybridOptions, KeyList, KeysOptions, QueryOptions, SearchOptions, SearchResult } from './api.js';
import type { CollectionState } from './collection-state.js';
import { countRows, getRows, listKeys } from './lookup.js';
import { requireWhole } from './missing.js';
import { queryRows } from './query-rows.js';
import { answerHybrid, answerSearch, type Searching } from './search-verbs.js';

export interface GetRequest {
  readonly ids: readonly (PrimaryKey | number)[];
  readonly outputFields?: readonly string[];
}

export type SearchRequest = SearchOptions & { readonly data: Vector | readonly Vector[] };

export class CollectionReads {
  readonly #searching: Searching;
  readonly #state: CollectionState;

  constructor(searching: Searching) {
    this.#searching = searching;
    this.#state = searching.state;
  }

  async get(request: GetRequest): Promise<readonly Row[]> {
    require(typeof request === 'object' && request !== null, () => 'get: expected an object with ids');
    return getRows(this.#state, this.#state.schema, request.ids, request.outputFields);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    require(typeof options === 'object' && options !== null, () => 'query: expected an object');
    return queryRows(this.#state, this.#state.schema, options, this.#predicates);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    require(typeof options === 'object' && options !== null, () => 'keys: expected an object');
    requireWhole(this.#state, 'which keys they have is not told in part');
    return listKeys(this.#state, this.#state.schema, options, this.#predicates);
  }

  async search(request: SearchRequest): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>> {
    return answerSearch(this.#searching, request);
  }

  async hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[]>> {
    return answerHybrid(this.#searching, request) as Promise<SearchResult<readonly Hit[]>>;
  }

  async count(filter?: FilterInput, filterParams?: FilterParams): Promise<number> {
    return countRows(this.#state, this.#state.schema, filter, filterParams, this.#predicates);
  }

  get #predicates(): Predicates {
    return this.#searching.engines.core.predicates;
  }
}
