// Segment: some rows of a collection, searchable. Rows are only appended, and only while it grows; a row that was
// deleted or replaced keeps its number and loses its bit in `alive`. The core holds the vectors, we the scalars.

import { bitsetBytes, bitsetOf, clearBit, hasBit, setBit, type Bitset } from '../model/bitset.js';
import type { ColumnOf, Columns } from '../model/columns.js';
import { storedFields, vectorField, type Schema } from '../model/schema.js';
import type { Calibration } from '../format/calibration.js';
import type { AcceleratedIndex, AnnIndex, Core, FlatCodes, FlatIndex } from '../ports/core.js';
import { GrowingColumns } from './growing-columns.js';

/** Approximate search of a segment, and what its parameters give. */
export interface SegmentIndex {
  readonly ann: AnnIndex;
  readonly calibration: Calibration;
}

export class Segment {
  /** Position among the segments of its table, and the order of rows between segments. */
  readonly ordinal: number;
  readonly columns: GrowingColumns;
  readonly index: FlatIndex;
  /** Undefined until it is built or read. */
  approximate: SegmentIndex | undefined;
  /** Codes of the rows, for searches without an index; undefined until one has asked for them. */
  codes: FlatCodes | undefined;
  /** Set when the segment has been attached to an accelerator, once. */
  accelerated: Promise<AcceleratedIndex | undefined> | undefined;
  readonly #vectorName: string;
  #alive: Bitset = new Uint8Array(0);
  #deadRows = 0;

  constructor(ordinal: number, schema: Schema, core: Core) {
    const vector = vectorField(schema);
    this.ordinal = ordinal;
    this.columns = new GrowingColumns(storedFields(schema));
    this.#vectorName = vector.name;
    this.index = core.createFlat(vector.dim, vector.metric);
  }

  get rows(): number {
    return this.columns.rows;
  }

  get deadRows(): number {
    return this.#deadRows;
  }

  get liveRows(): number {
    return this.rows - this.#deadRows;
  }

  /** Appends rows, all alive; gives the number of the first. Errors: `OutOfMemory`, then nothing changed. */
  append(added: Columns): number {
    const first = this.rows;
    this.index.append((added.byName.get(this.#vectorName) as ColumnOf<'FloatVector'>).values);
    this.columns.append(added);
    this.#growAlive();
    for (let row = first; row < this.rows; row++) setBit(this.#alive, row);
    return first;
  }

  isAlive(row: number): boolean {
    return hasBit(this.#alive, row);
  }

  kill(row: number): void {
    if (!hasBit(this.#alive, row)) return;
    clearBit(this.#alive, row);
    this.#deadRows++;
  }

  /** Live rows, as a view that later deletions change. Undefined if every row is alive. */
  alive(): Bitset | undefined {
    return this.#deadRows === 0 ? undefined : this.#alive.subarray(0, bitsetBytes(this.rows));
  }

  /** Row numbers, ascending, that are alive, or dead. */
  rowsWhere(alive: boolean): Uint32Array {
    const rows = new Uint32Array(alive ? this.liveRows : this.#deadRows);
    let count = 0;
    for (let row = 0; row < this.rows; row++) if (hasBit(this.#alive, row) === alive) rows[count++] = row;
    return rows;
  }

  /** Takes an index over these rows instead of what it has. */
  useIndex(index: SegmentIndex): void {
    this.approximate?.ann.close();
    this.approximate = index;
    this.codes?.close();
    this.codes = undefined;
  }

  close(): void {
    this.accelerated?.then((index) => index?.close(), () => undefined);
    // Before the rows that it searches.
    this.approximate?.ann.close();
    this.codes?.close();
    this.index.close();
  }

  #growAlive(): void {
    const needed = bitsetBytes(this.rows);
    if (needed <= this.#alive.length) return;
    const grown = bitsetOf(Math.max(needed, this.#alive.length * 2) * 8, false);
    grown.set(this.#alive);
    this.#alive = grown;
  }
}
