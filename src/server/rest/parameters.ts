// Parameters: reading what a request asks for beyond its schema: values by name, of which the types are many. As clients of
// Milvus send them, numbers and truths may be text. What is of no type that is taken is refused with 1801.

import type { Params, ParamValue } from '../../model/parameter.js';
import { isObject, type JsonInput, type JsonObject } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';

const NUMBER_TEXT = /^-?\d{1,15}$/;

export function missing(name: string): RefusedRequest {
  return new RefusedRequest(STATUS.missingParameter, `missing required parameters, error: ${name}`);
}

/** A member, if it has a value. */
export function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

type Values = Readonly<Record<string, unknown>>;

function valueIn(values: Values, name: string): unknown {
  return Object.hasOwn(values, name) ? (values[name] ?? undefined) : undefined;
}

/** Undefined also for ''. */
export function textIn(values: object, name: string): string | undefined {
  const value = valueIn(values as Values, name);
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw wrongType(name, 'a string', value);
}

export function numberIn(values: object, name: string): number | undefined {
  const value = valueIn(values as Values, name);
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER_TEXT.test(value)) return Number(value);
  throw wrongType(name, 'a number', value);
}

export function truthIn(values: object, name: string): boolean | undefined {
  const value = valueIn(values as Values, name);
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw wrongType(name, 'true or false', value);
}

export function objectIn(values: object, name: string): JsonObject {
  return asObject((valueIn(values as Values, name) ?? {}) as JsonInput, name);
}

/** Settings of an index or a search: numbers, flags and text by name. */
export function paramsFrom(given: JsonObject, name: string): Params {
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, paramFrom(value, `${name}.${key}`)]));
}

function paramFrom(value: JsonInput, where: string): ParamValue {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  throw wrongType(where, 'a number, a string, true or false', value);
}

/** Properties of a database or a collection. */
export function propertiesFrom(given: JsonObject, name: string): Params {
  return paramsFrom(given, name);
}

/** As Milvus lists values by name. */
export function keyValuesOf(values: Readonly<Record<string, string>>): readonly { readonly key: string; readonly value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function asArray(value: JsonInput, name: string): readonly JsonInput[] {
  if (Array.isArray(value)) return value as readonly JsonInput[];
  throw wrongType(name, 'an array', value);
}

export function asObject(value: JsonInput, name: string): JsonObject {
  if (isObject(value)) return value;
  throw wrongType(name, 'an object', value);
}

export function wrongType(name: string, expected: string, found: unknown): RefusedRequest {
  return new RefusedRequest(STATUS.malformedRequest, `parameter ${name}: expected ${expected}, found ${kindOf(found)}`);
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Answering a request without what it asks for would be false: refuses each of `names` that says anything. */
export function refuseUnsupported(values: object, names: readonly string[]): void {
  for (const name of names) {
    if (!saysNothing(valueIn(values as Values, name))) throw new RefusedRequest(STATUS.unimplemented, `parameter ${name}: not supported by this server`);
  }
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === '' || value === false || value === 'false') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
