// Check: a body against the schema of its route. As in Milvus null is as good as nothing, names that the schema does not know are
// passed over, a missing parameter is 1802 and one of the wrong type 1801.

import type { TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { isObject, NAMES_MAX, tooManyNames, type JsonInput, type JsonObject } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';
import { kindOf, missing } from './parameters.js';

/** Rows are the schema's of their collection to judge, and their nulls mean something. */
const OPAQUE = 'data';

export type Check = (body: JsonObject) => JsonObject;

/** Compiled when it is first used. What it gives has no nulls outside of rows. Errors: 1102, 1801, 1802. */
export function checkOf(schema: TObject): Check {
  let compiled: ReturnType<typeof Compile> | undefined;
  return (body) => {
    compiled ??= Compile(schema);
    const given = withoutNulls(body, { left: NAMES_MAX });
    if (!compiled.Check(given)) throw refusal(compiled.Errors(given), given);
    return given;
  };
}

interface Allowance {
  left: number;
}

function withoutNulls(object: JsonObject, allowance: Allowance): JsonObject {
  const members = Object.entries(object);
  // An object counts as a name of its own: a list may be of empty ones.
  allowance.left -= 1 + members.length;
  if (allowance.left < 0) throw tooManyNames();
  return Object.fromEntries(members.filter(([, value]) => value !== null).map(([key, value]) => [key, key === OPAQUE ? value : nullsWithin(value, allowance)]));
}

function nullsWithin(value: JsonInput, allowance: Allowance): JsonInput {
  if (Array.isArray(value)) return value.length > 0 && isObject(value[0] as JsonInput) ? (value as readonly JsonInput[]).map((item) => nullsWithin(item, allowance)) : value;
  return isObject(value) ? withoutNulls(value, allowance) : value;
}

function refusal(errors: readonly TLocalizedValidationError[], body: JsonObject): RefusedRequest {
  const [error] = errors;
  if (error === undefined) throw new TypeError('a body that does not fit has no errors');
  const where = placeOf(error.instancePath);
  if (error.keyword === 'required') return missing([where, error.params.requiredProperties[0]].filter((part) => part !== '').join('.'));
  if (error.keyword === 'minLength') return missing(where);
  return new RefusedRequest(STATUS.malformedRequest, `parameter ${where}: expected ${expectedBy(error)}, found ${kindOf(valueAt(body, error.instancePath))}`);
}

/** `/a/0/b` as `a[0].b`. */
function placeOf(pointer: string): string {
  return partsOf(pointer).reduce((place, part) => (/^\d+$/.test(part) ? `${place}[${part}]` : place === '' ? part : `${place}.${part}`), '');
}

function partsOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(body: JsonInput, pointer: string): JsonInput {
  let value: JsonInput = body;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(value)) value = (value as readonly JsonInput[])[Number(part)] ?? null;
    else value = isObject(value) && Object.hasOwn(value, part) ? (value[part] ?? null) : null;
  }
  return value;
}

const KINDS: Readonly<Record<string, string>> = { string: 'a string', boolean: 'true or false', integer: 'an integer', number: 'a number', array: 'an array', object: 'an object' };

function expectedBy(error: TLocalizedValidationError): string {
  if (error.keyword === 'type') {
    const types = [error.params.type].flat().filter((type) => type !== 'bigint');
    return types.map((type) => KINDS[type] ?? type).join(' or ');
  }
  if (error.keyword === 'enum') return `one of ${error.params.allowedValues.join(', ')}`;
  if (error.keyword === 'maxLength') return `at most ${error.params.limit} characters`;
  return error.message;
}
