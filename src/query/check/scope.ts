// Scope: what a filter is checked against: the fields there are, and the values that were handed over beside it.

import { ElanusError } from '../../model/errors.js';
import type { Literal, Operand, Place } from '../../model/filter.js';
import type { FilterParams } from '../../model/filter-object.js';
import { LIMITS } from '../../model/limits.js';
import type { Schema } from '../../model/schema.js';
import { invalid } from '../invalid.js';

export interface Scope {
  readonly schema: Schema;
  readonly params: FilterParams;
}

/** A value of a caller's: Dates as RFC 3339 text, safe integers as bigint. Undefined if it is none that a filter can have. */
export function literalOf(value: unknown): Literal | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : Number.isFinite(value) ? value : undefined;
  return typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'string' ? value : undefined;
}

/** A value of a caller's, or a list of such, as an operand. Errors: `InvalidFilter` with what `where` says. */
export function operandOfValue(value: unknown, position: Place, where: string, depth = 0): Operand {
  if (!Array.isArray(value)) {
    const literal = literalOf(value);
    if (literal === undefined) throw invalid(position, `${where}: expected a boolean, a number, a bigint, a string, a Date or a list of these, found ${kindOf(value)}`);
    return { kind: 'literal', value: literal, position };
  }
  if (depth === LIMITS.jsonDepthMax) throw invalid(position, `${where}: expected lists at most ${LIMITS.jsonDepthMax} deep, found one more`);
  if (value.length > LIMITS.filterValuesMax) throw invalid(position, `${where}: expected at most ${LIMITS.filterValuesMax} values, found ${value.length}`);
  return { kind: 'list', items: value.map((item: unknown, at) => operandOfValue(item, position, `${where}[${at}]`, depth + 1)), position };
}

/** What a `{name}` stands for. */
export function paramOf({ params }: Scope, name: string, position: Place): Operand {
  if (!Object.hasOwn(params, name)) throw invalid(position, `expected a value of {${name}} in filterParams, found none`);
  return operandOfValue(params[name], position, `{${name}}`);
}

/** Errors: `InvalidArgument`. */
export function checkParams(params: unknown): FilterParams {
  if (params === undefined) return {};
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw new ElanusError('InvalidArgument', `filterParams: expected an object of values by name, found ${kindOf(params)}`);
  return params as FilterParams;
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' ? (Array.isArray(value) ? 'an array' : value instanceof Date ? 'an invalid Date' : 'an object') : typeof value;
}
