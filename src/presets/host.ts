// DatabaseHost: the worker's side of the wire: opens a database over the best storage there is and passes calls on.

import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openWebGpu } from '../core/webgpu/accelerator.js';
import type { Collection, CollectionDefinition, CollectionDescription, DeleteResult, Health, IndexChoice, IndexDescription, KeyList, KeysOptions, MutationResult, PullProgress, PullResult, QueryOptions, SearchResult } from '../engine/api.js';
import { openDatabase } from '../engine/database.js';
import { ElanusError } from '../model/errors.js';
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
import type { BrowserStorage, CollectionHandle, Host, HostOptions, HttpPlace, Keys, SearchRequest } from './wire.js';

/** Compiled modules of this build. */
export interface HostAssets {
  readonly core: () => Promise<WebAssembly.Module>;
  readonly filter: () => Promise<WebAssembly.Module>;
}

export class DatabaseHost implements Host {
  readonly #assets: HostAssets;
  readonly #pulls = new Map<number, AbortController>();
  #database: SyncDatabase | undefined;
  #storage: ReadStorage | undefined;

  constructor(assets: HostAssets) {
    this.#assets = assets;
  }

  async open(name: string, { storage: asked, gpu }: HostOptions): Promise<void> {
    const [core, filter] = await Promise.all([this.#assets.core(), this.#assets.filter()]);
    const { storage, warnings } = asked === undefined ? await openBest(name) : { storage: await openPlace(asked, name), warnings: [] };
    const environment = {
      storage,
      core: createWasmCore(core, createPredicates(filter)),
      ambient: webAmbient(),
      transport: fetchTransport(),
      durable: storage.kind !== 'memory',
      warnings,
    };
    const database = await openDatabase(SyncDatabase, name, environment);
    this.#database = database;
    this.#storage = storage;
    if (gpu) database.offerAccelerator(() => openWebGpu());
  }

  async suspend(): Promise<void> {
    if (this.#storage !== undefined && isSuspendable(this.#storage)) await this.#storage.suspend();
  }

  async createCollection(definition: CollectionDefinition): Promise<CollectionHandle> {
    return handleOf(await this.#open().createCollection(definition));
  }

  async collection(name: string): Promise<CollectionHandle> {
    return handleOf(await this.#open().collection(name));
  }

  async hasCollection(name: string): Promise<boolean> {
    return this.#open().hasCollection(name);
  }

  async listCollections(): Promise<readonly string[]> {
    return this.#open().listCollections();
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    return this.#open().describeCollection(name);
  }

  async dropCollection(name: string): Promise<void> {
    await this.#open().dropCollection(name);
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await this.#open().createIndex(collection, index);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return this.#open().describeIndex(collection, index);
  }

  async listIndexes(collection: string, fieldName: string | undefined): Promise<readonly string[]> {
    return this.#open().listIndexes(collection, fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await this.#open().dropIndex(collection, index);
  }

  async health(): Promise<Health> {
    return this.#open().health();
  }

  async pull(pullId: number, url: string, collection: string, headers: Readonly<Record<string, string>>, onProgress: ((progress: PullProgress) => void) | undefined): Promise<PullResult> {
    const abort = new AbortController();
    this.#pulls.set(pullId, abort);
    try {
      return await this.#open().pull(url, collection, { signal: abort.signal, headers, ...(onProgress === undefined ? {} : { onProgress }) });
    } finally {
      this.#pulls.delete(pullId);
    }
  }

  async abortPull(pullId: number): Promise<void> {
    this.#pulls.get(pullId)?.abort();
  }

  async close(): Promise<void> {
    for (const abort of this.#pulls.values()) abort.abort();
    await this.#database?.close();
  }

  async insert(collection: string, rows: readonly RowInput[]): Promise<MutationResult> {
    return (await this.#open().collection(collection)).insert(rows);
  }

  async upsert(collection: string, rows: readonly RowInput[]): Promise<MutationResult> {
    return (await this.#open().collection(collection)).upsert(rows);
  }

  async delete(collection: string, which: { readonly ids: Keys } | { readonly filter: string }): Promise<DeleteResult> {
    return (await this.#open().collection(collection)).delete(which);
  }

  async discardMissing(collection: string): Promise<DeleteResult> {
    return (await this.#open().collection(collection)).discardMissing();
  }

  async get(collection: string, request: { readonly ids: Keys; readonly outputFields?: readonly string[] }): Promise<readonly Row[]> {
    return (await this.#open().collection(collection)).get(request);
  }

  async query(collection: string, options: QueryOptions): Promise<readonly Row[]> {
    return (await this.#open().collection(collection)).query(options);
  }

  async keys(collection: string, options: KeysOptions): Promise<KeyList> {
    return (await this.#open().collection(collection)).keys(options);
  }

  async search(collection: string, request: SearchRequest): Promise<SearchResult<unknown>> {
    // One vector or several makes no difference here: the engine looks at the data, the page's types at the call.
    return (await this.#open().collection(collection)).search(request as SearchRequest & { readonly data: Vector });
  }

  async count(collection: string, filter: string | undefined): Promise<number> {
    return (await this.#open().collection(collection)).count(filter);
  }

  async flush(collection: string): Promise<void> {
    await (await this.#open().collection(collection)).flush();
  }

  #open(): SyncDatabase {
    if (this.#database === undefined) throw new ElanusError('Closed', 'the database is not open');
    return this.#database;
  }
}

function handleOf({ name, schema }: Collection): CollectionHandle {
  return { name, schema };
}

function isSuspendable(storage: ReadStorage): storage is OpfsStorage {
  return 'suspend' in storage;
}

function openPlace(place: BrowserStorage | HttpPlace, name: string): Promise<ReadStorage> {
  return typeof place === 'object' ? openHttpStorage(place) : openStorage(place, name);
}

function openStorage(kind: BrowserStorage, name: string): Promise<Storage> {
  if (kind === 'opfs') return openOpfsStorage(name);
  return kind === 'idb' ? openIdbStorage(name) : Promise.resolve(memoryStorage());
}

// A storage that this browser lacks is passed over; one that another tab holds, or that fails, is not.
async function openBest(name: string): Promise<{ readonly storage: Storage; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  for (const kind of ['opfs', 'idb'] as const) {
    try {
      return { storage: await openStorage(kind, name), warnings };
    } catch (error) {
      if (!(error instanceof ElanusError) || error.code !== 'Unsupported') throw error;
      warnings.push(error.message);
    }
  }
  warnings.push('nothing is kept: this browser offers no storage, closing the tab loses everything');
  return { storage: memoryStorage(), warnings };
}
