// CollectionReads: the verbs that read rows. A read sees every write acknowledged before it.

import { require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import type { PrimaryKey, Row, Vector } from '../model/row.js';
import type { Predicates } from '../ports/core.js';
import type { KeyList, KeysOptions, QueryOptions, SearchOptions, SearchResult } from './api.js';
import type { CollectionIndexes } from './collection-indexes.js';
import type { CollectionState } from './collection-state.js';
import { countRows, getRows, listKeys } from './lookup.js';
import { requireWhole } from './missing.js';
import { queryRows } from './query-rows.js';
import { planSearch, type SearchPlan } from './search-plan.js';
import { runSearch, type Engines } from './search.js';

export interface GetRequest {
  readonly ids: readonly (PrimaryKey | number)[];
  readonly outputFields?: readonly string[];
}

export type SearchRequest = SearchOptions & { readonly data: Vector | readonly Vector[] };

export class CollectionReads {
  readonly #engines: Engines;
  readonly #state: CollectionState;
  readonly #indexes: CollectionIndexes;
  /** Called after a search. */
  readonly #searched: (plan: SearchPlan) => void;

  constructor(engines: Engines, state: CollectionState, indexes: CollectionIndexes, searched: (plan: SearchPlan) => void) {
    this.#engines = engines;
    this.#state = state;
    this.#indexes = indexes;
    this.#searched = searched;
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
    const plan = planSearch(this.#state.schema, this.#indexes.asked, request);
    const { hits, recall } = await runSearch(this.#state, plan, this.#engines);
    this.#searched(plan);
    const missing = this.#state.missingRows();
    return { hits: plan.single ? (hits[0] as readonly Hit[]) : hits, recall, ...(missing.length === 0 ? {} : { missing }) };
  }

  async count(filter?: string): Promise<number> {
    return countRows(this.#state, this.#state.schema, filter, this.#predicates);
  }

  get #predicates(): Predicates {
    return this.#engines.core.predicates;
  }
}
