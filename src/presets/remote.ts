// Remote: the public API in a page, over a Caller: whoever has the database, in this tab or another. It adds nothing but
// the way there and back, and asks the browser to keep the data once there is some.

import type { Batches, Collection, CollectionDefinition, CollectionDescription, CompactOptions, CompactResult, Database, DatabaseStats, DeleteResult, GetRequest, Health, HybridOptions, IndexChoice, IndexDescription, KeyList, KeysOptions, MutationResult, PullOptions, PullResult, QueryIteratorOptions, QueryOptions, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchResult, TaskEvent, WriteOptions } from '../engine/api.js';
import { queryBatches, searchBatches } from '../engine/batches.js';
import type { AnalyzerChoice, AnalyzerToken } from '../engine/api/analyzer.js';
import { ElanusError } from '../model/errors.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { Hit } from '../model/hit.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { Row, RowInput, Vector } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import { packRows } from './pack-rows.js';
import type { Caller } from './pending.js';
import { Persistence } from './persistence.js';
import type { CollectionHandle, Keys, SearchRequest } from './wire.js';

export class RemoteDatabase implements Database {
  readonly name: string;
  readonly #caller: Caller;
  readonly #persistence = new Persistence();
  #closing: Promise<void> | undefined;

  constructor(name: string, caller: Caller) {
    this.name = name;
    this.#caller = caller;
  }

  async createCollection(definition: CollectionDefinition): Promise<Collection> {
    return this.#remote(await this.#open().call('createCollection', [definition]));
  }

  async collection(name: string): Promise<Collection> {
    return this.#remote(await this.#open().call('collection', [name]));
  }

  async hasCollection(name: string): Promise<boolean> {
    return this.#open().call('hasCollection', [name]);
  }

  async listCollections(): Promise<readonly string[]> {
    return this.#open().call('listCollections', []);
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    return this.#open().call('describeCollection', [name]);
  }

  async dropCollection(name: string): Promise<void> {
    await this.#open().call('dropCollection', [name]);
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await this.#open().call('createIndex', [collection, index]);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return this.#open().call('describeIndex', [collection, index]);
  }

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    return this.#open().call('listIndexes', [collection, fieldName]);
  }

  runAnalyzer(text: string, analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[]>;
  runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]>;
  async runAnalyzer(text: string | readonly string[], analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[] | readonly (readonly AnalyzerToken[])[]> {
    const several = typeof text !== 'string';
    const tokens = await this.#open().call('runAnalyzer', [several ? text : [text], analyzer]);
    return several ? tokens : (tokens[0] as readonly AnalyzerToken[]);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await this.#open().call('dropIndex', [collection, index]);
  }

  async pull(url: string, collection: string, options: PullOptions = {}): Promise<PullResult> {
    const { signal, onProgress, headers = {} } = options;
    return this.#open().call('pull', [collection, url, headers], { signal, onProgress });
  }

  async health(): Promise<Health> {
    const caller = this.#open();
    const health = await caller.call('health', []);
    return { ...health, role: caller.role, warnings: [...health.warnings, ...this.#persistence.warnings] };
  }

  async refresh(): Promise<boolean> {
    return this.#open().call('refresh', []);
  }

  async stats(): Promise<DatabaseStats> {
    return this.#open().call('stats', []);
  }

  subscribe(listener: (event: TaskEvent) => void): () => void {
    const ended = new AbortController();
    // It ends by being aborted, and with the database.
    this.#open().call('subscribe', [], { signal: ended.signal, onProgress: listener }).catch(() => undefined);
    return () => ended.abort();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#caller.close();
    return this.#closing;
  }

  #remote(handle: CollectionHandle): Collection {
    return new RemoteCollection(handle, () => this.#open(), () => this.#persistence.wanted(this.#caller.storage));
  }

  #open(): Caller {
    if (this.#closing !== undefined) throw new ElanusError('Closed', `database "${this.name}" is closed`);
    return this.#caller;
  }
}

class RemoteCollection implements Collection {
  readonly name: string;
  readonly schema: Schema;
  readonly #caller: () => Caller;
  readonly #onWrite: () => void;

  /** `onWrite` is told of every acknowledged write. */
  constructor({ name, schema }: CollectionHandle, caller: () => Caller, onWrite: () => void) {
    this.name = name;
    this.schema = schema;
    this.#caller = caller;
    this.#onWrite = onWrite;
  }

  async insert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const result = await this.#caller().call('insert', [this.name, packRows(rows), options]);
    this.#onWrite();
    return result;
  }

  async upsert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const result = await this.#caller().call('upsert', [this.name, packRows(rows), options]);
    this.#onWrite();
    return result;
  }

  async delete(which: { readonly ids: Keys } | { readonly filter: FilterInput; readonly filterParams?: FilterParams }, options?: WriteOptions): Promise<DeleteResult> {
    return this.#caller().call('delete', [this.name, which, options]);
  }

  async discardMissing(): Promise<DeleteResult> {
    return this.#caller().call('discardMissing', [this.name]);
  }

  async get(request: GetRequest): Promise<readonly Row[]> {
    return this.#caller().call('get', [this.name, request]);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    return this.#caller().call('query', [this.name, options]);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    return this.#caller().call('keys', [this.name, options]);
  }

  search(request: SearchOptions & { readonly data: Vector | string }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] | readonly string[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  async search(request: SearchRequest): Promise<SearchResult<unknown>> {
    return this.#caller().call('search', [this.name, request]);
  }

  async queryIterator(options: QueryIteratorOptions = {}): Promise<Batches<Row>> {
    return queryBatches({ keys: (keys) => this.keys(keys), get: (request) => this.get(request) }, options);
  }

  async searchIterator(request: SearchIteratorRequest): Promise<Batches<Hit>> {
    return searchBatches({ searchPage: (asked, place) => this.searchPage(asked, place), closePage: (place) => this.closePage(place) }, request);
  }

  async searchPage(request: SearchIteratorRequest, place?: SearchPlace): Promise<SearchPage> {
    return this.#caller().call('searchPage', [this.name, request, place]);
  }

  async closePage(place: SearchPlace): Promise<void> {
    await this.#caller().call('closePage', [this.name, place]);
  }

  async hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[]>> {
    return this.#caller().call('hybridSearch', [this.name, request]);
  }

  async count(filter?: FilterInput, filterParams?: FilterParams): Promise<number> {
    return this.#caller().call('count', [this.name, filter, filterParams]);
  }

  async compact({ signal, onProgress }: CompactOptions = {}): Promise<CompactResult> {
    return this.#caller().call('compact', [this.name], { signal, onProgress });
  }

  async flush(): Promise<void> {
    await this.#caller().call('flush', [this.name]);
  }
}
