// Edge body: a request's JSON object, and an answer as JSON. Whole numbers keep all their digits, both ways.

import { isInteger, isSafeNumber, parse, stringify } from 'lossless-json';
import { ElanusError, require, type ErrorCode } from '../model/errors.js';

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = { InvalidArgument: 400, InvalidFilter: 400, NotFound: 404, AlreadyExists: 409, Busy: 503 };

/** Errors: `InvalidArgument`. */
export async function readBody(request: Request, bytesMax: number): Promise<Readonly<Record<string, unknown>>> {
  const length = Number(request.headers.get('content-length') ?? 0);
  require(length <= bytesMax, () => `body: at most ${bytesMax} bytes, found ${length}`);
  const text = await request.text();
  require(text.length <= bytesMax, () => `body: at most ${bytesMax} bytes`);
  const body = parsed(text);
  require(typeof body === 'object' && body !== null && !Array.isArray(body), () => 'body: expected a JSON object');
  return body as Readonly<Record<string, unknown>>;
}

function parsed(text: string): unknown {
  try {
    return parse(text, undefined, (digits) => (isInteger(digits) && !isSafeNumber(digits) ? BigInt(digits) : Number(digits)));
  } catch (error) {
    throw new ElanusError('InvalidArgument', `body: expected JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** What `work` gives; every error that the request caused is answered, none is thrown. */
export async function answered(work: () => Promise<unknown>): Promise<Response> {
  try {
    return json(200, await work());
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    const { code, message, position } = error;
    return json(STATUS[code] ?? 500, { error: { code, message, position } });
  }
}

function json(status: number, body: unknown): Response {
  const text = stringify(body, (_key, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value)) ?? 'null';
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}
