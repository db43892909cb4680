// EngineCollection: the verbs of one collection, each in the part that it belongs to: reads, writes, indexes, and the work
// in the background. A call is checked before anything is changed; a read sees every write acknowledged before it.

import type { CatalogEntry } from '../../format/catalog.js';
import { fileKey, scopedId } from '../../format/keys.js';
import type { FileEntry } from '../../format/manifest.js';
import type { Push } from '../../format/push.js';
import { requireIntact } from '../../model/errors.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { ColumnsInput } from '../../model/column-input.js';
import type { Hit } from '../../model/hit.js';
import type { IndexDefinition, IndexRequest } from '../../model/index-definition.js';
import type { VectorMetric } from '../../model/metric.js';
import type { Row, RowInput, Vector } from '../../model/row.js';
import type { WritableRows } from '../../model/row-scope.js';
import { fieldNamed, shownSchema, type Schema } from '../../model/schema.js';
import type { ByteRange, Storage } from '../../ports/storage.js';
import type { Batches, Collection, CollectionStats, CompactOptions, CompactResult, CountOptions, DeleteResult, ExplainOptions, GetRequest, HybridOfOne, HybridOfSeveral, HybridOptions, IndexDescription, KeyList, KeysOptions, MissingRows, MutationResult, QueryExplain, QueryIteratorOptions, QueryOptions, SearchIds, SearchIteratorRequest, SearchOptions, SearchPage, SearchPlace, SearchResult, UpsertOptions, WriteOptions, WrittenBytes } from '../api.js';
import type { OnConflict, PushAnswer } from '../api/push.js';
import type { AdoptedSegment } from '../api/upload.js';
import { liveRows, type RowPortion } from '../read/live-rows.js';
import type { AdoptionOptions, SentFile } from '../write/adoption.js';
import { CollectionAdmin } from './collection-admin.js';
import type { CollectionContext } from './collection-context.js';
import { CollectionFiles, type CurrentManifest } from '../files/collection-files.js';
import { CollectionIndexes } from './collection-indexes.js';
import { openState, openWriter } from './collection-opening.js';
import { CollectionReads, type SearchRequest } from './collection-reads.js';
import type { CollectionState, MissingSegment } from './collection-state.js';
import { statsOf } from './collection-stats.js';
import { CollectionWork } from './collection-work.js';
import { CollectionWrites, type Deletion } from './collection-writes.js';
import type { Definitions } from './indexes.js';
import { ManifestSwitch } from './manifest-switch.js';
import { changeMetric, schemaForIndex } from './metric-change.js';
import { restoreReleased } from './release.js';
import type { Replayed } from '../log/log-replay.js';
import type { Spare } from '../files/room.js';
import type { Recovery } from '../log/recovery-report.js';
import { ScopedViews } from '../scoped/scoped-views.js';
import type { Table } from '../table/table.js';
import { isDamage } from '../read/visit.js';
import type { Outbox } from '../write/outbox.js';

/** Times that a collection is read again which its writer is changing. */
const REFRESH_ATTEMPTS = 3;

export class EngineCollection implements Collection {
  /** What opening it found in its logs. */
  readonly recovery: Recovery;
  readonly #context: CollectionContext;
  readonly #state: CollectionState;
  readonly #indexes: CollectionIndexes;
  readonly #work: CollectionWork;
  readonly reads: CollectionReads;
  readonly #writes: CollectionWrites;
  readonly #switch: ManifestSwitch;
  /** What it is, apart from its rows. */
  readonly admin: CollectionAdmin;
  /** For copies of some of its rows. */
  readonly scoped: ScopedViews;
  /** Of the logs as they were read, by key. */
  #logSizes: ReadonlyMap<string, number>;

  private constructor(context: CollectionContext, state: CollectionState, { report, sizes }: Replayed) {
    this.recovery = report;
    this.#logSizes = sizes;
    this.#context = context;
    this.#state = state;
    this.#indexes = new CollectionIndexes(state);
    this.#work = new CollectionWork(context, state, this.#indexes);
    this.reads = new CollectionReads({ state, engines: context.engines, searched: (plan) => this.#work.searched(plan) });
    this.#writes = new CollectionWrites(context, state, this.#work);
    this.#switch = new ManifestSwitch(context, state, (current, table, unknown) => this.#take(current, table, unknown));
    this.admin = new CollectionAdmin(state, this.#writes);
    this.scoped = new ScopedViews(state, new CollectionFiles(scopedId(state.files.id), context.environment, state.files.vault), () => this.#indexes.wishes());
    state.swept = this.scoped.swept;
  }

  /** Opens what `files` hold. `entry` lists it. One without `origin` is written to, if the storage can be: its log is opened too, and what no manifest names is removed. Errors: `Corrupt`, `Unsupported`. */
  static async open(context: CollectionContext, files: CollectionFiles, current: CurrentManifest, { name, origin, released }: CatalogEntry): Promise<EngineCollection> {
    const isCopy = origin !== undefined;
    const opened = await openState(context, files, current, { name, isCopy });
    try {
      const collection = new EngineCollection(context, opened.state, opened.replayed);
      await collection.#writes.seenAll();
      if (!isCopy && 'create' in context.environment.storage) {
        await openWriter(context, opened);
        collection.#work.tidy();
      }
      if ('create' in context.environment.storage) restoreReleased(opened.state, released);
      collection.#work.loaded();
      return collection;
    } catch (error) {
      opened.state.closeTable();
      throw error;
    }
  }

  get name(): string {
    return this.#state.name;
  }

  /** The catalog has another name for it. */
  rename(name: string): void {
    this.#state.name = name;
    this.#state.manifests.name = name;
  }

  /** Less what the collection keeps for itself. */
  get schema(): Schema {
    return shownSchema(this.#state.schema);
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

  /** Writes that wait for room. */
  get waitingWrites(): number {
    return this.#work.writeRoom.waits.waiting;
  }

  /** Every index, in order of the fields. */
  get indexes(): Definitions {
    return this.#indexes.all;
  }

  /** The manifest whose files hold everything but the log. */
  get manifest(): CurrentManifest {
    return this.#state.manifests.current;
  }

  /** The manifest, whose files stay until they are let go. */
  holdManifest(): ReturnType<CollectionState['manifests']['hold']> {
    return this.#state.manifests.hold();
  }

  /** As it is stored, the manifest before the current one; undefined if it is not kept any more. */
  manifestBefore(): Promise<Uint8Array | undefined> {
    return this.#state.files.manifestBefore(this.manifest.manifest.version);
  }

  /** Somebody is given the manifest and will fetch its files: they stay for a while. */
  leaseManifest(): void {
    this.#state.manifests.lease();
  }

  insert(rows: readonly RowInput[] | ColumnsInput, options?: WriteOptions): Promise<MutationResult> {
    return this.#writes.insert(rows, options);
  }

  upsert(rows: readonly RowInput[] | ColumnsInput, options?: UpsertOptions): Promise<MutationResult> {
    return this.#writes.upsert(rows, options);
  }

  delete(which: Deletion, options?: WriteOptions): Promise<DeleteResult> {
    return this.#writes.delete(which, options);
  }

  /** What a client pushed, each batch once; a batch that writes other rows than `rows` is refused. Errors: `Unsupported` if the collection takes no pushes. */
  receive(push: Push, subject: Uint8Array, rule?: OnConflict, rows?: WritableRows): Promise<PushAnswer> {
    return this.#writes.receive(push, subject, rule, rows);
  }

  /** The rows of a file that somebody sent, once. Errors: `Unsupported` if the collection takes no pushes; those of `Adoption`. */
  adopt(file: SentFile, options: AdoptionOptions): Promise<AdoptedSegment> {
    return this.#writes.adopt(file, options);
  }

  /** Whether files may be sent to it. */
  get takesSegments(): boolean {
    return this.#state.writes && this.#state.ownTable.pushes !== undefined;
  }

  /** Seals what grows, and gives all rows as of then. Errors: those of `flush` and `liveRows`. */
  async *sealedRows(signal?: AbortSignal): AsyncGenerator<RowPortion> {
    await this.flush();
    yield* liveRows(this.#state, signal);
  }

  /** Whether the rows of a file of that hash are here. */
  hasTaken(sha256: string): boolean {
    return this.#writes.hasTaken(sha256);
  }

  discardMissing(): Promise<DeleteResult> {
    return this.#writes.discardMissing();
  }

  flush(): Promise<void> {
    return this.#writes.flush();
  }

  get(request: GetRequest): Promise<readonly Row[]> {
    return this.reads.get(request);
  }

  query(options?: QueryOptions): Promise<readonly Row[]> {
    return this.reads.query(options);
  }

  keys(options?: KeysOptions): Promise<KeyList> {
    return this.reads.keys(options);
  }

  search(request: SearchOptions & { readonly data: Vector | string }): Promise<SearchResult<readonly Hit[]>>;
  search(request: SearchOptions & { readonly data: readonly Vector[] | readonly string[] }): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  search(request: SearchOptions & SearchIds): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  search(request: SearchRequest): Promise<SearchResult<unknown>> {
    return this.reads.search(request);
  }

  hybridSearch(request: HybridOptions & HybridOfOne): Promise<SearchResult<readonly Hit[]>>;
  hybridSearch(request: HybridOptions & HybridOfSeveral): Promise<SearchResult<readonly (readonly Hit[])[]>>;
  hybridSearch(request: HybridOptions): Promise<SearchResult<readonly Hit[] | readonly (readonly Hit[])[]>>;
  hybridSearch(request: HybridOptions): Promise<SearchResult<unknown>> {
    return this.reads.hybridSearch(request);
  }

  queryIterator(options?: QueryIteratorOptions): Promise<Batches<Row>> {
    return this.reads.queryIterator(options);
  }

  searchIterator(request: SearchIteratorRequest): Promise<Batches<Hit>> {
    return this.reads.searchIterator(request);
  }

  searchPage(request: SearchIteratorRequest, place?: SearchPlace): Promise<SearchPage> {
    return this.reads.searchPage(request, place);
  }

  closePage(place: SearchPlace): Promise<void> {
    return this.reads.closePage(place);
  }

  explain(options?: ExplainOptions): Promise<QueryExplain> {
    return this.reads.explain(options);
  }

  count(filter?: FilterInput, filterParams?: FilterParams, options?: CountOptions): Promise<number> {
    return this.reads.count(filter, filterParams, options);
  }

  /** Live rows of each partition, by its name. */
  rowsByPartition(): Promise<ReadonlyMap<string, number>> {
    return this.reads.rowsByPartition();
  }

  async compact(options?: CompactOptions): Promise<CompactResult> {
    await this.#work.dropExpired();
    return this.#work.compactor.compact(options);
  }

  async stats(written: WrittenBytes): Promise<CollectionStats> {
    const { compactor, writeRoom } = this.#work;
    return statsOf(this.#state, { merges: compactor.merges, backlog: compactor.backlog, writes: writeRoom.waits }, this.missing, written, await this.rowsByPartition());
  }

  /** Changes the definitions that were asked for by a new manifest, if `change` gives others, and indexes anew what then lacks its index. */
  changeIndexes(change: (definitions: Definitions) => Definitions): Promise<void> {
    return this.#indexes.change(change, () => this.#work.indexesChanged());
  }

  /** Makes the metric that an index is asked for with that of its field, where it may still change. Errors: those of `withIndex`; then nothing changed. */
  async useMetricOf(index: IndexRequest): Promise<void> {
    const schema = schemaForIndex(this.#state.schema, this.#indexes.asked, index);
    if (schema === this.#state.schema) return;
    await changeMetric(this.#state, this.#work.sealer, index.fieldName, fieldNamed(schema, index.fieldName).metric as VectorMetric);
  }

  /** How far one of `indexes` is. */
  describeIndex(definition: IndexDefinition): IndexDescription {
    return this.#indexes.describe(definition, this.#work.indexes.waiting(definition.fieldName));
  }

  /** What can be removed to make room in `storage`. */
  async spares(storage: Storage): Promise<readonly Spare[]> {
    return [...(await this.#work.spares(storage)), ...(this.#state.isClosed ? [] : await this.scoped.spares(storage))];
  }

  /** There may be room for the indexes that segments lack. */
  roomCame(): void {
    this.#work.roomCame();
  }

  /** Switches to another manifest whose files are all there, after which nothing of those before is kept. Read-only collections only. */
  resetTo(current: CurrentManifest): Promise<void> {
    return this.#switch.resetTo(current);
  }

  /** Switches to a newer manifest whose files are all there. Read-only collections only. */
  switchTo(current: CurrentManifest): Promise<void> {
    return this.#switch.to(current);
  }

  /** Shows what is left of the own writes of a copy. */
  renewOverlay(): Promise<void> {
    return this.#switch.renewOverlay();
  }

  /** More of the indexes has come, of a copy that is searched while its files come. Errors: those of reading them. */
  async indexesCame(): Promise<void> {
    for (const segment of this.#state.table().sealed) for (const part of segment.vectors.values()) await this.#context.residency.renewIndex(segment, part);
  }

  /** Of a copy that may be written to: what of that the server does not have yet. */
  get outbox(): Outbox | undefined {
    return this.#state.outbox;
  }

  /** By which own writes that are to be kept by the server reach it. */
  useSender(send: (lsn: bigint) => Promise<void>): void {
    this.#state.send = send;
  }

  async #hasSameLogs(): Promise<boolean> {
    const { storage } = this.#context.environment;
    const keys = await this.#state.files.logKeys();
    if (keys.length !== this.#logSizes.size) return false;
    for (const key of keys) if ((await storage.size(key)) !== this.#logSizes.get(key)) return false;
    return true;
  }

  #take(current: CurrentManifest, table: Table, unknown: readonly MissingSegment[]): void {
    const { residency } = this.#context;
    const before = this.#state.table();
    this.#state.manifests.become(current);
    this.#state.useTable(table);
    this.#state.unknown = unknown;
    for (const segment of before.sealed) residency.forget(segment);
    this.reads.endWalks();
    before.close();
    this.#state.account();
    this.#work.loaded();
  }

  /**
   * Sees what the writer of a storage that is only read has written since; 'other' if its fields are others, so that it is to
   * be opened anew. Errors: `Corrupt`, those of the storage; then it is as it was.
   */
  async refresh(): Promise<'same' | 'newer' | 'other'> {
    const { name, files, isCopy, schema } = this.#state;
    for (let attempt = 1; ; attempt++) {
      try {
        const current = await files.currentManifest(isCopy);
        requireIntact(current !== undefined, `c${files.id}/manifest`, `collection "${this.name}" has no manifest`);
        const { manifest } = current;
        if (manifest.version === this.manifest.manifest.version && (await this.#hasSameLogs())) return 'same';
        if (JSON.stringify(manifest.schema) !== JSON.stringify(schema)) return 'other';
        const { state, replayed } = await openState(this.#context, files, current, { name, isCopy });
        this.#take(current, state.handOver(), state.unknown);
        this.#logSizes = replayed.sizes;
        return 'newer';
      } catch (error) {
        // The writer may have removed what was being read.
        if (attempt === REFRESH_ATTEMPTS || !isDamage(error)) throw error;
      }
    }
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
    this.reads.endWalks();
    try {
      await this.scoped.close();
      await this.#work.close();
    } finally {
      this.#writes.close();
      this.#state.closeTable();
    }
  }
}
