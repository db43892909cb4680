// Parser: filter text to Filter. What has a truth and what has a value share one grammar, by precedence; from loose to
// tight: or, and, not, comparisons (== < in like =~ is null), | ^ &, shifts, + -, * / %, sign and ~, **. Chains are
// parsed in loops; brackets, signs and chains of arithmetic nest at most LIMITS.filterDepthMax deep, which bounds the
// recursion here and in whoever walks the tree.

import type { Filter, Operand } from '../../model/filter.js';
import { invalid } from '../invalid.js';
import { conditionCall } from './call.js';
import { accept, expect, nested, next, take, unexpected, type Cursor } from './cursor.js';
import { comparisonOf } from './comparison.js';
import { tokenize } from './lexer.js';
import { operandOf } from './operand.js';
import type { Token } from './token.js';

/** What a piece of a filter may be before its place has told. */
export type Piece = { readonly is: 'filter'; readonly filter: Filter } | { readonly is: 'operand'; readonly operand: Operand };

/** Errors: `InvalidFilter` with the position. */
export function parseFilter(text: string): Filter {
  if (typeof text !== 'string') throw invalid(0, `expected a string, found ${typeof text}`);
  return parseTokens(tokenize(text));
}

/** REQUIRES: an `end` at the end. */
export function parseTokens(tokens: readonly Token[]): Filter {
  const cursor: Cursor = { tokens, at: 0, depth: 0 };
  const filter = filterOf(disjunction(cursor));
  if (next(cursor).kind !== 'end') throw unexpected('"and", "or" or the end', next(cursor));
  return filter;
}

/** A field or what lies in it, by itself: the key of an object filter. Errors: `InvalidFilter`. */
export function parseField(text: string): Operand {
  const cursor: Cursor = { tokens: tokenize(text), at: 0, depth: 0 };
  const operand = operandOf(cursor);
  if (operand.kind !== 'field' || next(cursor).kind !== 'end') throw invalid(0, `expected a field or a path into one, found ${text.slice(0, 40)}`);
  return operand;
}

/** What stands for a truth: a Bool may do so by itself. */
export function filterOf(piece: Piece): Filter {
  if (piece.is === 'filter') return piece.filter;
  const { operand } = piece;
  const { kind, position } = operand;
  if (kind === 'literal' && typeof operand.value === 'boolean') return { kind: 'constant', value: operand.value, position };
  if (kind === 'field' || kind === 'template') return { kind: 'truth', operand, position };
  throw invalid(position, 'expected a comparison, found a value by itself');
}

/** A whole filter, or an operand that stands alone. */
export function disjunction(cursor: Cursor): Piece {
  return chain(cursor, 'or', (inner) => chain(inner, 'and', negation));
}

function chain(cursor: Cursor, kind: 'and' | 'or', part: (cursor: Cursor) => Piece): Piece {
  const first = part(cursor);
  const { position } = next(cursor);
  if (next(cursor).kind !== kind) return first;
  const operands = [filterOf(first)];
  while (accept(cursor, kind)) operands.push(filterOf(part(cursor)));
  return { is: 'filter', filter: { kind, operands, position } };
}

function negation(cursor: Cursor): Piece {
  if (next(cursor).kind !== 'not') return comparisonOf(cursor, primary(cursor));
  const opener = take(cursor);
  const operand = nested(cursor, opener, () => filterOf(negation(cursor)));
  return { is: 'filter', filter: { kind: 'not', operand, position: opener.position } };
}

/** Brackets hold a filter or an operand: which one shows when they are closed. */
function primary(cursor: Cursor): Piece {
  const opener = next(cursor);
  if (opener.kind !== '(') {
    const filter = conditionCall(cursor);
    return filter === undefined ? { is: 'operand', operand: operandOf(cursor) } : { is: 'filter', filter };
  }
  take(cursor);
  const inner = nested(cursor, opener, () => disjunction(cursor));
  expect(cursor, ')', '"and", "or" or ")"');
  return inner.is === 'filter' ? inner : { is: 'operand', operand: operandOf(cursor, inner.operand) };
}
