// Check: a Filter fitted to a Schema: what comes out can be evaluated without a question left. Two bounds of one column
// of numbers that stand side by side become one range, which is one pass over the column.

import type { Filter, Operand } from '../model/filter.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { Schema } from '../model/schema.js';
import { checkCompare, checkTruth } from './check/compare.js';
import { checkParams, type Scope } from './check/scope.js';
import { checkContains, checkIn } from './check/sets.js';
import { checkLike, checkPhraseMatch, checkRegex, checkSample, checkTextMatch } from './check/texts.js';
import { checkValue } from './check/value.js';
import { described } from './check/value-type.js';
import type { CheckedFilter } from './checked.js';
import { invalid } from './invalid.js';
import { filterOfObject } from './object.js';
import { parseFilter } from './parser/parser.js';

export type { Bound, CheckedFilter } from './checked.js';

/** A filter as text or as an object; `params` are the values of its `{name}`. Errors: `InvalidFilter` with the position, `InvalidArgument` for params. */
export function compileFilter(filter: FilterInput, schema: Schema, params?: FilterParams): CheckedFilter {
  return checkFilter(typeof filter === 'string' ? parseFilter(filter) : filterOfObject(filter), schema, params);
}

/** Undefined, and a text that is empty, let every row through. Errors: as compileFilter. */
export function compileOptional(filter: FilterInput | undefined, schema: Schema, params?: FilterParams): CheckedFilter | undefined {
  return filter === undefined || filter === '' ? undefined : compileFilter(filter, schema, params);
}

/** `filter` as parseFilter or filterOfObject gives it. Errors: as compileFilter. */
export function checkFilter(filter: Filter, schema: Schema, params?: FilterParams): CheckedFilter {
  return check(filter, { schema, params: checkParams(params) });
}

function check(filter: Filter, scope: Scope): CheckedFilter {
  switch (filter.kind) {
    case 'constant':
      return { kind: 'constant', value: filter.value };
    case 'compare':
      return checkCompare(filter.op, filter.left, filter.right, scope);
    case 'truth':
      return checkTruth(filter.operand, scope);
    case 'in':
      return negatedIf(filter.negated, checkIn(filter, scope));
    case 'like':
      return checkLike(filter, scope);
    case 'regex':
      return checkRegex(filter, scope);
    case 'null':
      return negatedIf(filter.negated, checkNull(filter.operand, scope));
    case 'exists':
      return checkExists(filter.operand, scope);
    case 'contains':
      return checkContains(filter, scope);
    case 'textMatch':
      return checkTextMatch(filter, scope);
    case 'phraseMatch':
      return checkPhraseMatch(filter, scope);
    case 'sample':
      return checkSample(filter, scope);
    case 'not':
      return { kind: 'not', operand: check(filter.operand, scope) };
    case 'and':
      return { kind: 'and', operands: joinBounds(filter.operands.map((operand) => check(operand, scope))) };
    case 'or':
      return { kind: 'or', operands: filter.operands.map((operand) => check(operand, scope)) };
  }
}

function negatedIf(negated: boolean, operand: CheckedFilter): CheckedFilter {
  return negated ? { kind: 'not', operand } : operand;
}

function checkNull(operand: Operand, scope: Scope): CheckedFilter {
  const value = checkValue(operand, scope);
  if (value.kind === 'constant' || value.kind === 'moment') throw invalid(operand.position, 'expected a field before "is null", found a literal');
  return { kind: 'isNull', operand: value };
}

function checkExists(operand: Operand, scope: Scope): CheckedFilter {
  const value = checkValue(operand, scope);
  if (value.kind !== 'json') throw invalid(operand.position, `${described(operand, value)}: expected JSON after exists`);
  return { kind: 'exists', operand: value };
}

/** A lower and an upper bound of one field side by side become a range; `and` within `and` is laid flat for it. */
function joinBounds(operands: readonly CheckedFilter[]): readonly CheckedFilter[] {
  const joined: CheckedFilter[] = [];
  for (const operand of operands.flatMap((part) => (part.kind === 'and' ? part.operands : [part]))) {
    const range = rangeOf(joined.at(-1), operand);
    if (range !== undefined) joined.pop();
    joined.push(range ?? operand);
  }
  return joined;
}

function rangeOf(a: CheckedFilter | undefined, b: CheckedFilter): CheckedFilter | undefined {
  if (a?.kind !== 'compare' || b.kind !== 'compare' || a.field !== b.field) return undefined;
  const [low, high] = a.op === 'gt' || a.op === 'ge' ? [a, b] : [b, a];
  if ((low.op !== 'gt' && low.op !== 'ge') || (high.op !== 'lt' && high.op !== 'le')) return undefined;
  return {
    kind: 'range',
    field: a.field,
    low: { value: low.value, exclusive: low.op === 'gt' },
    high: { value: high.value, exclusive: high.op === 'lt' },
  };
}
