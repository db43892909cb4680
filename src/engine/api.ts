// The public API as types: what `open()` gives, in every runtime. In Node and at the edge the engine implements
// it in process; in a browser the page holds the same interface over a worker. Every error is an `ElanusError`.

import type { AckRequest } from '../model/ack.js';
import type { Field } from '../model/field.js';
import type { Hit } from '../model/hit.js';
import type { IndexDefinition, IndexRequest } from '../model/index-definition.js';
import type { Metric } from '../model/metric.js';
import type { Params } from '../model/parameter.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../model/row.js';
import type { Schema } from '../model/schema.js';

/**
 * A new collection: either every field, or the quick form with `dimension`: a primary key `id`, a FloatVector
 * `vector`, and any other key of a row kept as a dynamic field. `indexParams`: as `createIndex` takes them.
 */
export type CollectionDefinition = { readonly indexParams?: readonly IndexRequest[] } & (
  | { readonly name: string; readonly fields: readonly Field[]; readonly enableDynamicField?: boolean; readonly description?: string }
  | { readonly name: string; readonly dimension: number; readonly metric?: Metric; readonly idType?: 'Int64' | 'VarChar'; readonly autoId?: boolean }
);

export interface CollectionDescription {
  readonly name: string;
  readonly schema: Schema;
  /** Every index, in order of the fields. */
  readonly indexes: readonly IndexDefinition[];
  /** Live rows. */
  readonly rows: number;
  /** Immutable segments, less the growing one. */
  readonly sealedSegments: number;
  /** Of these, those with an approximate index. */
  readonly indexedSegments: number;
  /** Where the collection was pulled from; it is then read-only. */
  readonly origin?: string;
  /** Rows that answers lack, as files of them are damaged or missing; absent if none. */
  readonly missing?: readonly MissingRows[];
}

/** An index as it was asked for, and how far it is. */
export interface IndexDescription extends IndexDefinition {
  /** 'InProgress' while segments wait for the index; searches are answered meanwhile, exactly where there is none. */
  readonly state: 'Finished' | 'InProgress';
  /** Live rows. */
  readonly totalRows: number;
  /** Of these, sealed rows that wait for nothing: their segment has its index, or is looked at row by row by choice. */
  readonly indexedRows: number;
  /** Sealed rows whose segment waits for its index. What is still growing is neither. */
  readonly pendingRows: number;
}

/** Which index is meant: by its name, or by that of its field. */
export type IndexChoice = { readonly indexName: string } | { readonly fieldName: string };

export interface Health {
  /** 'memory' | 'fs' | 'opfs' | 'idb' | 'r2' */
  readonly storage: string;
  /** False if closing the process or tab loses everything. */
  readonly durable: boolean;
  /** False if the browser may evict the data under pressure; undefined where there is no such thing. */
  readonly persisted?: boolean;
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
  /** Acknowledged local writes that no server has yet. */
  readonly unsent: number;
  /** 'follower': another tab owns the storage, and this one works through it. */
  readonly role: 'owner' | 'follower';
  readonly core: 'native' | 'wasm';
  readonly kernels: string;
  /** Name of the GPU in use for batches, if any. */
  readonly accelerator?: string;
  readonly coreMemoryBytes: number;
  /** What is wrong, in words, with the file it concerns. Empty when all is well. */
  readonly warnings: readonly string[];
}

export type TaskKind = 'seal' | 'index' | 'compact' | 'load';

/** A step of work in the background. Events of one piece of work have one `id`; the last is none of 'started' and 'progress'. */
export interface TaskEvent {
  readonly id: number;
  readonly collection: string;
  /** 'seal': rows go from the log into a file; 'index': one is built; 'compact': segments are merged; 'load': rows are read into memory. */
  readonly task: TaskKind;
  readonly state: 'started' | 'progress' | 'finished' | 'failed' | 'aborted';
  /** Rows. */
  readonly done: number;
  readonly total: number;
  /** Why it failed. */
  readonly error?: string;
}

/** Bytes written since the database was opened, by purpose. */
export interface WrittenBytes {
  readonly log: number;
  readonly rows: number;
  readonly index: number;
  readonly deletions: number;
  readonly manifests: number;
}

export interface CollectionStats {
  readonly name: string;
  readonly segments: { readonly sealed: number; readonly indexed: number; readonly sealing: number; readonly growing: number };
  /** `deleted`: rows that are stored or in memory and no longer there. */
  readonly rows: { readonly live: number; readonly deleted: number; readonly growing: number };
  /** Bytes of the files that are in use. */
  readonly files: { readonly rows: number; readonly index: number; readonly deletions: number; readonly logs: number };
  /** Bytes, about. */
  readonly memory: { readonly vectors: number; readonly indexes: number; readonly columns: number; readonly keys: number };
  readonly missing: readonly MissingRows[];
  readonly written: WrittenBytes;
  /** Since it was opened. */
  readonly merges: { readonly done: number; readonly rowsDropped: number };
}

export interface DatabaseStats {
  /** Of the collections that are open. */
  readonly collections: readonly CollectionStats[];
  /** What is held against `limitBytes`, absent if there is none. */
  readonly memory: { readonly usedBytes: number; readonly limitBytes?: number; readonly coreBytes: number };
  /** Work under way: the last event of each. */
  readonly tasks: readonly TaskEvent[];
}

export interface CompactOptions {
  readonly signal?: AbortSignal;
  /** Rows written so far, of those that are to be. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface CompactResult {
  readonly segmentsBefore: number;
  readonly segmentsAfter: number;
  /** Deleted rows of which nothing is left but in older manifests. */
  readonly rowsDropped: number;
}

export interface PullOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PullProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface PullResult {
  /** Version of the server's manifest that is now served locally. */
  readonly version: number;
  readonly rows: number;
  readonly filesFetched: number;
  readonly bytesFetched: number;
}

export interface WriteOptions {
  /**
   * What the write waits for. 'flushed': it is durable, and all before it. 'memory': it is visible; it is durable with the
   * next flushed write, `flush()` or `close()`, else a moment later, and a crash until then loses it and all after it.
   * Default: that of the database, else 'flushed'. Errors: `Unsupported` for 'remote'.
   */
  readonly ack?: AckRequest;
}

export interface MutationResult {
  /** Primary keys in the order of the rows given. */
  readonly ids: readonly PrimaryKey[];
  readonly count: number;
}

export interface DeleteResult {
  /** Rows that were there and are gone. */
  readonly count: number;
}

export interface SearchOptions {
  /** Hits per query, 1..16,384; default 10. offset + limit is at most 16,384. */
  readonly limit?: number;
  readonly offset?: number;
  /** Only rows for which this holds, e.g. `year >= 2020 and genre in ["jazz", "soul"]`. */
  readonly filter?: string;
  /** Share of the true nearest rows to find, on average: 0.5..1; 1 is exact, and slower. Default 0.95. */
  readonly recall?: number;
  /** Rows kept on the way through a graph, 1..32,768: the effort by hand instead of by `recall`, where segments have a graph. */
  readonly ef?: number;
  /**
   * Search parameters by Milvus' names, as numbers or text: nprobe, ef, search_list, reorder_k, refine_k, level,
   * drop_ratio_search, radius, range_filter and others. Those of other types of index are checked and change nothing.
   */
  readonly params?: Params;
  /** Only rows nearer than this. L2: distance < radius. IP, COSINE: score > radius. */
  readonly radius?: number;
  /** Only rows not nearer than this. L2: distance >= rangeFilter. IP, COSINE: score <= rangeFilter. */
  readonly rangeFilter?: number;
  /** Fields to return with each hit; ["*"] for all of them. Default: none. */
  readonly outputFields?: readonly string[];
}

export interface SearchResult<Hits> {
  /** Of one query: its hits. Of several: the hits of each. */
  readonly hits: Hits;
  /**
   * The share of the true nearest rows to expect on average, as calibrated without a filter when the segments were
   * indexed; 1 if exact. Not measured for this search.
   */
  readonly recall: number;
  /** What the answer lacks, as a file of it is damaged or missing; absent if nothing. */
  readonly missing?: readonly MissingRows[];
}

export interface MissingRows {
  /** The damaged or missing file. */
  readonly file: string;
  /** 'evicted': of a copy, removed to make room; the next pull fetches it. */
  readonly reason: 'damaged' | 'missing' | 'evicted';
  /** Live rows, as far as that is known. */
  readonly rows: number;
}

export interface QueryOptions {
  readonly filter?: string;
  /** Rows at most, 1..16,384. Default: 16,384. Rows come in order of their primary key. */
  readonly limit?: number;
  readonly offset?: number;
  /** Default ["*"]. The primary key is always returned. */
  readonly outputFields?: readonly string[];
}

export interface KeysOptions {
  readonly filter?: string;
  /** 'key': ascending, texts by code point; 'stored': as the segments hold them, which is cheaper. Default 'key'. */
  readonly order?: 'key' | 'stored';
}

/** Primary keys in one array: Int64 packed, or VarChar. */
export type KeyList = BigInt64Array | readonly string[];

export interface Collection {
  readonly name: string;
  readonly schema: Schema;
  /** Adds rows, durable when it resolves unless `ack` says otherwise. A row whose primary key is there already is replaced. All or nothing. */
  insert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult>;
  /** As `insert`; the primary key must be given, also where it is generated. */
  upsert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult>;
  delete(which: { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: string }, options?: WriteOptions): Promise<DeleteResult>;
  /** The rows of these keys, in the order of `ids`; absent ones are left out. */
  get(request: { readonly ids: readonly (PrimaryKey | number)[]; readonly outputFields?: readonly string[] }): Promise<readonly Row[]>;
  query(options?: QueryOptions): Promise<readonly Row[]>;
  /**
   * Primary keys of all rows that match, as of now: 8 bytes a row, or its text. With pages of `get` it walks through a
   * collection of any size, in time linear in its rows. Errors: `Corrupt` if rows are missing, as a file is damaged.
   */
  keys(options?: KeysOptions): Promise<KeyList>;
  search(request: SearchOptions & { readonly data: Vector }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  /** Live rows, or those for which `filter` holds. */
  count(filter?: string): Promise<number>;
  /**
   * Gives up the rows that answers lack for good, as files of them are damaged or missing; then `keys` and deletions by
   * filter work again. Copies are pulled anew instead. Errors: `ReadOnly`.
   */
  discardMissing(): Promise<DeleteResult>;
  /** Seals what is growing into an immutable segment and drops the log that held it. */
  flush(): Promise<void>;
  /**
   * Merges adjacent sealed segments as far as their size allows, and drops the rows of all that are deleted; what is sealed
   * meanwhile is left as it is. Searches and writes go on. It happens by itself where it is worth it: this is for the rest.
   * Errors: `Closed` if aborted, `OutOfMemory`, those of the storage; merges that are done stay.
   */
  compact(options?: CompactOptions): Promise<CompactResult>;
}

export interface Database {
  readonly name: string;
  createCollection(definition: CollectionDefinition): Promise<Collection>;
  /** Errors: `NotFound`. */
  collection(name: string): Promise<Collection>;
  hasCollection(name: string): Promise<boolean>;
  listCollections(): Promise<readonly string[]>;
  describeCollection(name: string): Promise<CollectionDescription>;
  /** Errors: `NotFound`. */
  dropCollection(name: string): Promise<void>;
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
  /** Copies a collection from a server: fetches only missing files, verifies each, then switches to them at once. */
  pull(url: string, collection: string, options?: PullOptions): Promise<PullResult>;
  health(): Promise<Health>;
  /** What there is and what it takes, from what is known already: cheap. */
  stats(): Promise<DatabaseStats>;
  /** `listener` is told of work in the background, until what is returned is called. What it throws becomes a warning. */
  subscribe(listener: (event: TaskEvent) => void): () => void;
  /** Frees memory, handles and workers. Nothing durable is lost by not calling it. */
  close(): Promise<void>;
}
