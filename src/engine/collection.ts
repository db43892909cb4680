// EngineCollection: the verbs of one collection over its Table, Writer and files. A call is checked before anything
// is changed; a write is acknowledged when it is durable and visible; a read sees every write acknowledged before it.

import { encodeBatchParts } from '../format/batch.js';
import { lengthOf } from '../format/bytes.js';
import { fileKey } from '../format/keys.js';
import type { FileEntry } from '../format/manifest.js';
import { checkAck, type Ack } from '../model/ack.js';
import { ElanusError, require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { planIndex, type IndexDefinition } from '../model/index-definition.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../model/row.js';
import { primaryField, vectorField, type Schema } from '../model/schema.js';
import type { ByteRange, Storage } from '../ports/storage.js';
import type { Collection, CollectionStats, CompactOptions, CompactResult, DeleteResult, IndexDescription, KeyList, KeysOptions, MissingRows, MutationResult, QueryOptions, SearchOptions, SearchResult, WriteOptions, WrittenBytes } from './api.js';
import { AutoIds } from './auto-id.js';
import { AutoSeal } from './auto-seal.js';
import type { Background } from './background.js';
import { CallOrder } from './call-order.js';
import type { CollectionFiles, CurrentManifest } from './collection-files.js';
import { CollectionState } from './collection-state.js';
import { statsOf } from './collection-stats.js';
import { Compactor } from './compactor.js';
import { discardMissing } from './discard.js';
import type { Environment } from './environment.js';
import { openSpares } from './eviction.js';
import { allIndexes, definitionOf, type Definitions } from './indexes.js';
import { IndexKeeper } from './index-keeper.js';
import type { IndexWish } from './indexer.js';
import { loadTable } from './loading.js';
import { applyBatch, openLog, replayLogs } from './log-replay.js';
import { checkKeys, countRows, getRows, listKeys, matchingKeys, queryRows } from './lookup.js';
import { requireKeys, requireWhole } from './missing.js';
import { ManifestKeeper } from './manifest-keeper.js';
import type { Residency } from './residency.js';
import type { Room, Spare } from './room.js';
import { recoveryNotice, recoveryWarnings, type Recovery } from './recovery-report.js';
import { RowCoder } from './row-coder.js';
import { rowsToBatch, type NextId } from './row-batch.js';
import { SealSize } from './seal-size.js';
import { Sealer } from './sealer.js';
import { runSearch, type Engines } from './search.js';
import { planSearch } from './search-plan.js';
import type { Segment } from './segment.js';
import type { Tasks } from './tasks.js';
import { Warmer } from './warmer.js';
import type { Payload } from './write-log.js';
import { WriteRoom } from './write-room.js';
import { Writer } from './writer.js';

/** Of the first batch of a collection. */
export const FIRST_LSN = 1n;

/** What a database gives each of its collections. */
export interface CollectionContext {
  readonly environment: Environment;
  readonly engines: Engines;
  readonly residency: Residency;
  /** Undefined where nothing is written. */
  readonly room: Room | undefined;
  readonly background: Background;
  readonly tasks: Tasks;
  /** Adds to the warnings of `health()`. */
  readonly warn: (message: string) => void;
}

export class EngineCollection implements Collection {
  readonly name: string;
  readonly schema: Schema;
  /** What opening it found in its logs. */
  readonly recovery: Recovery;
  readonly #context: CollectionContext;
  readonly #state: CollectionState;
  readonly #autoIds: AutoIds | undefined;
  #definition: IndexDefinition;
  readonly #order = new CallOrder();
  readonly #autoSeal: AutoSeal;
  readonly #writeRoom: WriteRoom;
  readonly #sealer: Sealer;
  readonly #indexes: IndexKeeper;
  readonly #compactor: Compactor;
  readonly #coder: RowCoder;
  readonly #warmer: Warmer;

  private constructor(context: CollectionContext, state: CollectionState, recovery: Recovery) {
    this.recovery = recovery;
    this.name = state.name;
    this.schema = state.schema;
    this.#context = context;
    this.#state = state;
    this.#definition = definitionOf(state.manifests.manifest);
    const { environment, warn } = context;
    this.#autoIds = primaryField(this.schema).autoId === true ? new AutoIds(environment.ambient) : undefined;
    const reason = (message: string): void => warn(`${this.name}: ${message}`);
    const hasRoomFor = async (bytes: number): Promise<boolean> => context.room === undefined || context.room.hasRoomFor(bytes);
    this.#indexes = new IndexKeeper(state, { wish: () => this.#wish(), hasRoomFor, warn: reason });
    this.#coder = new RowCoder(environment.core, environment.ambient, () => (state.isClosed ? undefined : state.table()), reason);
    this.#warmer = new Warmer(state);
    const sealSize = new SealSize(environment, context.residency);
    this.#compactor = new Compactor(state, { sealSize, wish: () => this.#wish(), merged: (segment, wish) => this.#noteMerged(segment, wish) });
    this.#sealer = new Sealer(state, () => this.#tidy());
    this.#autoSeal = new AutoSeal(state, sealSize, () => this.#sealer.seal());
    this.#writeRoom = new WriteRoom(state, { seal: this.#autoSeal, merges: this.#compactor, indexes: this.#indexes });
  }

  /** Opens what `files` hold. One without `origin` is written to, if the storage can be: its log is opened too, and what no manifest names is removed. Errors: `Corrupt`, `Unsupported`. */
  static async open(context: CollectionContext, files: CollectionFiles, current: CurrentManifest, origin: string | undefined): Promise<EngineCollection> {
    const { environment, residency, background, tasks, warn } = context;
    const { manifest } = current;
    const isCopy = origin !== undefined;
    for (const key of current.damaged) warn(`${key}: damaged; ${!isCopy ? 'the manifest before it and the log hold everything' : 'the manifest before it counts'}`);
    const { table, unknown } = await loadTable(environment, files, manifest, residency, warn);
    const manifests = new ManifestKeeper(files, environment.ambient, current, (message) => warn(`${manifest.name}: ${message}`));
    const state = new CollectionState({ name: manifest.name, schema: manifest.schema, environment, files, manifests, residency, background, tasks, warn, isCopy }, table);
    state.unknown = unknown;
    try {
      const replayed = await replayLogs(environment.storage, files, table, manifest.nextLsn);
      const { report } = replayed;
      recoveryWarnings(report).forEach(warn);
      const notice = recoveryNotice(report);
      if (notice !== undefined) environment.ambient.log('info', notice);
      state.account();
      const collection = new EngineCollection(context, state, report);
      await collection.#autoIds?.seenAll(state, state.schema);
      if (!isCopy && 'create' in environment.storage) {
        if (replayed.last === undefined && manifest.nextLsn > FIRST_LSN) warn(`${files.logKey(manifest.nextLsn)}: missing, and what was written after the last seal with it`);
        const log = await openLog(environment, files, replayed, manifests.newestVersion);
        state.useWriter(new Writer(log, { ambient: environment.ambient, warn }));
        if (environment.storage.isShared === true) manifests.useFence(() => state.writer().confirm());
        manifests.useLogs([...replayed.applied.map(({ key }) => key).filter((key) => key !== log.key), log.key]);
        await state.sweep();
        collection.#tidy();
      }
      collection.#warmer.soon();
      return collection;
    } catch (error) {
      state.closeTable();
      throw error;
    }
  }

  get rows(): number {
    return this.#state.table().liveRows;
  }

  get sealedSegments(): number {
    return this.#state.table().sealed.length;
  }

  get indexedSegments(): number {
    return this.#state.table().sealed.filter(({ isIndexed }) => isIndexed).length;
  }

  /** What the answers lack, as files of it are damaged or missing. */
  get missing(): readonly MissingRows[] {
    return this.#state.missingRows();
  }

  /** Every index, in order of the fields. */
  get indexes(): Definitions {
    return allIndexes(this.schema, this.#state.manifests.manifest.indexes ?? []);
  }

  /** The index of the vectors: what segments are indexed and searched by. */
  get indexDefinition(): IndexDefinition {
    return this.#definition;
  }

  /** The manifest whose files hold everything but the log. */
  get manifest(): CurrentManifest {
    return this.#state.manifests.current;
  }

  /** Somebody is given the manifest and will fetch its files: they stay for a while. */
  leaseManifest(): void {
    this.#state.manifests.lease();
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
    const writer = this.#state.writer();
    const ack = this.#ackOf(options);
    const { columns, ids } = rowsToBatch(rows, this.schema, nextId);
    if (columns.rows === 0) return { ids, count: 0 };
    const batch = { kind: 'write', columns } as const;
    const payload = this.#encode(batch);
    const sizeBytes = lengthOf(payload);
    await this.#order.enter(this.#writeRoom.for(sizeBytes), () => writer.commit(payload, ack, () => this.#writeRoom.apply(batch, sizeBytes)));
    this.#autoSeal.whenFull();
    return { ids, count: ids.length };
  }

  async delete(which: { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: string }, options?: WriteOptions): Promise<DeleteResult> {
    const writer = this.#state.writer();
    const ack = this.#ackOf(options);
    require(typeof which === 'object' && which !== null && 'ids' in which !== 'filter' in which, () => 'delete: expected either ids or filter');
    if ('filter' in which) requireWhole(this.#state, 'which of them match is not known');
    const asked = 'ids' in which ? checkKeys(this.schema, which.ids) : matchingKeys(this.#state, this.schema, which.filter, this.#predicates);
    return this.#order.enter(asked, async (keys) => {
      if (keys.length === 0) return { count: 0 };
      requireKeys(this.#state, keys);
      const int64 = primaryField(this.schema).type === 'Int64';
      const batch = { kind: 'delete', keys: int64 ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]) } as const;
      const commit = (): Promise<number> => writer.commit(this.#encode(batch), ack, () => applyBatch(this.#state.tableOfLog, batch));
      return { count: await this.#freeing(commit) };
    });
  }

  #ackOf(options: WriteOptions | undefined): Ack {
    return checkAck(options?.ack ?? this.#context.environment.ack ?? 'flushed');
  }

  get #predicates(): Engines['core']['predicates'] {
    return this.#context.engines.core.predicates;
  }

  #encode(batch: Parameters<typeof encodeBatchParts>[0]): Payload {
    const payload = encodeBatchParts(batch, this.schema);
    const sizeBytes = lengthOf(payload);
    if (sizeBytes > LIMITS.batchBytesMax) throw new ElanusError('InvalidArgument', `the batch takes ${sizeBytes} bytes, at most ${LIMITS.batchBytesMax}: give fewer rows at once`);
    return payload;
  }

  async discardMissing(): Promise<DeleteResult> {
    return { count: await this.#freeing(() => discardMissing(this.#state)) };
  }

  // What frees room may take the reserve.
  async #freeing<T>(work: () => Promise<T>): Promise<T> {
    const { room } = this.#context;
    return room === undefined ? work() : room.withReserve(work);
  }

  async get(request: { readonly ids: readonly (PrimaryKey | number)[]; readonly outputFields?: readonly string[] }): Promise<readonly Row[]> {
    require(typeof request === 'object' && request !== null, () => 'get: expected an object with ids');
    return getRows(this.#state, this.schema, request.ids, request.outputFields);
  }

  async query(options: QueryOptions = {}): Promise<readonly Row[]> {
    require(typeof options === 'object' && options !== null, () => 'query: expected an object');
    return queryRows(this.#state, this.schema, options, this.#predicates);
  }

  async keys(options: KeysOptions = {}): Promise<KeyList> {
    require(typeof options === 'object' && options !== null, () => 'keys: expected an object');
    requireWhole(this.#state, 'which keys they have is not told in part');
    return listKeys(this.#state, this.schema, options, this.#predicates);
  }

  search(request: SearchOptions & { readonly data: Vector }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  async search(request: SearchOptions & { readonly data: Vector | readonly Vector[] }): Promise<SearchResult<unknown>> {
    const plan = planSearch(this.schema, this.#definition, request);
    const { hits, recall } = await runSearch(this.#state, plan, this.#context.engines);
    if (plan.recall < 1) this.#coder.soon();
    if (this.#state.table().sealed.some(({ indexDamaged }) => indexDamaged)) this.#indexes.soon();
    const { missing } = this;
    return { hits: plan.single ? hits[0] : hits, recall, ...(missing.length === 0 ? {} : { missing }) };
  }

  async count(filter?: string): Promise<number> {
    return countRows(this.#state, this.schema, filter, this.#predicates);
  }

  async flush(): Promise<void> {
    this.#state.writer();
    // Behind the writes that were asked for before, which may wait for room.
    await this.#order.enter(undefined, () => this.#sealer.seal());
  }

  async compact(options?: CompactOptions): Promise<CompactResult> {
    return this.#compactor.compact(options);
  }

  stats(written: WrittenBytes): Promise<CollectionStats> {
    return statsOf(this.#state, this.#compactor.merges, this.missing, written);
  }

  // What is merged is indexed as a part of what comes of it, so that is begun first.
  #tidy(): void {
    this.#compactor.soon();
    this.#indexes.roomCame();
  }

  #noteMerged(segment: Segment | undefined, wish: IndexWish | undefined): void {
    if (segment !== undefined && wish !== undefined) this.#indexes.noteTried(segment, wish);
    this.#indexes.soon();
    this.#warmer.soon();
  }

  /**
   * Changes the definitions that were asked for by a new manifest, if `change` gives others, and indexes anew what
   * then lacks its index. Definitions are read and written while nothing else is.
   */
  async changeIndexes(change: (definitions: Definitions) => Definitions): Promise<void> {
    const { manifests } = this.#state;
    await this.#state.writer().exclusive(async () => {
      const { indexes: before = [] } = manifests.manifest;
      const indexes = change(before);
      if (indexes === before) return;
      await manifests.change(({ indexes: _, ...rest }) => ({ ...rest, ...(indexes.length === 0 ? {} : { indexes }) }));
      this.#definition = definitionOf(manifests.manifest);
      await this.#state.sweep();
      this.#indexes.soon();
    });
  }

  /** How far one of `indexes` is. Only that of the vectors can be behind. */
  describeIndex(definition: IndexDefinition): IndexDescription {
    const table = this.#state.table();
    const waiting = definition.fieldName === vectorField(this.schema).name ? this.#indexes.waiting() : [];
    const pendingRows = waiting.reduce((sum, segment) => sum + segment.liveRows, 0);
    const sealedRows = table.sealed.reduce((sum, segment) => sum + segment.liveRows, 0);
    return { ...definition, state: pendingRows > 0 ? 'InProgress' : 'Finished', totalRows: table.liveRows, indexedRows: sealedRows - pendingRows, pendingRows };
  }

  /** What its definition means for the index of each segment; undefined where it takes none. */
  #wish(): IndexWish | undefined {
    const { form, lists } = planIndex(vectorField(this.schema), this.#definition);
    return form === 'auto' || form === 'graph' || form === 'ivf' ? { kind: form, lists } : undefined;
  }

  /** What can be removed to make room in `storage`. */
  async spares(storage: Storage): Promise<readonly Spare[]> {
    return this.#state.isClosed ? [] : openSpares(this.#state, storage, (segment) => this.#indexes.evicted(segment));
  }

  /** There may be room for the indexes that segments lack. */
  roomCame(): void {
    if (!this.#state.isClosed && this.#state.writes) this.#indexes.roomCame();
  }

  /** Switches to a newer manifest whose files are all there. Read-only collections only. */
  async switchTo(current: CurrentManifest): Promise<void> {
    const { environment, residency, warn } = this.#context;
    const { files, manifests } = this.#state;
    const before = this.#state.table();
    const { table, unknown } = await loadTable(environment, files, current.manifest, residency, warn);
    manifests.become(current);
    this.#definition = definitionOf(current.manifest);
    this.#state.useTable(table);
    this.#state.unknown = unknown;
    for (const segment of before.sealed) residency.forget(segment);
    before.close();
    this.#state.account();
    await this.#state.sweep();
    this.#warmer.soon();
  }

  /** The file with that hash, if a manifest that is in use names it. */
  file(sha256: string): FileEntry | undefined {
    return this.#state.manifests.file(sha256);
  }

  /** Bytes of a file that `file` gave. */
  readFile(file: FileEntry, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.#context.environment.storage.read(fileKey(this.#state.files.id, file.name), range);
  }

  async close(): Promise<void> {
    if (this.#state.isClosed) return;
    this.#state.endCalls();
    const merging = this.#compactor.close();
    try {
      // An index on its way sees that we are closed and ends; it may be waiting for the writer.
      await this.#state.closeWriter();
    } finally {
      await this.#autoSeal.running;
      await this.#sealer.settled();
      await merging;
      await this.#indexes.close();
      await this.#coder.settled();
      await this.#warmer.settled();
      this.#state.closeTable();
    }
  }
}
