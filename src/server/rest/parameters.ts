// Parameters: reading what a request asks for out of its JSON object. An absent parameter and null are the same;
// a missing one is refused with 1802, one of the wrong type with 1801, as Milvus does.

import type { Params } from '../../model/parameter.js';
import { isObject, type JsonInput, type JsonObject } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';

type Found = Exclude<JsonInput, null>;

export function optional(body: JsonObject, name: string): Found | undefined {
  return Object.hasOwn(body, name) ? (body[name] ?? undefined) : undefined;
}

export function required(body: JsonObject, name: string): Found {
  const value = optional(body, name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

export function missing(name: string): RefusedRequest {
  return new RefusedRequest(STATUS.missingParameter, `missing required parameters, error: ${name}`);
}

export function textOf(body: JsonObject, name: string): string {
  return asText(required(body, name), name);
}

export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = optional(body, name);
  return value === undefined || value === '' ? undefined : asText(value, name);
}

export function optionalFlag(body: JsonObject, name: string): boolean | undefined {
  const value = optional(body, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(name, 'true or false', value);
}

/** A number; also as text, as Milvus' clients send `dim` and `max_length`. */
export function optionalNumber(body: JsonObject, name: string): number | undefined {
  const value = optional(body, name);
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  throw wrongType(name, 'a number', value);
}

export function optionalObject(body: JsonObject, name: string): JsonObject {
  return asObject(optional(body, name) ?? {}, name);
}

/** Settings of an index or a search: numbers, flags and text by name. */
export function optionalParams(body: JsonObject, name: string): Params {
  const entries = Object.entries(optionalObject(body, name)).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return [key, value];
      if (typeof value === 'bigint') return [key, value.toString()];
      throw wrongType(`${name}.${key}`, 'a number, a string, true or false', value);
    }),
  );
}

/** A member, if it has a value. */
export function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** An array of objects; none if absent. */
export function objectsOf(body: JsonObject, name: string): readonly JsonObject[] {
  return asArray(optional(body, name) ?? [], name).map((item, i) => asObject(item, `${name}[${i}]`));
}

export function optionalTexts(body: JsonObject, name: string): readonly string[] | undefined {
  const value = optional(body, name);
  return value === undefined ? undefined : asArray(value, name).map((item, i) => asText(item, `${name}[${i}]`));
}

export function asArray(value: JsonInput, name: string): readonly JsonInput[] {
  if (Array.isArray(value)) return value as readonly JsonInput[];
  throw wrongType(name, 'an array', value);
}

export function asObject(value: JsonInput, name: string): JsonObject {
  if (isObject(value)) return value;
  throw wrongType(name, 'an object', value);
}

function asText(value: JsonInput, name: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(name, 'a string', value);
}

function wrongType(name: string, expected: string, found: JsonInput): RefusedRequest {
  return new RefusedRequest(STATUS.malformedRequest, `parameter ${name}: expected ${expected}, found ${kindOf(found)}`);
}

export function kindOf(value: JsonInput): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Answering a request without what it asks for would be false: refuses each of `names` that says anything. */
export function refuseUnsupported(body: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    if (!saysNothing(optional(body, name))) throw new RefusedRequest(STATUS.unimplemented, `parameter ${name}: not supported by this server`);
  }
}

function saysNothing(value: Found | undefined): boolean {
  if (value === undefined || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
