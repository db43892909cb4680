// Check of what texts are matched with: like, regular expressions, TEXT_MATCH and PHRASE_MATCH; and of random samples.

import type { Filter, Operand } from '../../model/filter.js';
import { LIMITS } from '../../model/limits.js';
import { primaryField } from '../../model/schema.js';
import type { CheckedFilter, Value } from '../checked.js';
import { invalid } from '../invalid.js';
import { likePattern } from '../like.js';
import { compileRegex } from '../regex/program.js';
import { RegexError } from '../regex/reader.js';
import type { Scope } from './scope.js';
import { checkConstant, checkValue } from './value.js';
import { described, typeOf } from './value-type.js';

export function checkLike({ operand, pattern }: Extract<Filter, { readonly kind: 'like' }>, scope: Scope): CheckedFilter {
  const value = textValue(operand, 'like', scope);
  const compiled = likePattern(checkText(pattern, 'a pattern', scope));
  if (compiled === undefined) throw invalid(pattern.position, 'expected a character after the backslash at the end of the pattern');
  return { kind: 'like', operand: value, pattern: compiled };
}

export function checkRegex({ operand, pattern, negated }: Extract<Filter, { readonly kind: 'regex' }>, scope: Scope): CheckedFilter {
  const value = textValue(operand, '=~', scope);
  const source = checkText(pattern, 'a regular expression', scope);
  try {
    const checked: CheckedFilter = { kind: 'regex', operand: value, program: compileRegex(source) };
    return negated ? { kind: 'not', operand: checked } : checked;
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw invalid(pattern.position, error.message);
  }
}

export function checkTextMatch({ field, query, minimum }: Extract<Filter, { readonly kind: 'textMatch' }>, scope: Scope): CheckedFilter {
  const most = LIMITS.minimumShouldMatchMax;
  return { kind: 'textMatch', field: analyzedField(field, scope), query: checkText(query, 'a text', scope), minimum: minimum === undefined ? 1 : checkWhole(minimum, 1, most, 'minimum_should_match', scope) };
}

export function checkPhraseMatch({ field, query, slop }: Extract<Filter, { readonly kind: 'phraseMatch' }>, scope: Scope): CheckedFilter {
  return { kind: 'phraseMatch', field: analyzedField(field, scope), query: checkText(query, 'a text', scope), slop: slop === undefined ? 0 : checkWhole(slop, 0, 2 ** 32 - 1, 'slop', scope) };
}

/** The rows are drawn by a hash of their keys, so that the same are drawn again. */
export function checkSample({ share, seed }: Extract<Filter, { readonly kind: 'sample' }>, scope: Scope): CheckedFilter {
  const given = checkConstant(share, scope);
  const part = typeof given === 'bigint' || typeof given === 'number' ? Number(given) : Number.NaN;
  if (!(part > 0 && part < 1)) throw invalid(share.position, `random_sample: expected a share between 0 and 1, found ${String(given).slice(0, 40)}`);
  return { kind: 'sample', field: primaryField(scope.schema).name, threshold: Math.round(part * 2 ** 32), seed: seed === undefined ? 0 : checkWhole(seed, 0, 2 ** 32 - 1, 'seed', scope) };
}

function textValue(operand: Operand, op: string, scope: Scope): Value {
  const value = checkValue(operand, scope);
  const type = typeOf(value);
  if (value.kind === 'constant' || (type !== 'text' && type !== 'dynamic')) throw invalid(operand.position, `${value.kind === 'constant' ? 'a literal' : described(operand, value)}: expected a VarChar or JSON before ${op}`);
  return value;
}

function analyzedField(operand: Operand, scope: Scope): string {
  const value = checkValue(operand, scope);
  if (value.kind !== 'column' || value.type !== 'VarChar') throw invalid(operand.position, `${described(operand, value)}: expected a VarChar field`);
  return value.field;
}

function checkText(operand: Operand, what: string, scope: Scope): string {
  const text = checkConstant(operand, scope);
  if (typeof text !== 'string') throw invalid(operand.position, `expected ${what} as a string`);
  return text;
}

function checkWhole(operand: Operand, min: number, max: number, what: string, scope: Scope): number {
  const value = checkConstant(operand, scope);
  if (typeof value !== 'bigint' || value < min || value > max) throw invalid(operand.position, `${what}: expected a whole number of ${min} to ${max}, found ${String(value).slice(0, 40)}`);
  return Number(value);
}
