// Wire: what a page, its worker and the worker of the tab that owns the database say to each other. Everything is plain
// data, for a BroadcastChannel carries no ports.

import type { AliasDescription, CollectionDefinition, CollectionDescription, CollectionStats, CompactResult, CountOptions, DatabaseDescription, DatabaseStats, DeleteResult, ExplainOptions, FieldChange, GetRequest, Health, HybridOptions, IndexChoice, IndexDescription, KeyList, KeysOptions, LoadState, MutationResult, PartitionStats, PropertiesInput, PullOptions, PullResult, RefusedWrites, SessionOptions, SessionStatus, SyncOptions, SyncResult, QueryExplain, QueryOptions, SearchIds, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchQueries, SearchResult, UploadOptions, UploadResult, UpsertOptions, WriteOptions } from '../engine/api.js';
import type { AckRequest } from '../model/ack.js';
import type { AnalyzerChoice, AnalyzerToken } from '../engine/api/analyzer.js';
import type { Field } from '../model/field.js';
import type { ColumnsInput } from '../model/column-input.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { PrimaryKey, Row, RowInput } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import type { HttpOptions } from '../storage/http.js';
import type { EncryptionOptions } from './encryption.js';
import type { ErrorOnWire } from './wire-error.js';

/** Where a page's database is kept, best first. */
export type BrowserStorage = 'opfs' | 'idb' | 'memory';

/** A folder that `elanus publish` has indexed, on any server that lets the page read it; read only. */
export interface HttpPlace extends HttpOptions {
  readonly kind: 'http';
}

export interface HostOptions {
  readonly storage: BrowserStorage | HttpPlace | undefined;
  readonly gpu: boolean;
  readonly maxMemoryMB?: number | undefined;
  readonly ack?: AckRequest | undefined;
  readonly encryption?: EncryptionOptions | undefined;
}

export interface CollectionHandle {
  readonly name: string;
  readonly schema: Schema;
}

/** What an owner is told of a session. It is changed by who asks, so that the next owner is told what then holds. */
export type WiredSession = Omit<SessionOptions, 'signal' | 'onStatus' | 'token' | 'paused'> & { token?: string; paused?: boolean };

export type SessionCommand = { readonly verb: 'pause' | 'now' } | { readonly verb: 'resume'; readonly token?: string };

/** Progress of a session. */
export interface SessionNews {
  readonly status: SessionStatus;
  /** The newest that it was given, in whatever tab. */
  readonly token: string | undefined;
}

export type Keys = readonly (PrimaryKey | number)[];
export type SearchRequest = SearchOptions & (SearchQueries | SearchIds);

/** What a page may ask of a database, wherever it is open. A collection is told by its place. */
export interface Verbs {
  createCollection(database: string, definition: CollectionDefinition): Promise<CollectionHandle>;
  collection(name: string): Promise<CollectionHandle>;
  hasCollection(name: string): Promise<boolean>;
  listCollections(database: string): Promise<readonly string[]>;
  describeCollection(name: string): Promise<CollectionDescription>;
  dropCollection(name: string): Promise<void>;
  renameCollection(name: string, newName: string, newDatabase: string): Promise<void>;
  createAlias(collection: string, alias: string): Promise<void>;
  alterAlias(collection: string, alias: string): Promise<void>;
  dropAlias(alias: string): Promise<void>;
  describeAlias(alias: string): Promise<AliasDescription>;
  listAliases(database: string, collection: string | undefined): Promise<readonly string[]>;
  createDatabase(name: string, properties: PropertiesInput | undefined): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  listDatabases(): Promise<readonly string[]>;
  describeDatabase(name: string): Promise<DatabaseDescription>;
  alterDatabase(name: string, properties: PropertiesInput): Promise<void>;
  dropDatabaseProperties(name: string, properties: readonly string[]): Promise<void>;
  addField(collection: string, field: Field): Promise<void>;
  alterField(collection: string, fieldName: string, change: FieldChange): Promise<void>;
  alterCollectionProperties(collection: string, properties: PropertiesInput): Promise<void>;
  dropCollectionProperties(collection: string, properties: readonly string[]): Promise<void>;
  truncateCollection(name: string): Promise<void>;
  createPartition(collection: string, partition: string): Promise<void>;
  dropPartition(collection: string, partition: string): Promise<void>;
  hasPartition(collection: string, partition: string): Promise<boolean>;
  listPartitions(collection: string): Promise<readonly string[]>;
  getPartitionStats(collection: string, partition: string): Promise<PartitionStats>;
  loadCollection(name: string): Promise<void>;
  releaseCollection(name: string): Promise<void>;
  loadPartitions(collection: string, partitions: readonly string[]): Promise<void>;
  releasePartitions(collection: string, partitions: readonly string[]): Promise<void>;
  getLoadState(name: string, partition: string | undefined): Promise<LoadState>;
  createIndex(collection: string, index: IndexRequest): Promise<void>;
  describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription>;
  listIndexes(collection: string, fieldName: string | undefined): Promise<readonly string[]>;
  dropIndex(collection: string, index: IndexChoice): Promise<void>;
  runAnalyzer(texts: readonly string[], analyzer: AnalyzerChoice): Promise<readonly (readonly AnalyzerToken[])[]>;
  health(): Promise<Health>;
  refresh(): Promise<boolean>;
  /** What a tab looks at to know that it has the owner's key. */
  keyProof(): Promise<string | undefined>;
  changeKey(key: CryptoKey): Promise<void>;
  stats(): Promise<DatabaseStats>;
  getCollectionStats(name: string): Promise<CollectionStats>;
  /** Progress is the events of tasks; it ends when it is aborted. */
  subscribe(): Promise<never>;
  pull(collection: string, url: string, options: Omit<PullOptions, 'signal' | 'onProgress'>): Promise<PullResult>;
  upload(collection: string, url: string, options: Omit<UploadOptions, 'signal' | 'onProgress'>): Promise<UploadResult>;
  sync(database: string, options: Omit<SyncOptions, 'signal' | 'onProgress'>): Promise<SyncResult>;
  /** Progress is its news; it lasts until it is aborted. */
  syncSession(database: string, session: WiredSession): Promise<never>;
  commandSession(database: string, session: WiredSession, command: SessionCommand): Promise<SyncResult | undefined>;
  listRefused(collection: string): Promise<readonly RefusedWrites[]>;
  discardRefused(collection: string, ids: readonly string[]): Promise<void>;
  insert(collection: string, rows: readonly RowInput[] | ColumnsInput, options: WriteOptions | undefined): Promise<MutationResult>;
  upsert(collection: string, rows: readonly RowInput[] | ColumnsInput, options: UpsertOptions | undefined): Promise<MutationResult>;
  delete(collection: string, which: { readonly ids: Keys } | { readonly filter: FilterInput; readonly filterParams?: FilterParams; readonly partitionNames?: readonly string[] }, options: WriteOptions | undefined): Promise<DeleteResult>;
  discardMissing(collection: string): Promise<DeleteResult>;
  get(collection: string, request: GetRequest): Promise<readonly Row[]>;
  query(collection: string, options: QueryOptions): Promise<readonly Row[]>;
  keys(collection: string, options: KeysOptions): Promise<KeyList>;
  search(collection: string, request: SearchRequest): Promise<SearchResult<unknown>>;
  explain(collection: string, options: ExplainOptions): Promise<QueryExplain>;
  searchPage(collection: string, request: SearchIteratorRequest, place: SearchPlace | undefined): Promise<SearchPage>;
  closePage(collection: string, place: SearchPlace): Promise<void>;
  hybridSearch(collection: string, request: HybridOptions): Promise<SearchResult<unknown>>;
  count(collection: string, filter: FilterInput | undefined, filterParams: FilterParams | undefined, options: CountOptions | undefined): Promise<number>;
  flush(collection: string): Promise<void>;
  compact(collection: string): Promise<CompactResult>;
}

/** What a page asks of its own worker besides. */
export interface WorkerVerbs {
  /** Opens the database for this page alone. Gives the kind of its storage. */
  open(name: string, options: HostOptions): Promise<string>;
  /** Waits until no other tab owns the database, then opens it for all of them. Undefined if it was withdrawn by `leave`. */
  own(name: string, tab: string, options: HostOptions): Promise<Ownership | undefined>;
  /** The database is kept in `storage` by whoever owns it now: when this worker does, it is there that it looks. */
  adopt(storage: BrowserStorage): Promise<void>;
  /** The database is encrypted by another key from now on. */
  useKey(encryption: EncryptionOptions): Promise<void>;
  /** Gives the ownership, or the place in the queue for it, to others. Calls under way are answered first. */
  leave(): Promise<void>;
  /** The page is hidden, frozen or left: gives up what would stand in the way of others. */
  suspend(): Promise<void>;
  close(): Promise<void>;
}

export interface Ownership {
  /** Names this time of owning. */
  readonly owner: string;
  readonly storage: string;
  /** False where nothing is kept, so that there is nothing to share. */
  readonly shared: boolean;
}

export type Verb = keyof Verbs;
export type AnyVerb = Verb | keyof WorkerVerbs;

/** How a call goes on when the tab that had the database ended before it answered. */
export type Repeat =
  | 'read' // asked again: it changes nothing, or asking twice is as asking once
  | 'write'; // asked again, once, if the next owner's Desk finds that this comes to the same; else it fails with `Interrupted`

export const REPEATS: Readonly<Record<Verb, Repeat>> = {
  createCollection: 'write',
  collection: 'read',
  hasCollection: 'read',
  listCollections: 'read',
  describeCollection: 'read',
  dropCollection: 'write',
  renameCollection: 'write',
  createAlias: 'write',
  alterAlias: 'write',
  dropAlias: 'write',
  describeAlias: 'read',
  listAliases: 'read',
  createDatabase: 'write',
  dropDatabase: 'write',
  listDatabases: 'read',
  describeDatabase: 'read',
  alterDatabase: 'write',
  dropDatabaseProperties: 'write',
  addField: 'write',
  alterField: 'write',
  alterCollectionProperties: 'write',
  dropCollectionProperties: 'write',
  truncateCollection: 'write',
  createPartition: 'write',
  dropPartition: 'write',
  hasPartition: 'read',
  listPartitions: 'read',
  getPartitionStats: 'read',
  loadCollection: 'write',
  releaseCollection: 'write',
  loadPartitions: 'write',
  releasePartitions: 'write',
  getLoadState: 'read',
  createIndex: 'write',
  describeIndex: 'read',
  listIndexes: 'read',
  dropIndex: 'write',
  runAnalyzer: 'read',
  health: 'read',
  refresh: 'read',
  keyProof: 'read',
  // Twice is as once.
  changeKey: 'read',
  stats: 'read',
  getCollectionStats: 'read',
  subscribe: 'read',
  pull: 'write',
  // What was sent is not sent again.
  upload: 'read',
  // Twice is as once.
  sync: 'read',
  syncSession: 'read',
  commandSession: 'read',
  listRefused: 'read',
  discardRefused: 'read',
  insert: 'write',
  upsert: 'write',
  delete: 'write',
  discardMissing: 'write',
  get: 'read',
  query: 'read',
  keys: 'read',
  search: 'read',
  hybridSearch: 'read',
  explain: 'read',
  searchPage: 'read',
  closePage: 'read',
  count: 'read',
  flush: 'read',
  compact: 'read',
};

/** Calls that end by being aborted, without a trace: a page that closes does not wait for them. */
export const ABORTED_BY_CLOSE: ReadonlySet<string> = new Set<Verb>(['pull', 'upload', 'sync', 'syncSession', 'commandSession', 'subscribe', 'compact']);

export interface CallControl {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: unknown) => void) | undefined;
}

/** A verb with its arguments; the control comes last. */
export type Host = { readonly [V in Verb]: (...args: [...Parameters<Verbs[V]>, CallControl]) => ReturnType<Verbs[V]> };

export interface Call {
  readonly kind: 'call';
  /** Which owner is meant; '' for the worker itself, or a database that is not shared. */
  readonly to: string;
  readonly id: number;
  readonly verb: AnyVerb;
  readonly args: readonly unknown[];
  /** An owner before may have carried it out. */
  readonly again: boolean;
  /** Whether progress is wanted. */
  readonly progress: boolean;
}

/** From a page. */
export type Request =
  | Call
  | { readonly kind: 'abort'; readonly id: number }
  /** The page has sent this owner all that owners before had not answered. */
  | { readonly kind: 'joined'; readonly to: string };

/** To a page. */
export type Reply =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorOnWire }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: unknown }
  /** The owner that was meant, `from`, is leaving or has left, and has not touched this call. */
  | { readonly kind: 'gone'; readonly id: number; readonly from: string };

/** The last word of an owner that leaves, to each other tab: what it has not answered it has not begun. */
export interface Farewell {
  readonly kind: 'left';
  readonly from: string;
}

/** Of messages between tabs. Tabs of different builds may be open at once. */
export const PROTOCOL = 1;

/** To every tab that has the database open. */
export type News =
  | { readonly kind: 'hello'; readonly protocol: number; readonly tab: string }
  /** That tab owns the database; `storage` is undefined until it serves it. */
  | { readonly kind: 'owner'; readonly protocol: number; readonly tab: string; readonly owner: string; readonly storage: string | undefined };

export const lockNames = {
  owner: (name: string): string => `elanus:${name}:owner`,
  /** Held by each tab for as long as it lives. */
  tabs: (name: string): string => `elanus:${name}:tab:`,
};

export const channelNames = {
  news: (name: string): string => `elanus:${name}`,
  /** Between one tab and the owner. */
  tab: (name: string, tab: string): string => `elanus:${name}:${tab}`,
};
