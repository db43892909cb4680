// EngineDatabase: the collections of one storage. The catalog says which there are; each is opened when first asked
// for, once. Creating and dropping go one at a time.

import type { Catalog, CatalogEntry } from '../format/catalog.js';
import { ElanusError, require } from '../model/errors.js';
import type { IndexRequest } from '../model/index-definition.js';
import { LIMITS } from '../model/limits.js';
import { checkName, fieldNamed } from '../model/schema.js';
import type { EncryptionKey } from '../ports/cipher.js';
import type { Accelerator } from '../ports/core.js';
import { AcceleratorSlot } from './accelerator-slot.js';
import type { Collection, CollectionDefinition, CollectionDescription, CollectionStats, Database, DatabaseStats, Health, IndexChoice, IndexDescription, TaskEvent } from './api.js';
import { Background } from './background.js';
import { readCatalog, unlistedCollections } from './catalog-files.js';
import { CatalogKeeper } from './catalog-keeper.js';
import { EngineCollection, FIRST_LSN, type CollectionContext } from './collection.js';
import { CollectionFiles } from './collection-files.js';
import { checkDefinition } from './definition.js';
import { writable, type Environment } from './environment.js';
import { chosenIndex, withIndex, withoutIndex } from './indexes.js';
import { closedSpares } from './eviction.js';
import { keyringOf, type Keyring } from './keyring.js';
import { Residency } from './residency.js';
import { lacksRoom, Room, type Spare } from './room.js';
import { RoomStorage } from './room-storage.js';
import { Tasks } from './tasks.js';
import { plainVault } from './vault.js';
import { WriteLog } from './write-log.js';
import { WriteCounts } from './written-bytes.js';

const WARNINGS_MAX = 100;
/** Times a collection is opened while another writer changes it. */
const TAKE_OVERS_MAX = 5;

export class EngineDatabase implements Omit<Database, 'pull'> {
  readonly name: string;
  protected readonly environment: Environment;
  readonly #room: Room | undefined;
  readonly #storage: RoomStorage | undefined;
  readonly #context: CollectionContext;
  readonly #written = new WriteCounts();
  readonly #opened = new Map<string, Promise<EngineCollection>>();
  /** Those of which the opening is over. */
  readonly #ready = new Map<string, EngineCollection>();
  readonly #warnings: string[] = [];
  /** Ids of collections of which only the next opening will tell whether they were dropped. */
  readonly #doubtful = new Set<string>();
  readonly #slot = new AcceleratorSlot((message) => this.warn(message));
  readonly #catalogs: CatalogKeeper;
  #changing: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Use `openDatabase`. */
  constructor(name: string, given: Environment, catalog: Catalog, keyring: Keyring) {
    this.name = name;
    this.#catalogs = new CatalogKeeper(catalog, keyring, (message) => this.warn(message));
    if ('create' in given.storage) {
      this.#room = new Room(given.storage, given.ambient, { spares: () => this.#spares(), warn: (message) => this.warn(message) }, given.reserveBytes);
      this.#storage = new RoomStorage(given.storage, this.#room);
    }
    const optional = this.#room === undefined || !('create' in given.storage) ? undefined : new RoomStorage(given.storage, this.#room, true);
    const environment = { ...given, storage: this.#written.count(this.#storage ?? given.storage), optionalStorage: optional && this.#written.count(optional) };
    this.environment = environment;
    const slot = this.#slot;
    this.#context = {
      environment: this.environment,
      background: new Background(),
      tasks: new Tasks((message) => this.warn(message)),
      residency: new Residency(environment.core, environment.memoryBytes, (message) => this.warn(message)),
      room: this.#room,
      warn: (message) => this.warn(message),
      engines: {
        core: environment.core,
        get accelerator() {
          return slot.accelerator;
        },
        wantAccelerator: () => slot.use(),
        acceleratorFailed: (error) => slot.failed(error),
      },
    };
  }

  async createCollection(definition: CollectionDefinition): Promise<Collection> {
    const { name, schema, indexes } = checkDefinition(definition);
    return this.change(async () => {
      writable(this.environment.storage);
      if (this.entry(name) !== undefined) throw new ElanusError('AlreadyExists', `collection "${name}" exists already`);
      if (this.#collections.length >= LIMITS.collectionsMax) throw new ElanusError('InvalidArgument', `at most ${LIMITS.collectionsMax} collections`);
      const id = Array.from(this.environment.ambient.randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
      const key = await this.#catalogs.keyring.newKey(id);
      const entry: CatalogEntry = { id, name, ...(key === undefined ? {} : { key }) };
      const files = await this.filesOf(entry);
      const { ambient, storage } = this.environment;
      try {
        await files.putManifest({ formatVersion: 1, collection: id, name, version: 1, schema, nextLsn: FIRST_LSN, segments: [], ...(indexes.length === 0 ? {} : { indexes }) });
        // What opening it needs is there before it is listed.
        const log = await WriteLog.start(writable(storage), ambient, files.logKey(FIRST_LSN), files, FIRST_LSN);
        await log.end();
      } catch (error) {
        if (lacksRoom(error)) await files.removeAll();
        throw error;
      }
      await this.list(entry);
      return this.collection(name);
    });
  }

  async collection(name: string): Promise<EngineCollection> {
    this.requireOpen();
    const entry = this.entry(name);
    if (entry === undefined) throw new ElanusError('NotFound', `no collection "${String(name)}"`);
    const opened = this.#opened.get(entry.id) ?? this.#openCollection(entry);
    this.#opened.set(entry.id, opened);
    return opened;
  }

  // Where the storage is shared, a writer that is being taken over from may change it meanwhile, but not for long.
  async #openCollection(entry: CatalogEntry): Promise<EngineCollection> {
    const { storage } = this.environment;
    const isShared = 'create' in storage && storage.isShared === true;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryToOpen(entry);
      } catch (error) {
        const isBusy = error instanceof ElanusError && error.code === 'Busy';
        if (!isShared || !isBusy || attempt === TAKE_OVERS_MAX) {
          this.#opened.delete(entry.id);
          throw error;
        }
      }
    }
  }

  async #tryToOpen(entry: CatalogEntry): Promise<EngineCollection> {
    try {
      if (this.#doubtful.has(entry.id)) throw new ElanusError('StorageFailed', `collection "${entry.name}": dropping it failed half-way; whether it is there will be known when the database is opened again`);
      const files = await this.filesOf(entry);
      const current = await files.currentManifest(entry.origin !== undefined);
      if (current === undefined) {
        if (entry.origin !== undefined) throw new ElanusError('NotFound', `collection "${entry.name}": the pull from ${entry.origin} has not completed`);
        throw new ElanusError('Corrupt', `collection "${entry.name}" has no manifest`, { file: `c${entry.id}/manifest` });
      }
      const collection = await EngineCollection.open(this.#context, files, current, entry.origin);
      this.#ready.set(entry.id, collection);
      return collection;
    } catch (error) {
      if (error instanceof ElanusError && error.code === 'Corrupt') this.warn(`collection "${entry.name}": ${error.message}`);
      throw error;
    }
  }

  async hasCollection(name: string): Promise<boolean> {
    this.requireOpen();
    checkName('collection name', name);
    return this.entry(name) !== undefined;
  }

  async listCollections(): Promise<readonly string[]> {
    this.requireOpen();
    return this.#collections.map((entry) => entry.name);
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    const { schema, indexes, rows, sealedSegments, indexedSegments, missing } = await this.collection(name);
    const origin = this.entry(name)?.origin;
    return { name, schema, indexes, rows, sealedSegments, indexedSegments, ...(origin === undefined ? {} : { origin }), ...(missing.length === 0 ? {} : { missing }) };
  }

  async dropCollection(name: string): Promise<void> {
    await this.change(async () => {
      const entry = this.entry(name);
      if (entry === undefined) throw new ElanusError('NotFound', `no collection "${String(name)}"`);
      writable(this.environment.storage);
      await this.#storage?.freeing(() => this.unlist(entry));
      await this.#room?.keepReserve();
      for (const collection of this.#ready.values()) collection.roomCame();
    });
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    const opened = await this.collection(collection);
    await opened.changeIndexes((definitions) => withIndex(opened.schema, definitions, index));
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    const opened = await this.collection(collection);
    return opened.describeIndex(chosenIndex(opened.schema, opened.indexes, index));
  }

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    const { schema, indexes } = await this.collection(collection);
    const field = fieldName === undefined ? undefined : fieldNamed(schema, fieldName).name;
    return indexes.filter((index) => field === undefined || index.fieldName === field).map(({ indexName }) => indexName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    const opened = await this.collection(collection);
    await opened.changeIndexes((definitions) => withoutIndex(opened.schema, definitions, index));
  }

  /**
   * From now on the database opens with `key` alone. Data keys are wrapped anew, nothing else is written. If it fails, the
   * key is the one before, or, where even that could not be stored, either. Errors: `InvalidArgument`; `WrongKey` if
   * the database is not encrypted.
   */
  async changeKey(key: EncryptionKey): Promise<void> {
    await this.change(async () => {
      const { collections, keyring } = await this.#catalogs.keyring.change(this.#collections, key);
      await this.#catalogs.store(writable(this.environment.storage), collections, { keyring, forget: true });
      this.#catalogs.useKeyring(keyring);
    });
  }

  async health(): Promise<Health> {
    this.requireOpen();
    const { storage, core, durable } = this.environment;
    const usage = 'usage' in storage ? await storage.usage() : {};
    return {
      storage: storage.kind,
      durable,
      ...usage,
      // Nothing is sent to servers yet.
      unsent: 0,
      role: 'owner',
      core: core.kind,
      kernels: core.kernels,
      ...(this.#slot.accelerator === undefined ? {} : { accelerator: this.#slot.accelerator.name }),
      coreMemoryBytes: core.memoryBytes(),
      warnings: [...(this.environment.warnings ?? []), ...this.#warnings],
    };
  }

  async stats(): Promise<DatabaseStats> {
    this.requireOpen();
    const { residency, tasks } = this.#context;
    const { usedBytes, limitBytes } = residency;
    const opened = await Promise.all([...this.#opened.keys()].map((id) => this.#statsOf(id)));
    return {
      collections: opened.filter((stats) => stats !== undefined),
      memory: { usedBytes, ...(limitBytes === undefined ? {} : { limitBytes }), coreBytes: this.environment.core.memoryBytes() },
      tasks: tasks.running(),
    };
  }

  // Undefined if it does not open, or was dropped meanwhile.
  async #statsOf(id: string): Promise<CollectionStats | undefined> {
    try {
      return await (await this.#opened.get(id))?.stats(this.#written.of(id));
    } catch (error) {
      if (this.#opened.has(id)) throw error;
      return undefined;
    }
  }

  subscribe(listener: (event: TaskEvent) => void): () => void {
    this.requireOpen();
    require(typeof listener === 'function', () => 'subscribe: expected a function');
    return this.#context.tasks.subscribe(listener);
  }

  /**
   * Batches of queries over sealed segments may go to the accelerator that `openAccelerator` gives. It is opened by the
   * first batch, which does not wait for it, and closed by the database.
   */
  offerAccelerator(openAccelerator: () => Promise<Accelerator | undefined>): void {
    this.#slot.offer(openAccelerator);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#changing;
    const opened = await Promise.allSettled(this.#opened.values());
    const failures: unknown[] = [];
    for (const result of opened) if (result.status === 'fulfilled') await result.value.close().catch((error: unknown) => failures.push(error));
    this.#slot.close();
    // Whatever failed: a storage that stays open keeps everybody else out.
    await this.environment.storage.close();
    if (failures.length > 0) throw failures[0];
  }

  get #collections(): Catalog['collections'] {
    return this.#catalogs.catalog.collections;
  }

  protected entry(name: string): CatalogEntry | undefined {
    return this.#collections.find((entry) => entry.name === name);
  }

  protected get keyring(): Keyring {
    return this.#catalogs.keyring;
  }

  protected async filesOf(entry: CatalogEntry): Promise<CollectionFiles> {
    return new CollectionFiles(entry.id, this.environment, await this.#catalogs.keyring.vaultOf(entry));
  }

  protected hasId(id: string): boolean {
    return this.#collections.some((entry) => entry.id === id);
  }

  /** Runs one change of the catalog after the other. */
  protected change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(() => {
      this.requireOpen();
      return work();
    });
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** Adds a collection to the catalog. Within `change`. */
  protected async list(entry: CatalogEntry): Promise<void> {
    await this.#catalogs.store(writable(this.environment.storage), [...this.#collections, entry]);
    await this.#room?.keepReserve();
  }

  /** Whether the collection of that name is being pulled: its files must stay. */
  protected isPulling(_name: string): boolean {
    return false;
  }

  // Those that are being opened are left alone: that may be what lacks room.
  async #spares(): Promise<readonly Spare[]> {
    const storage = writable(this.environment.storage);
    const spares: Spare[] = [];
    for (const { id, name, origin } of this.#collections) {
      if (this.isPulling(name)) continue;
      const ready = this.#ready.get(id);
      if (ready !== undefined) spares.push(...(await ready.spares(storage)));
      else if (!this.#opened.has(id)) spares.push(...(await closedSpares(id, origin !== undefined, storage)));
    }
    return spares;
  }

  /** Takes a collection out of the catalog, then closes it and removes its files. Within `change`. */
  protected async unlist(entry: CatalogEntry): Promise<void> {
    const rest = this.#collections.filter(({ id }) => id !== entry.id);
    await this.#catalogs.store(writable(this.environment.storage), rest, { forget: this.#catalogs.keyring.encrypts, onDoubt: () => this.#doubt(entry) });
    await this.#closeCollection(entry);
    await removeFiles(entry.id, this.environment);
    this.#written.forget(entry.id);
  }

  /** Nothing may be acknowledged by a collection that the next opening may find dropped. */
  async #doubt(entry: CatalogEntry): Promise<void> {
    this.#doubtful.add(entry.id);
    await this.#closeCollection(entry);
  }

  async #closeCollection(entry: CatalogEntry): Promise<void> {
    const opened = this.#opened.get(entry.id);
    this.#ready.delete(entry.id);
    this.#opened.delete(entry.id);
    await opened?.then((collection) => collection.close(), () => undefined);
  }

  protected requireOpen(): void {
    if (this.#closing !== undefined) throw new ElanusError('Closed', `database "${this.name}" is closed`);
  }

  /** Adds to the warnings of `health()`, which keeps the newest 100. */
  warn(message: string): void {
    this.environment.ambient.log('warn', message);
    if (this.#warnings.length === WARNINGS_MAX) this.#warnings.shift();
    this.#warnings.push(message);
  }

  /** Reports what reading the catalog found and removes what a crash left. Called once, before anything else. */
  async recover(warnings: readonly string[]): Promise<void> {
    warnings.forEach((message) => this.warn(message));
    const { storage } = this.environment;
    if (!('create' in storage)) return;
    // Where it is shared, what is not listed may be what another is creating.
    if (storage.isShared === true) return;
    for (const id of await unlistedCollections(storage, this.#catalogs.catalog)) await removeFiles(id, this.environment);
    if (this.#collections.length > 0) await this.#room?.keepReserve();
  }
}

async function removeFiles(id: string, environment: Environment): Promise<void> {
  await new CollectionFiles(id, environment, plainVault).removeAll();
}

/** Opens the database that `environment.storage` holds and takes over the environment. Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
export async function openDatabase<D extends EngineDatabase>(Kind: new (name: string, environment: Environment, catalog: Catalog, keyring: Keyring) => D, name: string, environment: Environment): Promise<D> {
  try {
    const keyring = await keyringOf(environment);
    const { catalog, warnings } = await readCatalog(environment.storage, keyring);
    const database = new Kind(name, environment, catalog, keyring);
    await database.recover(warnings);
    return database;
  } catch (error) {
    await environment.storage.close();
    throw error;
  }
}
