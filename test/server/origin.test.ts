// Which web pages may use the server, as a browser would ask it.

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postText, startTestServer, type TestServer } from './support.js';

const FRIEND = 'https://app.example';
const STRANGER = 'https://evil.example';

let closed: TestServer;
let friendly: TestServer;
let open: TestServer;

beforeAll(async () => {
  closed = await startTestServer();
  friendly = await startTestServer({ cors: [FRIEND] });
  open = await startTestServer({ cors: ['*'] });
});
afterAll(async () => {
  for (const server of [closed, friendly, open]) await server.close();
});

const list = (server: TestServer, origin: string) => postText(server.url, 'collections/list', '{}', { origin, 'content-type': 'text/plain' });

const preflight = (server: TestServer, origin: string) =>
  fetch(`${server.url}/v2/vectordb/collections/list`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'contenttype,accept-type-allow-int64' },
  });

describe('a web page of another origin', () => {
  test.each([STRANGER, 'null', 'nonsense'])('cannot post, not even without asking first: %s', async (origin) => {
    for (const server of [closed, friendly]) {
      const response = await list(server, origin);
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('is not told anything it may read', async () => {
    const response = await fetch(`${friendly.url}/health`, { headers: { origin: STRANGER } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight(friendly, STRANGER)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight(closed, FRIEND)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('may post if it is named, and is told which headers it may send', async () => {
    const response = await list(friendly, FRIEND);
    expect(response.headers.get('access-control-allow-origin')).toBe(FRIEND);
    expect(await response.json()).toEqual({ code: 0, data: [] });
    const asked = await preflight(friendly, FRIEND);
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(FRIEND);
    const allowed = asked.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
    expect(allowed).toEqual(expect.arrayContaining(['content-type', 'contenttype', 'accept', 'accept-type-allow-int64', 'authorization', 'request-timeout', 'db-name', 'if-none-match', 'range']));
  });

  test('may read the tag of a manifest', async () => {
    await friendly.post('collections/create', { collectionName: 'a', dimension: 2 });
    const response = await fetch(`${friendly.url}/v1/collections/a/manifest`, { headers: { origin: FRIEND } });
    expect(response.headers.get('access-control-allow-origin')).toBe(FRIEND);
    expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('etag');
    await friendly.post('collections/drop', { collectionName: 'a' });
  });

  test('may post whoever it is if all are allowed', async () => {
    expect((await list(open, STRANGER)).headers.get('access-control-allow-origin')).toBe('*');
  });
});

test("the server's own page may post", async () => {
  expect((await list(closed, closed.url)).status).toBe(200);
});

test('never are credentials allowed', async () => {
  for (const server of [friendly, open]) expect((await preflight(server, FRIEND)).headers.get('access-control-allow-credentials')).toBeNull();
});

describe('a name that a stranger had turned to this address', () => {
  /** As a browser sends it that was told that evil.example is here. */
  const by = (server: TestServer, host: string, method: string, path: string, origin?: string): Promise<number> => {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, agent: false, headers: { host: `${host}:${port}`, ...(origin === undefined ? {} : { origin: `http://${origin}:${port}` }) } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject);
      sent.end(method === 'GET' ? undefined : '{}');
    });
  };
  const LIST = '/v2/vectordb/collections/list';

  test('is refused on a server for this machine alone, to read and to write', async () => {
    expect(await by(closed, 'evil.example', 'GET', '/health')).toBe(403);
    expect(await by(closed, 'evil.example', 'POST', LIST, 'evil.example')).toBe(403);
    expect(await by(closed, 'evil.example', 'POST', LIST)).toBe(403);
  });
  test('is not the name of the own page on a server for others either', async () => {
    const server = await startTestServer({ strictHosts: false, serverNames: ['db.example'] });
    try {
      expect(await by(server, 'evil.example', 'POST', LIST, 'evil.example')).toBe(403);
      expect(await by(server, 'db.example', 'POST', LIST, 'db.example')).toBe(200);
      expect(await by(server, 'evil.example', 'POST', LIST)).toBe(200); // no page sends no origin with a POST
    } finally {
      await server.close();
    }
  });
  test.each(['localhost', '127.0.0.1', '[::1]', 'app.localhost'])('is not %s', async (host) => {
    expect(await by(closed, host, 'POST', LIST, host)).toBe(200);
  });
  test('is not that of a page that is allowed', async () => {
    expect(await by(friendly, 'app.example', 'GET', '/health')).toBe(200);
  });
});
