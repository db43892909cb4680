// EngineDatabase: the verbs of a database, over the state that they share. The catalog says which collections there are.

import { ElanusError, require } from '../model/errors.js';
import type { IndexRequest } from '../model/index-definition.js';
import { LIMITS } from '../model/limits.js';
import { MILVUS } from '../model/milvus-code.js';
import { checkName } from '../model/schema.js';
import type { EncryptionKey } from '../ports/cipher.js';
import type { Accelerator } from '../ports/core.js';
import type { Collection, CollectionDefinition, CollectionDescription, Database, DatabaseStats, Health, IndexChoice, IndexDescription, TaskEvent } from './api.js';
import { readCatalog } from './catalog-files.js';
import type { EngineCollection } from './collection.js';
import { createFiles } from './collection-creation.js';
import { databaseStatsOf, healthOf } from './database-health.js';
import { createIndex, describeIndex, dropIndex, listIndexes } from './database-indexes.js';
import { DatabaseState } from './database-state.js';
import { checkDefinition } from './definition.js';
import { writable, type Environment } from './environment.js';
import { keyringOf } from './keyring.js';

export class EngineDatabase implements Omit<Database, 'pull'> {
  protected readonly state: DatabaseState;

  /** Use `openDatabase`. */
  constructor(state: DatabaseState) {
    this.state = state;
  }

  get name(): string {
    return this.state.name;
  }

  async createCollection(definition: CollectionDefinition): Promise<Collection> {
    const checked = checkDefinition(definition);
    const { name } = checked;
    return this.state.change(async () => {
      writable(this.state.environment.storage);
      if (this.state.entry(name) !== undefined) throw new ElanusError('AlreadyExists', `collection "${name}" exists already`);
      if (this.state.entries.length >= LIMITS.collectionsMax) throw new ElanusError('InvalidArgument', `at most ${LIMITS.collectionsMax} collections`, { milvusCode: MILVUS.collectionsTooMany });
      await this.state.list(await createFiles(this.state, checked));
      return this.collection(name);
    });
  }

  async collection(name: string): Promise<EngineCollection> {
    this.state.requireOpen();
    const entry = this.state.entry(name);
    if (entry === undefined) throw new ElanusError('NotFound', `no collection "${String(name)}"`);
    return this.state.collections.get(entry);
  }

  async hasCollection(name: string): Promise<boolean> {
    this.state.requireOpen();
    checkName('collection name', name);
    return this.state.entry(name) !== undefined;
  }

  async listCollections(): Promise<readonly string[]> {
    this.state.requireOpen();
    return this.state.entries.map((entry) => entry.name);
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    const { schema, indexes, rows, sealedSegments, indexedSegments, missing } = await this.collection(name);
    const origin = this.state.entry(name)?.origin;
    return { name, schema, indexes, rows, sealedSegments, indexedSegments, ...(origin === undefined ? {} : { origin }), ...(missing.length === 0 ? {} : { missing }) };
  }

  async dropCollection(name: string): Promise<void> {
    await this.state.change(async () => {
      const entry = this.state.entry(name);
      if (entry === undefined) throw new ElanusError('NotFound', `no collection "${String(name)}"`);
      writable(this.state.environment.storage);
      await this.state.drop(entry);
    });
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await createIndex(await this.collection(collection), index);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return describeIndex(await this.collection(collection), index);
  }

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    return listIndexes(await this.collection(collection), fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await dropIndex(await this.collection(collection), index);
  }

  /**
   * From now on the database opens with `key` alone. Data keys are wrapped anew, nothing else is written. If it fails, the
   * key is the one before, or, where even that could not be stored, either. Errors: `InvalidArgument`; `WrongKey` if
   * the database is not encrypted.
   */
  async changeKey(key: EncryptionKey): Promise<void> {
    const { catalogs, environment } = this.state;
    await this.state.change(async () => {
      const { collections, keyring } = await catalogs.keyring.change(this.state.entries, key);
      await catalogs.store(writable(environment.storage), collections, { keyring, forget: true });
      catalogs.useKeyring(keyring);
    });
  }

  async health(): Promise<Health> {
    this.state.requireOpen();
    return healthOf(this.state);
  }

  async refresh(): Promise<boolean> {
    this.state.requireOpen();
    return this.state.refresh();
  }

  async stats(): Promise<DatabaseStats> {
    this.state.requireOpen();
    return databaseStatsOf(this.state);
  }

  subscribe(listener: (event: TaskEvent) => void): () => void {
    this.state.requireOpen();
    require(typeof listener === 'function', () => 'subscribe: expected a function');
    return this.state.context.tasks.subscribe(listener);
  }

  /**
   * Batches of queries over sealed segments may go to the accelerator that `openAccelerator` gives. It is opened by the
   * first batch, which does not wait for it, and closed by the database.
   */
  offerAccelerator(openAccelerator: () => Promise<Accelerator | undefined>): void {
    this.state.slot.offer(openAccelerator);
  }

  /** Adds to the warnings of `health()`, which keeps the newest 100. */
  warn(message: string): void {
    this.state.warn(message);
  }

  async close(): Promise<void> {
    return this.state.close();
  }
}

/** Opens the database that `environment.storage` holds and takes over the environment. Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
export async function openDatabase<D extends EngineDatabase>(Kind: new (state: DatabaseState) => D, name: string, environment: Environment): Promise<D> {
  try {
    const keyring = await keyringOf(environment);
    const { catalog, warnings } = await readCatalog(environment.storage, keyring);
    const state = new DatabaseState(name, environment, catalog, keyring);
    await state.recover(warnings);
    return new Kind(state);
  } catch (error) {
    await environment.storage.close();
    throw error;
  }
}
