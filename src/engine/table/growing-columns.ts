// GrowingColumns: the columns of one segment in memory, to which batches are appended. Dense vectors are not here: the
// core holds them. A snapshot shares memory with later ones and never changes below its `rows`.

import { allocate, type Allocate } from '../../model/allocate.js';
import { pickColumn } from '../../model/column-rows.js';
import { isNumberType, NUMBER_ARRAYS, numberColumn, rowsOf, withValid, type ArrayColumn, type Column, type Columns, type NumberColumn, type SparseColumn, type TextColumn, type TextType } from '../../model/columns.js';
import { isDenseVector, type Field } from '../../model/field.js';
import type { StoredScalar } from '../../model/scalar-value.js';
import { absentColumn } from './absent-column.js';
import { Nulls } from './nulls.js';
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
  /** Makes room: to append it cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(column: C): void;
  append(column: C): void;
  value(row: number): StoredScalar | readonly StoredScalar[] | StoredSparse;
  snapshot(): C;
}

export class GrowingColumns implements SegmentColumns {
  #rows = 0;
  /** The same as long as nothing is appended, so that its arrays are known again. */
  #snapshot: Columns | undefined;
  readonly #columns = new Map<string, GrowingColumn>();
  /** Those of fields that are about to be added, of as many rows. */
  #prepared: ReadonlyMap<Field, GrowingColumn> = new Map();
  readonly #allocate: Allocate;

  /** `fields` are the stored fields; dense vectors among them are left out. */
  constructor(fields: readonly Field[], allocated: Allocate = allocate) {
    this.#allocate = allocated;
    for (const field of fields) if (!isDenseVector(field.type)) this.#columns.set(field.name, this.#columnOf(field));
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

  /** Makes the columns of `fields` that are not there: the rows so far get what they have of a field that was added. To add them cannot fail, if no row is appended meanwhile. Errors: `OutOfMemory`. */
  prepareFields(fields: readonly Field[]): void {
    const prepared = new Map<Field, GrowingColumn>();
    for (const field of fields) {
      if (isDenseVector(field.type) || this.#columns.has(field.name)) continue;
      const column = absentColumn(field, this.#rows);
      const made = this.#columnOf(field);
      made.values.append(column);
      made.nulls.append(column.valid, 0, this.#rows);
      prepared.set(field, made);
    }
    this.#prepared = prepared;
  }

  /** Adds the columns of `fields` that are not there. */
  addFields(fields: readonly Field[]): void {
    if (fields.some((field) => !isDenseVector(field.type) && !this.#columns.has(field.name) && !this.#prepared.has(field))) this.prepareFields(fields);
    for (const [field, column] of this.#prepared) if (fields.includes(field)) this.#columns.set(field.name, column);
    this.#prepared = new Map();
    this.#snapshot = undefined;
  }

  #columnOf(field: Field): GrowingColumn {
    return { values: growingOf(field, this.#allocate), nulls: new Nulls(this.#allocate) };
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

  /** Makes room for the rows of `added`: to append them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(added: Columns): void {
    for (const [name, { values, nulls }] of this.#columns) {
      const column = added.byName.get(name) as Column;
      values.reserve(column);
      nulls.reserve(column.valid, this.#rows, added.rows);
    }
  }

  /** Appends every row of `added`, which has at least our columns, of our types. */
  append(added: Columns): void {
    this.#prepared = new Map();
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
    const { values, nulls } = this.#columns.get(name) as GrowingColumn;
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

interface GrowingColumn {
  readonly values: Growing<Column>;
  readonly nulls: Nulls;
}

function growingOf(field: Field, allocated: Allocate): Growing<Column> {
  const { type, elementType = 'Bool' } = field;
  if (type === 'SparseFloatVector') return new GrowingSparse(allocated) as unknown as Growing<Column>;
  if (type === 'Array') return new GrowingArrays(elementType === 'VarChar' ? new GrowingTexts('VarChar') : new GrowingNumbers({ type: elementType }, allocated), allocated) as unknown as Growing<Column>;
  const growing = isNumberType(type) ? new GrowingNumbers({ type }, allocated) : new GrowingTexts(type as TextType);
  return growing as Growing<Column>;
}

/** Numbers in an array that doubles. */
class GrowingNumbers implements Growing<NumberColumn> {
  readonly #field: { readonly type: NumberColumn['type'] };
  #values: Numbers;
  #length = 0;
  readonly #allocate: Allocate;

  constructor(field: { readonly type: NumberColumn['type'] }, allocated: Allocate) {
    this.#field = field;
    this.#allocate = allocated;
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

  reserve({ values }: { readonly values: { readonly length: number } }): void {
    const room = this.#room(this.#length + values.length);
    if (room === this.#values.length) return;
    const grown = this.#allocate(this.#values.constructor as typeof Float64Array, room);
    grown.set(this.#values.subarray(0, this.#length));
    this.#values = grown;
  }

  append(column: { readonly values: NumberColumn['values'] }): void {
    this.reserve(column);
    this.#values.set(column.values as never, this.#length);
    this.#length += column.values.length;
  }

  /** Offsets but the first, each with `more`. REQUIRES: room. */
  appendOffsets(offsets: Uint32Array, more: number): void {
    for (let at = 1; at < offsets.length; at++) this.#values[this.#length++] = (offsets[at] as number) + more;
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

  reserve(): void {}

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
  readonly #offsets: GrowingNumbers;
  readonly #elements: Growing<NumberColumn | TextColumn>;
  #count = 0;

  constructor(elements: GrowingNumbers | GrowingTexts, allocated: Allocate) {
    this.#offsets = new GrowingNumbers({ type: 'Int32' }, allocated);
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

  reserve({ offsets, values }: ArrayColumn): void {
    this.#offsets.reserve({ values: offsets.subarray(1) });
    this.#elements.reserve(values);
  }

  append(column: ArrayColumn): void {
    this.reserve(column);
    this.#offsets.appendOffsets(column.offsets, this.#count);
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
  readonly #offsets: GrowingNumbers;
  readonly #indices: GrowingNumbers;
  readonly #values: GrowingNumbers;
  #count = 0;

  constructor(allocated: Allocate) {
    this.#offsets = new GrowingNumbers({ type: 'Int32' }, allocated);
    this.#indices = new GrowingNumbers({ type: 'Int32' }, allocated);
    this.#values = new GrowingNumbers({ type: 'Float' }, allocated);
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

  reserve({ offsets, indices, values }: SparseColumn): void {
    this.#offsets.reserve({ values: offsets.subarray(1) });
    this.#indices.reserve({ values: indices });
    this.#values.reserve({ values });
  }

  append(column: SparseColumn): void {
    const { offsets, indices, values } = column;
    this.reserve(column);
    this.#offsets.appendOffsets(offsets, this.#count);
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

/** The rows of `columns` at `rows`, in that order, without dense vectors. */
export function pickRows(columns: Columns, rows: Uint32Array): Map<string, Column> {
  return new Map(Array.from(columns.byName).flatMap(([name, column]) => (isDenseVector(column.type) ? [] : [[name, pickColumn(column, rows)] as const])));
}
