// Database: its verbs, in every runtime. Every error is an `ElanusError`.

import type { EncryptionKey } from '../../ports/cipher.js';
import type { Field } from '../../model/field.js';
import type { IndexRequest } from '../../model/index-definition.js';
import type { AnalyzerChoice, AnalyzerToken } from './analyzer.js';
import type { CollectionDefinition, CollectionDescription, FieldChange, IndexChoice, IndexDescription } from './definition.js';
import type { AliasDescription, DatabaseDescription, PropertiesInput } from './naming.js';
import type { CollectionStats, DatabaseStats, Health, TaskEvent } from './health.js';
import type { LoadState, PartitionStats } from './partition.js';
import type { PullOptions, PullResult } from './pull.js';
import type { SessionOptions, SyncSession } from './session.js';
import type { RefusedWrites, SyncOptions, SyncResult } from './sync.js';
import type { TypedCollection } from './typed.js';
import type { UploadOptions, UploadResult } from './upload.js';

export interface Database {
  readonly name: string;
  /** Which of the databases of the storage this is. */
  readonly database: string;
  /** Rows, filters and hits are typed by the definition, as far as its fields are known to the compiler. Errors: `AlreadyExists`, `InvalidArgument`. */
  createCollection<const D extends CollectionDefinition>(definition: D): Promise<TypedCollection<D>>;
  /** Typed by what is said of it: `collection<typeof books>('books')`, with `books` of `defineCollection`. Errors: `NotFound`. */
  collection<D extends CollectionDefinition = CollectionDefinition>(name: string): Promise<TypedCollection<D>>;
  hasCollection(name: string): Promise<boolean>;
  listCollections(): Promise<readonly string[]>;
  describeCollection(name: string): Promise<CollectionDescription>;
  /** Errors: `NotFound`; `InvalidArgument` if aliases stand for it: drop them first. */
  dropCollection(name: string): Promise<void>;
  /** Errors: `NotFound`, `AlreadyExists`, `InvalidArgument`; `ReadOnly` for a copy. */
  renameCollection(name: string, newName: string, newDatabase?: string): Promise<void>;
  /** Another name for a collection, that every verb takes but those that drop, rename and make aliases. Errors: `NotFound`, `AlreadyExists`. */
  createAlias(collection: string, alias: string): Promise<void>;
  /** The alias stands for another collection from now on, at once for everybody. Errors: `NotFound`. */
  alterAlias(collection: string, alias: string): Promise<void>;
  /** One that is not there is no error. */
  dropAlias(alias: string): Promise<void>;
  /** Errors: `NotFound`. */
  describeAlias(alias: string): Promise<AliasDescription>;
  /** Of the database, or of one collection. */
  listAliases(collection?: string): Promise<readonly string[]>;
  /** A namespace for collections and aliases, in the same storage. Errors: `AlreadyExists`, `InvalidArgument`. */
  createDatabase(name: string, properties?: PropertiesInput): Promise<void>;
  /** Errors: `NotFound`; `InvalidArgument` if it has collections, and for the default one. */
  dropDatabase(name: string): Promise<void>;
  listDatabases(): Promise<readonly string[]>;
  /** Errors: `NotFound`. */
  describeDatabase(name: string): Promise<DatabaseDescription>;
  /** Sets properties; those that are not given stay. Errors: `NotFound`. */
  alterDatabase(name: string, properties: PropertiesInput): Promise<void>;
  dropDatabaseProperties(name: string, properties: readonly string[]): Promise<void>;
  /** The verbs of a database of this storage; closing one closes all. What `open` gives is `default`. Errors: `NotFound`. */
  useDatabase(name: string): Promise<Database>;
  /**
   * Adds a field, nullable or with a default value: that is what rows that are there have of it, also where a dynamic key had
   * its name, which filters then find as `$meta["name"]`. No vector, no key; nothing drops a field. It is there for every call
   * that begins when this has resolved. Errors: `InvalidArgument`, `AlreadyExists`.
   */
  addField(collection: string, field: Field): Promise<void>;
  /** Changes properties of a field. Errors: `InvalidArgument` if less is allowed than was. */
  alterField(collection: string, fieldName: string, change: FieldChange): Promise<void>;
  /** Sets properties; those that are not given stay. Errors: `InvalidArgument`. */
  alterCollectionProperties(collection: string, properties: PropertiesInput): Promise<void>;
  dropCollectionProperties(collection: string, properties: readonly string[]): Promise<void>;
  /** Removes every row at once, durably; what else the collection is stays. */
  truncateCollection(name: string): Promise<void>;
  /** One that is there is no error. Errors: `InvalidArgument`, also where there is a partition key. */
  createPartition(collection: string, partition: string): Promise<void>;
  /** Deletes its rows, then the partition. One that is not there is no error. Errors: `InvalidArgument` for `_default`, and where there is a partition key. */
  dropPartition(collection: string, partition: string): Promise<void>;
  hasPartition(collection: string, partition: string): Promise<boolean>;
  /** In order of their making, `_default` first. */
  listPartitions(collection: string): Promise<readonly string[]>;
  /** Errors: `NotFound`. */
  getPartitionStats(collection: string, partition: string): Promise<PartitionStats>;
  /** Unlike in Milvus a collection is loaded until it is released, unless it was created otherwise. Which it is, is kept. */
  loadCollection(name: string): Promise<void>;
  /** Frees what it holds in memory and can read again; until it is loaded reads fail (`milvusCode` 101), writes do not. That is kept, but not for who only reads the storage. */
  releaseCollection(name: string): Promise<void>;
  /** Of a collection that is released these partitions alone are loaded. Errors: `NotFound`; `InvalidArgument`, also where there is a partition key. */
  loadPartitions(collection: string, partitions: readonly string[]): Promise<void>;
  /**
   * Until they are loaded, reads that name one of these fail (`milvusCode` 201), and others do without their rows; writes and
   * deletions do not. Frees memory only where a segment has no other rows. Errors: as of `loadPartitions`.
   */
  releasePartitions(collection: string, partitions: readonly string[]): Promise<void>;
  /** Of a collection, or of one partition. Errors: `NotFound` of a partition. */
  getLoadState(name: string, partition?: string): Promise<LoadState>;
  /**
   * Defines the index of a field, by Milvus' names and parameters; segments are indexed anew in the background where
   * theirs is of another kind. Asking again for the same changes nothing. Errors: `AlreadyExists` if the field has another
   * that was asked for: drop it first.
   */
  createIndex(collection: string, index: IndexRequest): Promise<void>;
  /** Errors: `NotFound`. A vector for which no index was asked has an AUTOINDEX named as the field. */
  describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription>;
  /** Names, in order of the fields; or of one field. */
  listIndexes(collection: string, fieldName?: string): Promise<readonly string[]>;
  /** A vector has an AUTOINDEX again; one that is not there is no error. */
  dropIndex(collection: string, index: IndexChoice): Promise<void>;
  /** The tokens of a text, or of each of several. Errors: `InvalidArgument`, `NotFound`. */
  runAnalyzer(text: string, analyzer: AnalyzerChoice): Promise<readonly AnalyzerToken[]>;
  runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]>;
  /** Copies a collection from a server: fetches only missing files, verifies each, then switches to them at once. */
  pull(url: string, collection: string, options?: PullOptions): Promise<PullResult>;
  /**
   * Brings copies of a server's collections and the server together: own writes, where the server takes them (property
   * `sync.push`), go to it; what it has comes, only what is missing, and is switched to at once. To be called again: when the network is
   * back, when there are new writes, now and then. What was done stays if it fails. Errors: as of `pull`; `ReadOnly` if the server knows the copy as somebody else's.
   */
  sync(options: SyncOptions): Promise<SyncResult>;
  /**
   * Does what `sync` does, and goes on doing it: own writes go soon after they are made, what changes on the server comes when it
   * tells so, and what fails by the network is tried again. Errors: `InvalidArgument`, `Unsupported`; all others are in its status.
   */
  syncSession(options: SessionOptions): Promise<SyncSession>;
  /** The own writes of a copy that the server did not take, oldest first: they are not shown by reads, and kept until they are discarded. */
  listRefused(collection: string): Promise<readonly RefusedWrites[]>;
  discardRefused(collection: string, ids: readonly string[]): Promise<void>;
  /**
   * Sends all rows of a collection to one of a server that takes pushes, as whole segments, where they then replace those of their keys, as if they were written
   * when the server takes them; no row is inserted again. What was sent before, also by an upload that was cut off, is not sent again. Errors: `NotFound`; `Unsupported` of a copy, and of
   * what is encrypted here or there; `InvalidArgument` for rows that the server's schema does not take; `Network`, `Closed` if aborted: then what was taken stays.
   */
  upload(collection: string, url: string, options?: UploadOptions): Promise<UploadResult>;
  /**
   * Where the database is only read, over HTTP or at the edge: sees what its writer has published or written since it was
   * opened or this was last asked. Searches under way end on what they began with. False if nothing changed, as where
   * this database is the writer. Errors: `Corrupt`, `Network`; then all is as before.
   */
  refresh(): Promise<boolean>;
  health(): Promise<Health>;
  /** What there is and what it takes, from what is known already: cheap. */
  stats(): Promise<DatabaseStats>;
  /** Of one collection, which is opened for it. Errors: `NotFound`. */
  getCollectionStats(name: string): Promise<CollectionStats>;
  /** `listener` is told of work in the background, until what is returned is called. What it throws becomes a warning. */
  subscribe(listener: (event: TaskEvent) => void): () => void;
  /**
   * From now on the database opens with `key` alone, in every tab. Data keys are wrapped anew, nothing else is written. If it
   * fails, the key is the one before, or, where even that could not be stored, either. In a page other tabs go on while a tab
   * that has the new key owns the database, but cannot take over until they are opened with it. Errors: `InvalidArgument`;
   * `WrongKey` if the database is not encrypted.
   */
  changeKey(key: EncryptionKey): Promise<void>;
  /** Frees memory, handles and workers; what waits for a server ends with `Closed`. Nothing durable is lost by not calling it. */
  close(): Promise<void>;
}
