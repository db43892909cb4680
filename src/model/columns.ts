// Columns: rows turned on their side. The one in-memory shape of row data, used by batches, growing and
// sealed segments, the rows file and the filter evaluator. Each column holds exactly `rows` values.

import type { Bitset } from './bitset.js';
import type { DataType, Field } from './field.js';

interface Nullable {
  /** Rows that are not null; absent if none is. A null row's value is 0, '', or empty. */
  readonly valid?: Bitset;
}

/** Values of one field of a fixed size, by type: one a row, of a dense vector row-major `dim` a row (BinaryVector: dim / 8 bytes). */
export interface NumberValues<B extends ArrayBufferLike = ArrayBufferLike> {
  readonly Bool: Uint8Array<B>;
  readonly Int8: Int8Array<B>;
  readonly Int16: Int16Array<B>;
  readonly Int32: Int32Array<B>;
  readonly Int64: BigInt64Array<B>;
  readonly Float: Float32Array<B>;
  readonly Double: Float64Array<B>;
  /** Microseconds since 1970, UTC. */
  readonly Timestamptz: BigInt64Array<B>;
  readonly FloatVector: Float32Array<B>;
  /** The bits of IEEE 754 binary16. */
  readonly Float16Vector: Uint16Array<B>;
  /** The upper halves of f32. */
  readonly BFloat16Vector: Uint16Array<B>;
  readonly Int8Vector: Int8Array<B>;
  readonly BinaryVector: Uint8Array<B>;
}
export type NumberType = keyof NumberValues;
export type TextType = 'VarChar' | 'JSON' | 'Geometry';

export type NumberColumn = { readonly [T in NumberType]: Nullable & { readonly type: T; readonly values: NumberValues[T] } & (T extends `${string}Vector` ? { readonly dim: number } : unknown) }[NumberType];
/** JSON and Geometry are kept as their text. */
export type TextColumn = Nullable & { readonly type: TextType; readonly values: readonly string[] };
/** Row i has elements offsets[i] to offsets[i + 1]; the first offset is 0, the last the number of elements. */
export type ArrayColumn = Nullable & { readonly type: 'Array'; readonly offsets: Uint32Array; readonly values: NumberColumn | TextColumn };
/** Row i has values[j] at indices[j], ascending, for j = offsets[i] to offsets[i + 1]. */
export type SparseColumn = Nullable & { readonly type: 'SparseFloatVector'; readonly offsets: Uint32Array; readonly indices: Uint32Array; readonly values: Float32Array };

export type Column = NumberColumn | TextColumn | ArrayColumn | SparseColumn;

export type ColumnOf<T extends DataType> = Extract<Column, { readonly type: T }>;

export interface Columns {
  readonly rows: number;
  /** By field name, in schema order. */
  readonly byName: ReadonlyMap<string, Column>;
}

export const NUMBER_ARRAYS = {
  Bool: Uint8Array,
  Int8: Int8Array,
  Int16: Int16Array,
  Int32: Int32Array,
  Int64: BigInt64Array,
  Float: Float32Array,
  Double: Float64Array,
  Timestamptz: BigInt64Array,
  FloatVector: Float32Array,
  Float16Vector: Uint16Array,
  BFloat16Vector: Uint16Array,
  Int8Vector: Int8Array,
  BinaryVector: Uint8Array,
} as const satisfies { readonly [T in NumberType]: unknown };

export function isNumberType(type: DataType): type is NumberType {
  return Object.hasOwn(NUMBER_ARRAYS, type);
}

export function isNumbers(column: Column): column is NumberColumn {
  return isNumberType(column.type);
}

export function isTexts(column: Column): column is TextColumn {
  return column.type === 'VarChar' || column.type === 'JSON' || column.type === 'Geometry';
}

/** Values that a row has in a column of a fixed size. */
export function valuesPerRow({ type, dim = 1 }: { readonly type: DataType; readonly dim?: number | undefined }): number {
  return type === 'BinaryVector' ? dim / 8 : dim;
}

/** Rows of a column. */
export function rowsOf(column: Column): number {
  if (column.type === 'Array' || column.type === 'SparseFloatVector') return column.offsets.length - 1;
  return column.values.length / (isNumbers(column) ? valuesPerRow(column) : 1);
}

/** The field that the elements of an Array field are of. REQUIRES: an Array. */
export function elementField({ name, elementType = 'Bool', maxLength }: Field): Field {
  return { name, type: elementType, ...(maxLength === undefined ? {} : { maxLength }) };
}

/** A column of these numbers. REQUIRES: the array of `field`'s type. */
export function numberColumn({ type, dim }: { readonly type: DataType; readonly dim?: number | undefined }, values: ArrayBufferView): NumberColumn {
  return (dim === undefined ? { type, values } : { type, dim, values }) as NumberColumn;
}

/** No rows of `field`. */
export function emptyColumn(field: Field): Column {
  const { type } = field;
  if (isNumberType(type)) return numberColumn(field, new NUMBER_ARRAYS[type](0));
  if (type === 'SparseFloatVector') return { type, offsets: new Uint32Array(1), indices: new Uint32Array(0), values: new Float32Array(0) };
  if (type === 'Array') return { type, offsets: new Uint32Array(1), values: emptyColumn(elementField(field)) as NumberColumn | TextColumn };
  return { type, values: [] };
}

/** `column` with what says which rows are null; without, if none is. */
export function withValid<C extends Column>(column: C, valid: Bitset | undefined): C {
  const { valid: _, ...rest } = column;
  return (valid === undefined ? rest : { ...rest, valid }) as C;
}
