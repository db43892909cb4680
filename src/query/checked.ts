// CheckedFilter: a Filter fitted to a Schema. It can be evaluated over any columns of that Schema without a question
// left: fields are known, types agree, literals have the type and range of what they are compared with. Leaves that
// compare one column with literals have kinds of their own, which kernels, indexes and statistics can answer.

import type { Arithmetic, PathStep } from '../model/filter.js';
import type { DataType, ElementType } from '../model/field.js';
import type { CompareOp } from '../ports/core.js';
import type { LikePattern } from './like.js';
import type { RegexProgram } from './regex/program.js';
import type { Scalar } from './scalar.js';

export type CheckedFilter =
  // Of every row, or of those where `field` is not null.
  | { readonly kind: 'constant'; readonly value: boolean; readonly field?: string }
  // Columns of numbers, in the column's own form; Bool as 0 and 1, Timestamptz in microseconds.
  | { readonly kind: 'compare'; readonly field: string; readonly op: CompareOp; readonly value: number | bigint }
  | { readonly kind: 'range'; readonly field: string; readonly low: Bound; readonly high: Bound }
  | { readonly kind: 'inSet'; readonly field: string; readonly values: readonly (number | bigint)[] }
  // VarChar columns.
  | { readonly kind: 'text'; readonly field: string; readonly op: CompareOp; readonly value: string }
  | { readonly kind: 'textInSet'; readonly field: string; readonly values: ReadonlySet<string> }
  // Any values.
  | { readonly kind: 'compareValues'; readonly op: CompareOp; readonly left: Value; readonly right: Value }
  // Unknown where the row's value is of a kind that no value of the set has.
  | { readonly kind: 'valueInSet'; readonly operand: Value; readonly values: ReadonlySet<Scalar> }
  | { readonly kind: 'like'; readonly operand: Value; readonly pattern: LikePattern }
  | { readonly kind: 'regex'; readonly operand: Value; readonly program: RegexProgram }
  | { readonly kind: 'isNull'; readonly operand: Value }
  | { readonly kind: 'exists'; readonly operand: JsonValue }
  // Of an Array in the elements' own form.
  | { readonly kind: 'contains'; readonly operand: ArrayValue | JsonValue; readonly mode: 'any' | 'all'; readonly values: readonly Constant[] }
  | { readonly kind: 'textMatch'; readonly field: string; readonly query: string; readonly minimum: number }
  | { readonly kind: 'phraseMatch'; readonly field: string; readonly query: string; readonly slop: number }
  // Of `field`, the primary key, a hash with the seed, of 32 bits, is below the threshold.
  | { readonly kind: 'sample'; readonly field: string; readonly threshold: number; readonly seed: number }
  | { readonly kind: 'not'; readonly operand: CheckedFilter }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly CheckedFilter[] };

export interface Bound {
  readonly value: number | bigint;
  readonly exclusive: boolean;
}

/** A literal, or a list of them. */
export type Constant = Scalar | readonly Constant[];

/** Types of columns that have one value a row which can be compared. */
export type ScalarType = Exclude<DataType, 'Array' | 'JSON' | `${string}Vector`>;

export type ArrayValue = { readonly kind: 'array'; readonly field: string; readonly elementType: ElementType };
export type JsonValue = { readonly kind: 'json'; readonly field: string; readonly path: readonly PathStep[] };

/** int: of 64 bits; single: 32-bit floats; dynamic: as the row has it. */
export type NumberKind = 'int' | 'single' | 'double' | 'dynamic';

export type Value =
  | { readonly kind: 'constant'; readonly value: Constant }
  /** Of a Timestamptz. */
  | { readonly kind: 'moment'; readonly micros: bigint }
  | { readonly kind: 'column'; readonly field: string; readonly type: ScalarType }
  | ArrayValue
  | { readonly kind: 'element'; readonly field: string; readonly elementType: ElementType; readonly index: number }
  | JsonValue
  /** The number of elements. */
  | { readonly kind: 'length'; readonly array: ArrayValue | JsonValue }
  | { readonly kind: 'shift'; readonly operand: Value; readonly months: number; readonly micros: bigint }
  | { readonly kind: 'unary'; readonly op: '+' | '-' | '~'; readonly operand: Value; readonly type: NumberKind }
  | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: Value; readonly right: Value; readonly type: NumberKind };
