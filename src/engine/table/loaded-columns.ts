// LoadedColumns: the scalar columns of a sealed segment as far as they have been read from its file, or are still there
// from before it was sealed. One that is not used for long can be let go.

import { hasBit } from '../../model/bitset.js';
import type { Column, Columns } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import type { StoredScalar } from '../../model/scalar-value.js';
import type { SegmentColumns, StoredValue } from './segment-columns.js';

export class LoadedColumns implements SegmentColumns {
  readonly rows: number;
  readonly #columns = new Map<string, Column>();
  readonly #sizes = new Map<string, number>();
  /** Columns that were used since the last `dropUnused`. */
  readonly #used = new Set<string>();

  constructor(rows: number) {
    this.rows = rows;
  }

  get bytes(): number {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  columnBytes(name: string): number {
    return this.#sizes.get(name) ?? 0;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** `bytes`: what it takes in memory. */
  add(name: string, column: Column, bytes: number): void {
    if (this.#columns.has(name)) return;
    this.#columns.set(name, column);
    this.#sizes.set(name, bytes);
    this.#used.add(name);
  }

  noteUse(names: Iterable<string>): void {
    for (const name of names) this.#used.add(name);
  }

  /** Lets go of what nobody used since this was called before. */
  dropUnused(): void {
    for (const name of [...this.#columns.keys()]) {
      if (this.#used.has(name)) continue;
      this.#columns.delete(name);
      this.#sizes.delete(name);
    }
    this.#used.clear();
  }

  value(name: string, row: number): StoredValue {
    const column = this.#columns.get(name);
    if (column === undefined) throw new ElanusError('StorageFailed', `column "${name}" was read before it was loaded`);
    if (column.valid !== undefined && !hasBit(column.valid, row)) return null;
    if (column.type === 'SparseFloatVector') return { indices: column.indices.slice(column.offsets[row], column.offsets[row + 1]), values: column.values.slice(column.offsets[row], column.offsets[row + 1]) };
    if (column.type !== 'Array') return column.values[row] as StoredValue;
    return Array.from<StoredScalar>(column.values.values.slice(column.offsets[row], column.offsets[row + 1]) as ArrayLike<StoredScalar>);
  }

  snapshot(): Columns {
    return { rows: this.rows, byName: this.#columns };
  }
}
