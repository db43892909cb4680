// Json: the bodies of requests and answers. An Int64 keeps all its digits both ways: a bigint is written as a number,
// or as text for a client that could not read such a number; a double that large has an exponent.

import { exactNumber } from '../format/exact-json.js';
import { parseJson, type JsonInput, type JsonObject } from '../format/json-parser.js';
import { RefusedRequest, STATUS } from './status.js';

export type { JsonInput, JsonObject } from '../format/json-parser.js';

/** Errors: 1801 if `bytes` are not one JSON object in UTF-8. */
export function parseObject(bytes: Uint8Array): JsonObject {
  const value = parseBytes(bytes);
  if (!isObject(value)) throw notJson('expected an object');
  return value;
}

export function isObject(value: JsonInput | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseBytes(bytes: Uint8Array): JsonInput {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
}

function notJson(why: string): RefusedRequest {
  return new RefusedRequest(STATUS.malformedRequest, `can only accept json format request, error: ${why}`);
}

/** What an answer is made of: plain data, less cycles and functions. Keys with an undefined value are left out. */
export function toJson(value: unknown, int64AsText: boolean): string {
  if (typeof value === 'bigint') return int64AsText ? `"${value}"` : value.toString();
  if (typeof value === 'number' && Number.isFinite(value)) return exactNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (ArrayBuffer.isView(value)) return `[${(value as Float32Array).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item, int64AsText)).join(',')}]`;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${toJson(item, int64AsText)}`).join(',')}}`;
}
