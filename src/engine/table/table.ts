// Table: the rows of a collection: sealed segments, those being sealed, the growing one, and the key index over all.
// Changes are applied in the order of their LSN, each at once, so that every search sees whole batches.

import { allocate, type Allocate } from '../../model/allocate.js';
import { sliceColumns } from '../../model/column-rows.js';
import type { Columns } from '../../model/columns.js';
import type { PrimaryKey } from '../../model/row.js';
import { primaryField, type DenseField, type Schema } from '../../model/schema.js';
import type { Core } from '../../ports/core.js';
import { KeyIndex } from './key-index.js';
import type { Pushes } from './pushes.js';
import { appendInPieces, type ComingRows } from './rows-in-pieces.js';
import { Segment, type StoredSegment } from './segment.js';
import { Snapshot } from './snapshot.js';

export class Table {
  #schema: Schema;
  readonly keys: KeyIndex;
  /** Of a collection that takes pushes, where it is written to. */
  pushes: Pushes | undefined;
  readonly #core: Core;
  readonly #allocate: Allocate;
  #sealed: readonly Segment[] = [];
  #frozen: readonly Segment[] = [];
  readonly #byOrdinal = new Map<number, Segment>();
  /** Those that were replaced and are still read. */
  readonly #retired = new Set<Segment>();
  #growing: Segment | undefined;
  #nextOrdinal = 0;
  #epoch = 1;
  #storedEpoch = 0;
  #changes = 0;
  #segmentChanges = 0;

  /** `allocated` gives what grows its memory. */
  constructor(schema: Schema, core: Core, allocated: Allocate = allocate) {
    this.#schema = schema;
    this.#core = core;
    this.#allocate = allocated;
    this.keys = new KeyIndex(allocated);
  }

  get schema(): Schema {
    return this.#schema;
  }

  /** Takes a schema that has fields more than the one before, or another metric that was prepared. */
  useSchema(schema: Schema): void {
    this.#schema = schema;
    for (const segment of this.#byOrdinal.values()) segment.useSchema(schema);
    this.#rearranged();
  }

  /** Makes ready for a schema that has fields more: no row is written until `useSchema`. Errors: `OutOfMemory`, then nothing changed. */
  prepareSchema(schema: Schema): void {
    for (const segment of this.#byOrdinal.values()) segment.prepareSchema(schema);
  }

  /** Makes ready for another metric of a field, whose vectors may be searched meanwhile; gives what undoes that. Errors: `OutOfMemory`, then nothing changed. */
  prepareMetric(field: DenseField): () => void {
    const parts = [...this.#byOrdinal.values()].map((segment) => segment.part(field.name));
    const forget = (): void => parts.forEach((part) => part.forgetMetric());
    try {
      for (const part of parts) part.prepareMetric(field, this.#core);
      return forget;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Differs whenever an answer may differ: who awaited in the middle of a search compares it. */
  get changes(): number {
    return this.#changes;
  }

  /** Differs whenever there are other segments, or what they have of their rows is read otherwise; not when rows are written or deleted. */
  get segmentChanges(): number {
    return this.#segmentChanges;
  }

  /** In order of insertion; the array never changes. */
  get sealed(): readonly Segment[] {
    return this.#sealed;
  }

  /** Those that take no more rows and are being written to files. */
  get frozen(): readonly Segment[] {
    return this.#frozen;
  }

  /** Undefined while nothing has been written since the last freeze. */
  get growing(): Segment | undefined {
    return this.#growing;
  }

  /** Less those of damaged segments. */
  get liveRows(): number {
    return this.#sealed.reduce((rows, segment) => (segment.damage === undefined ? rows : rows - segment.liveRows), this.keys.size);
  }

  /** Of what is written now; `freeze` ends it. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The last of which the manifest has the rows and the deletions. */
  get storedEpoch(): number {
    return this.#storedEpoch;
  }

  /** Dead rows of sealed segments that the manifest does not know of. */
  get unstoredDeaths(): number {
    return this.#sealed.reduce((sum, segment) => sum + segment.deadRows - segment.deadAsOf(this.#storedEpoch), 0);
  }

  segment(ordinal: number): Segment {
    return this.#byOrdinal.get(ordinal) as Segment;
  }

  /** Every segment in order of insertion, as of now, less the damaged; the array never changes. */
  segments(): readonly Segment[] {
    const stored = this.#sealed.some(({ damage }) => damage !== undefined) ? this.#sealed.filter(({ damage }) => damage === undefined) : this.#sealed;
    return [...stored, ...this.#frozen, ...(this.#growing === undefined ? [] : [this.#growing])];
  }

  /** What there is now, for who awaits before it has read it all. To be released. */
  snapshot(): Snapshot {
    return new Snapshot(this.segments());
  }

  /** What writing rows takes more in memory, at most. */
  bytesToWrite(columns: Columns): number {
    const keys = this.keys.bytesToAdd(primaryField(this.schema).type, columns.rows);
    if (this.#growing !== undefined) return keys + this.#growing.bytesToAppend(columns);
    const segment = Segment.growing(this.#nextOrdinal, this.schema, this.#core, this.#epoch, this.#allocate);
    const bytes = segment.memoryBytes + segment.bytesToAppend(columns);
    segment.close();
    return keys + bytes;
  }

  /** Adds rows to the growing segment; a row replaces the one that has its key, the last of a batch wins. Errors: `OutOfMemory`, then nothing changed. */
  write(columns: Columns): void {
    const segment = (this.#growing ??= this.#add((ordinal) => Segment.growing(ordinal, this.schema, this.#core, this.#epoch, this.#allocate)));
    try {
      this.keys.reserve(primaryField(this.schema).type, columns.rows);
      this.#reserveDeaths(this.#epoch);
      this.#index(segment, segment.append(columns), columns, true, this.#epoch);
    } catch (error) {
      if (segment.rows === 0) this.#discardGrowing();
      throw error;
    }
    this.#changes++;
  }

  /**
   * The same, a few rows at a time with a `pause` after each: they are seen all at once, in the turn in which `written` is called.
   * REQUIRES: nothing else is written or deleted until then. Errors: `OutOfMemory`, then nothing is seen of it.
   */
  async writeInTurns(columns: Columns, pause: () => Promise<void>, written: () => void): Promise<void> {
    await this.keys.reserveInTurns(primaryField(this.schema).type, columns.rows, pause);
    const segment = (this.#growing ??= this.#add((ordinal) => Segment.growing(ordinal, this.schema, this.#core, this.#epoch, this.#allocate)));
    const { rows: first } = segment;
    try {
      this.#reserveDeaths(this.#epoch);
      segment.reserve(columns);
      const coming = { rows: columns.rows, piece: (from: number, end: number): Columns => sliceColumns(columns, from, end), pause };
      await appendInPieces(segment, this.keys, this.schema, coming, (replaced) => {
        for (const { ordinal, row } of replaced) this.segment(ordinal).kill(row, this.#epoch);
        this.#changes++;
        written();
      });
    } catch (error) {
      if (first === 0) this.#discardGrowing();
      throw error;
    }
  }

  /** Removes the rows of these keys, in an epoch that is the current one by default; gives how many there were. Errors: `OutOfMemory`, then nothing changed. */
  delete(keys: Iterable<PrimaryKey>, epoch = this.#epoch): number {
    this.#reserveDeaths(epoch);
    let count = 0;
    for (const key of keys) {
      const place = this.keys.delete(key);
      if (place === undefined) continue;
      this.segment(place.ordinal).kill(place.row, epoch);
      count++;
    }
    this.#changes++;
    return count;
  }

  /** Adds a sealed segment, before anything was written. `withKeys` runs what it is given with the primary keys in memory. */
  async addSealed(stored: StoredSegment, dead: Uint32Array, withKeys: (segment: Segment, work: () => void) => Promise<void>): Promise<Segment> {
    const segment = Segment.sealed(this.#nextOrdinal++, this.schema, stored, dead, this.#allocate);
    await withKeys(segment, () => {
      this.#byOrdinal.set(segment.ordinal, segment);
      this.#sealed = [...this.#sealed, segment];
      this.#index(segment, 0, segment.columns.snapshot(), segment.deadRows === 0, this.#storedEpoch);
    });
    return segment;
  }

  /** Ends the epoch and the growing segment; the next write starts a new one. Undefined if there is none. */
  freeze(): Segment | undefined {
    this.#epoch++;
    const segment = this.#growing;
    if (segment === undefined) return undefined;
    this.#growing = undefined;
    this.#frozen = [...this.#frozen, segment];
    return segment;
  }

  /** The manifest has what was written and deleted until the end of `epoch`. */
  stored(epoch: number): void {
    this.#storedEpoch = epoch;
    for (const segment of this.#byOrdinal.values()) segment.settle(epoch);
  }

  /** A frozen segment's rows are in files now. */
  seal(segment: Segment, stored: StoredSegment): void {
    segment.stored = stored;
    segment.settleColumns();
    this.#frozen = this.#frozen.filter((frozen) => frozen !== segment);
    this.#sealed = [...this.#sealed, segment];
    this.#rearranged();
  }

  /** Removes a segment that has no live row. */
  discard(segment: Segment): void {
    this.#frozen = this.#frozen.filter((frozen) => frozen !== segment);
    this.#sealed = this.#sealed.filter((sealed) => sealed !== segment);
    this.#retire(segment);
    this.#rearranged();
  }

  /** Removes a sealed segment with its keys. */
  forget(segment: Segment): void {
    this.keys.deleteAll(segment.ordinal);
    this.discard(segment);
  }

  /** Removes every row. */
  forgetAll(): void {
    for (const segment of [...this.#sealed, ...this.#frozen, ...(this.#growing === undefined ? [] : [this.#growing])]) this.#retire(segment);
    this.#sealed = [];
    this.#frozen = [];
    this.#growing = undefined;
    this.keys.clear();
    this.#rearranged();
  }

  /** A segment that is not in the table yet, with an ordinal of its own, for `replace`. */
  prepare(stored: StoredSegment, dead = new Uint32Array(0)): Segment {
    return Segment.sealed(this.#nextOrdinal++, this.schema, stored, dead, this.#allocate);
  }

  /** Makes room for so many keys, and for what is kept of rows that they replace: adopting them cannot fail then. Errors: `OutOfMemory`, then nothing changed. */
  reserveToAdopt(keys: number): void {
    this.keys.reserve(primaryField(this.schema).type, keys);
    this.#reserveDeaths(this.#storedEpoch);
  }

  /** Adds a prepared segment with its primary keys behind the others, in place of the rows that have them. REQUIRES: `reserveToAdopt`. */
  adopt(segment: Segment, keys: Columns): void {
    this.#byOrdinal.set(segment.ordinal, segment);
    this.#sealed = [...this.#sealed, segment];
    this.#index(segment, 0, keys, segment.deadRows === 0, this.#storedEpoch);
    this.#rearranged();
  }

  /** `after`, whose rows the key index names, takes the place of adjacent sealed segments; `ended` is called of each when nobody reads it any more. */
  replace(before: readonly Segment[], after: Segment | undefined, ended: (segment: Segment) => void): void {
    const at = this.#sealed.indexOf(before[0] as Segment);
    const rest = this.#sealed.filter((segment) => !before.includes(segment));
    this.#sealed = [...rest.slice(0, at), ...(after === undefined ? [] : [after]), ...rest.slice(at)];
    for (const segment of before) this.#retire(segment, () => ended(segment));
    this.#rearranged();
  }

  /** Makes a prepared segment known, so that the key index may name its rows. */
  admit(segment: Segment): void {
    this.#byOrdinal.set(segment.ordinal, segment);
  }

  /** Sealed segments that were replaced and are still read. */
  retired(): readonly Segment[] {
    for (const segment of this.#retired) if (!segment.isHeld) this.#retired.delete(segment);
    return [...this.#retired];
  }

  /** Replaces the growing segment by one with only these, its live rows, when all of them are there; by none if there are none. REQUIRES: nothing is written or deleted until then. Errors: `OutOfMemory`, then it stays. */
  async compactGrowing(live: ComingRows): Promise<void> {
    const before = this.#growing as Segment;
    const useInstead = (after: Segment | undefined): void => {
      this.#growing = after;
      if (after !== undefined) this.#byOrdinal.set(after.ordinal, after);
      this.#retire(before);
      this.#rearranged();
    };
    if (live.rows === 0) return useInstead(undefined);
    const after = Segment.growing(this.#nextOrdinal++, this.schema, this.#core, this.#epoch, this.#allocate);
    try {
      await appendInPieces(after, this.keys, this.schema, live, () => useInstead(after));
    } catch (error) {
      after.close();
      throw error;
    }
  }

  /** A file of the segment cannot be read: it takes no part in answers from now on. */
  quarantine(segment: Segment, damage: Segment['damage']): void {
    segment.damage = damage;
    this.#rearranged();
  }

  close(): void {
    for (const segment of this.#byOrdinal.values()) segment.close();
    this.#byOrdinal.clear();
    this.#rearranged();
  }

  #rearranged(): void {
    this.#changes++;
    this.#segmentChanges++;
  }

  #reserveDeaths(epoch: number): void {
    for (const segment of this.#byOrdinal.values()) segment.reserveDeaths(epoch);
  }

  #discardGrowing(): void {
    if (this.#growing === undefined) return;
    this.#retire(this.#growing);
    this.#growing = undefined;
    this.#rearranged();
  }

  #retire(segment: Segment, ended?: () => void): void {
    this.#byOrdinal.delete(segment.ordinal);
    if (segment.isHeld) this.#retired.add(segment);
    segment.close(ended);
  }

  /** `columns` are those of the rows from `first` on; what they replace dies in `epoch`. */
  #index(segment: Segment, first: number, { byName }: Columns, areAlive: boolean, epoch: number): void {
    const { name } = primaryField(this.schema);
    const keys = byName.get(name);
    if (keys?.type === 'Int64' && areAlive) {
      return this.keys.setAll(keys.values, segment.ordinal, first, (ordinal, row) => this.segment(ordinal).kill(row, epoch));
    }
    const values = keys?.values as readonly PrimaryKey[];
    for (let row = first; row < segment.rows; row++) {
      if (!segment.isAlive(row)) continue;
      const before = this.keys.set(values[row - first] as PrimaryKey, segment.ordinal, row);
      if (before !== undefined) this.segment(before.ordinal).kill(before.row, epoch);
    }
  }

  #add(make: (ordinal: number) => Segment): Segment {
    const segment = make(this.#nextOrdinal++);
    this.#byOrdinal.set(segment.ordinal, segment);
    return segment;
  }
}
