// Comparisons: an operand with what is said of it. They do not chain but for ranges, `1 < a <= 5`, whose field is in the
// middle and whose signs point the same way.

import type { Comparison, Filter, Operand } from '../../model/filter.js';
import { invalid } from '../invalid.js';
import { acceptWord, expect, next, take, unexpected, type Cursor } from './cursor.js';
import { operandOf } from './operand.js';
import type { Piece } from './parser.js';
import type { Token } from './token.js';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** What follows `left`, if it is a comparison; else `left` as it is. */
export function comparisonOf(cursor: Cursor, left: Piece): Piece {
  const token = next(cursor);
  if (left.is === 'filter') {
    if (isComparison(token)) throw invalid(token.position, `expected a value before ${token.text}, found a condition`);
    return left;
  }
  const filter = following(cursor, left.operand, token);
  if (filter === undefined) return left;
  if (isComparison(next(cursor))) throw unexpected('"and" or "or" (a range has its field in the middle)', next(cursor));
  return { is: 'filter', filter };
}

function isComparison(token: Token): boolean {
  return COMPARISONS.has(token.kind);
}

function following(cursor: Cursor, operand: Operand, token: Token): Filter | undefined {
  const { position } = token;
  if (isComparison(token)) return compared(cursor, operand);
  switch (token.kind) {
    case 'in':
      take(cursor);
      return { kind: 'in', operand, values: valuesOf(cursor), negated: false, position };
    case 'not':
      take(cursor);
      expect(cursor, 'in', '"in" after "not"');
      return { kind: 'in', operand, values: valuesOf(cursor), negated: true, position };
    case '=~':
    case '!~':
      take(cursor);
      return { kind: 'regex', operand, pattern: operandOf(cursor), negated: token.kind === '!~', position };
    case '=':
      throw unexpected('"=="', token);
    default:
      return byWord(cursor, operand, position);
  }
}

function byWord(cursor: Cursor, operand: Operand, position: number): Filter | undefined {
  if (acceptWord(cursor, 'like', 'LIKE')) return { kind: 'like', operand, pattern: operandOf(cursor), position };
  if (!acceptWord(cursor, 'is', 'IS')) return undefined;
  const negated = next(cursor).kind === 'not';
  if (negated) take(cursor);
  if (!acceptWord(cursor, 'null', 'NULL')) throw unexpected(negated ? '"null" after "is not"' : '"null" or "not null" after "is"', next(cursor));
  return { kind: 'null', operand, negated, position };
}

function valuesOf(cursor: Cursor): Operand {
  const { kind } = next(cursor);
  if (kind !== '[' && kind !== '{') throw unexpected('"[" after "in"', next(cursor));
  return operandOf(cursor);
}

function compared(cursor: Cursor, left: Operand): Filter {
  const sign = take(cursor);
  const op = sign.kind as Comparison;
  const middle = operandOf(cursor);
  const first: Filter = { kind: 'compare', op, left, right: middle, position: sign.position };
  const end = next(cursor);
  if (!isComparison(end)) return first;
  const way = op.charAt(0);
  if (way !== '<' && way !== '>') throw unexpected('"and" or "or"', end);
  if (middle.kind === 'literal' || middle.kind === 'template') throw unexpected('"and" or "or" (a range has its field in the middle)', end);
  if (end.kind.charAt(0) !== way) throw unexpected(`"${way}" or "${way}=" as the second sign of a range`, end);
  take(cursor);
  const second: Filter = { kind: 'compare', op: end.kind as Comparison, left: middle, right: operandOf(cursor), position: end.position };
  return { kind: 'and', operands: [first, second], position: end.position };
}
