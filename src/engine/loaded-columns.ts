// LoadedColumns: the scalar columns of a sealed segment as far as they have been read from its file.

import { hasBit } from '../model/bitset.js';
import type { Column, Columns } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import type { StoredScalar } from '../model/scalar-value.js';
import type { SegmentColumns, StoredValue } from './segment-columns.js';

export class LoadedColumns implements SegmentColumns {
  readonly rows: number;
  readonly #columns = new Map<string, Column>();
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;

  constructor(rows: number) {
    this.rows = rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  bytesOf(name: string): number {
    return this.#bytesOf.get(name) ?? 0;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** `bytes`: what it takes in memory. */
  add(name: string, column: Column, bytes: number): void {
    if (this.#columns.has(name)) return;
    this.#columns.set(name, column);
    this.#bytesOf.set(name, bytes);
    this.#bytes += bytes;
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
