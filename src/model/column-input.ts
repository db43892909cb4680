// Column input: rows as they are given, turned on their side: for each field the values of all rows, in typed arrays where
// they are numbers. What it says is what rows say that have these values; it is checked and stored a column at a time.

import type { RowInput } from './row.js';

/** Of integers, and of fractions. Each value is checked against the range of its field. */
export type NumberArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;
export type BigIntArray = BigInt64Array | BigUint64Array;

/** For each row whether it has a value: true or 1. */
export type Validity = readonly boolean[] | Uint8Array;

/**
 * A value for each row. A list takes what rows take; null, or nothing, is what it is in a row. In a typed array lie numbers; a
 * Bool as 0 or 1; a Timestamptz as microseconds since 1970 in a BigInt64Array; dense vectors one behind the other, `dim`
 * components each: of f16 and bf16 also their bits (Uint16Array) or bytes (Uint8Array, little-endian), of bits bytes.
 */
export type ColumnValues = NumberArray | BigIntArray | readonly (RowInput[string] | null | undefined)[];

/** Row i has the values from offsets[i] to before offsets[i + 1]; the first is 0, the last the number of values. */
export type Offsets = Uint32Array | Int32Array | readonly number[];

/** `values` as above, of all rows or, where some have none, of those alone that have one. */
export interface ValuesColumn<V = ColumnValues> {
  readonly values: V;
  readonly valid?: Validity;
}

/** Of an Array field: the elements of all rows, one behind the other. */
export interface ElementsColumn<V = ColumnValues> extends ValuesColumn<V> {
  readonly offsets: Offsets;
}

/** Of a SparseFloatVector: the terms of all rows, one behind the other. */
export interface SparseTermsColumn extends ElementsColumn<Float32Array | Float64Array | readonly number[]> {
  readonly indices: NumberArray | readonly number[];
}

/** Of a JSON field: the values as texts of JSON. */
export interface TextsColumn {
  readonly texts: readonly (string | null | undefined)[];
  readonly valid?: Validity;
}

export type ColumnInput = ColumnValues | ValuesColumn | ElementsColumn | SparseTermsColumn | TextsColumn;

/**
 * Columns by the names of their fields, all of as many rows. A field that is left out is left out in every row. Where there are
 * dynamic fields, `$meta` holds objects, or texts of JSON objects, with keys that no field names; a column that no field names is such a key.
 */
export interface ColumnsInput {
  readonly columns: { readonly [field: string]: ColumnInput | undefined };
}

/** Whether rows are given as columns. */
export function areColumns(rows: unknown): rows is ColumnsInput {
  return typeof rows === 'object' && rows !== null && !Array.isArray(rows) && 'columns' in rows;
}
