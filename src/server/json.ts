// Json: text to values and back without losing a digit of an Int64. An integer beyond 2^53 becomes a bigint,
// any other number a number; a bigint is written as a number with all its digits, or as a string where asked.

import { parse, stringify } from 'lossless-json';
import { RefusedRequest, STATUS } from './status.js';

export type JsonInput = null | boolean | number | bigint | string | readonly JsonInput[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonInput };

const INTEGER = /^-?\d+$/;

/** Errors: 1801 if `bytes` are not one JSON object in UTF-8. */
export function parseObject(bytes: Uint8Array): JsonObject {
  const value = parseText(bytes);
  if (!isObject(value)) throw notJson('expected an object');
  return value;
}

export function isObject(value: JsonInput | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseText(bytes: Uint8Array): JsonInput {
  try {
    // The number parser gives no LosslessNumber, so that only plain values come out.
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), null, exactNumber) as JsonInput;
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
}

function exactNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !INTEGER.test(text) ? value : BigInt(text);
}

function notJson(why: string): RefusedRequest {
  return new RefusedRequest(STATUS.malformedRequest, `can only accept json format request, error: ${why}`);
}

/** Vectors become arrays of numbers. */
export function toJson(value: unknown, int64AsText: boolean): string {
  const text = stringify(value, (_key: string, item: unknown) => {
    if (item instanceof Float32Array) return Array.from(item);
    return int64AsText && typeof item === 'bigint' ? item.toString() : item;
  });
  if (text === undefined) throw new TypeError(`no JSON for a ${typeof value}`);
  return text;
}
