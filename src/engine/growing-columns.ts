// GrowingColumns: the scalar columns of one segment in memory, to which batches are appended. The vectors are
// not here: the core holds them. A snapshot shares memory with later ones and never changes below its `rows`.

import type { Column, Columns } from '../model/columns.js';
import type { DataType, Field } from '../model/field.js';
import type { SegmentColumns } from './segment-columns.js';

type Numbers = Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

interface NumberColumn {
  readonly kind: 'numbers';
  readonly type: DataType;
  values: Numbers;
}

interface TextColumn {
  readonly kind: 'text';
  readonly type: 'VarChar' | 'JSON';
  readonly values: string[];
}

const ARRAYS = {
  Bool: Uint8Array,
  Int8: Int8Array,
  Int16: Int16Array,
  Int32: Int32Array,
  Int64: BigInt64Array,
  Float: Float32Array,
  Double: Float64Array,
} as const;

const ROWS_FIRST = 64;
/** Of a string beside its characters. */
const TEXT_BYTES = 24;

export class GrowingColumns implements SegmentColumns {
  #rows = 0;
  #textBytes = 0;
  readonly #columns = new Map<string, NumberColumn | TextColumn>();

  /** `fields` are the stored fields; vectors among them are left out. */
  constructor(fields: readonly Field[]) {
    for (const { name, type } of fields) {
      if (type === 'FloatVector') continue;
      if (type === 'VarChar' || type === 'JSON') this.#columns.set(name, { kind: 'text', type, values: [] });
      else this.#columns.set(name, { kind: 'numbers', type, values: new ARRAYS[type](0) });
    }
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    let bytes = this.#textBytes;
    for (const column of this.#columns.values()) if (column.kind === 'numbers') bytes += column.values.byteLength;
    return bytes;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Appends every row of `added`, which has at least our columns, of our types. */
  append(added: Columns): void {
    for (const [name, column] of this.#columns) {
      const from = added.byName.get(name) as Column;
      if (column.kind === 'text') this.#appendTexts(column, from.values as readonly string[]);
      else appendNumbers(column, this.#rows, from.values as Numbers);
    }
    this.#rows += added.rows;
  }

  #appendTexts(column: TextColumn, added: readonly string[]): void {
    for (const value of added) {
      column.values.push(value);
      this.#textBytes += TEXT_BYTES + value.length;
    }
  }

  /** The value of a field in one row, as it is stored: JSON as its text, Bool as 0 or 1. */
  value(name: string, row: number): number | bigint | string {
    return (this.#columns.get(name) as NumberColumn | TextColumn).values[row] as number | bigint | string;
  }

  /** All rows so far. */
  snapshot(): Columns {
    const byName = new Map<string, Column>();
    for (const [name, column] of this.#columns) {
      const values = column.kind === 'text' ? column.values : column.values.subarray(0, this.#rows);
      byName.set(name, { type: column.type, values } as Column);
    }
    return { rows: this.#rows, byName };
  }
}

function appendNumbers(column: NumberColumn, rows: number, added: Numbers): void {
  const needed = rows + added.length;
  if (needed > column.values.length) {
    const Grown = column.values.constructor as new (length: number) => Numbers;
    const grown = new Grown(Math.max(needed, column.values.length * 2, ROWS_FIRST));
    grown.set(column.values.subarray(0, rows) as never);
    column.values = grown;
  }
  column.values.set(added as never, rows);
}

/** The rows of `columns` at `rows`, in that order, without vector columns. */
export function pickRows(columns: Columns, rows: Uint32Array): Map<string, Column> {
  const picked = new Map<string, Column>();
  for (const [name, column] of columns.byName) {
    if (column.type === 'FloatVector') continue;
    if (column.type === 'VarChar' || column.type === 'JSON') {
      picked.set(name, { type: column.type, values: Array.from(rows, (row) => column.values[row] as string) });
      continue;
    }
    const Picked = column.values.constructor as new (length: number) => Numbers;
    const values = new Picked(rows.length);
    rows.forEach((row, at) => (values[at] = column.values[row] as never));
    picked.set(name, { type: column.type, values } as Column);
  }
  return picked;
}
