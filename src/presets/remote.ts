// Remote: the public API in a page, over a Caller: whoever has the database, in this tab or another. It adds nothing but
// the way there and back, and asks the browser to keep the data once there is some.

import type { AliasDescription, Batches, Collection, CollectionDefinition, CollectionDescription, CollectionStats, CompactOptions, CompactResult, CountOptions, Database, DatabaseDescription, DatabaseStats, DeleteResult, ExplainOptions, FieldChange, GetRequest, Health, HybridOfOne, HybridOfSeveral, HybridOptions, IndexChoice, IndexDescription, KeyList, KeysOptions, LoadState, MutationResult, PartitionStats, PropertiesInput, PullOptions, PullResult, RefusedWrites, SessionOptions, SyncOptions, SyncResult, SyncSession, QueryExplain, QueryIteratorOptions, QueryOptions, SearchIds, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchResult, TaskEvent, UploadOptions, UploadResult, UpsertOptions, WriteOptions } from '../engine/api.js';
import type { TypedCollection } from '../engine/api/typed.js';
import type { AnalyzerChoice, AnalyzerToken } from '../engine/api/analyzer.js';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import { ElanusError } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { areColumns, type ColumnsInput } from '../model/column-input.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { Hit } from '../model/hit.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { Row, RowInput, Vector } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import type { EncryptionKey } from '../ports/cipher.js';
import { packViews } from './pack-views.js';
import type { Caller, MovedArguments } from './pending.js';
import { Persistence } from './persistence.js';
import { placeOf } from './place.js';
import type { CollectionHandle, Keys, SearchRequest, Verbs } from './wire.js';

/** What the databases of one storage share. */
interface SharedCaller {
  readonly persistence: Persistence;
  closing: Promise<void> | undefined;
}

export class RemoteDatabase implements Database {
  readonly name: string;
  readonly database: string;
  readonly #caller: Caller;
  readonly #shared: SharedCaller;

  constructor(name: string, caller: Caller, database = DEFAULT_DATABASE, shared: SharedCaller = { persistence: new Persistence(), closing: undefined }) {
    this.name = name;
    this.database = database;
    this.#caller = caller;
    this.#shared = shared;
  }

  async createCollection<const D extends CollectionDefinition>(definition: D): Promise<TypedCollection<D>> {
    return this.#remote(await this.#open().call('createCollection', [this.database, definition]));
  }

  async collection<D extends CollectionDefinition = CollectionDefinition>(name: string): Promise<TypedCollection<D>> {
    return this.#remote(await this.#open().call('collection', [this.#at(name)]));
  }

  async hasCollection(name: string): Promise<boolean> {
    return this.#open().call('hasCollection', [this.#at(name)]);
  }

  async listCollections(): Promise<readonly string[]> {
    return this.#open().call('listCollections', [this.database]);
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    return this.#open().call('describeCollection', [this.#at(name)]);
  }

  async dropCollection(name: string): Promise<void> {
    await this.#open().call('dropCollection', [this.#at(name)]);
  }

  async renameCollection(name: string, newName: string, newDatabase = this.database): Promise<void> {
    await this.#open().call('renameCollection', [this.#at(name), newName, newDatabase]);
  }

  async createAlias(collection: string, alias: string): Promise<void> {
    await this.#open().call('createAlias', [this.#at(collection), alias]);
  }

  async alterAlias(collection: string, alias: string): Promise<void> {
    await this.#open().call('alterAlias', [this.#at(collection), alias]);
  }

  async dropAlias(alias: string): Promise<void> {
    await this.#open().call('dropAlias', [this.#at(alias)]);
  }

  async describeAlias(alias: string): Promise<AliasDescription> {
    return this.#open().call('describeAlias', [this.#at(alias)]);
  }

  async listAliases(collection?: string): Promise<readonly string[]> {
    return this.#open().call('listAliases', [this.database, collection]);
  }

  async createDatabase(name: string, properties?: PropertiesInput): Promise<void> {
    await this.#open().call('createDatabase', [name, properties]);
  }

  async dropDatabase(name: string): Promise<void> {
    await this.#open().call('dropDatabase', [name]);
  }

  async listDatabases(): Promise<readonly string[]> {
    return this.#open().call('listDatabases', []);
  }

  async describeDatabase(name: string): Promise<DatabaseDescription> {
    return this.#open().call('describeDatabase', [name]);
  }

  async alterDatabase(name: string, properties: PropertiesInput): Promise<void> {
    await this.#open().call('alterDatabase', [name, properties]);
  }

  async dropDatabaseProperties(name: string, properties: readonly string[]): Promise<void> {
    await this.#open().call('dropDatabaseProperties', [name, properties]);
  }

  async useDatabase(name: string): Promise<Database> {
    await this.describeDatabase(name);
    return new RemoteDatabase(this.name, this.#caller, name, this.#shared);
  }

  async addField(collection: string, field: Field): Promise<void> {
    await this.#open().call('addField', [this.#at(collection), field]);
  }

  async alterField(collection: string, fieldName: string, change: FieldChange): Promise<void> {
    await this.#open().call('alterField', [this.#at(collection), fieldName, change]);
  }

  async alterCollectionProperties(collection: string, properties: PropertiesInput): Promise<void> {
    await this.#open().call('alterCollectionProperties', [this.#at(collection), properties]);
  }

  async dropCollectionProperties(collection: string, properties: readonly string[]): Promise<void> {
    await this.#open().call('dropCollectionProperties', [this.#at(collection), properties]);
  }

  async truncateCollection(name: string): Promise<void> {
    await this.#open().call('truncateCollection', [this.#at(name)]);
  }

  async createPartition(collection: string, partition: string): Promise<void> {
    await this.#open().call('createPartition', [this.#at(collection), partition]);
  }

  async dropPartition(collection: string, partition: string): Promise<void> {
    await this.#open().call('dropPartition', [this.#at(collection), partition]);
  }

  async hasPartition(collection: string, partition: string): Promise<boolean> {
    return this.#open().call('hasPartition', [this.#at(collection), partition]);
  }

  async listPartitions(collection: string): Promise<readonly string[]> {
    return this.#open().call('listPartitions', [this.#at(collection)]);
  }

  async getPartitionStats(collection: string, partition: string): Promise<PartitionStats> {
    return this.#open().call('getPartitionStats', [this.#at(collection), partition]);
  }

  async loadCollection(name: string): Promise<void> {
    await this.#open().call('loadCollection', [this.#at(name)]);
  }

  async releaseCollection(name: string): Promise<void> {
    await this.#open().call('releaseCollection', [this.#at(name)]);
  }

  async loadPartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await this.#open().call('loadPartitions', [this.#at(collection), partitions]);
  }

  async releasePartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await this.#open().call('releasePartitions', [this.#at(collection), partitions]);
  }

  async getLoadState(name: string, partition?: string): Promise<LoadState> {
    return this.#open().call('getLoadState', [this.#at(name), partition]);
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await this.#open().call('createIndex', [this.#at(collection), index]);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return this.#open().call('describeIndex', [this.#at(collection), index]);
  }

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    return this.#open().call('listIndexes', [this.#at(collection), fieldName]);
  }

  runAnalyzer(text: string, analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[]>;
  runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]>;
  async runAnalyzer(text: string | readonly string[], analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[] | readonly (readonly AnalyzerToken[])[]> {
    const several = typeof text !== 'string';
    const tokens = await this.#open().call('runAnalyzer', [several ? text : [text], analyzer]);
    return several ? tokens : (tokens[0] as readonly AnalyzerToken[]);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await this.#open().call('dropIndex', [this.#at(collection), index]);
  }

  async pull(url: string, collection: string, { signal, onProgress, ...options }: PullOptions = {}): Promise<PullResult> {
    return this.#open().call('pull', [this.#at(collection), url, options], { signal, onProgress });
  }

  async upload(collection: string, url: string, { signal, onProgress, ...options }: UploadOptions = {}): Promise<UploadResult> {
    return this.#open().call('upload', [this.#at(collection), url, options], { signal, onProgress });
  }

  async sync({ signal, onProgress, ...options }: SyncOptions): Promise<SyncResult> {
    return this.#open().call('sync', [this.database, options], { signal, onProgress });
  }

  async syncSession(options: SessionOptions): Promise<SyncSession> {
    const caller = this.#open();
    const { RemoteSession } = await import('./remote-parts.js');
    return RemoteSession.open(caller, this.database, options);
  }

  async listRefused(collection: string): Promise<readonly RefusedWrites[]> {
    return this.#open().call('listRefused', [this.#at(collection)]);
  }

  async discardRefused(collection: string, ids: readonly string[]): Promise<void> {
    await this.#open().call('discardRefused', [this.#at(collection), ids]);
  }

  async health(): Promise<Health> {
    const caller = this.#open();
    const health = await caller.call('health', []);
    return { ...health, role: caller.role, warnings: [...health.warnings, ...this.#shared.persistence.warnings] };
  }

  async changeKey(key: EncryptionKey): Promise<void> {
    const caller = this.#open();
    // Here already where there is a key to change.
    const { keyToWrap } = await import('../platform/cipher.js');
    const posted = await keyToWrap(key);
    await caller.call('changeKey', [posted]);
    await caller.useKey({ key: posted });
  }

  async refresh(): Promise<boolean> {
    return this.#open().call('refresh', []);
  }

  async stats(): Promise<DatabaseStats> {
    return this.#open().call('stats', []);
  }

  async getCollectionStats(name: string): Promise<CollectionStats> {
    return this.#open().call('getCollectionStats', [this.#at(name)]);
  }

  subscribe(listener: (event: TaskEvent) => void): () => void {
    const ended = new AbortController();
    // It ends by being aborted, and with the database.
    this.#open().call('subscribe', [], { signal: ended.signal, onProgress: listener }).catch(() => undefined);
    return () => ended.abort();
  }

  async close(): Promise<void> {
    this.#shared.closing ??= this.#caller.close();
    return this.#shared.closing;
  }

  // The types of rows are the caller's word.
  #remote<D extends CollectionDefinition>(handle: CollectionHandle): TypedCollection<D> {
    const collection: Collection = new RemoteCollection(handle, this.#at(handle.name), () => this.#open(), () => this.#shared.persistence.wanted(this.#caller.storage));
    return collection as unknown as TypedCollection<D>;
  }

  #at(name: string): string {
    return placeOf(this.database, name);
  }

  #open(): Caller {
    if (this.#shared.closing !== undefined) throw new ElanusError('Closed', `database "${this.name}" is closed`);
    return this.#caller;
  }
}

class RemoteCollection implements Collection {
  readonly name: string;
  readonly schema: Schema;
  readonly #place: string;
  readonly #caller: () => Caller;
  readonly #onWrite: () => void;

  /** `onWrite` is told of every acknowledged write. */
  constructor({ name, schema }: CollectionHandle, place: string, caller: () => Caller, onWrite: () => void) {
    this.name = name;
    this.schema = schema;
    this.#place = place;
    this.#caller = caller;
    this.#onWrite = onWrite;
  }

  insert(rows: readonly RowInput[] | ColumnsInput, options?: WriteOptions): Promise<MutationResult> {
    return this.#write('insert', rows, options);
  }

  upsert(rows: readonly RowInput[] | ColumnsInput, options?: UpsertOptions): Promise<MutationResult> {
    return this.#write('upsert', rows, options);
  }

  async #write(verb: 'insert' | 'upsert', rows: readonly RowInput[] | ColumnsInput, options: UpsertOptions | undefined): Promise<MutationResult> {
    const given = packViews(rows).packed;
    const move = (): MovedArguments => {
      const { packed, buffer } = packViews(given);
      return { args: [this.#place, packed, options], buffers: buffer === undefined ? [] : [buffer] };
    };
    const result = await this.#caller().call(verb, [this.#place, given, options], areColumns(given) ? { move } : {});
    this.#onWrite();
    return result;
  }

  #ask<V extends keyof Verbs>(verb: V, args: Parameters<Verbs[V]>): Promise<Awaited<ReturnType<Verbs[V]>>> {
    return this.#caller().call(verb, args.map((arg: unknown) => packViews(arg).packed) as Parameters<Verbs[V]>);
  }

  async delete(which: { readonly ids: Keys } | { readonly filter: FilterInput; readonly filterParams?: FilterParams; readonly partitionNames?: readonly string[] }, options?: WriteOptions): Promise<DeleteResult> {
    return this.#ask('delete', [this.#place, which, options]);
  }

  async discardMissing(): Promise<DeleteResult> {
    return this.#caller().call('discardMissing', [this.#place]);
  }

  async get(request: GetRequest): Promise<readonly Row[]> {
    return this.#ask('get', [this.#place, request]);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    return this.#ask('query', [this.#place, options]);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    return this.#ask('keys', [this.#place, options]);
  }

  search(request: SearchOptions & { readonly data: Vector | string }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] | readonly string[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  search(request: SearchOptions & SearchIds): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  async search(request: SearchRequest): Promise<SearchResult<unknown>> {
    return this.#ask('search', [this.#place, request]);
  }

  async explain(options: ExplainOptions = {}): Promise<QueryExplain> {
    return this.#ask('explain', [this.#place, options]);
  }

  async queryIterator(options: QueryIteratorOptions = {}): Promise<Batches<Row>> {
    const { queryBatches } = await import('./remote-parts.js');
    return queryBatches({ keys: (keys) => this.keys(keys), get: (request) => this.get(request) }, options);
  }

  async searchIterator(request: SearchIteratorRequest): Promise<Batches<Hit>> {
    const { searchBatches } = await import('./remote-parts.js');
    return searchBatches({ searchPage: (asked, place) => this.searchPage(asked, place), closePage: (place) => this.closePage(place) }, request);
  }

  async searchPage(request: SearchIteratorRequest, place?: SearchPlace): Promise<SearchPage> {
    return this.#ask('searchPage', [this.#place, request, place]);
  }

  async closePage(place: SearchPlace): Promise<void> {
    await this.#caller().call('closePage', [this.#place, place]);
  }

  hybridSearch(request: HybridOptions & HybridOfOne): Promise<SearchResult<readonly Hit[]>>;
  hybridSearch(request: HybridOptions & HybridOfSeveral): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>>;
  async hybridSearch(request: HybridOptions): Promise<SearchResult<unknown>> {
    return this.#ask('hybridSearch', [this.#place, request]);
  }

  async count(filter?: FilterInput, filterParams?: FilterParams, options?: CountOptions): Promise<number> {
    return this.#ask('count', [this.#place, filter, filterParams, options]);
  }

  async compact({ signal, onProgress }: CompactOptions = {}): Promise<CompactResult> {
    return this.#caller().call('compact', [this.#place], { signal, onProgress });
  }

  async flush(): Promise<void> {
    await this.#caller().call('flush', [this.#place]);
  }
}
