// Columns: rows turned on their side. The one in-memory shape of row data, used by batches, growing and
// sealed segments, the rows file and the filter evaluator. Each column holds exactly `rows` values.

import type { DataType } from './field.js';

/** Values of one field, by type. JSON is kept as its text; a FloatVector column is row-major, rows x dim. */
export type Column =
  | { readonly type: 'Bool'; readonly values: Uint8Array }
  | { readonly type: 'Int8'; readonly values: Int8Array }
  | { readonly type: 'Int16'; readonly values: Int16Array }
  | { readonly type: 'Int32'; readonly values: Int32Array }
  | { readonly type: 'Int64'; readonly values: BigInt64Array }
  | { readonly type: 'Float'; readonly values: Float32Array }
  | { readonly type: 'Double'; readonly values: Float64Array }
  | { readonly type: 'VarChar' | 'JSON'; readonly values: readonly string[] }
  | { readonly type: 'FloatVector'; readonly dim: number; readonly values: Float32Array };

export type ColumnOf<T extends DataType> = Extract<Column, { readonly type: T }>;

export interface Columns {
  readonly rows: number;
  /** By field name, in schema order. */
  readonly byName: ReadonlyMap<string, Column>;
}
