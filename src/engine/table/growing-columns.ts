// GrowingColumns: the columns of one segment in memory, to which batches are appended. Dense vectors are not here: the
// core holds them. A snapshot shares memory with later ones and never changes below its `rows`.

import { hasBit, setBit, type Bitset, bitsetBytes } from '../../model/bitset.js';
import { pickColumn } from '../../model/column-rows.js';
import { isNumberType, NUMBER_ARRAYS, numberColumn, rowsOf, withValid, type ArrayColumn, type Column, type Columns, type NumberColumn, type SparseColumn, type TextColumn, type TextType } from '../../model/columns.js';
import { isDenseVector, type Field } from '../../model/field.js';
import type { StoredScalar } from '../../model/scalar-value.js';
import { absentColumn } from './absent-column.js';
import type { SegmentColumns, StoredSparse, StoredValue } from './segment-columns.js';

type Numbers = Float64Array;

const ROWS_FIRST = 64;
/** Of a string beside its characters. */
const TEXT_BYTES = 24;

/** Values of one column that grows. */
interface Growing<C extends Column> {
  /** About what they take in memory. */
  readonly bytes: number;
  /** Of these, those of values alone: about what they take in a file. */
  readonly valueBytes: number;
  /** What appending takes more in memory. */
  bytesToAppend(column: C): number;
  append(column: C): void;
  value(row: number): StoredScalar | readonly StoredScalar[] | StoredSparse;
  snapshot(): C;
}

export class GrowingColumns implements SegmentColumns {
  #rows = 0;
  /** The same as long as nothing is appended, so that its arrays are known again. */
  #snapshot: Columns | undefined;
  readonly #columns = new Map<string, { readonly values: Growing<Column>; readonly nulls: Nulls }>();

  /** `fields` are the stored fields; dense vectors among them are left out. */
  constructor(fields: readonly Field[]) {
    for (const field of fields) if (!isDenseVector(field.type)) this.#columns.set(field.name, { values: growingOf(field), nulls: new Nulls() });
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { values } of this.#columns.values()) bytes += values.bytes;
    return bytes;
  }

  /** Of these, those of values alone: about what they take in a file. */
  get valueBytes(): number {
    let bytes = 0;
    for (const { values } of this.#columns.values()) bytes += values.valueBytes;
    return bytes;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Adds the columns of `fields` that are not there; the rows so far get what they have of a field that was added. */
  addFields(fields: readonly Field[]): void {
    for (const field of fields) {
      if (isDenseVector(field.type) || this.#columns.has(field.name)) continue;
      const column = absentColumn(field, this.#rows);
      const [values, nulls] = [growingOf(field), new Nulls()];
      values.append(column);
      nulls.append(column.valid, 0, this.#rows);
      this.#columns.set(field.name, { values, nulls });
    }
    this.#snapshot = undefined;
  }

  /** About what a column takes in memory. */
  columnBytes(name: string): number {
    return this.#columns.get(name)?.values.bytes ?? 0;
  }

  /** What appending `added` takes more in memory. */
  bytesToAppend(added: Columns): number {
    let bytes = 0;
    for (const [name, { values }] of this.#columns) bytes += values.bytesToAppend(added.byName.get(name) as Column);
    return bytes;
  }

  /** Appends every row of `added`, which has at least our columns, of our types. */
  append(added: Columns): void {
    for (const [name, { values, nulls }] of this.#columns) {
      const column = added.byName.get(name) as Column;
      values.append(column);
      nulls.append(column.valid, this.#rows, added.rows);
    }
    this.#rows += added.rows;
    this.#snapshot = undefined;
  }

  /** The value of a field in one row. */
  value(name: string, row: number): StoredValue {
    const { values, nulls } = this.#columns.get(name) as { readonly values: Growing<Column>; readonly nulls: Nulls };
    return nulls.isNull(row) ? null : values.value(row);
  }

  /** All rows so far. */
  snapshot(): Columns {
    return (this.#snapshot ??= this.#columnsNow());
  }

  #columnsNow(): Columns {
    const byName = new Map<string, Column>();
    for (const [name, { values, nulls }] of this.#columns) byName.set(name, withValid(values.snapshot(), nulls.valid(this.#rows)));
    return { rows: this.#rows, byName };
  }
}

function growingOf(field: Field): Growing<Column> {
  const { type, elementType = 'Bool' } = field;
  if (type === 'SparseFloatVector') return new GrowingSparse() as unknown as Growing<Column>;
  const growing = type === 'Array' ? new GrowingArrays(elementType === 'VarChar' ? new GrowingTexts('VarChar') : new GrowingNumbers({ type: elementType })) : isNumberType(type) ? new GrowingNumbers({ type }) : new GrowingTexts(type as TextType);
  return growing as Growing<Column>;
}

/** Numbers in an array that doubles. */
class GrowingNumbers implements Growing<NumberColumn> {
  readonly #field: { readonly type: NumberColumn['type'] };
  #values: Numbers;
  #length = 0;

  constructor(field: { readonly type: NumberColumn['type'] }) {
    this.#field = field;
    this.#values = new (NUMBER_ARRAYS[field.type] as unknown as typeof Float64Array)(0);
  }

  get bytes(): number {
    return this.#values.byteLength;
  }

  get valueBytes(): number {
    return this.#length * this.#values.BYTES_PER_ELEMENT;
  }

  bytesToAppend({ values }: { readonly values: { readonly length: number } }): number {
    return (this.#room(this.#length + values.length) - this.#values.length) * this.#values.BYTES_PER_ELEMENT;
  }

  append({ values }: { readonly values: NumberColumn['values'] }): void {
    const needed = this.#length + values.length;
    const room = this.#room(needed);
    if (room > this.#values.length) {
      const grown = new (this.#values.constructor as typeof Float64Array)(room);
      grown.set(this.#values.subarray(0, this.#length));
      this.#values = grown;
    }
    this.#values.set(values as never, this.#length);
    this.#length = needed;
  }

  #room(needed: number): number {
    const { length } = this.#values;
    return needed <= length ? length : Math.max(needed, length * 2, ROWS_FIRST);
  }

  value(row: number): number | bigint {
    return this.#values[row] as number | bigint;
  }

  snapshot(): NumberColumn {
    return numberColumn(this.#field, this.#values.subarray(0, this.#length));
  }
}

class GrowingTexts implements Growing<TextColumn> {
  readonly #type: TextType;
  readonly #values: string[] = [];
  #characters = 0;

  constructor(type: TextType) {
    this.#type = type;
  }

  get bytes(): number {
    return this.#values.length * TEXT_BYTES + this.#characters;
  }

  get valueBytes(): number {
    return this.#characters;
  }

  bytesToAppend({ values }: TextColumn): number {
    return values.reduce((sum, { length }) => sum + TEXT_BYTES + length, 0);
  }

  append({ values }: TextColumn): void {
    for (const value of values) {
      this.#values.push(value);
      this.#characters += value.length;
    }
  }

  value(row: number): string {
    return this.#values[row] as string;
  }

  /** Its array goes on growing. */
  snapshot(): TextColumn {
    return { type: this.#type, values: this.#values };
  }
}

class GrowingArrays implements Growing<ArrayColumn> {
  /** The first is 0; a column has no more than 2^31 elements. */
  readonly #offsets = new GrowingNumbers({ type: 'Int32' });
  readonly #elements: Growing<NumberColumn | TextColumn>;
  #count = 0;

  constructor(elements: GrowingNumbers | GrowingTexts) {
    this.#elements = elements as Growing<NumberColumn | TextColumn>;
    this.#offsets.append({ values: Int32Array.of(0) });
  }

  get bytes(): number {
    return this.#offsets.bytes + this.#elements.bytes;
  }

  get valueBytes(): number {
    return this.#offsets.valueBytes + this.#elements.valueBytes;
  }

  bytesToAppend({ offsets, values }: ArrayColumn): number {
    return this.#offsets.bytesToAppend({ values: offsets.subarray(1) }) + this.#elements.bytesToAppend(values);
  }

  append(column: ArrayColumn): void {
    this.#offsets.append({ values: Int32Array.from(column.offsets.subarray(1), (offset) => this.#count + offset) });
    this.#elements.append(column.values);
    this.#count += rowsOf(column.values);
  }

  value(row: number): readonly StoredScalar[] {
    const start = this.#offsets.value(row) as number;
    return Array.from({ length: (this.#offsets.value(row + 1) as number) - start }, (_, at) => this.#elements.value(start + at) as StoredScalar);
  }

  snapshot(): ArrayColumn {
    return { type: 'Array', offsets: unsigned(this.#offsets), values: this.#elements.snapshot() };
  }
}

class GrowingSparse implements Growing<SparseColumn> {
  /** The first is 0. */
  readonly #offsets = new GrowingNumbers({ type: 'Int32' });
  readonly #indices = new GrowingNumbers({ type: 'Int32' });
  readonly #values = new GrowingNumbers({ type: 'Float' });
  #count = 0;

  constructor() {
    this.#offsets.append({ values: Int32Array.of(0) });
  }

  get bytes(): number {
    return this.#offsets.bytes + this.#indices.bytes + this.#values.bytes;
  }

  get valueBytes(): number {
    return this.#offsets.valueBytes + this.#indices.valueBytes + this.#values.valueBytes;
  }

  bytesToAppend({ offsets, indices, values }: SparseColumn): number {
    return this.#offsets.bytesToAppend({ values: offsets.subarray(1) }) + this.#indices.bytesToAppend({ values: indices }) + this.#values.bytesToAppend({ values });
  }

  append({ offsets, indices, values }: SparseColumn): void {
    this.#offsets.append({ values: Int32Array.from(offsets.subarray(1), (offset) => this.#count + offset) });
    this.#indices.append({ values: new Int32Array(indices.buffer, indices.byteOffset, indices.length) });
    this.#values.append({ values });
    this.#count += values.length;
  }

  value(row: number): StoredSparse {
    const { offsets, indices, values } = this.snapshot();
    const [start, end] = [offsets[row], offsets[row + 1]];
    return { indices: indices.slice(start, end), values: values.slice(start, end) };
  }

  snapshot(): SparseColumn {
    return { type: 'SparseFloatVector', offsets: unsigned(this.#offsets), indices: unsigned(this.#indices), values: this.#values.snapshot().values as Float32Array };
  }
}

/** The bits of Int32 as those of u32. */
function unsigned(numbers: GrowingNumbers): Uint32Array {
  const { buffer, byteOffset, length } = numbers.snapshot().values as Int32Array;
  return new Uint32Array(buffer, byteOffset, length);
}

/** Which rows are not null; nothing is kept before the first null. */
class Nulls {
  #valid: Bitset | undefined;
  /** A copy, since a bitset has no bits beyond its rows. */
  #snapshot: Bitset | undefined;

  append(valid: Bitset | undefined, first: number, rows: number): void {
    if (valid === undefined && this.#valid === undefined) return;
    this.#snapshot = undefined;
    const bits = this.#grown(first, first + rows);
    for (let row = 0; row < rows; row++) if (valid === undefined || hasBit(valid, row)) setBit(bits, first + row);
  }

  isNull(row: number): boolean {
    return this.#valid !== undefined && !hasBit(this.#valid, row);
  }

  valid(rows: number): Bitset | undefined {
    return (this.#snapshot ??= this.#valid?.slice(0, bitsetBytes(rows)));
  }

  #grown(rows: number, needed: number): Bitset {
    const before = this.#valid;
    if (before !== undefined && bitsetBytes(needed) <= before.length) return before;
    const grown = new Uint8Array(Math.max(bitsetBytes(needed), (before?.length ?? 0) * 2, ROWS_FIRST));
    if (before !== undefined) grown.set(before);
    else for (let row = 0; row < rows; row++) setBit(grown, row);
    return (this.#valid = grown);
  }
}

/** The rows of `columns` at `rows`, in that order, without dense vectors. */
export function pickRows(columns: Columns, rows: Uint32Array): Map<string, Column> {
  return new Map(Array.from(columns.byName).flatMap(([name, column]) => (isDenseVector(column.type) ? [] : [[name, pickColumn(column, rows)] as const])));
}
