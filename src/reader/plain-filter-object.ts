// PlainFilterObject: filters given as objects, of the kind that the reader knows, to the Filter that the same text gives.

import type { Comparison, Filter, Operand } from '../model/filter.js';
import { literalOf } from '../query/check/scope.js';
import { within } from './beyond.js';

const COMPARISONS: Readonly<Record<string, Comparison>> = { $eq: '==', $ne: '!=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };
/** What is deeper, or longer, is looked at by the engine. */
const DEPTH_MAX = 16;
const NAME = /^[A-Za-z_]\w*$/;
/** Nothing here tells of a place: who finds fault is the engine. */
const position = '';

/** Errors: `Beyond`. */
export function filterOfPlainObject(given: unknown, depth = 0): Filter {
  const filters = membersOf(given, depth).map(([name, value]): Filter => {
    if (name === '$and' || name === '$or') {
      within(Array.isArray(value) && value.length > 0, name);
      return { kind: name === '$and' ? 'and' : 'or', operands: value.map((part: unknown) => filterOfPlainObject(part, depth + 1)), position };
    }
    within(NAME.test(name), name);
    const field = { kind: 'field', name, path: [], position } as const;
    if (typeof value !== 'object' || value === null) return compared(field, '==', value);
    return all(membersOf(value, depth + 1).map(([operator, wanted]) => condition(field, operator, wanted)));
  });
  return all(filters);
}

function condition(operand: Operand, operator: string, value: unknown): Filter {
  const op = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (op !== undefined) return compared(operand, op, value);
  within((operator === '$in' || operator === '$nin') && Array.isArray(value), operator);
  return { kind: 'in', operand, values: { kind: 'list', items: value.map(literal), position }, negated: operator === '$nin', position };
}

function compared(operand: Operand, op: Comparison, value: unknown): Filter {
  if (value === null && (op === '==' || op === '!=')) return { kind: 'null', operand, negated: op === '!=', position };
  return { kind: 'compare', op, left: operand, right: literal(value), position };
}

function literal(value: unknown): Operand {
  const found = literalOf(value);
  within(found !== undefined, 'value');
  return { kind: 'literal', value: found, position };
}

function all(operands: readonly Filter[]): Filter {
  within(operands.length > 0, 'conditions');
  return { kind: 'and', operands, position };
}

function membersOf(given: unknown, depth: number): readonly (readonly [string, unknown])[] {
  within(typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof Date) && depth <= DEPTH_MAX, 'object');
  return Object.entries(given);
}
