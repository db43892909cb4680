// Json: the bodies of requests and answers. An Int64 keeps all its digits both ways: a bigint is written as a number,
// or as text for a client that could not read such a number; a double that large has an exponent. Long ones are read and
// written in turns with other requests.

import { NAMES_MAX, parseJsonInTurns } from '../format/json-in-turns.js';
import { parseJson, TooManyNames, type JsonInput, type JsonObject } from '../format/json-parser.js';
import { JsonWriter } from './json-writer.js';
import { nextTurn, slices } from './slices.js';
import { RefusedRequest, STATUS } from './status.js';

export { NAMES_MAX } from '../format/json-in-turns.js';
export type { JsonInput, JsonObject } from '../format/json-parser.js';

/** Shorter bodies are read at once. */
const SHORT_BYTES = 64 * 1024;

/** Errors: 1102 if there are more than `NAMES_MAX` names in what is read in one go, 1801 if the bytes of `pieces` are not one JSON object in UTF-8. */
export async function parseObject(pieces: readonly Uint8Array[]): Promise<JsonObject> {
  const value = await parsePieces(pieces);
  if (!isObject(value)) throw notJson('expected an object');
  return value;
}

export function isObject(value: JsonInput | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function parsePieces(pieces: readonly Uint8Array[]): Promise<JsonInput> {
  const isShort = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0) < SHORT_BYTES;
  try {
    if (isShort) return parseJson([...textsOf(pieces)].join(''));
    const value = await parseJsonInTurns(textsOf(pieces), slices());
    // What is made of it begins a turn of its own.
    await nextTurn();
    return value;
  } catch (error) {
    if (error instanceof TooManyNames) throw tooManyNames();
    throw notJson(error instanceof Error ? error.message : String(error));
  }
}

/** Errors: `TypeError` for what is not UTF-8. */
function* textsOf(pieces: readonly Uint8Array[]): Generator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

export function tooManyNames(): RefusedRequest {
  return new RefusedRequest(STATUS.tooLarge, `request body: at most ${NAMES_MAX} names of objects in it, in a row, or in all outside of rows`);
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
