// Sealer: what is in the log goes into immutable files. The growing segment is frozen and a new log begun, which takes a
// moment; its file is written while batches go into the new log; then a new manifest names it and the old log goes. A
// crash at any point leaves either the old manifest with its logs, or the new one. A manifest has what was deleted before
// its LSN and nothing of what came later, so that who has it without the logs sees one moment.

import { encodeDeletions } from '../../format/deletion-vector.js';
import { deletionsName, rowsName } from '../../format/keys.js';
import type { SegmentEntry } from '../../format/manifest.js';
import { vectorBytes } from '../../format/extents.js';
import { encodeRowsInSteps } from '../../format/rows-file.js';
import { schemaOf } from '../../format/schema-json.js';
import { bitsetOf, countBits, setBit } from '../../model/bitset.js';
import { type Column, type Columns, NUMBER_ARRAYS, numberColumn, type NumberColumn, valuesPerRow, withValid } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { denseFields, storedFields, type Schema } from '../../model/schema.js';
import type { CollectionState } from '../collection/collection-state.js';
import { pushesStored } from '../collection/pushes-file.js';
import { writable } from '../database/environment.js';
import { pickRows } from '../table/growing-columns.js';
import type { Segment } from '../table/segment.js';
import type { CollectionFiles } from '../files/collection-files.js';
import { freeBytes } from '../files/free-bytes.js';
import { SegmentFiles } from '../files/segment-files.js';
import type { VectorPart } from '../table/vector-part.js';
import { WriteLog } from '../log/write-log.js';
import type { Writer } from '../write/writer.js';
import { sealingBytes } from './seal-size.js';

/** Dead rows are left out before a segment is written if they are at least this share of it, or it is small. */
const DEAD_SHARE = 0.25;
const SMALL_ROWS = 4096;
/** Vectors that are copied at once: half a millisecond, as each write that goes on meanwhile waits for one such step. */
const STEP_BYTES = 1024 * 1024;

/** A segment that takes no more rows; undefined if there were only deletions. */
interface Frozen {
  readonly segment: Segment | undefined;
  readonly nextLsn: bigint;
  /** Of the table, that ended with it. */
  readonly epoch: number;
}

export class Sealer {
  readonly #state: CollectionState;
  readonly #sealed: () => void;
  /** Frozen and not sealed yet, as sealing failed. */
  #frozen: readonly Frozen[] = [];
  #running: Promise<void> = Promise.resolve();

  /** `sealed` is called after each segment. */
  constructor(state: CollectionState, sealed: () => void) {
    this.#state = state;
    this.#sealed = sealed;
  }

  /** Seals all that was acknowledged before. Errors: those of the storage; then the logs keep the rows, and the next call tries again. */
  seal(): Promise<void> {
    const done = this.#running.then(() => this.#seal());
    this.#running = done.catch(() => undefined);
    return done;
  }

  /** Seals all that was acknowledged before, then runs `work` while nothing is written. Errors: those of both; `Busy` if somebody writes all the same. */
  whenSealed<T>(work: () => Promise<T>): Promise<T> {
    const writer = this.#state.writer();
    const done = this.#running.then(async () => {
      await this.#seal();
      return writer.exclusive(async () => {
        // What is logged is replayed over the segments, and would take the place of what is later.
        if (writer.nextLsn !== this.#state.manifests.manifest.nextLsn) throw new ElanusError('Busy', `collection "${this.#state.name}" is written to: try again`);
        return work();
      });
    });
    this.#running = done.then(() => undefined, () => undefined);
    return done;
  }

  /** Removes every row, and every segment, at once. What is being sealed is sealed before. Errors: those of the storage, then nothing changed. */
  truncate(): Promise<void> {
    const writer = this.#state.writer();
    const done = this.#running.then(() => writer.exclusive(() => this.#truncate(writer)));
    this.#running = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #seal(): Promise<void> {
    const writer = this.#state.writer();
    await this.#writeFrozen(writer);
    const frozen = await writer.exclusive(() => this.#freeze(writer));
    if (frozen === undefined) return;
    this.#frozen = [...this.#frozen, frozen];
    await this.#writeFrozen(writer);
  }

  async #freeze(writer: Writer): Promise<Frozen | undefined> {
    const { manifests } = this.#state;
    const table = this.#state.ownTable;
    const { nextLsn } = writer;
    if (nextLsn === manifests.manifest.nextLsn) return undefined;
    await writer.sync();
    await this.#dropDeadRows(table.growing);
    const key = this.#state.files.logKey(nextLsn);
    // An empty log of that name goes on: recovery began it while older ones held what is sealed now.
    if (key !== manifests.logs.at(-1)) {
      await this.#changeLog(writer, key);
      manifests.useLogs([...manifests.logs, key]);
    }
    const { epoch } = table;
    return { segment: table.freeze(), nextLsn, epoch };
  }

  // A few rows at a time: nothing is written meanwhile.
  async #dropDeadRows(growing: Segment | undefined): Promise<void> {
    if (growing === undefined || growing.deadRows === 0) return;
    if (growing.rows > SMALL_ROWS && growing.deadRows < growing.rows * DEAD_SHARE) return;
    const { environment, ownTable, residency, schema } = this.#state;
    const live = growing.rowsWhere(true);
    // Of the room that is left for sealing.
    residency.recount(this, Math.ceil((growing.rowBytes * live.length) / growing.rows));
    try {
      await ownTable.compactGrowing({ rows: live.length, piece: (first, end) => columnsOf(growing, schema, live.subarray(first, end)), pause: () => environment.ambient.pause() });
    } finally {
      residency.recount(this, 0);
      this.#state.account();
    }
  }

  // The log of before ends below the new manifest's LSN, like one whose rows are in segments.
  async #truncate(writer: Writer): Promise<void> {
    const { manifests } = this.#state;
    const { nextLsn } = writer;
    await writer.sync();
    const key = this.#state.files.logKey(nextLsn);
    if (nextLsn !== manifests.manifest.nextLsn && key !== manifests.logs.at(-1)) {
      await this.#changeLog(writer, key);
      manifests.useLogs([...manifests.logs, key]);
    }
    const { pushes } = this.#state.ownTable;
    const floor = pushes?.clock.tick();
    const stored = await pushesStored(this.#state, { floor });
    await manifests.change((before) => ({ ...before, ...stored, nextLsn, segments: [] }));
    this.#frozen = [];
    if (floor !== undefined) pushes?.removedAll(floor);
    this.#state.forgetAll();
    await this.#state.sweep();
  }

  async #changeLog(writer: Writer, key: string): Promise<void> {
    const { environment, files } = this.#state;
    const storage = writable(environment.storage);
    const log = await WriteLog.start(storage, environment.ambient, key, files, writer.nextLsn);
    // Who takes over later looks for newer logs after that, and finds this one.
    if (storage.isShared === true) await writer.confirm().catch(async (error: unknown) => {
      await log.close();
      throw error;
    });
    await writer.changeLog(log);
  }

  async #writeFrozen(writer: Writer): Promise<void> {
    for (let frozen = this.#frozen[0]; frozen !== undefined; frozen = this.#frozen[0]) {
      const { segment, epoch } = frozen;
      const { tasks } = this.#state;
      await tasks.run(this.#state, 'seal', segment?.rows ?? 0, () => false, async () => {
        const written = segment === undefined || segment.deadAsOf(epoch) === segment.rows ? undefined : await this.#writeRows(segment);
        await writer.exclusive(() => this.#commit(writer, frozen, written));
      });
      this.#sealed();
    }
  }

  async #writeRows(segment: Segment): Promise<Omit<SegmentEntry, 'id'>> {
    const { environment, files, residency, schema } = this.#state;
    // Writes have left room for it; a seal is what gives room back, so nothing refuses it.
    residency.recount(this, sealingBytes(segment.rowBytes));
    try {
      const pause = (): Promise<void> => environment.ambient.pause();
      const columns = await columnsInSteps(segment, schema, pause);
      const { bytes, ...found } = await encodeRowsInSteps(columns, schema, pause);
      for (const { name } of denseFields(schema)) freeBytes((columns.byName.get(name) as NumberColumn).values, environment.ambient);
      const rowsFile = await files.putAhead(bytes, rowsName);
      freeBytes(bytes, environment.ambient);
      return { rows: segment.rows, rowsFile, ...versionOf(schema), ...found, indexes: new Map() };
    } finally {
      residency.recount(this, 0);
    }
  }

  async #commit(writer: Writer, { segment, nextLsn, epoch }: Frozen, written: Omit<SegmentEntry, 'id'> | undefined): Promise<void> {
    const { files, manifests, residency } = this.#state;
    const table = this.#state.ownTable;
    // What is said of who pushes is ahead of the LSN, and must be so after a crash as well.
    if (table.pushes !== undefined) await writer.sync();
    const segments = await deletionsStored(this.#state, { epoch });
    const id = Math.max(0, ...segments.map((entry) => entry.id)) + 1;
    const entry = segment === undefined || written === undefined ? undefined : await withDeletions(segment, { id, ...written }, { files, epoch });
    const pushes = await pushesStored(this.#state);
    await manifests.change((before) => ({ ...before, ...pushes, nextLsn, segments: entry === undefined ? segments : [...segments, entry] }));
    // Whatever fails from here on, it is sealed.
    this.#frozen = this.#frozen.slice(1);
    if (entry !== undefined) files.settle(entry.rowsFile);
    this.#state.takeEntries();
    table.stored(epoch);
    if (segment !== undefined && entry !== undefined) {
      table.seal(segment, { entry, files: new SegmentFiles(files, entry, schemaOf(manifests.manifest, entry.schema ?? 0) ?? table.schema, table) });
      residency.watch(segment);
    } else if (segment !== undefined) table.discard(segment);
    this.#state.account();
    await this.#state.sweep();
  }
}

/** As the entry of a segment whose rows file is of `schema` says it. */
export function versionOf({ version }: Schema): Pick<SegmentEntry, 'schema'> {
  return version === undefined ? {} : { schema: version };
}

interface Deletions {
  /** What died until the end of it; by default the one that the manifest has. */
  readonly epoch?: number;
  /** Rows that are alive, and are to be deleted as well. */
  readonly more?: ReadonlyMap<Segment, readonly number[]>;
}

/** The manifest's segments with their deletions in files. Called while the writer does nothing else. */
export async function deletionsStored({ files, manifests, ownTable }: CollectionState, { epoch = ownTable.storedEpoch, more }: Deletions = {}): Promise<readonly SegmentEntry[]> {
  const byId = new Map<number, Segment>();
  for (const segment of ownTable.sealed) if (segment.stored !== undefined) byId.set(segment.stored.entry.id, segment);
  const entries: SegmentEntry[] = [];
  for (const entry of manifests.manifest.segments) {
    const segment = byId.get(entry.id);
    entries.push(segment === undefined ? entry : await withDeletions(segment, entry, { files, epoch, more: more?.get(segment) }));
  }
  return entries;
}

/** `entry` with the rows of its segment that were dead at the end of `epoch`, and `more`, which are alive. */
export async function withDeletions(segment: Segment, entry: SegmentEntry, { files, epoch, more = [] }: { readonly files: CollectionFiles; readonly epoch: number; readonly more?: readonly number[] | undefined }): Promise<SegmentEntry> {
  if (segment.deadAsOf(epoch) + more.length === (entry.deletions?.count ?? 0)) return entry;
  const dead = segment.rowsWhere(false, epoch);
  const rows = more.length === 0 ? dead : Uint32Array.from([...dead, ...more]).sort();
  const file = await files.putFile(encodeDeletions(rows), deletionsName);
  return { ...entry, deletions: { ...file, count: rows.length } };
}

/** All columns of a segment that is in memory, or of these of its rows, vectors included, in schema order. */
export function columnsOf(segment: Segment, schema: Schema, rows?: Uint32Array): Columns {
  return withVectors(segment, schema, new Map(Array.from(segment.vectors.values(), (part) => [part.field.name, vectorColumn(part, rows)])), rows);
}

/** All columns of a segment that takes no more rows, read in steps with a `pause` after each. */
async function columnsInSteps(segment: Segment, schema: Schema, pause: () => Promise<void>): Promise<Columns> {
  const vectors = new Map<string, Column>();
  for (const part of segment.vectors.values()) {
    const { field, loaded } = part;
    const column = emptyVectors(part, loaded.size);
    const atOnce = Math.max(1, Math.floor(STEP_BYTES / vectorBytes(field)));
    for (let first = 0; first < loaded.size; first += atOnce) {
      const count = Math.min(atOnce, loaded.size - first);
      const perRow = valuesPerRow(field);
      loaded.read(first, count, (column.values as Float32Array<ArrayBuffer>).subarray(first * perRow, (first + count) * perRow));
      await pause();
    }
    vectors.set(field.name, part.places === undefined ? column : part.places.spread(column));
  }
  return withVectors(segment, schema, vectors, undefined);
}

function withVectors(segment: Segment, schema: Schema, vectors: ReadonlyMap<string, Column>, rows: Uint32Array | undefined): Columns {
  const scalars = segment.columns.snapshot();
  const picked = rows === undefined ? scalars.byName : pickRows(scalars, rows);
  const byName = new Map(storedFields(schema).map(({ name }): [string, Column] => [name, vectors.get(name) ?? (picked.get(name) as Column)]));
  return { rows: rows?.length ?? segment.rows, byName };
}

function vectorColumn(part: VectorPart, rows: Uint32Array | undefined): NumberColumn {
  const { field, loaded, places } = part;
  if (rows === undefined) {
    const column = numberColumn(field, loaded.read(0, loaded.size));
    return places === undefined ? column : places.spread(column);
  }
  const column = emptyVectors(part, rows.length);
  const valid = bitsetOf(rows.length, false);
  rows.forEach((row, at) => {
    const vector = part.read(row);
    if (vector === undefined) return;
    (column.values as Float32Array).set(vector, at * valuesPerRow(field));
    setBit(valid, at);
  });
  return countBits(valid) === rows.length ? column : withValid(column, valid);
}

function emptyVectors({ field }: VectorPart, rows: number): NumberColumn {
  return numberColumn(field, new NUMBER_ARRAYS[field.type](rows * valuesPerRow(field)));
}
