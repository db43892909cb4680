// Operands: what has a value in a row, by precedence climbing over arithmetic.

import type { Arithmetic, Operand, PathStep } from '../../model/filter.js';
import { LIMITS } from '../../model/limits.js';
import { invalid } from '../invalid.js';
import { accept, acceptWord, afterNext, expect, nested, next, take, unexpected, type Cursor } from './cursor.js';
import { intervalOf } from './interval.js';
import type { Token } from './token.js';

const POWERS: ReadonlyMap<string, number> = new Map([
  ['|', 1], ['^', 2], ['&', 3], ['<<', 4], ['>>', 4], ['+', 5], ['-', 5], ['*', 6], ['/', 6], ['%', 6], ['**', 8],
]);
/** Of a sign in front: `-a ** 2` is -(a ** 2), `-a * 2` is (-a) * 2. */
const SIGN_POWER = 7;

/** How deep the arithmetic of an operand is nested, as far as it is. */
const depths = new WeakMap<Operand, number>();

/** An operand, or the rest of one that begins with `first`. */
export function operandOf(cursor: Cursor, first?: Operand): Operand {
  return arithmetic(cursor, 0, first ?? factor(cursor));
}

function arithmetic(cursor: Cursor, power: number, first: Operand): Operand {
  let left = first;
  for (;;) {
    const token = next(cursor);
    const own = POWERS.get(token.kind);
    if (own === undefined || own <= power) return left;
    take(cursor);
    left = (token.kind === '+' || token.kind === '-') && isInterval(cursor) ? shifted(cursor, left, token) : deeper({ kind: 'arithmetic', op: token.kind as Arithmetic, left, right: arithmetic(cursor, own, factor(cursor)), position: token.position }, token);
  }
}

/** Counts how deep arithmetic is nested. */
function deeper(operand: Extract<Operand, { readonly kind: 'arithmetic' | 'unary' }>, token: Token): Operand {
  const inner = operand.kind === 'unary' ? [operand.operand] : [operand.left, operand.right];
  const depth = 1 + Math.max(...inner.map((part) => depths.get(part) ?? 0));
  if (depth > LIMITS.filterDepthMax) throw invalid(token.position, `expected arithmetic at most ${LIMITS.filterDepthMax} operators deep, found one more`);
  depths.set(operand, depth);
  return operand;
}

function factor(cursor: Cursor): Operand {
  const token = next(cursor);
  switch (token.kind) {
    case '+':
    case '-':
    case '~':
      take(cursor);
      return nested(cursor, token, () => signed(cursor, token, token.kind as '+' | '-' | '~'));
    case '(': {
      take(cursor);
      const inner = nested(cursor, token, () => operandOf(cursor));
      expect(cursor, ')', '")"');
      return inner;
    }
    case '[':
      return list(cursor);
    case '{':
      return template(cursor);
    case 'literal':
      take(cursor);
      return { kind: 'literal', value: token.value, position: token.position };
    case 'name':
      return named(cursor);
    default:
      throw unexpected('a field, a literal, "not" or "("', token);
  }
}

/** A sign before a literal number belongs to it. */
function signed(cursor: Cursor, token: Token, op: '+' | '-' | '~'): Operand {
  const { position } = token;
  const operand = arithmetic(cursor, SIGN_POWER, factor(cursor));
  if (operand.kind === 'literal' && op !== '~' && (typeof operand.value === 'bigint' || typeof operand.value === 'number')) {
    return { kind: 'literal', value: op === '-' ? -operand.value : operand.value, position };
  }
  return deeper({ kind: 'unary', op, operand, position }, token);
}

function list(cursor: Cursor): Operand {
  const opener = expect(cursor, '[', '"["');
  const items: Operand[] = [];
  nested(cursor, opener, () => {
    while (next(cursor).kind !== ']') {
      items.push(operandOf(cursor));
      if (!accept(cursor, ',')) break;
    }
  });
  expect(cursor, ']', '"," or "]"');
  return { kind: 'list', items, position: opener.position };
}

function template(cursor: Cursor): Operand {
  const { position } = expect(cursor, '{', '"{"');
  const { text } = expect(cursor, 'name', 'the name of a value after "{"');
  expect(cursor, '}', '"}"');
  return { kind: 'template', name: text, position };
}

function named(cursor: Cursor): Operand {
  const { position, text } = take(cursor);
  const following = next(cursor);
  if (following.kind === '(') return call(cursor, text, position);
  if (following.kind === 'literal' && typeof following.value === 'string' && (text === 'ISO' || text === 'iso')) {
    take(cursor);
    return { kind: 'moment', text: following.value, position };
  }
  return { kind: 'field', name: text, path: path(cursor), position };
}

function path(cursor: Cursor): readonly PathStep[] {
  const steps: PathStep[] = [];
  while (accept(cursor, '[')) {
    const token = take(cursor);
    if (token.kind !== 'literal' || (typeof token.value !== 'string' && typeof token.value !== 'bigint')) throw unexpected('a key as a string or the number of an element', token);
    steps.push(typeof token.value === 'bigint' ? Number(token.value) : token.value);
    expect(cursor, ']', '"]"');
  }
  if (steps.length > LIMITS.jsonDepthMax) throw invalid(next(cursor).position, `expected a path of at most ${LIMITS.jsonDepthMax} steps, found ${steps.length}`);
  return steps;
}

/** The one function that has a value. */
function call(cursor: Cursor, name: string, position: number): Operand {
  if (name !== 'array_length' && name !== 'ARRAY_LENGTH') throw invalid(position, `expected a function that filters have, found ${name}(`);
  const opener = take(cursor);
  const array = nested(cursor, opener, () => operandOf(cursor));
  expect(cursor, ')', '")"');
  return { kind: 'length', array, position };
}

function isInterval(cursor: Cursor): boolean {
  const { kind, text } = next(cursor);
  return kind === 'name' && (text === 'INTERVAL' || text === 'interval') && afterNext(cursor).kind === 'literal';
}

function shifted(cursor: Cursor, operand: Operand, sign: Token): Operand {
  acceptWord(cursor, 'INTERVAL', 'interval');
  const token = take(cursor);
  if (token.kind !== 'literal' || typeof token.value !== 'string') throw unexpected('a duration as a string after INTERVAL', token);
  const { months, micros } = intervalOf(token.value, token.position);
  if (operand.kind === 'shift') throw invalid(sign.position, 'expected one INTERVAL, found a second');
  return sign.kind === '-' ? { kind: 'shift', operand, months: -months, micros: -micros, position: sign.position } : { kind: 'shift', operand, months, micros, position: sign.position };
}
