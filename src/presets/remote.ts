// Remote: the public API in a page, over the Host in a worker. It adds nothing but the way there and back.

import { proxy, type Remote } from 'comlink';
import type { Collection, CollectionDefinition, CollectionDescription, Database, DeleteResult, Health, IndexChoice, IndexDescription, KeyList, KeysOptions, MutationResult, PullOptions, PullResult, QueryOptions, SearchOptions, SearchResult } from '../engine/api.js';
import { ElanusError } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { Row, RowInput, Vector } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import type { CollectionHandle, Host, Keys, SearchRequest } from './wire.js';

export class RemoteDatabase implements Database {
  readonly name: string;
  readonly #host: Remote<Host>;
  readonly #worker: Worker;
  #pulls = 0;
  #closing: Promise<void> | undefined;

  constructor(name: string, host: Remote<Host>, worker: Worker) {
    this.name = name;
    this.#host = host;
    this.#worker = worker;
    addEventListener('pagehide', this.#suspend);
    document.addEventListener('freeze', this.#suspend);
  }

  // What fails here fails again, and is told, at the next call.
  readonly #suspend = (): void => void this.#host.suspend().catch(() => undefined);

  async createCollection(definition: CollectionDefinition): Promise<Collection> {
    return this.#remote(await this.#open().createCollection(definition));
  }

  async collection(name: string): Promise<Collection> {
    return this.#remote(await this.#open().collection(name));
  }

  #remote(handle: CollectionHandle): Collection {
    return new RemoteCollection(handle, () => this.#open());
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

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    return this.#open().listIndexes(collection, fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await this.#open().dropIndex(collection, index);
  }

  async pull(url: string, collection: string, options: PullOptions = {}): Promise<PullResult> {
    const host = this.#open();
    const { signal, onProgress, headers = {} } = options;
    const pullId = this.#pulls++;
    const abort = (): void => void host.abortPull(pullId);
    if (signal?.aborted) throw new ElanusError('Closed', 'the pull was aborted', { cause: signal.reason });
    signal?.addEventListener('abort', abort);
    try {
      return await host.pull(pullId, url, collection, headers, onProgress === undefined ? undefined : proxy(onProgress));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async health(): Promise<Health> {
    return this.#open().health();
  }

  async close(): Promise<void> {
    removeEventListener('pagehide', this.#suspend);
    document.removeEventListener('freeze', this.#suspend);
    this.#closing ??= this.#host.close().finally(() => this.#worker.terminate());
    return this.#closing;
  }

  #open(): Remote<Host> {
    if (this.#closing !== undefined) throw new ElanusError('Closed', `database "${this.name}" is closed`);
    return this.#host;
  }
}

class RemoteCollection implements Collection {
  readonly name: string;
  readonly schema: Schema;
  readonly #host: () => Remote<Host>;

  constructor({ name, schema }: CollectionHandle, host: () => Remote<Host>) {
    this.name = name;
    this.schema = schema;
    this.#host = host;
  }

  async insert(rows: readonly RowInput[]): Promise<MutationResult> {
    return this.#host().insert(this.name, rows);
  }

  async upsert(rows: readonly RowInput[]): Promise<MutationResult> {
    return this.#host().upsert(this.name, rows);
  }

  async delete(which: { readonly ids: Keys } | { readonly filter: string }): Promise<DeleteResult> {
    return this.#host().delete(this.name, which);
  }

  async discardMissing(): Promise<DeleteResult> {
    return this.#host().discardMissing(this.name);
  }

  async get(request: { readonly ids: Keys; readonly outputFields?: readonly string[] }): Promise<readonly Row[]> {
    return this.#host().get(this.name, request);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    return this.#host().query(this.name, options);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    return this.#host().keys(this.name, options);
  }

  search(request: SearchOptions & { readonly data: Vector }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  async search(request: SearchRequest): Promise<SearchResult<unknown>> {
    return this.#host().search(this.name, request);
  }

  async count(filter?: string): Promise<number> {
    return this.#host().count(this.name, filter);
  }

  async flush(): Promise<void> {
    await this.#host().flush(this.name);
  }
}
