// Comparisons of series. Numbers and texts are ordered, booleans and lists are equal or not; values of two kinds are not
// compared: that is unknown.

import type { CompareOp } from '../../ports/core.js';
import { compareScalars, scalarKind, type Scalar } from '../scalar.js';
import type { Evaluation } from './context.js';
import { OBJECT, type Found, type FoundList } from './json.js';
import { valueAt, type Series } from './series.js';
import { bothKnown, rowsWhere, truthWhere, whereKnown, type Truth } from './truth.js';

/** What an order (negative, zero, positive) must be for the comparison to hold. */
export const HOLDS: Readonly<Record<CompareOp, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/** REQUIRES: a constant on the right, if at all, of `left`'s type, or NaN. */
export function compareSeries(op: CompareOp, left: Series, right: Series, evaluation: Evaluation): Truth {
  const { rows, among, predicates } = evaluation;
  if (left.kind === 'doubles' || left.kind === 'longs') {
    if (right.kind === 'constant') {
      const { value } = right;
      if (Number.isNaN(value)) return whereKnown(rowsWhere(rows, undefined, () => op === 'ne'), left.known, evaluation);
      return whereKnown(left.kind === 'longs' ? predicates.compare(left.values, op, BigInt(value as bigint)) : predicates.compare(left.values, op, Number(value)), left.known, evaluation);
    }
    if (right.kind === 'doubles' || right.kind === 'longs') {
      const known = bothKnown(left.known, right.known, evaluation);
      return whereKnown(rowsWhere(rows, bothKnown(known, among, evaluation), (row) => holdsFor(op, left.values[row] as number | bigint, right.values[row] as number | bigint)), known, evaluation);
    }
  }
  return truthWhere(rows, among, (row) => compareFound(op, valueAt(left, row), valueAt(right, row)));
}

function holdsFor(op: CompareOp, a: number | bigint, b: number | bigint): boolean {
  switch (op) {
    case 'eq':
      return !(a < b) && !(a > b) && !Number.isNaN(a) && !Number.isNaN(b);
    case 'ne':
      return a < b || a > b || Number.isNaN(a) || Number.isNaN(b);
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'gt':
      return a > b;
    case 'ge':
      return a >= b;
  }
}

function compareFound(op: CompareOp, a: Found | undefined, b: Found | undefined): boolean | undefined {
  if (a === undefined || b === undefined || a === OBJECT || b === OBJECT) return undefined;
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'object' || typeof b !== 'object' || (op !== 'eq' && op !== 'ne')) return undefined;
    return equalLists(a, b) === (op === 'eq');
  }
  const kind = scalarKind(a as Scalar);
  if (kind !== scalarKind(b as Scalar) || (kind === 'boolean' && op !== 'eq' && op !== 'ne')) return undefined;
  if (kind === 'number') return holdsFor(op, a as number | bigint, b as number | bigint);
  return HOLDS[op](compareScalars(a as Scalar, b as Scalar));
}

/** Of as many elements, each equal to its fellow; null and objects are equal to nothing. No deeper than JSON nests. */
export function equalLists(a: FoundList, b: FoundList): boolean {
  return a.length === b.length && a.every((found, at) => compareFound('eq', found, b[at]) === true);
}
