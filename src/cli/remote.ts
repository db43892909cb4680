// Remote: a server by its REST interface, for commands that work on one. Its answers keep every digit of an Int64. A token goes to
// the server that was named and nowhere else: redirects are not followed.

import { parseJson, type JsonInput } from '../format/json-parser.js';
import { UsageError } from './command.js';

export interface RemoteServer {
  readonly url: string;
  /** The `data` of the answer to a POST, with what stands beside it. Errors: what the server says, with its code. */
  post(path: string, body: object, signal?: AbortSignal): Promise<RemoteAnswer>;
}

export interface RemoteAnswer {
  readonly data: JsonInput | undefined;
  readonly rest: Readonly<Record<string, JsonInput>>;
}

const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;

/** Errors: `UsageError` if it is no address. */
export function remoteServer(address: string, token: string | undefined): RemoteServer {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) throw new UsageError(`--url: expected an address like http://localhost:19530, found "${address}"`);
  const { username, password } = new URL(address);
  if (username !== '' || password !== '') throw new UsageError('--url: expected no password in it: give --token user:password');
  const url = address.replace(/\/+$/, '');
  const headers = { 'Content-Type': 'application/json', 'Accept-Type-Allow-Int64': 'true', ...(token === undefined || token === '' ? {} : { Authorization: `Bearer ${token}` }) };
  return {
    url,
    async post(path, body, signal) {
      const response = await fetch(`${url}/${path}`, { method: 'POST', body: JSON.stringify(body, plain), headers, redirect: 'error', ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
        throw new Error(`${url} does not answer: ${reasonOf(error)}`, { cause: error });
      });
      const text = await response.text();
      if (text.length > ANSWER_BYTES_MAX) throw new Error(`${url}/${path}: the answer is longer than ${ANSWER_BYTES_MAX} characters`);
      return answerOf(text, `${url}/${path}`, response.status);
    },
  };
}

function answerOf(text: string, where: string, status: number): RemoteAnswer {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where}: no answer of this kind of server (HTTP ${status})`);
  const { code, message, data, ...rest } = value as Readonly<Record<string, JsonInput>>;
  if (code !== 0 && code !== undefined) throw new Error(`${where}: ${typeof message === 'string' ? message : 'refused'} (code ${String(code)})`);
  if (status !== 200) throw new Error(`${where}: HTTP ${status}`);
  return { data, rest };
}

function parsed(text: string): JsonInput | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : String(error);
}

function plain(_name: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
  return typeof value === 'bigint' ? value.toString() : value;
}
