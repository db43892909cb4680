// Merge: adjacent sealed segments become one with the rows that the manifest has alive; those that died since, by batches
// that are in the log alone, are dead in the new one until a seal says so. All of it but the switch happens while searches and
// writes go on: rows are encoded, stored, read back and indexed. A crash or an abort before the switch leaves the old
// segments, and files that the next sweep removes.

import { vectorBytes } from '../../format/extents.js';
import { indexName, rowsName } from '../../format/keys.js';
import type { FileEntry, IndexFiles, Manifest, SegmentEntry } from '../../format/manifest.js';
import { ElanusError } from '../../model/errors.js';
import { isVector } from '../../model/field.js';
import { denseFields, primaryField, storedFields, type Schema } from '../../model/schema.js';
import { throwIfAborted } from '../database/background.js';
import type { CollectionState } from '../collection/collection-state.js';
import { BUILD_SHARE, INDEX_ROWS_MIN, type IndexWish, type IndexWishes } from './indexer.js';
import { encodeMerged, mergedBytes, portionBytes, type RowsOfSegment } from './merged-rows.js';
import type { Pieces } from './pieces.js';
import { keyOf } from '../read/output.js';
import { buildBytes, buildNeed, buildPart } from '../table/part-index.js';
import { withDeletions, versionOf } from './sealer.js';
import type { Segment, StoredSegment } from '../table/segment.js';
import { freeBytes } from '../files/free-bytes.js';
import { SegmentFiles } from '../files/segment-files.js';
import type { SegmentPart } from '../table/segment-part.js';

/** Keys that are moved between two pauses. */
const KEYS_AT_ONCE = 4096;

export interface MergeOptions {
  readonly signal: AbortSignal;
  /** The indexes that its segment gets. */
  readonly wishes: IndexWishes;
  readonly onRows: (done: number) => void;
  /** Of encoding the rows. */
  readonly pieces: Pieces;
}

export interface Merged {
  /** Undefined if the manifest had no row alive. */
  readonly segment: Segment | undefined;
  readonly rowsDropped: number;
}

/** Merges segments that the caller holds. Errors: `Closed` if aborted, `OutOfMemory`, `Corrupt`, those of the storage; then nothing changed. */
export class Merge {
  readonly #state: CollectionState;
  readonly #options: MergeOptions;
  readonly #sources: readonly RowsOfSegment[];
  /** That of the file: fields that are added meanwhile are not in it. */
  readonly #schema: Schema;

  constructor(state: CollectionState, segments: readonly Segment[], options: MergeOptions) {
    this.#state = state;
    this.#options = options;
    this.#schema = state.schema;
    const { storedEpoch } = state.table();
    this.#sources = segments.map((segment) => ({ segment, rows: segment.rowsWhere(true, storedEpoch) }));
  }

  get rows(): number {
    return this.#sources.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  async run(): Promise<Merged> {
    if (this.rows === 0) return this.#remove();
    const { files, residency } = this.#state;
    this.#requireRoom();
    const written: FileEntry[] = [];
    try {
      const entry = await this.#writeRows();
      written.push(entry.rowsFile);
      const table = this.#state.table();
      const after = table.prepare({ entry, files: new SegmentFiles(files, entry, this.#schema, table) });
      residency.watch(after);
      try {
        return await residency.use(after, { columns: this.#columns() }, async () => {
          const indexes = await this.#index(after);
          written.push(...indexes.values());
          return this.#state.writer().exclusive(() => this.#switch(after, { ...entry, indexes }));
        });
      } catch (error) {
        residency.forget(after);
        after.close();
        throw error;
      }
    } finally {
      residency.hold(this, 0);
      files.settle(...written);
    }
  }

  // First the whole file and a portion, then vectors and what their index takes, one field after the other.
  #requireRoom(): void {
    const { residency } = this.#state;
    const indexed = denseFields(this.#schema).map((field) => (this.#options.wishes.has(field.name) ? this.rows * vectorBytes(field) * (1 + BUILD_SHARE) : 0));
    residency.admit(Math.max(mergedBytes(this.#sources) + portionBytes(this.#sources), ...indexed));
  }

  // Its number comes with the manifest.
  async #writeRows(): Promise<SegmentEntry> {
    const { environment, files, residency } = this.#state;
    const { signal, onRows, pieces } = this.#options;
    const { ambient } = environment;
    residency.hold(this, mergedBytes(this.#sources) + portionBytes(this.#sources));
    const pause = async (): Promise<void> => {
      pieces.done();
      await ambient.pause();
      throwIfAborted(signal);
    };
    const { bytes, ...found } = await pieces.during(() => encodeMerged(this.#sources, { schema: this.#schema, residency, ambient, pause, onRows }));
    const rowsFile = await files.putAhead(bytes, rowsName, true);
    freeBytes(bytes, ambient);
    residency.hold(this, 0);
    return { id: 0, rows: this.rows, rowsFile, ...versionOf(this.#schema), ...found, indexes: new Map() };
  }

  // What searches found in memory they find there again.
  #columns(): readonly string[] {
    const schema = this.#schema;
    const names = storedFields(schema).filter(({ type }) => !isVector(type)).map(({ name }) => name);
    const common = names.filter((name) => this.#sources.every(({ segment }) => segment.columns.has(name)));
    return [...new Set([primaryField(schema).name, ...common])];
  }

  // Vectors are needed to build an index over them, and where there is room, by searches.
  async #index(after: Segment): Promise<IndexFiles> {
    const { residency } = this.#state;
    const indexes = new Map<string, FileEntry>();
    for (const part of after.parts()) {
      const wish = part.count >= INDEX_ROWS_MIN ? this.#options.wishes.get(part.field.name) : undefined;
      if (wish === undefined && !residency.hasRoom(part.vectorBytes)) continue;
      const need = wish === undefined ? ({ columns: [], field: part.field.name, part: 'vectors' } as const) : buildNeed(part);
      const file = await residency.use(after, need, () => (wish === undefined ? undefined : this.#build(after, part, wish)));
      if (file !== undefined) indexes.set(part.field.name, file);
    }
    return indexes;
  }

  async #build(after: Segment, part: SegmentPart, wish: IndexWish): Promise<FileEntry | undefined> {
    const { environment, files, residency } = this.#state;
    const { signal } = this.#options;
    residency.hold(this, buildBytes(after, part));
    try {
      const built = await buildPart(after, part, wish, environment, signal);
      if (built !== undefined) built.use();
      throwIfAborted(signal);
      if (built === undefined) return undefined;
      const file = await files.putAhead(built.bytes, indexName(built.kind));
      freeBytes(built.bytes, environment.ambient);
      return file;
    } finally {
      residency.hold(this, 0);
    }
  }

  /** While the writer does nothing else. Until the manifest is stored nothing changed; then nothing can fail. */
  async #switch(after: Segment, entry: SegmentEntry): Promise<Merged> {
    const { files, residency, schema } = this.#state;
    const table = this.#requireAdjacent();
    const { epoch: current, storedEpoch } = table;
    for (let epoch = storedEpoch; epoch <= current; epoch++) this.#kill(after, epoch);
    after.settle(storedEpoch);
    if (after.deadAsOf(storedEpoch) === after.rows) {
      residency.forget(after);
      after.close();
      return this.#replace(undefined, undefined);
    }
    const stored = after.stored as StoredSegment;
    stored.entry = await withDeletions(after, entry, { files, epoch: storedEpoch });
    const { ambient } = this.#state.environment;
    // A key that is there takes no more room, but is asked for it.
    table.keys.reserve(primaryField(schema).type, 1);
    return this.#replace(after, stored.entry, async () => {
      table.admit(after);
      for (let at = 0; at < after.rows; at++) {
        if (after.isAlive(at)) table.keys.set(keyOf(after, at, schema), after.ordinal, at);
        if (at % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await ambient.pause();
      }
    });
  }

  /** What died in the sources until the end of `epoch`. */
  #kill(after: Segment, epoch: number): void {
    let first = 0;
    for (const { segment, rows } of this.#sources) {
      const dead = segment.rowsWhere(false, epoch);
      let at = 0;
      for (const row of dead) {
        while (at < rows.length && (rows[at] as number) < row) at++;
        if (rows[at] === row) after.kill(first + at, epoch);
      }
      first += rows.length;
    }
  }

  async #remove(): Promise<Merged> {
    return this.#state.writer().exclusive(async () => {
      this.#requireAdjacent();
      return this.#replace(undefined, undefined);
    });
  }

  async #replace(after: Segment | undefined, entry: SegmentEntry | undefined, moveKeys = async (): Promise<void> => {}): Promise<Merged> {
    const { manifests, residency } = this.#state;
    const table = this.#state.table();
    const before = this.#sources.map(({ segment }) => segment);
    const dropped = before.reduce((sum, { rows }) => sum + rows, 0) - (after?.rows ?? 0);
    const manifest = await manifests.change((current) => replaced(current, before, entry));
    if (after?.stored !== undefined) after.stored.entry = manifest.segments.find(({ rowsFile }) => rowsFile === entry?.rowsFile) ?? after.stored.entry;
    await moveKeys();
    table.replace(before, after, (segment) => residency.forget(segment));
    await this.#state.sweep();
    return { segment: after, rowsDropped: dropped };
  }

  // A source may have been found damaged, and nothing is merged then.
  #requireAdjacent(): ReturnType<CollectionState['table']> {
    throwIfAborted(this.#options.signal);
    const table = this.#state.table();
    const first = table.sealed.indexOf(this.#sources[0]?.segment as Segment);
    const isSame = this.#sources.every(({ segment }, at) => table.sealed[first + at] === segment);
    const damaged = this.#sources.find(({ segment }) => segment.damage !== undefined);
    if (damaged?.segment.damage !== undefined) throw damaged.segment.damage;
    if (first < 0 || !isSame) throw new ElanusError('Closed', 'a segment that was to be merged is gone');
    return table;
  }
}

function replaced(manifest: Manifest, before: readonly Segment[], after: SegmentEntry | undefined): Manifest {
  const ids = new Set(before.map(({ stored }) => stored?.entry.id));
  const at = manifest.segments.findIndex(({ id }) => ids.has(id));
  const id = Math.max(0, ...manifest.segments.map((entry) => entry.id)) + 1;
  const rest = manifest.segments.filter((entry) => !ids.has(entry.id));
  return { ...manifest, segments: [...rest.slice(0, at), ...(after === undefined ? [] : [{ ...after, id }]), ...rest.slice(at)] };
}
