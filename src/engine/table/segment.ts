// Segment: some rows of a collection, searchable. Rows are only appended, and only while it grows; a row that was
// deleted or replaced keeps its number and loses its bit in `alive`. The core holds the vectors, we the scalars; once
// it is stored, either may be released and read again from its files.

import { allocate, outOfMemory, type Allocate } from '../../model/allocate.js';
import type { Bitset } from '../../model/bitset.js';
import type { Column, Columns } from '../../model/columns.js';
import type { ElanusError } from '../../model/errors.js';
import { denseFields, sparseFields, storedFields, type Schema } from '../../model/schema.js';
import type { SegmentEntry } from '../../format/manifest.js';
import type { Core } from '../../ports/core.js';
import { AliveRows } from './alive-rows.js';
import { GrowingColumns } from './growing-columns.js';
import { LoadedColumns } from './loaded-columns.js';
import { ScalarIndexes } from '../upkeep/scalar-indexes.js';
import type { SegmentColumns } from './segment-columns.js';
import type { SegmentFiles } from '../files/segment-files.js';
import type { SegmentPart } from './segment-part.js';
import { SparsePart } from './sparse-part.js';
import { flatOf, VectorPart } from './vector-part.js';

/** Where a sealed segment is kept. */
export interface StoredSegment {
  /** As the manifest has it; the dead rows of the segment may be ahead of its deletions. */
  entry: SegmentEntry;
  readonly files: SegmentFiles;
}

export class Segment {
  /** Its number in its table, as the key index has it. */
  readonly ordinal: number;
  readonly schema: Schema;
  /** With the fields that were added since. */
  newest: Schema;
  columns: SegmentColumns;
  /** Over its scalar columns, once it is sealed. */
  readonly scalars = new ScalarIndexes();
  /** Dense vectors by field, in order of the schema. */
  readonly vectors: ReadonlyMap<string, VectorPart>;
  /** Sparse vectors by field. */
  readonly sparse: ReadonlyMap<string, SparsePart>;
  /** Undefined until its rows are in a file. */
  stored: StoredSegment | undefined;
  /** Why its files cannot be read: it takes no part in answers. */
  damage: ElanusError | undefined;
  /** When it was last used, in uses of any segment. */
  lastUse = 0;
  /** Calls that need what is in memory to stay there. */
  #users = 0;
  /** Is run each time that the last call has ended that needed it. */
  whenUnused: (() => void) | undefined;
  #holders = 0;
  #retired = false;
  #ended: () => void = () => {};
  readonly #alive: AliveRows;
  readonly #allocate: Allocate;

  private constructor(ordinal: number, schema: Schema, columns: SegmentColumns, epoch: number, allocated: Allocate) {
    this.#allocate = allocated;
    this.ordinal = ordinal;
    this.schema = schema;
    this.newest = schema;
    this.columns = columns;
    this.vectors = new Map(denseFields(schema).map((field) => [field.name, new VectorPart(field, this)]));
    this.sparse = new Map(sparseFields(schema).map((field) => [field.name, new SparsePart(field, this)]));
    this.#alive = new AliveRows(columns.rows, epoch, allocated);
  }

  /** Whether a call needs what is in memory to stay there. */
  get isUsed(): boolean {
    return this.#users > 0;
  }

  beginUse(): void {
    this.#users++;
  }

  endUse(): void {
    this.#users--;
    if (!this.isUsed) this.whenUnused?.();
  }

  /** An empty one, in memory, whose rows are written in `epoch`. Errors: `OutOfMemory`. */
  static growing(ordinal: number, schema: Schema, core: Core, epoch = 0, allocated: Allocate = allocate): Segment {
    const segment = new Segment(ordinal, schema, new GrowingColumns(storedFields(schema), allocated), epoch, allocated);
    try {
      for (const part of segment.vectors.values()) part.vectors = flatOf(part.field, core);
      for (const part of segment.sparse.values()) part.grow(allocated);
      return segment;
    } catch (error) {
      segment.close();
      throw error;
    }
  }

  /** One of which nothing is in memory yet. `dead` rows are ascending. */
  static sealed(ordinal: number, schema: Schema, stored: StoredSegment, dead: Uint32Array, allocated: Allocate = allocate): Segment {
    const segment = new Segment(ordinal, schema, new LoadedColumns(stored.entry.rows), 0, allocated);
    segment.stored = stored;
    for (const row of dead) segment.kill(row);
    return segment;
  }

  get rows(): number {
    return this.columns.rows;
  }

  get deadRows(): number {
    return this.#alive.deadRows;
  }

  get liveRows(): number {
    return this.rows - this.deadRows;
  }

  /** Bytes of its vectors, in memory or not. */
  get vectorBytes(): number {
    return this.#sum((part) => part.vectorBytes);
  }

  /** Bytes of its rows, vectors and columns: about what they take in a file. REQUIRES: it has none yet. */
  get rowBytes(): number {
    return this.vectorBytes + (this.columns as GrowingColumns).valueBytes;
  }

  /** About what it holds in memory. */
  get memoryBytes(): number {
    return this.#sum((part) => part.memoryBytes) + this.columns.bytes + this.scalars.bytes + this.#alive.bytes;
  }

  /** Whether an index over vectors is known for it, in memory or in a file. */
  get isIndexed(): boolean {
    return this.parts().some(({ isIndexed }) => isIndexed);
  }

  /** Its vectors of every type. */
  parts(): readonly SegmentPart[] {
    return [...this.vectors.values(), ...this.sparse.values()];
  }

  /** REQUIRES: a field of dense vectors. */
  part(field: string): VectorPart {
    return this.vectors.get(field) as VectorPart;
  }

  /** REQUIRES: a vector field. */
  partOf(field: string): SegmentPart {
    return this.vectors.get(field) ?? (this.sparse.get(field) as SparsePart);
  }

  /** Whether all of these columns are in memory. */
  hasColumns(names: Iterable<string>): boolean {
    if (this.columns instanceof GrowingColumns) return true;
    for (const name of names) if (!this.columns.has(name)) return false;
    return true;
  }

  /** What appending these rows takes more in memory, at most. */
  bytesToAppend(added: Columns): number {
    const bytes = (this.columns as GrowingColumns).bytesToAppend(added) + this.#alive.bytesToAppend(added.rows);
    return bytes + this.#sum((part) => part.bytesToAppend(added.byName.get(part.field.name) as Column, added.rows));
  }

  /** Makes room for what is kept of rows beside their vectors. Errors: `OutOfMemory`, then nothing changed. */
  reserve(added: Columns): void {
    try {
      (this.columns as GrowingColumns).reserve(added);
      this.#alive.reserve(this.rows + added.rows);
      for (const part of this.parts()) part.reserve(added.byName.get(part.field.name) as Column, added.rows, this.#allocate);
    } catch (error) {
      throw outOfMemory(error);
    }
  }

  /** Appends rows, all alive, or dead until `revive`; gives the number of the first. Only while it grows. Errors: `OutOfMemory`, then nothing changed. */
  append(added: Columns, areAlive = true): number {
    const first = this.rows;
    const appended: SegmentPart[] = [];
    this.reserve(added);
    try {
      for (const part of this.parts()) {
        part.append(added.byName.get(part.field.name) as Column, added.rows);
        appended.push(part);
      }
    } catch (error) {
      for (const part of appended) part.takeBack(first);
      throw outOfMemory(error);
    }
    // There is room for what follows: it cannot fail.
    (this.columns as GrowingColumns).append(added);
    this.#alive.append(this.rows, areAlive);
    return first;
  }

  /** Rows from `first` on, which were appended dead, are alive. */
  revive(first: number): void {
    this.#alive.revive(first);
  }

  isAlive(row: number): boolean {
    return this.#alive.has(row);
  }

  /** Makes room for what is kept when rows die in `epoch`. Errors: `OutOfMemory`, then nothing changed. */
  reserveDeaths(epoch: number): void {
    this.#alive.reserveDeaths(epoch);
  }

  /** In an epoch of its table; by default in one that the manifest has. */
  kill(row: number, epoch = 0): void {
    this.#alive.kill(row, epoch);
  }

  /** Live rows, as a view that later deletions change. Undefined if every row is alive. */
  alive(): Bitset | undefined {
    return this.#alive.view();
  }

  /** Row numbers, ascending, that are alive, or dead; now, or as of the end of `epoch`. */
  rowsWhere(alive: boolean, epoch?: number): Uint32Array {
    return this.#alive.where(alive, epoch);
  }

  /** Dead rows as of the end of `epoch`. */
  deadAsOf(epoch: number): number {
    return this.#alive.deadAsOf(epoch);
  }

  /** The manifest says what died until the end of `epoch`. */
  settle(epoch: number): void {
    this.#alive.settle(epoch);
  }

  /** Releases all vectors and what is built over them; its files have them. */
  dropVectors(): void {
    for (const part of this.parts()) part.drop();
  }

  /** Fields were added to the schema: what is in memory of its rows gets them; what is read from files has them anyway. Or vectors have another metric. REQUIRES: that was prepared. */
  useSchema(schema: Schema): void {
    this.newest = schema;
    for (const field of denseFields(schema)) if (this.part(field.name).field.metric !== field.metric) this.part(field.name).useMetric(field);
    if (this.columns instanceof GrowingColumns) this.columns.addFields(storedFields(schema));
  }

  /** Makes ready for a schema that has fields more: nothing is appended until `useSchema`. Errors: `OutOfMemory`, then nothing changed. */
  prepareSchema(schema: Schema): void {
    if (this.columns instanceof GrowingColumns) this.columns.prepareFields(storedFields(schema));
  }

  /** Takes a column that was read from its file. */
  addColumn(name: string, column: Column, bytes: number): void {
    if (this.columns instanceof LoadedColumns) this.columns.add(name, column, bytes);
  }

  /** It is in files now: each column can be let go by itself. */
  settleColumns(): void {
    const { columns } = this;
    if (!(columns instanceof GrowingColumns)) return;
    const settled = new LoadedColumns(columns.rows);
    for (const [name, column] of columns.snapshot().byName) settled.add(name, column, columns.columnBytes(name));
    this.columns = settled;
  }

  /** A call reads these columns, which are in memory. */
  noteColumns(names: Iterable<string>): void {
    if (this.columns instanceof LoadedColumns) this.columns.noteUse(names);
  }

  /** Releases the scalar columns that no call read since this was called before; its files have them. */
  dropUnusedColumns(): void {
    if (!(this.columns instanceof LoadedColumns)) return;
    this.columns.dropUnused();
    this.scalars.keepOnly((field) => this.columns.has(field));
  }

  /** Releases the scalar columns; its files have them. */
  dropColumns(): void {
    this.columns = new LoadedColumns(this.rows);
    this.scalars.drop();
  }

  /** Its rows and files stay until `release`, whatever becomes of its table. */
  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#retired && this.#holders === 0) this.#end();
  }

  /** Whether somebody reads it. */
  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** Closes it, now or when nobody holds it any more; then `ended` is called. */
  close(ended: () => void = () => {}): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#ended = ended;
    if (this.#holders === 0) this.#end();
  }

  #end(): void {
    this.dropVectors();
    this.#ended();
  }

  #sum(of: (part: SegmentPart) => number): number {
    let sum = 0;
    for (const part of this.parts()) sum += of(part);
    return sum;
  }
}
