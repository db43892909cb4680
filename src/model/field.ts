// Field: one named, typed column of a Schema. Type names and numbers are Milvus' own (`schema.proto`, DataType);
// the numbers are stored: do not change them.

export const DATA_TYPES = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  VarChar: 21,
  JSON: 23,
  FloatVector: 101,
} as const;

export type DataType = keyof typeof DATA_TYPES;

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly description?: string;
  /** The row's identity; exactly one field, Int64 or VarChar. */
  readonly primaryKey?: boolean;
  /** The primary key is generated on insert and must not be given. */
  readonly autoId?: boolean;
  /** FloatVector only: number of components, 2..32,768. */
  readonly dim?: number;
  /** FloatVector only. */
  readonly metric?: import('./metric.js').Metric;
  /** VarChar only: maximum length in UTF-8 bytes. */
  readonly maxLength?: number;
}

/** Holds the keys of a row that the schema does not name, as one JSON object per row. */
export const DYNAMIC_FIELD = '$meta';
