// What the tests of the server share: a server on a free port of this machine over a database in memory.

import { request } from 'node:http';
import { open } from '../../src/presets/node.js';
import { startServer, type ServerOptions } from '../../src/server/index.js';

export interface Event {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export interface TestServer {
  readonly url: string;
  /** What was logged, less what is for debugging. */
  readonly events: readonly Event[];
  readonly debugEvents: readonly Event[];
  /** POSTs to a path below /v2/vectordb/ and gives the answer's JSON. */
  post(path: string, body: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly code: number;
  readonly message?: string;
  readonly data?: unknown;
  readonly topks?: readonly number[];
}

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const events: Event[] = [];
  const debugEvents: Event[] = [];
  const database = await (options.database ?? open('test', { storage: 'memory', core: 'wasm' }));
  const log: ServerOptions['log'] = (level, message, fields) => void (level === 'debug' ? debugEvents : events).push({ level, message, fields });
  const server = await startServer({ host: '127.0.0.1', port: 0, log, ...options, database });
  return {
    url: server.url,
    events,
    debugEvents,
    post: async (path, body) => JSON.parse(await (await postText(server.url, path, JSON.stringify(body))).text()) as Answer,
    close: async () => {
      await server.close();
      await database.close();
    },
  };
}

/** For bodies and answers that JSON.stringify and JSON.parse would change. */
export function postText(url: string, path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/v2/vectordb/${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'accept-type-allow-int64': 'true', ...headers } });
}

/** A GET whose path goes out exactly as given, dots and all. */
export function getRaw(url: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
