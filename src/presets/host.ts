// DatabaseHost: a database in a worker, over the best storage there is; it passes calls on to the engine.

import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openWebGpu } from '../core/webgpu/accelerator.js';
import type { Collection, CollectionDefinition, CollectionDescription, CompactResult, DatabaseStats, DeleteResult, GetRequest, Health, HybridOptions, IndexChoice, IndexDescription, KeyList, KeysOptions, MutationResult, PullProgress, PullResult, QueryOptions, SearchIteratorRequest, SearchPage, SearchPlace, SearchResult, WriteOptions } from '../engine/api.js';
import { openDatabase } from '../engine/database.js';
import { memoryBytes } from '../engine/environment.js';
import { ElanusError } from '../model/errors.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { Hit } from '../model/hit.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { Row, RowInput, Vector } from '../model/row.js';
import { webAmbient } from '../platform/ambient.js';
import { fetchTransport } from '../platform/transport.js';
import type { ReadStorage, Storage } from '../ports/storage.js';
import { openHttpStorage } from '../storage/http.js';
import { openIdbStorage } from '../storage/idb.js';
import { memoryStorage } from '../storage/memory.js';
import { openOpfsStorage, type OpfsStorage } from '../storage/opfs.js';
import { SyncDatabase } from '../sync/database.js';
import { encryptionBy } from './encryption.js';
import type { BrowserStorage, CallControl, CollectionHandle, Host, HostOptions, HttpPlace, Keys, SearchRequest } from './wire.js';

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

  async createCollection(definition: CollectionDefinition): Promise<CollectionHandle> {
    return handleOf(await this.#database.createCollection(definition));
  }

  async collection(name: string): Promise<CollectionHandle> {
    return handleOf(await this.#database.collection(name));
  }

  async hasCollection(name: string): Promise<boolean> {
    return this.#database.hasCollection(name);
  }

  async listCollections(): Promise<readonly string[]> {
    return this.#database.listCollections();
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    return this.#database.describeCollection(name);
  }

  async dropCollection(name: string): Promise<void> {
    await this.#database.dropCollection(name);
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await this.#database.createIndex(collection, index);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return this.#database.describeIndex(collection, index);
  }

  async listIndexes(collection: string, fieldName: string | undefined): Promise<readonly string[]> {
    return this.#database.listIndexes(collection, fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await this.#database.dropIndex(collection, index);
  }

  async health(): Promise<Health> {
    return this.#database.health();
  }

  async refresh(): Promise<boolean> {
    return this.#database.refresh();
  }

  async stats(): Promise<DatabaseStats> {
    return this.#database.stats();
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

  async pull(collection: string, url: string, headers: Readonly<Record<string, string>>, { signal, onProgress }: CallControl): Promise<PullResult> {
    return this.#database.pull(url, collection, { signal, headers, ...(onProgress === undefined ? {} : { onProgress: (progress: PullProgress) => onProgress(progress) }) });
  }

  async insert(collection: string, rows: readonly RowInput[], options: WriteOptions | undefined): Promise<MutationResult> {
    return (await this.#database.collection(collection)).insert(rows, options);
  }

  async upsert(collection: string, rows: readonly RowInput[], options: WriteOptions | undefined): Promise<MutationResult> {
    return (await this.#database.collection(collection)).upsert(rows, options);
  }

  async delete(collection: string, which: { readonly ids: Keys } | { readonly filter: FilterInput; readonly filterParams?: FilterParams }, options: WriteOptions | undefined): Promise<DeleteResult> {
    return (await this.#database.collection(collection)).delete(which, options);
  }

  async discardMissing(collection: string): Promise<DeleteResult> {
    return (await this.#database.collection(collection)).discardMissing();
  }

  async get(collection: string, request: GetRequest): Promise<readonly Row[]> {
    return (await this.#database.collection(collection)).get(request);
  }

  async query(collection: string, options: QueryOptions): Promise<readonly Row[]> {
    return (await this.#database.collection(collection)).query(options);
  }

  async keys(collection: string, options: KeysOptions): Promise<KeyList> {
    return (await this.#database.collection(collection)).keys(options);
  }

  async search(collection: string, request: SearchRequest): Promise<SearchResult<unknown>> {
    // One vector or several makes no difference here: the engine looks at the data, the page's types at the call.
    return (await this.#database.collection(collection)).search(request as SearchRequest & { readonly data: Vector });
  }

  async searchPage(collection: string, request: SearchIteratorRequest, place: SearchPlace | undefined): Promise<SearchPage> {
    return (await this.#database.collection(collection)).searchPage(request, place);
  }

  async closePage(collection: string, place: SearchPlace): Promise<void> {
    await (await this.#database.collection(collection)).closePage(place);
  }

  async hybridSearch(collection: string, request: HybridOptions): Promise<SearchResult<readonly Hit[]>> {
    return (await this.#database.collection(collection)).hybridSearch(request);
  }

  async count(collection: string, filter: FilterInput | undefined, filterParams: FilterParams | undefined): Promise<number> {
    return (await this.#database.collection(collection)).count(filter, filterParams);
  }

  async compact(collection: string, { signal, onProgress }: CallControl): Promise<CompactResult> {
    return (await this.#database.collection(collection)).compact({ signal, ...(onProgress === undefined ? {} : { onProgress }) });
  }

  async flush(collection: string): Promise<void> {
    await (await this.#database.collection(collection)).flush();
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
