// EngineCollection: the verbs of one collection over its Table, Writer and files. A call is checked before anything
// is changed; a write is acknowledged when it is durable and visible; a read sees every write acknowledged before it.

import { encodeBatch } from '../format/batch.js';
import { fileKey, indexName } from '../format/keys.js';
import type { FileEntry, Manifest } from '../format/manifest.js';
import { checkAck, type Ack } from '../model/ack.js';
import { ElanusError, require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { planIndex, type IndexDefinition } from '../model/index-definition.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../model/row.js';
import { primaryField, vectorField, type Schema } from '../model/schema.js';
import type { ByteRange } from '../ports/storage.js';
import type { Collection, DeleteResult, IndexDescription, KeyList, KeysOptions, MutationResult, QueryOptions, SearchOptions, SearchResult, WriteOptions } from './api.js';
import { AutoIds } from './auto-id.js';
import { filesOf, type CollectionFiles, type CurrentManifest } from './collection-files.js';
import { writable, type Environment } from './environment.js';
import { allIndexes, type Definitions } from './indexes.js';
import { IndexKeeper } from './index-keeper.js';
import type { BuiltIndex, IndexWish } from './indexer.js';
import { applyBatch, openLog, replayLogs } from './log-replay.js';
import { checkKeys, countRows, getRows, listKeys, matchingKeys, queryRows } from './lookup.js';
import { keyOf } from './output.js';
import { loadTable } from './recovery.js';
import { recoveryNotice, recoveryWarnings, type Recovery } from './recovery-report.js';
import { RowCoder } from './row-coder.js';
import { rowsToBatch, type NextId } from './row-batch.js';
import { sealTable } from './seal.js';
import { runSearch, type Engines } from './search.js';
import { planSearch } from './search-plan.js';
import type { Table } from './table.js';
import { WriteLog } from './write-log.js';
import { Writer } from './writer.js';

/** A growing segment is sealed by itself at this many rows, the largest row group of a file, or bytes of vectors. */
const SEAL_ROWS = 65_536;
const SEAL_BYTES = 64 * 1024 * 1024;

/** Of the first batch of a collection. */
export const FIRST_LSN = 1n;

/** What a database gives each of its collections. */
export interface CollectionContext {
  readonly environment: Environment;
  readonly engines: Engines;
  /** Adds to the warnings of `health()`. */
  readonly warn: (message: string) => void;
}

export class EngineCollection implements Collection {
  readonly name: string;
  readonly schema: Schema;
  /** What opening it found in its logs. */
  readonly recovery: Recovery;
  readonly #context: CollectionContext;
  readonly #files: CollectionFiles;
  readonly #autoIds: AutoIds | undefined;
  #current: CurrentManifest;
  #previous: Manifest | undefined;
  #definition: IndexDefinition;
  #table: Table;
  #writer: Writer | undefined;
  /** Logs with batches that are not sealed; the last is written to. */
  #logs: readonly string[] = [];
  #sealing: Promise<void> | undefined;
  readonly #indexes: IndexKeeper;
  readonly #coder: RowCoder;
  #closed = false;

  private constructor(context: CollectionContext, files: CollectionFiles, current: CurrentManifest, table: Table, recovery: Recovery) {
    this.recovery = recovery;
    this.name = current.manifest.name;
    this.schema = current.manifest.schema;
    this.#context = context;
    this.#files = files;
    this.#current = current;
    this.#definition = definitionOf(current.manifest);
    this.#table = table;
    const { environment, warn } = context;
    this.#autoIds = primaryField(this.schema).autoId === true ? new AutoIds(environment.ambient) : undefined;
    const open = (): Table | undefined => (this.#closed ? undefined : this.#table);
    const reason = (message: string): void => warn(`${this.name}: ${message}`);
    const keep = (id: number, built: BuiltIndex): Promise<void> => this.#writing().exclusive(() => this.#keepIndex(id, built));
    this.#indexes = new IndexKeeper(environment, { table: open, wish: () => this.#wish(), keep, warn: reason });
    this.#coder = new RowCoder(environment.core, environment.ambient, open, reason);
  }

  /** Opens what `files` hold. `writing` opens the log too and removes what no manifest names. Errors: `Corrupt`, `Unsupported`. */
  static async open(context: CollectionContext, files: CollectionFiles, current: CurrentManifest, writing: boolean): Promise<EngineCollection> {
    const { environment } = context;
    const { manifest } = current;
    for (const key of current.damaged) context.warn(`${key}: damaged; the manifest before it and the log hold everything`);
    const table = await loadTable(environment, files, manifest, context.warn);
    try {
      const replayed = await replayLogs(environment.storage, files, table, manifest.nextLsn);
      const { report } = replayed;
      recoveryWarnings(report).forEach(context.warn);
      const notice = recoveryNotice(report);
      if (notice !== undefined) environment.ambient.log('info', notice);
      const collection = new EngineCollection(context, files, current, table, report);
      collection.#noteKeys();
      if (writing) {
        if (replayed.last === undefined && manifest.nextLsn > FIRST_LSN) context.warn(`${files.logKey(manifest.nextLsn)}: missing, and what was written after the last seal with it`);
        const log = await openLog(environment, files, replayed);
        collection.#writer = new Writer(log, { ambient: environment.ambient, warn: context.warn });
        collection.#logs = [...replayed.applied.map(({ key }) => key).filter((key) => key !== log.key), log.key];
        await collection.#sweep(manifest);
        collection.#indexes.soon();
      }
      return collection;
    } catch (error) {
      table.close();
      throw error;
    }
  }

  get rows(): number {
    return this.#open().liveRows;
  }

  get sealedSegments(): number {
    return this.#open().sealed.length;
  }

  get indexedSegments(): number {
    return this.#open().sealed.filter(({ segment }) => segment.approximate !== undefined).length;
  }

  /** Every index, in order of the fields. */
  get indexes(): Definitions {
    return allIndexes(this.schema, this.#current.manifest.indexes ?? []);
  }

  /** The index of the vectors: what segments are indexed and searched by. */
  get indexDefinition(): IndexDefinition {
    return this.#definition;
  }

  /** The manifest whose files hold everything but the log. */
  get manifest(): CurrentManifest {
    return this.#current;
  }

  async insert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const autoIds = this.#autoIds;
    if (autoIds === undefined) return this.#write(rows, options, undefined);
    const text = primaryField(this.schema).type === 'VarChar';
    return this.#write(rows, options, () => (text ? String(autoIds.next()) : autoIds.next()));
  }

  async upsert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const result = await this.#write(rows, options, undefined);
    for (const id of result.ids) this.#autoIds?.seen(id);
    return result;
  }

  async #write(rows: readonly RowInput[], options: WriteOptions | undefined, nextId: NextId | undefined): Promise<MutationResult> {
    const writer = this.#writing();
    const ack = this.#ackOf(options);
    const { columns, ids } = rowsToBatch(rows, this.schema, nextId);
    if (columns.rows === 0) return { ids, count: 0 };
    const batch = { kind: 'write', columns } as const;
    await writer.commit(this.#encode(batch), ack, () => applyBatch(this.#table, batch));
    this.#sealWhenFull();
    return { ids, count: ids.length };
  }

  async delete(which: { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: string }, options?: WriteOptions): Promise<DeleteResult> {
    const writer = this.#writing();
    const ack = this.#ackOf(options);
    require(typeof which === 'object' && which !== null && 'ids' in which !== 'filter' in which, () => 'delete: expected either ids or filter');
    const keys = 'ids' in which ? checkKeys(this.schema, which.ids) : matchingKeys(this.#table, which.filter, this.#context.engines.core.predicates);
    if (keys.length === 0) return { count: 0 };
    const int64 = primaryField(this.schema).type === 'Int64';
    const batch = { kind: 'delete', keys: int64 ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]) } as const;
    return { count: await writer.commit(this.#encode(batch), ack, () => applyBatch(this.#table, batch)) };
  }

  #ackOf(options: WriteOptions | undefined): Ack {
    return checkAck(options?.ack ?? this.#context.environment.ack ?? 'flushed');
  }

  #encode(batch: Parameters<typeof encodeBatch>[0]): Uint8Array {
    const payload = encodeBatch(batch, this.schema);
    if (payload.length > LIMITS.batchBytesMax) throw new ElanusError('InvalidArgument', `the batch takes ${payload.length} bytes, at most ${LIMITS.batchBytesMax}: give fewer rows at once`);
    return payload;
  }

  async get(request: { readonly ids: readonly (PrimaryKey | number)[]; readonly outputFields?: readonly string[] }): Promise<readonly Row[]> {
    require(typeof request === 'object' && request !== null, () => 'get: expected an object with ids');
    return getRows(this.#open(), request.ids, request.outputFields);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    require(typeof options === 'object' && options !== null, () => 'query: expected an object');
    return queryRows(this.#open(), options, this.#context.engines.core.predicates);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    require(typeof options === 'object' && options !== null, () => 'keys: expected an object');
    return listKeys(this.#open(), options, this.#context.engines.core.predicates);
  }

  search(request: SearchOptions & { readonly data: Vector }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  async search(request: SearchOptions & { readonly data: Vector | readonly Vector[] }): Promise<SearchResult<unknown>> {
    const plan = planSearch(this.schema, this.#definition, request);
    const { hits, recall } = await runSearch(() => this.#open(), plan, this.#context.engines);
    if (plan.recall < 1) this.#coder.soon();
    return { hits: plan.single ? hits[0] : hits, recall };
  }

  async count(filter?: string): Promise<number> {
    return countRows(this.#open(), filter, this.#context.engines.core.predicates);
  }

  async flush(): Promise<void> {
    const writer = this.#writing();
    await writer.exclusive(() => this.#seal(writer));
  }

  async #seal(writer: Writer): Promise<void> {
    if (writer.nextLsn === this.#current.manifest.nextLsn) return;
    await writer.sync();
    const manifest = await sealTable(this.#table, this.#files, this.#current.manifest, writer.nextLsn);
    const bytes = await this.#files.putManifest(manifest);
    this.#become({ manifest, bytes, damaged: [] });
    this.#takeSealed(manifest);
    this.#indexes.soon();
    await this.#changeLog(writer, this.#files.logKey(writer.nextLsn));
    await this.#sweep(manifest);
  }

  /**
   * Changes the definitions that were asked for by a new manifest, if `change` gives others, and indexes anew what
   * then lacks its index. Definitions are read and written while nothing else is.
   */
  async changeIndexes(change: (definitions: Definitions) => Definitions): Promise<void> {
    await this.#writing().exclusive(async () => {
      const { indexes: before = [], ...rest } = this.#current.manifest;
      const indexes = change(before);
      if (indexes === before) return;
      const manifest = { ...rest, version: await this.#files.nextVersion(), ...(indexes.length === 0 ? {} : { indexes }) };
      this.#become({ manifest, bytes: await this.#files.putManifest(manifest), damaged: [] });
      await this.#sweep(manifest);
      this.#indexes.soon();
    });
  }

  /** How far one of `indexes` is. Only that of the vectors can be behind. */
  describeIndex(definition: IndexDefinition): IndexDescription {
    const table = this.#open();
    const waiting = definition.fieldName === vectorField(this.schema).name ? this.#indexes.waiting() : [];
    const pendingRows = waiting.reduce((sum, segment) => sum + segment.liveRows, 0);
    const sealedRows = table.sealed.reduce((sum, { segment }) => sum + segment.liveRows, 0);
    return { ...definition, state: pendingRows > 0 ? 'InProgress' : 'Finished', totalRows: table.liveRows, indexedRows: sealedRows - pendingRows, pendingRows };
  }

  /** What its definition means for the index of each segment; undefined where it takes none. */
  #wish(): IndexWish | undefined {
    const { form, lists } = planIndex(vectorField(this.schema), this.#definition);
    return form === 'auto' || form === 'graph' || form === 'ivf' ? { kind: form, lists } : undefined;
  }

  // An index is derived: the manifest before named the same rows.
  async #keepIndex(id: number, { kind, bytes }: BuiltIndex): Promise<void> {
    const index = await this.#files.putFile(bytes, indexName(kind));
    const before = this.#current.manifest;
    const segments = before.segments.map((entry) => (entry.id === id ? { ...entry, index } : entry));
    const manifest = { ...before, version: await this.#files.nextVersion(), segments };
    this.#become({ manifest, bytes: await this.#files.putManifest(manifest), damaged: [] });
    this.#takeSealed(manifest);
    await this.#sweep(manifest);
  }

  // The manifest is stored: if there is no new log, the old one goes on, and recovery skips what is sealed.
  async #changeLog(writer: Writer, key: string): Promise<void> {
    // An empty log of that name goes on: recovery began it while older ones held what is now sealed.
    if (key !== this.#logs.at(-1)) await this.#openNextLog(writer, key);
    this.#logs = [key];
  }

  async #openNextLog(writer: Writer, key: string): Promise<void> {
    const { ambient, storage } = this.#context.environment;
    const log = await WriteLog.start(writable(storage), ambient, key, this.#files, writer.nextLsn);
    await writer.changeLog(log);
  }

  // Files that stay behind cost room only; the next sweep finds them.
  async #sweep(manifest: Manifest): Promise<void> {
    try {
      await this.#files.sweep(manifest, this.#logs);
    } catch (error) {
      this.#context.warn(`${this.name}: old files could not be removed: ${String(error)}`);
    }
  }

  #become(current: CurrentManifest): void {
    this.#previous = this.#current.manifest;
    this.#current = current;
    this.#definition = definitionOf(current.manifest);
  }

  #takeSealed(manifest: Manifest): void {
    const { sealed } = this.#table;
    sealed.forEach((segment, at) => (segment.entry = manifest.segments[at] ?? segment.entry));
    const added = manifest.segments[sealed.length];
    if (added !== undefined) this.#table.sealGrowing(added);
  }

  #sealWhenFull(): void {
    const growing = this.#table.growing;
    if (growing === undefined || this.#sealing !== undefined) return;
    const bytes = growing.rows * vectorField(this.schema).dim * 4;
    if (growing.rows < SEAL_ROWS && bytes < (this.#context.environment.sealBytes ?? SEAL_BYTES)) return;
    this.#sealing = this.flush()
      .catch((error: unknown) => {
        if (!this.#closed) this.#context.warn(`${this.name}: sealing failed, the log keeps the rows: ${String(error)}`);
      })
      .finally(() => (this.#sealing = undefined));
  }

  /** Switches to a newer manifest whose files are all there. Read-only collections only. */
  async switchTo(current: CurrentManifest): Promise<void> {
    const table = await loadTable(this.#context.environment, this.#files, current.manifest, this.#context.warn);
    const before = this.#open();
    this.#become(current);
    this.#table = table;
    before.close();
    await this.#sweep(current.manifest);
  }

  /** The file with that hash, if the current manifest or the one before names it. */
  file(sha256: string): FileEntry | undefined {
    const manifests = this.#previous === undefined ? [this.#current.manifest] : [this.#current.manifest, this.#previous];
    return manifests.flatMap(filesOf).find((file) => file.sha256 === sha256);
  }

  /** Bytes of a file that `file` gave. */
  readFile(file: FileEntry, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.#context.environment.storage.read(fileKey(this.#files.id, file.name), range);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      // An index on its way sees that we are closed and ends; it may be waiting for the writer.
      await this.#writer?.close();
    } finally {
      await this.#sealing;
      await this.#indexes.close();
      await this.#coder.settled();
      this.#table.close();
    }
  }

  #open(): Table {
    if (this.#closed) throw new ElanusError('Closed', `collection "${this.name}" is closed`);
    return this.#table;
  }

  #writing(): Writer {
    this.#open();
    if (this.#writer === undefined) throw new ElanusError('ReadOnly', `collection "${this.name}" was opened to read only`);
    return this.#writer;
  }

  #noteKeys(): void {
    const autoIds = this.#autoIds;
    if (autoIds === undefined) return;
    for (const segment of this.#table.segments()) for (const row of segment.rowsWhere(true)) autoIds.seen(keyOf(segment, row, this.schema));
  }
}

/** The index of the vectors. */
function definitionOf({ schema, indexes = [] }: Manifest): IndexDefinition {
  const { name } = vectorField(schema);
  return allIndexes(schema, indexes).find(({ fieldName }) => fieldName === name) as IndexDefinition;
}
