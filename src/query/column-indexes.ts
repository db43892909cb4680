// ColumnIndexes: scalar indexes as the evaluator asks them. A leaf of a checked filter that compares one column with
// literals is put to the column's index first; an index that does not know the question, or finds that reading the
// column is cheaper, says so, and the column is scanned. Answers never change what a filter means: null stays unknown.

import type { Bitset } from '../model/bitset.js';
import type { CompareOp } from '../ports/core.js';
import type { Term } from './context.js';
import type { LikePattern } from './like.js';

/**
 * A literal in the column's own form: Int64 and Timestamptz bigint, Bool 0 or 1, other numbers a number, VarChar a string;
 * of JSON a boolean, a string or a number, which is a bigint if it is whole and beyond 53 bits.
 */
export type IndexedValue = boolean | number | bigint | string;

/** What a leaf asks of a column. Of an Array, `contains` asks of its elements. */
export type IndexQuestion =
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly value: IndexedValue }
  | { readonly kind: 'range'; readonly low: IndexedBound; readonly high: IndexedBound }
  /** One of `values`, none of which comes twice. */
  | { readonly kind: 'inSet'; readonly values: readonly IndexedValue[] }
  /** VarChar. */
  | { readonly kind: 'like'; readonly pattern: LikePattern }
  /** Array: it has at least one, or each, of `values`. */
  | { readonly kind: 'contains'; readonly mode: 'any' | 'all'; readonly values: readonly IndexedValue[] }
  /** VarChar, by its analyzer: it has at least `minimum` of the terms, none of which comes twice. */
  | { readonly kind: 'terms'; readonly terms: readonly string[]; readonly minimum: number }
  /** VarChar, by its analyzer: the terms stand as they do here, up to so many moves. */
  | { readonly kind: 'phrase'; readonly terms: readonly Term[]; readonly slop: number };

export interface IndexedBound {
  readonly value: IndexedValue;
  readonly exclusive: boolean;
}

export interface IndexAnswer {
  /** Over all rows of the columns, the evaluator's from now on. Null rows may be in it or not. */
  readonly rows: Bitset;
  /** False: rows outside `rows` surely do not match, those inside are to be looked at one by one. Default true. */
  readonly exact?: boolean;
  /** Of JSON, and needed there: the rows whose value is of a kind that can be compared with what was asked; others are unknown. */
  readonly known?: Bitset;
}

export interface ColumnIndex {
  /** Undefined if the column is to be scanned. */
  answer(question: IndexQuestion): IndexAnswer | undefined;
}

/** What of a column an index is over. */
export type IndexedPart = 'values' | 'terms';

/** The indexes of one segment's columns. */
export interface ColumnIndexes {
  /** `path` leads into a JSON column; it is empty for every other. 'terms': over what the analyzer of a VarChar gives. */
  find(field: string, path: readonly (string | number)[], over: IndexedPart): ColumnIndex | undefined;
  /** Whether `find` would find it, without asking for it. */
  has(field: string, path: readonly (string | number)[], over: IndexedPart): boolean;
}
