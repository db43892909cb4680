// Parser: filter text to Filter, by precedence climbing. From loose to tight: or, and, not, comparison.
// Chains of `and` and `or` are parsed in a loop and lean to the left, however long; parentheses and `not`
// nest at most LIMITS.filterDepthMax deep, which bounds the recursion here and in whoever walks the tree.

import type { Comparison, Filter, Literal } from '../model/filter.js';
import { LIMITS } from '../model/limits.js';
import { invalid, tokenize, type Token } from './lexer.js';

const POWER = { or: 1, and: 2, not: 3 } as const;
const FLIPPED: Readonly<Record<Comparison, Comparison>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/**
 * The position of a comparison, an `in` and a bare field is that of the field's name; of and, or, not: the operator.
 * Errors: `InvalidFilter` with the position.
 */
export function parseFilter(text: string): Filter {
  if (typeof text !== 'string') throw invalid(0, `expected a string, found ${typeof text}`);
  const cursor: Cursor = { tokens: tokenize(text), at: 0, depth: 0 };
  const filter = expression(cursor, 0);
  if (next(cursor).kind !== 'end') throw unexpected('"and", "or" or the end', next(cursor));
  return filter;
}

interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
  /** Open parentheses and `not`s. */
  depth: number;
}

function next(cursor: Cursor): Token {
  return cursor.tokens[cursor.at] as Token;
}

function take(cursor: Cursor): Token {
  const token = next(cursor);
  if (token.kind !== 'end') cursor.at++;
  return token;
}

function expect(cursor: Cursor, kind: Token['kind'], what: string): Token {
  if (next(cursor).kind !== kind) throw unexpected(what, next(cursor));
  return take(cursor);
}

/** An expression of operators that bind tighter than `power`. */
function expression(cursor: Cursor, power: number): Filter {
  let left = prefix(cursor);
  for (;;) {
    const { kind, position } = next(cursor);
    if ((kind !== 'and' && kind !== 'or') || POWER[kind] <= power) return left;
    take(cursor);
    left = { kind, left, right: expression(cursor, POWER[kind]), position };
  }
}

function prefix(cursor: Cursor): Filter {
  const token = take(cursor);
  switch (token.kind) {
    case 'not':
      return { kind: 'not', operand: nested(cursor, token, POWER.not), position: token.position };
    case '(': {
      const inner = nested(cursor, token, 0);
      expect(cursor, ')', '"and", "or" or ")"');
      return inner;
    }
    case 'literal':
      return literalFirst(cursor, token.value, token.position);
    case 'name':
      return fieldFirst(cursor, token.text, token.position);
    default:
      throw unexpected('a field, a literal, "not" or "("', token);
  }
}

function nested(cursor: Cursor, opener: Token, power: number): Filter {
  if (cursor.depth === LIMITS.filterDepthMax) {
    throw invalid(opener.position, `expected "(" and "not" nested at most ${LIMITS.filterDepthMax} deep, found one more`);
  }
  cursor.depth++;
  const filter = expression(cursor, power);
  cursor.depth--;
  return filter;
}

function fieldFirst(cursor: Cursor, field: string, position: number): Filter {
  const { kind } = next(cursor);
  if (kind === 'comparison') {
    const op = comparison(cursor);
    const compared: Filter = { kind: 'compare', field, op, value: literal(cursor), position };
    if (next(cursor).kind === 'comparison') throw unexpected('"and" or "or" (a range has its field in the middle)', next(cursor));
    return compared;
  }
  if (kind !== 'in' && kind !== 'not') return { kind: 'field', field, position };
  const negated = kind === 'not';
  if (negated) take(cursor);
  expect(cursor, 'in', '"in" after "not"');
  return { kind: 'in', field, values: list(cursor), negated, position };
}

/** `5 < age`, `1 < age <= 5`, or `true` by itself. */
function literalFirst(cursor: Cursor, value: Literal, position: number): Filter {
  if (next(cursor).kind !== 'comparison') {
    if (typeof value === 'boolean') return { kind: 'constant', value, position };
    throw unexpected('a comparison after a literal', next(cursor));
  }
  const sign = comparison(cursor);
  const { text: field, position: at } = expect(cursor, 'name', 'a field (one side of a comparison is a field)');
  const first: Filter = { kind: 'compare', field, op: FLIPPED[sign], value, position: at };
  const { kind, position: second } = next(cursor);
  if (kind !== 'comparison') return first;
  const op = rangeEnd(cursor, sign);
  return { kind: 'and', left: first, right: { kind: 'compare', field, op, value: literal(cursor), position: at }, position: second };
}

/** The second sign of a range points the same way as the first. */
function rangeEnd(cursor: Cursor, first: Comparison): Comparison {
  const token = next(cursor);
  const op = comparison(cursor);
  const way = first.charAt(0);
  if ((way !== '<' && way !== '>') || op.charAt(0) !== way) {
    throw unexpected(way === '<' || way === '>' ? `"${way}" or "${way}=" as the second sign of a range` : '"and" or "or"', token);
  }
  return op;
}

function comparison(cursor: Cursor): Comparison {
  const token = take(cursor);
  if (token.kind !== 'comparison') throw unexpected('a comparison', token);
  return token.op;
}

function literal(cursor: Cursor): Literal {
  const token = take(cursor);
  if (token.kind !== 'literal') throw unexpected('a literal', token);
  return token.value;
}

function list(cursor: Cursor): readonly Literal[] {
  expect(cursor, '[', '"[" after "in"');
  const values: Literal[] = [];
  if (next(cursor).kind !== ']') {
    values.push(literal(cursor));
    while (next(cursor).kind === ',') {
      take(cursor);
      values.push(literal(cursor));
    }
  }
  expect(cursor, ']', '"," or "]"');
  return values;
}

function unexpected(expected: string, found: Token): Error {
  return invalid(found.position, `expected ${expected}, found ${found.kind === 'end' ? 'the end of the filter' : shortened(found.text)}`);
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
