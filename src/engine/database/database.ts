// EngineDatabase: the verbs of a database, over the state that they share. The catalog says which collections there are.

import { DEFAULT_DATABASE, type CatalogContent, type CatalogEntry } from '../../format/catalog.js';
import { KEY_PROOF } from '../../format/sealed-key.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import type { IndexRequest } from '../../model/index-definition.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import { checkName } from '../../model/schema.js';
import type { EncryptionKey } from '../../ports/cipher.js';
import type { Accelerator } from '../../ports/core.js';
import type { AliasDescription, AnalyzerChoice, AnalyzerToken, Collection, CollectionDefinition, CollectionDescription, CollectionStats, Database, DatabaseDescription, DatabaseStats, FieldChange, Health, IndexChoice, IndexDescription, LoadState, PartitionStats, PropertiesInput, TaskEvent } from '../api.js';
import type { TypedCollection } from '../api/typed.js';
import { readCatalog } from './catalog-files.js';
import { aliasesOf, collectionMeant, notFound, requireFree, withReleased } from './catalog-names.js';
import type { CollectionAdmin } from '../collection/collection-admin.js';
import type { EngineCollection } from '../collection/collection.js';
import { createFiles } from '../collection/collection-creation.js';
import { requireDroppable, requireRenamable, withRenamed } from './collection-names.js';
import { aliasNames, describedAlias, withAlias, withAliasAltered, withoutAlias } from './database-aliases.js';
import { databaseStatsOf, healthOf } from './database-health.js';
import { createIndex, describeIndex, dropIndex, listIndexes } from './database-indexes.js';
import { DatabaseState } from './database-state.js';
import { databaseNames, describedDatabase, requireDatabase, withDatabase, withDatabaseProperties, withoutDatabase } from './databases.js';
import { checkDefinition } from '../collection/definition.js';
import { writable, type Environment } from './environment.js';
import { keyringOf } from './keyring.js';
import { takeSnapshot, type Snapshot } from './snapshot.js';
import { runAnalyzer } from './run-analyzer.js';

export class EngineDatabase implements Omit<Database, 'pull' | 'upload' | 'sync' | 'syncSession' | 'listRefused' | 'discardRefused' | 'useDatabase'> {
  protected readonly state: DatabaseState;
  /** Which of the databases of the storage this is. */
  readonly database: string;

  /** Use `openDatabase`. */
  constructor(state: DatabaseState, database = DEFAULT_DATABASE) {
    this.state = state;
    this.database = database;
  }

  get name(): string {
    return this.state.name;
  }

  async createCollection<const D extends CollectionDefinition>(definition: D): Promise<TypedCollection<D>> {
    const checked = checkDefinition(definition);
    const { name } = checked;
    return this.state.change(async () => {
      writable(this.state.environment.storage);
      requireDatabase(this.state.content, this.database);
      requireFree(this.state.content, this.database, name);
      if (this.state.entries.length >= LIMITS.collectionsMax) throw new ElanusError('InvalidArgument', `at most ${LIMITS.collectionsMax} collections`, { milvusCode: MILVUS.collectionsTooMany });
      await this.state.list(await createFiles(this.state, this.database, checked));
      return this.collection<D>(name);
    });
  }

  async collection<D extends CollectionDefinition = CollectionDefinition>(name: string): Promise<TypedCollection<D>> {
    // The types of rows are the caller's word.
    return (await this.opened(name)) as Collection as unknown as TypedCollection<D>;
  }

  /** The same as the engine has it. */
  async opened(name: string): Promise<EngineCollection> {
    this.state.requireOpen();
    return this.state.collections.get(this.#meant(name));
  }

  async hasCollection(name: string): Promise<boolean> {
    this.state.requireOpen();
    checkName('collection name', name);
    return collectionMeant(this.state.content, this.database, name) !== undefined;
  }

  async listCollections(): Promise<readonly string[]> {
    this.state.requireOpen();
    return this.state.entries.filter(({ database = DEFAULT_DATABASE }) => database === this.database).map((entry) => entry.name);
  }

  async describeCollection(name: string): Promise<CollectionDescription> {
    const collection = await this.opened(name);
    const { schema, indexes, rows, sealedSegments, indexedSegments, missing } = collection;
    const entry = this.#meant(name);
    const { origin } = entry;
    const aliases = aliasesOf(this.state.content, entry).map((alias) => alias.name);
    const { properties, consistencyLevel, partitionNames } = collection.admin;
    return { name: entry.name, database: this.database, id: entry.id, ...(entry.createdMs === undefined ? {} : { createdMs: entry.createdMs }), aliases, properties, consistencyLevel, numPartitions: partitionNames.length, schema, indexes, rows, sealedSegments, indexedSegments, ...(origin === undefined ? {} : { origin }), ...(missing.length === 0 ? {} : { missing }) };
  }

  async dropCollection(name: string): Promise<void> {
    await this.state.change(async () => {
      writable(this.state.environment.storage);
      await this.state.drop(requireDroppable(this.state.content, this.database, name));
    });
  }

  async renameCollection(name: string, newName: string, newDatabase = this.database): Promise<void> {
    await this.state.change(async () => {
      const entry = requireRenamable(this.state.content, { database: this.database, name }, { database: newDatabase, name: newName });
      await this.state.edit((content) => withRenamed(content, entry, newDatabase, newName), entry);
      this.state.collections.ready(entry.id)?.rename(newName);
    });
  }

  async createAlias(collection: string, alias: string): Promise<void> {
    await this.#edit((content) => withAlias(content, this.database, collection, alias));
  }

  async alterAlias(collection: string, alias: string): Promise<void> {
    await this.#edit((content) => withAliasAltered(content, this.database, collection, alias));
  }

  async dropAlias(alias: string): Promise<void> {
    await this.#edit((content) => withoutAlias(content, this.database, alias));
  }

  async describeAlias(alias: string): Promise<AliasDescription> {
    this.state.requireOpen();
    return describedAlias(this.state.content, this.database, alias);
  }

  async listAliases(collection?: string): Promise<readonly string[]> {
    this.state.requireOpen();
    return aliasNames(this.state.content, this.database, collection);
  }

  async createDatabase(name: string, properties: PropertiesInput = {}): Promise<void> {
    await this.#edit((content) => withDatabase(content, name, properties, this.state.environment.ambient.nowMs()));
  }

  async dropDatabase(name: string): Promise<void> {
    await this.#edit((content) => withoutDatabase(content, name));
  }

  async listDatabases(): Promise<readonly string[]> {
    this.state.requireOpen();
    return databaseNames(this.state.content);
  }

  async describeDatabase(name: string): Promise<DatabaseDescription> {
    this.state.requireOpen();
    return describedDatabase(this.state.content, name);
  }

  async alterDatabase(name: string, properties: PropertiesInput): Promise<void> {
    await this.#edit((content) => withDatabaseProperties(content, name, properties, []));
  }

  async dropDatabaseProperties(name: string, properties: readonly string[]): Promise<void> {
    await this.#edit((content) => withDatabaseProperties(content, name, {}, properties));
  }

  async addField(collection: string, field: Field): Promise<void> {
    await (await this.opened(collection)).admin.addField(field);
  }

  async alterField(collection: string, fieldName: string, change: FieldChange): Promise<void> {
    await (await this.opened(collection)).admin.alterField(fieldName, change);
  }

  runAnalyzer(text: string, analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[]>;
  runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]>;
  async runAnalyzer(text: string | readonly string[], analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[] | readonly (readonly AnalyzerToken[])[]> {
    this.state.requireOpen();
    const several = typeof text !== 'string';
    const tokens = await runAnalyzer(several ? text : [text], analyzer, async (name) => (await this.opened(name)).schema);
    return several ? tokens : (tokens[0] as readonly AnalyzerToken[]);
  }

  async alterCollectionProperties(collection: string, properties: PropertiesInput): Promise<void> {
    await (await this.opened(collection)).admin.alterProperties(properties);
  }

  async dropCollectionProperties(collection: string, properties: readonly string[]): Promise<void> {
    await (await this.opened(collection)).admin.dropProperties(properties);
  }

  async truncateCollection(name: string): Promise<void> {
    await (await this.opened(name)).admin.truncate();
  }

  async createPartition(collection: string, partition: string): Promise<void> {
    await (await this.opened(collection)).admin.createPartition(partition);
  }

  async dropPartition(collection: string, partition: string): Promise<void> {
    await (await this.opened(collection)).admin.dropPartition(partition);
  }

  async hasPartition(collection: string, partition: string): Promise<boolean> {
    checkName('partition name', partition);
    return (await this.opened(collection)).admin.partitionNames.includes(partition);
  }

  async listPartitions(collection: string): Promise<readonly string[]> {
    return (await this.opened(collection)).admin.partitionNames;
  }

  async getPartitionStats(collection: string, partition: string): Promise<PartitionStats> {
    const opened = await this.opened(collection);
    opened.admin.requirePartition(partition);
    return { name: partition, rows: (await opened.rowsByPartition()).get(partition) ?? 0 };
  }

  async loadCollection(name: string): Promise<void> {
    await this.#changeLoad(name, (admin) => admin.load());
  }

  async releaseCollection(name: string): Promise<void> {
    await this.#changeLoad(name, (admin) => admin.release());
  }

  async loadPartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await this.#changeLoad(collection, (admin) => admin.loadPartitions(partitions));
  }

  async releasePartitions(collection: string, partitions: readonly string[]): Promise<void> {
    await this.#changeLoad(collection, (admin) => admin.releasePartitions(partitions));
  }

  async getLoadState(name: string, partition?: string): Promise<LoadState> {
    if (!(await this.hasCollection(name))) return 'LoadStateNotExist';
    return (await this.opened(name)).admin.isReleased(partition) ? 'LoadStateNotLoad' : 'LoadStateLoaded';
  }

  async createIndex(collection: string, index: IndexRequest): Promise<void> {
    await createIndex(await this.opened(collection), index);
  }

  async describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription> {
    return describeIndex(await this.opened(collection), index);
  }

  async listIndexes(collection: string, fieldName?: string): Promise<readonly string[]> {
    return listIndexes(await this.opened(collection), fieldName);
  }

  async dropIndex(collection: string, index: IndexChoice): Promise<void> {
    await dropIndex(await this.opened(collection), index);
  }

  async changeKey(key: EncryptionKey): Promise<void> {
    const { catalogs, environment } = this.state;
    await this.state.change(async () => {
      const { collections, keyring } = await catalogs.keyring.change(this.state.entries, key);
      await catalogs.store(writable(environment.storage), { ...catalogs.content, collections }, { keyring, forget: true });
      catalogs.useKeyring(keyring);
    });
  }

  /** The files that are this database as of now, with all that was acknowledged; they stay until they are released. Errors: those of opening and sealing a collection. */
  async snapshot(): Promise<Snapshot> {
    this.state.requireOpen();
    return takeSnapshot(this.state);
  }

  /** A key that only the master key of this database unwraps, as `provesKey` takes it; undefined if it is not encrypted. */
  async keyProof(): Promise<string | undefined> {
    this.state.requireOpen();
    return this.state.catalogs.keyring.newKey(KEY_PROOF);
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

  async getCollectionStats(name: string): Promise<CollectionStats> {
    const collection = await this.opened(name);
    return collection.stats(this.state.written.of(this.#meant(name).id));
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

  /** What the catalog says of every collection, of all databases. */
  get catalogEntries(): readonly CatalogEntry[] {
    this.state.requireOpen();
    return this.state.entries;
  }

  /** What the catalog says of one, by its name or an alias. Errors: `NotFound`. */
  catalogEntry(name: string): CatalogEntry {
    this.state.requireOpen();
    return this.#meant(name);
  }

  // Where the storage is only read it counts until it is opened again.
  async #changeLoad(name: string, change: (admin: CollectionAdmin) => void): Promise<void> {
    const { admin } = await this.opened(name);
    const { id } = this.#meant(name);
    change(admin);
    if ('create' in this.state.environment.storage) await this.#edit((content) => withReleased(content, id, admin.released));
  }

  /** Errors: `NotFound`. */
  #meant(name: string): CatalogEntry {
    const entry = collectionMeant(this.state.content, this.database, name);
    if (entry !== undefined) return entry;
    requireDatabase(this.state.content, this.database);
    throw notFound(this.database, name);
  }

  #edit(edit: (before: CatalogContent) => CatalogContent): Promise<void> {
    return this.state.change(() => this.state.edit(edit));
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
