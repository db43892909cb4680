// Filters as objects, to the Filter that a text would give. Places in errors are the paths of the members. Undefined is
// refused, as a condition that was forgotten would match every row.

import type { Comparison, Filter, Operand } from '../model/filter.js';
import type { FilterObject } from '../model/filter-object.js';
import { LIMITS } from '../model/limits.js';
import { kindOf, literalOf, operandOfValue } from './check/scope.js';
import { invalid } from './invalid.js';
import { parseField, parseFilter } from './parser/parser.js';

type FieldOperand = Extract<Operand, { readonly kind: 'field' }>;

/** Errors: `InvalidFilter` with the path of the member. */
export function filterOfObject(given: FilterObject): Filter {
  return objectFilter(given, '', 0);
}

function objectFilter(given: unknown, at: string, depth: number): Filter {
  const members = membersOf(given, at, depth);
  return all(members.map(([name, value]) => (name.startsWith('$') && Object.hasOwn(JOINS, name) ? (JOINS[name] as Join)(value, below(at, name), depth + 1) : fieldFilter(fieldOf(name, at), value, below(at, name), depth + 1))), at);
}

/** All of them together; one by itself. */
function all(filters: readonly Filter[], position: string): Filter {
  if (filters.length === 1) return filters[0] as Filter;
  return filters.length === 0 ? { kind: 'constant', value: true, position } : { kind: 'and', operands: filters, position };
}

type Join = (value: unknown, at: string, depth: number) => Filter;

const JOINS: Readonly<Record<string, Join>> = {
  $and: (value, at, depth) => all(filledList(value, at).map((part, i) => objectFilter(part, `${at}[${i}]`, depth)), at),
  $or: anyOf,
  $nor: (value, at, depth) => ({ kind: 'not', operand: anyOf(value, at, depth), position: at }),
  $not: (value, at, depth) => ({ kind: 'not', operand: objectFilter(value, at, depth), position: at }),
  $expr: (value, at) => {
    if (typeof value !== 'string') throw invalid(at, `expected a filter as text, found ${kindOf(value)}`);
    return parseFilter(value);
  },
  $sample: (value, at, depth) => {
    const { share, seed } = typeof value === 'number' ? { share: value, seed: undefined } : namedMembers(value, ['share', 'seed'], at, depth);
    return { kind: 'sample', share: operandOfValue(share, at, 'share'), seed: seed === undefined ? undefined : operandOfValue(seed, at, 'seed'), position: at };
  },
};

function anyOf(value: unknown, at: string, depth: number): Filter {
  const operands = filledList(value, at).map((part, i) => objectFilter(part, `${at}[${i}]`, depth));
  return operands.length === 1 ? (operands[0] as Filter) : { kind: 'or', operands, position: at };
}

/** A value, conditions, or the same of what lies in a JSON value. */
function fieldFilter(operand: FieldOperand, value: unknown, at: string, depth: number): Filter {
  if (value === null) return { kind: 'null', operand, negated: false, position: at };
  if (literalOf(value) !== undefined || Array.isArray(value)) return { kind: 'compare', op: '==', left: operand, right: operandOfValue(value, at, 'value'), position: at };
  const members = membersOf(value, at, depth);
  const conditions = members.filter(([name]) => name.startsWith('$'));
  if (members.length === 0) throw invalid(at, 'expected a value or conditions, found an empty object');
  if (conditions.length > 0 && conditions.length < members.length) throw invalid(at, 'expected conditions, which begin with $, or keys, found both');
  if (conditions.length > 0) return all(members.map(([name, given]) => condition(operand, name, given, below(at, name), depth + 1)), at);
  return all(members.map(([name, given]) => fieldFilter({ ...operand, path: [...operand.path, name], position: below(at, name) }, given, below(at, name), depth + 1)), at);
}

const COMPARISONS: Readonly<Record<string, Comparison>> = { $eq: '==', $ne: '!=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };
const CONTAINS = { $contains: 'one', $containsAll: 'all', $containsAny: 'any' } as const;

function condition(operand: Operand, name: string, value: unknown, at: string, depth: number): Filter {
  const op = Object.hasOwn(COMPARISONS, name) ? (COMPARISONS[name] as Comparison) : undefined;
  if (op !== undefined) return comparison(operand, op, value, at, depth);
  if (Object.hasOwn(CONTAINS, name)) return { kind: 'contains', mode: CONTAINS[name as keyof typeof CONTAINS], array: operand, values: operandOfValue(value, at, name), position: at };
  switch (name) {
    case '$in':
    case '$nin':
      return { kind: 'in', operand, values: operandOfValue(listOf(value, at), at, name), negated: name === '$nin', position: at };
    case '$like':
      return { kind: 'like', operand, pattern: operandOfValue(value, at, name), position: at };
    case '$regex':
    case '$notRegex':
      return { kind: 'regex', operand, pattern: operandOfValue(value, at, name), negated: name === '$notRegex', position: at };
    case '$null':
      return { kind: 'null', operand, negated: !flag(value, at), position: at };
    case '$exists': {
      const filter: Filter = { kind: 'exists', operand, position: at };
      return flag(value, at) ? filter : { kind: 'not', operand: filter, position: at };
    }
    case '$length': {
      const length: Operand = { kind: 'length', array: operand, position: at };
      return literalOf(value) === undefined ? all(membersOf(value, at, depth).map(([inner, given]) => condition(length, inner, given, below(at, inner), depth + 1)), at) : comparison(length, '==', value, at, depth);
    }
    case '$match':
    case '$phrase':
      return textSearch(operand, name, value, at, depth);
    case '$not':
      return { kind: 'not', operand: all(membersOf(value, at, depth).map(([inner, given]) => condition(operand, inner, given, below(at, inner), depth + 1)), at), position: at };
    default:
      throw invalid(at, `expected a condition such as $eq, $gt, $in, $like or $contains, found ${name.slice(0, 40)}`);
  }
}

function comparison(operand: Operand, op: Comparison, value: unknown, at: string, depth: number): Filter {
  if (value === null && (op === '==' || op === '!=')) return { kind: 'null', operand, negated: op === '!=', position: at };
  const isField = typeof value === 'object' && value !== null && Object.hasOwn(value, '$field');
  return { kind: 'compare', op, left: operand, right: isField ? otherField(value, at, depth) : operandOfValue(value, at, 'value'), position: at };
}

function otherField(value: unknown, at: string, depth: number): Operand {
  const { $field } = namedMembers(value, ['$field'], at, depth);
  if (typeof $field !== 'string') throw invalid(at, `expected the name of a field, found ${kindOf($field)}`);
  return fieldOf($field, at);
}

function textSearch(field: Operand, name: '$match' | '$phrase', value: unknown, at: string, depth: number): Filter {
  const option = name === '$match' ? 'minimumShouldMatch' : 'slop';
  const { query, [option]: given } = typeof value === 'string' ? { query: value } : namedMembers(value, ['query', option], at, depth);
  const number = given === undefined ? undefined : operandOfValue(given, at, option);
  const searched = operandOfValue(query, at, 'query');
  return name === '$match' ? { kind: 'textMatch', field, query: searched, minimum: number, position: at } : { kind: 'phraseMatch', field, query: searched, slop: number, position: at };
}

const NAME = /^[A-Za-z_$][\w$]*$/;

/** A name, `a.b.0`, or a path as texts have it. */
function fieldOf(name: string, at: string): FieldOperand {
  const position = below(at, name);
  const [first = '', ...steps] = name.split('.');
  if (NAME.test(first) && !name.includes('[')) return { kind: 'field', name: first, path: steps.map((step) => (/^\d{1,9}$/.test(step) ? Number(step) : step)), position };
  try {
    return { ...(parseField(name) as FieldOperand), position };
  } catch {
    throw invalid(position, `expected the name of a field or a path like a.b or a["b"][0], found ${JSON.stringify(name.slice(0, 40))}`);
  }
}

function below(at: string, name: string): string {
  return at === '' ? name.slice(0, 80) : `${at}.${name.slice(0, 80)}`;
}

function membersOf(given: unknown, at: string, depth: number): readonly (readonly [string, unknown])[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid(at, `expected an object of conditions, found ${kindOf(given)}`);
  if (depth > LIMITS.filterDepthMax) throw invalid(at.slice(0, 80), `expected objects at most ${LIMITS.filterDepthMax} deep, found one more`);
  const members = Object.entries(given);
  if (members.length > LIMITS.filterConditionsMax) throw invalid(at, `expected at most ${LIMITS.filterConditionsMax} conditions, found ${members.length}`);
  for (const [name, value] of members) if (value === undefined) throw invalid(below(at, name), 'expected a value, found undefined');
  return members;
}

/** Members of these names and no others. */
function namedMembers<N extends string>(given: unknown, names: readonly N[], at: string, depth: number): { readonly [K in N]?: unknown } {
  for (const [name] of membersOf(given, at, depth)) if (!names.some((known) => known === name)) throw invalid(below(at, name), `expected ${names.join(' or ')}`);
  return given as { readonly [K in N]?: unknown };
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(at, `expected an array, found ${kindOf(value)}`);
  return value;
}

/** Of conditions: none at all would be all rows, or none, by mistake. */
function filledList(value: unknown, at: string): readonly unknown[] {
  const list = listOf(value, at);
  if (list.length === 0 || list.length > LIMITS.filterConditionsMax) throw invalid(at, `expected 1 to ${LIMITS.filterConditionsMax} conditions, found ${list.length}`);
  return list;
}

function flag(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw invalid(at, `expected true or false, found ${kindOf(value)}`);
  return value;
}
