// Json: the bodies of requests and answers. An Int64 keeps all its digits both ways: a bigint is written as a number,
// or as text for a client that could not read such a number; a double that large has an exponent. Long ones are read and
// written in turns with other requests.

import { parseJson, parseJsonInTurns, type JsonInput, type JsonObject } from '../format/json-parser.js';
import { JsonWriter } from './json-writer.js';
import { slices } from './slices.js';
import { RefusedRequest, STATUS } from './status.js';

export type { JsonInput, JsonObject } from '../format/json-parser.js';

/** Shorter bodies are read at once. */
const SHORT_BYTES = 64 * 1024;

/** Errors: 1801 if `bytes` are not one JSON object in UTF-8. */
export async function parseObject(bytes: Uint8Array): Promise<JsonObject> {
  const value = await parseBytes(bytes);
  if (!isObject(value)) throw notJson('expected an object');
  return value;
}

export function isObject(value: JsonInput | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function parseBytes(bytes: Uint8Array): Promise<JsonInput> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return bytes.length < SHORT_BYTES ? parseJson(text) : await parseJsonInTurns(text, slices());
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
}

function notJson(why: string): RefusedRequest {
  return new RefusedRequest(STATUS.malformedRequest, `can only accept json format request, error: ${why}`);
}

/** What an answer is made of: plain data, less cycles and functions. Keys with an undefined value are left out. */
export function jsonBytes(value: unknown, int64AsText: boolean): Uint8Array<ArrayBuffer> {
  const writer = new JsonWriter(int64AsText);
  writer.value(value);
  return writer.take();
}

export function toJson(value: unknown, int64AsText: boolean): string {
  return new TextDecoder().decode(jsonBytes(value, int64AsText));
}

/** The bytes, in turns with others; a list in `data` item by item. */
export async function answerJson({ data, ...head }: { readonly [member: string]: unknown }, int64AsText: boolean): Promise<Uint8Array<ArrayBuffer>> {
  if (!Array.isArray(data)) return jsonBytes({ ...head, ...(data === undefined ? {} : { data }) }, int64AsText);
  const writer = new JsonWriter(int64AsText);
  const pause = slices();
  writer.raw('{');
  for (const [key, value] of Object.entries(head)) {
    if (value === undefined) continue;
    writer.text(key);
    writer.raw(':');
    writer.value(value);
    writer.raw(',');
  }
  writer.raw('"data":[');
  for (let i = 0; i < data.length; i++) {
    if (i > 0) writer.raw(',');
    writer.value(data[i]);
    const turn = pause();
    if (turn !== undefined) await turn;
  }
  writer.raw(']}');
  return writer.take();
}
