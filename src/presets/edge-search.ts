// Edge search: `POST /search` as a web-standard handler: the options of `Collection.search` as JSON, with the name of
// the collection, answered by its SearchResult as JSON. Int64 values keep all their digits.

import { stringify } from 'lossless-json';
import type { Database } from '../engine/api.js';
import { ElanusError, require, type ErrorCode } from '../model/errors.js';
import type { Vector } from '../model/row.js';

const BODY_BYTES_MAX = 1024 * 1024;

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = { InvalidArgument: 400, InvalidFilter: 400, NotFound: 404 };

/** Answers a search; every error that the request caused is answered, none is thrown. */
export async function answerSearch(database: Database, request: Request): Promise<Response> {
  try {
    const { collection, ...search } = await readBody(request);
    require(typeof collection === 'string', () => 'collection: expected a name');
    const result = await (await database.collection(collection)).search(search as { readonly data: Vector });
    return json(200, result);
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    const { code, message, position } = error;
    return json(STATUS[code] ?? 500, { error: { code, message, position } });
  }
}

async function readBody(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const length = Number(request.headers.get('content-length') ?? 0);
  require(length <= BODY_BYTES_MAX, () => `body: at most ${BODY_BYTES_MAX} bytes, found ${length}`);
  const text = await request.text();
  require(text.length <= BODY_BYTES_MAX, () => `body: at most ${BODY_BYTES_MAX} bytes`);
  const body = parse(text);
  require(typeof body === 'object' && body !== null && !Array.isArray(body), () => 'body: expected a JSON object');
  return body as Readonly<Record<string, unknown>>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ElanusError('InvalidArgument', 'body: expected JSON', { cause: error });
  }
}

function json(status: number, body: unknown): Response {
  const text = stringify(body, (_key, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value)) ?? 'null';
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}
