// DatabaseHost: a database in a worker, over the best storage there is; it passes calls on to the engine.

import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openWebGpu } from '../core/webgpu/accelerator.js';
import type { AliasDescription, Collection, CollectionDefinition, CollectionDescription, CollectionStats, CompactResult, CountOptions, DatabaseDescription, DatabaseStats, DeleteResult, ExplainOptions, FieldChange, GetRequest, Health, HybridOptions, IndexChoice, IndexDescription, KeyList, KeysOptions, LoadState, MutationResult, PartitionStats, PropertiesInput, PullOptions, PullProgress, PullResult, RefusedWrites, SyncOptions, SyncProgress, SyncResult, QueryExplain, QueryOptions, SearchIteratorRequest, SearchPage, SearchPlace, SearchResult, UploadOptions, UploadResult, UpsertOptions, WriteOptions } from '../engine/api.js';
import { openDatabase } from '../engine/database/database.js';
import { memoryBytes } from '../engine/database/environment.js';
import type { AnalyzerChoice, AnalyzerToken } from '../engine/api/analyzer.js';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import { ElanusError } from '../model/errors.js';
import type { Field } from '../model/field.js';
import type { ColumnsInput } from '../model/column-input.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { Row, RowInput, Vector } from '../model/row.js';
import { webAmbient } from '../platform/ambient.js';
import { webSignatures } from '../platform/signatures.js';
import { fetchTransport } from '../platform/transport.js';
import { webWaking } from '../platform/waking.js';
import type { ReadStorage, Storage } from '../ports/storage.js';
import { openHttpStorage } from '../storage/http.js';
import { openIdbStorage } from '../storage/idb.js';
import { memoryStorage } from '../storage/memory.js';
import { openOpfsStorage, type OpfsStorage } from '../storage/opfs.js';
import { SyncDatabase } from '../sync/database.js';
import { encryptionBy } from './encryption.js';
import { commandSession, runSession } from './host-session.js';
import { partsOf } from './place.js';
import type { BrowserStorage, CallControl, CollectionHandle, Host, HostOptions, HttpPlace, Keys, SearchRequest, SessionCommand, WiredSession } from './wire.js';

/** Compiled modules of this build. */
export interface HostAssets {
  readonly core: () => Promise<WebAssembly.Module>;
  readonly filter: () => Promise<WebAssembly.Module>;
}

export class DatabaseHost implements Host {
  readonly #database: SyncDatabase;
  readonly #storage: ReadStorage;

  private constructor(database: SyncDatabase, storage: ReadStorage) {
    this.#database = database;
    this.#storage = storage;
  }

  /** `patienceMs`: how long to wait for who has the storage. Errors: `Busy`, `Corrupt`, `Unsupported`, `WrongKey`. */
  static async open(name: string, { storage: asked, gpu, maxMemoryMB, ack, encryption }: HostOptions, assets: HostAssets, patienceMs?: number): Promise<DatabaseHost> {
    const [core, filter] = await Promise.all([assets.core(), assets.filter()]);
    const { storage, warnings } = asked === undefined ? await openBest(name, patienceMs) : { storage: await openPlace(asked, name, patienceMs), warnings: [] };
    const environment = {
      storage,
      core: createWasmCore(core, createPredicates(filter)),
      ambient: webAmbient(),
      transport: fetchTransport(),
      waking: webWaking(),
      signatures: webSignatures,
      encryption: encryptionBy(encryption),
      durable: storage.kind !== 'memory',
      memoryBytes: memoryBytes(maxMemoryMB),
      ack,
      warnings,
    };
    const database = await openDatabase(SyncDatabase, name, environment);
    if (gpu) database.offerAccelerator(() => openWebGpu());
    return new DatabaseHost(database, storage);
  }

  get storage(): string {
    return this.#storage.kind;
  }

  async suspend(): Promise<void> {
    if (isSuspendable(this.#storage)) await this.#storage.suspend();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async createCollection(database: string, definition: CollectionDefinition): Promise<CollectionHandle> {
    return handleOf(await (await this.#in(database)).createCollection(definition));
  }

  async collection(name: string): Promise<CollectionHandle> {
    return handleOf(await this.#collection(name));
  }

  async hasCollection(name: string): Promise<boolean> {
    return (await this.#in(partsOf(name).database)).hasCollection(partsOf(name).name);
  }

  async listCollections(database: string): Promise<readonly string[]> {
    return (await this.#in(database)).listCollections();
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    return (await this.#in(partsOf(name).database)).describeCollection(partsOf(name).name);
  }

  async dropCollection(name: string): Promise<void> {
    await (await this.#in(partsOf(name).database)).dropCollection(partsOf(name).name);
  }

  async renameCollection(name: string, newName: string, newDatabase: string): Promise<void> {
    await (await this.#in(partsOf(name).database)).renameCollection(partsOf(name).name, newName, newDatabase);
  }

  async createAlias(collection: string, alias: string): Promise<void> {
    await (await this.#in(partsOf(collection).database)).createAlias(partsOf(collection).name, alias);
  }

  async alterAlias(collection: string, alias: string): Promise<void> {
    await (await this.#in(partsOf(collection).database)).alterAlias(partsOf(collection).name, alias);
  }

  async dropAlias(alias: string): Promise<void> {
    await (await this.#in(partsOf(alias).database)).dropAlias(partsOf(alias).name);
  }

  async describeAlias(alias: string): Promise<AliasDescription> {
    return (await this.#in(partsOf(alias).database)).describeAlias(partsOf(alias).name);
  }

  async listAliases(database: string, collection: string | undefined): Promise<readonly string[]> {
    return (await this.#in(database)).listAliases(collection);
  }

  async createDatabase(name: string, properties: PropertiesInput | undefined): Promise<void> {
    await this.#database.createDatabase(name, properties);
  }

  async dropDatabase(name: string): Promise<void> {
    await this.#database.dropDatabase(name);
  }

  async listDatabases(): Promise<readonly string[]> {
    return this.#database.listDatabases();
  }

  async describeDatabase(name: string): Promise<DatabaseDescription> {
    return this.#database.describeDatabase(name);
  }

  async alterDatabase(name: string, properties: PropertiesInput): Promise<void> {
    await this.#database.alterDatabase(name, properties);
  }

  async dropDatabaseProperties(name: string, properties: readonly string[]): Promise<void> {
    await this.#database.dropDatabaseProperties(name, properties);
  }

  async addField(collection: string, field: Field): Promise<void> {
    await (await this.#in(partsOf(collection).database)).addField(partsOf(collection).name, field);
  }

  async alterField(collection: string, fieldName: string, change: FieldChange): Promise<void> {
    await (await this.#in(partsOf(collection).database)).alterField(partsOf(collection).name, fieldName, change);
  }

  async alterCollectionProperties(collection: string, properties: PropertiesInput): Promise<void> {
    await (await this.#in(partsOf(collection).database)).alterCollectionProperties(partsOf(collection).name, properties);
  }

  async dropCollectionProperties(collection: string, properties: readonly string[]): Promise<void> {
    await (await this.#in(partsOf(collection).database)).dropCollectionProperties(partsOf(collection).name, properties);
  }

  async truncateCollection(name: string): Promise<void> {
    await (await this.#in(partsOf(name).database)).truncateCollection(partsOf(name).name);
  }

  async createPartition(collection: string, partition: string): Promise<void> {
    await (await this.#in(partsOf(collection).database)).createPartition(partsOf(collection).name, partition);
  }

  async dropPartition(collection: string, partition: string): Promise<void> {
    await (await this.#in(partsOf(collection).database)).dropPartition(partsOf(collection).name, partition);
  }

  async hasPartition(collection: string, partition: string): Promise<boolean> {
    return (await this.#in(partsOf(collection).database)).hasPartition(partsOf(collection).name, partition);
  }

  async listPartitions(collection: string): Promise<readonly string[]> {
    return (await this.#in(partsOf(collection).database)).listPartitions(partsOf(collection).name);
  }

  async getPartitionStats(collection: string, partition: string): Promise<PartitionStats> {
    return (await this.#in(partsOf(collection).database)).getPartitionStats(partsOf(collection).name, partition);
  }

  async loadCollection(name: string): Promise<void> {
    await (await this.#in(partsOf(name).database)).loadCollection(partsOf(name).name);
  }

  async releaseCollection(name: string): Promise<void> {
    await (await this.#in(partsOf(name).database)).releaseCollection(partsOf(name).name);
  }

  async loadPartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await (await this.#in(partsOf(collection).database)).loadPartitions(partsOf(collection).name, partitions);
  }

  async releasePartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await (await this.#in(partsOf(collection).database)).releasePartitions(partsOf(collection).name, partitions);
  }

  async getLoadState(name: string, partition: string | undefined): Promise<LoadState> {
    return (await this.#in(partsOf(name).database)).getLoadState(partsOf(name).name, partition);
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await (await this.#in(partsOf(collection).database)).createIndex(partsOf(collection).name, index);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return (await this.#in(partsOf(collection).database)).describeIndex(partsOf(collection).name, index);
  }

  async listIndexes(collection: string, fieldName: string | undefined): Promise<readonly string[]> {
    return (await this.#in(partsOf(collection).database)).listIndexes(partsOf(collection).name, fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await (await this.#in(partsOf(collection).database)).dropIndex(partsOf(collection).name, index);
  }

  async runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]> {
    return this.#database.runAnalyzer(texts, analyzer);
  }

  async health(): Promise<Health> {
    return this.#database.health();
  }

  async keyProof(): Promise<string | undefined> {
    return this.#database.keyProof();
  }

  async changeKey(key: CryptoKey): Promise<void> {
    await this.#database.changeKey(key);
  }

  async refresh(): Promise<boolean> {
    return this.#database.refresh();
  }

  async stats(): Promise<DatabaseStats> {
    return this.#database.stats();
  }

  async getCollectionStats(name: string): Promise<CollectionStats> {
    return (await this.#in(partsOf(name).database)).getCollectionStats(partsOf(name).name);
  }

  subscribe({ signal, onProgress }: CallControl): Promise<never> {
    return new Promise((_, reject) => {
      const end = this.#database.subscribe((event) => onProgress?.(event));
      signal.addEventListener('abort', () => {
        end();
        reject(new ElanusError('Closed', 'nobody listens any more'));
      });
    });
  }

  async pull(collection: string, url: string, options: Omit<PullOptions, 'signal' | 'onProgress'>, { signal, onProgress }: CallControl): Promise<PullResult> {
    const { database, name } = partsOf(collection);
    return (await this.#in(database)).pull(url, name, { ...options, signal, ...(onProgress === undefined ? {} : { onProgress: (progress: PullProgress) => onProgress(progress) }) });
  }

  async upload(collection: string, url: string, options: Omit<UploadOptions, 'signal' | 'onProgress'>, { signal, onProgress }: CallControl): Promise<UploadResult> {
    const { database, name } = partsOf(collection);
    return (await this.#in(database)).upload(name, url, { ...options, signal, ...(onProgress === undefined ? {} : { onProgress }) });
  }

  async sync(database: string, options: Omit<SyncOptions, 'signal' | 'onProgress'>, { signal, onProgress }: CallControl): Promise<SyncResult> {
    return (await this.#in(database)).sync({ ...options, signal, ...(onProgress === undefined ? {} : { onProgress: (progress: SyncProgress) => onProgress(progress) }) });
  }

  async syncSession(database: string, session: WiredSession, control: CallControl): Promise<never> {
    return runSession(await this.#in(database), session, control);
  }

  async commandSession(database: string, session: WiredSession, command: SessionCommand, control: CallControl): Promise<SyncResult | undefined> {
    return commandSession(await this.#in(database), session, command, control);
  }

  async listRefused(collection: string): Promise<readonly RefusedWrites[]> {
    const { database, name } = partsOf(collection);
    return (await this.#in(database)).listRefused(name);
  }

  async discardRefused(collection: string, ids: readonly string[]): Promise<void> {
    const { database, name } = partsOf(collection);
    await (await this.#in(database)).discardRefused(name, ids);
  }

  async insert(collection: string, rows: readonly RowInput[] | ColumnsInput, options: WriteOptions | undefined): Promise<MutationResult> {
    return (await this.#collection(collection)).insert(rows, options);
  }

  async upsert(collection: string, rows: readonly RowInput[] | ColumnsInput, options: UpsertOptions | undefined): Promise<MutationResult> {
    return (await this.#collection(collection)).upsert(rows, options);
  }

  async delete(collection: string, which: { readonly ids: Keys } | { readonly filter: FilterInput; readonly filterParams?: FilterParams; readonly partitionNames?: readonly string[] }, options: WriteOptions | undefined): Promise<DeleteResult> {
    return (await this.#collection(collection)).delete(which, options);
  }

  async discardMissing(collection: string): Promise<DeleteResult> {
    return (await this.#collection(collection)).discardMissing();
  }

  async get(collection: string, request: GetRequest): Promise<readonly Row[]> {
    return (await this.#collection(collection)).get(request);
  }

  async query(collection: string, options: QueryOptions): Promise<readonly Row[]> {
    return (await this.#collection(collection)).query(options);
  }

  async keys(collection: string, options: KeysOptions): Promise<KeyList> {
    return (await this.#collection(collection)).keys(options);
  }

  async search(collection: string, request: SearchRequest): Promise<SearchResult<unknown>> {
    // One vector or several makes no difference here: the engine looks at the data, the page's types at the call.
    return (await this.#collection(collection)).search(request as SearchRequest & { readonly data: Vector });
  }

  async explain(collection: string, options: ExplainOptions): Promise<QueryExplain> {
    return (await this.#collection(collection)).explain(options);
  }

  async searchPage(collection: string, request: SearchIteratorRequest, place: SearchPlace | undefined): Promise<SearchPage> {
    return (await this.#collection(collection)).searchPage(request, place);
  }

  async closePage(collection: string, place: SearchPlace): Promise<void> {
    await (await this.#collection(collection)).closePage(place);
  }

  async hybridSearch(collection: string, request: HybridOptions): Promise<SearchResult<unknown>> {
    return (await this.#collection(collection)).hybridSearch(request);
  }

  async count(collection: string, filter: FilterInput | undefined, filterParams: FilterParams | undefined, options: CountOptions | undefined): Promise<number> {
    return (await this.#collection(collection)).count(filter, filterParams, options);
  }

  async compact(collection: string, { signal, onProgress }: CallControl): Promise<CompactResult> {
    return (await this.#collection(collection)).compact({ signal, ...(onProgress === undefined ? {} : { onProgress }) });
  }

  async flush(collection: string): Promise<void> {
    await (await this.#collection(collection)).flush();
  }

  async #in(database: string): Promise<SyncDatabase> {
    return database === DEFAULT_DATABASE ? this.#database : this.#database.useDatabase(database);
  }

  async #collection(place: string): Promise<Awaited<ReturnType<SyncDatabase['collection']>>> {
    const { database, name } = partsOf(place);
    return (await this.#in(database)).collection(name);
  }
}

function handleOf({ name, schema }: Collection): CollectionHandle {
  return { name, schema };
}

function isSuspendable(storage: ReadStorage): storage is OpfsStorage {
  return 'suspend' in storage;
}

function openPlace(place: BrowserStorage | HttpPlace, name: string, patienceMs: number | undefined): Promise<ReadStorage> {
  return typeof place === 'object' ? openHttpStorage(place) : openStorage(place, name, patienceMs);
}

function openStorage(kind: BrowserStorage, name: string, patienceMs: number | undefined): Promise<Storage> {
  if (kind === 'opfs') return openOpfsStorage(name, patienceMs);
  return kind === 'idb' ? openIdbStorage(name, patienceMs) : Promise.resolve(memoryStorage());
}

// A storage that this browser lacks is passed over; one that another tab holds, or that fails, is not.
async function openBest(name: string, patienceMs: number | undefined): Promise<{ readonly storage: Storage; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  for (const kind of ['opfs', 'idb'] as const) {
    try {
      return { storage: await openStorage(kind, name, patienceMs), warnings };
    } catch (error) {
      if (!(error instanceof ElanusError) || error.code !== 'Unsupported') throw error;
      warnings.push(error.message);
    }
  }
  warnings.push('nothing is kept: this browser offers no storage, closing the tab loses everything');
  return { storage: memoryStorage(), warnings };
}
