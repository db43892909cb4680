// Field: one named, typed column of a Schema. Type names and numbers are Milvus' own (`schema.proto`, DataType);
// the numbers are stored: do not change them.

import type { VectorMetric } from './metric.js';
import type { VectorModel } from './vector-model.js';

export const DATA_TYPES = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  VarChar: 21,
  Array: 22,
  JSON: 23,
  Geometry: 24,
  Timestamptz: 26,
  BinaryVector: 100,
  FloatVector: 101,
  Float16Vector: 102,
  BFloat16Vector: 103,
  SparseFloatVector: 104,
  Int8Vector: 105,
} as const;

export type DataType = keyof typeof DATA_TYPES;

/** Vectors of as many components in every row. */
export type DenseVectorType = 'BinaryVector' | 'FloatVector' | 'Float16Vector' | 'BFloat16Vector' | 'Int8Vector';
export type VectorType = DenseVectorType | 'SparseFloatVector';

/** What an Array may hold. */
export const ELEMENT_TYPES = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar'] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

/** Of an Array, a list. An Int64 beyond 2^53 is the text of its digits, so that a Schema is JSON. */
export type DefaultValue = boolean | number | string | readonly (boolean | number | string)[];

/** A built-in analyzer by its type, or a tokenizer and filters: docs/analyzers.md. JSON. */
export interface AnalyzerParamsInput {
  readonly [option: string]: unknown;
}

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly description?: string;
  /** The row's identity; exactly one field, Int64 or VarChar. */
  readonly primaryKey?: boolean;
  /** The primary key is generated on insert and must not be given. */
  readonly autoId?: boolean;
  /** Dense vectors only: number of components, 2..32,768; of a BinaryVector bits, a multiple of 8 up to 262,144. */
  readonly dim?: number;
  /** Vectors only. */
  readonly metric?: VectorMetric;
  /** Dense vectors only: the embedding model that makes them. */
  readonly model?: VectorModel;
  /** VarChar, and an Array of it: maximum length of a text in UTF-8 bytes. */
  readonly maxLength?: number;
  /** VarChar only: how its texts become terms, as Milvus' `analyzer_params`; `standard` if it is not given. */
  readonly analyzerParams?: AnalyzerParamsInput;
  /** VarChar only: its texts may be the input of a BM25 function. */
  readonly enableAnalyzer?: boolean;
  /** VarChar only: TEXT_MATCH and PHRASE_MATCH look for terms in its texts, which they do in any VarChar. */
  readonly enableMatch?: boolean;
  /** Array only. */
  readonly elementType?: ElementType;
  /** Array only: most elements of a row, 1..4,096. */
  readonly maxCapacity?: number;
  /** Rows are spread over partitions by its value, and nobody names these: at most one field, Int64 or VarChar. */
  readonly partitionKey?: boolean;
  /** Kept and told, as clients of Milvus set it; here memory is limited for the whole database. */
  readonly mmapEnabled?: boolean;
  /** Rows may lack it: then it is null. Never of a primary key. */
  readonly nullable?: boolean;
  /** What a row gets that lacks it, or gives null. Not of vectors, JSON and primary keys. */
  readonly defaultValue?: DefaultValue;
}

/** Holds the keys of a row that the schema does not name, as one JSON object per row. */
export const DYNAMIC_FIELD = '$meta';

export function isVector(type: DataType): type is VectorType {
  return DATA_TYPES[type] >= DATA_TYPES.BinaryVector;
}

export function isDenseVector(type: DataType): type is DenseVectorType {
  return isVector(type) && type !== 'SparseFloatVector';
}
