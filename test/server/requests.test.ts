// What holds for every request: its form, its size, its faults; and /health.

import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { postText, startTestServer, type TestServer } from './support.js';

const LIMIT_BYTES = 64 * 1024 * 1024;

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

describe('a request', () => {
  test.each(['application/json', 'text/plain;charset=UTF-8', 'application/octet-stream'])('is JSON under the content type %s', async (type) => {
    const response = await postText(server.url, 'collections/list', '{}', { 'content-type': type });
    expect(await response.json()).toEqual({ code: 0, data: [] });
    expect(response.headers.get('content-type')).toContain('application/json');
  });

  test.each(['', 'collectionName=a', '{"a":', '[]', '"text"', '{"a":1}}'])('that is not a JSON object is refused with 1801: %s', async (body) => {
    const response = await postText(server.url, 'collections/list', body);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ code: 1801 });
  });

  test.each([
    ['POST', '/v2/vectordb/collections/none'],
    ['POST', '/v2/vectordb'],
    ['POST', '/v2/other'],
    ['GET', '/v2/vectordb/collections/list'],
    ['PUT', '/v2/vectordb/collections/list'],
    ['POST', '/health'],
    ['GET', '/nowhere'],
  ])('to a path that does not exist is a 404: %s %s', async (method, path) => {
    const response = await fetch(server.url + path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 404 });
  });

  test('for another database or partition is refused, not answered from this one', async () => {
    await server.post('collections/create', { collectionName: 'a', dimension: 2 });
    expect(await server.post('collections/list', { dbName: 'default' })).toEqual({ code: 0, data: ['a'] });
    expect(await server.post('collections/list', { dbName: 'other' })).toMatchObject({ code: 800, message: expect.stringContaining('other') as string });
    const search = { collectionName: 'a', data: [[0, 1]] };
    expect(await server.post('entities/search', { ...search, partitionNames: ['_default'] })).toMatchObject({ code: 0 });
    expect(await server.post('entities/search', { ...search, partitionNames: ['p'] })).toMatchObject({ code: 200 });
    expect(await server.post('entities/insert', { collectionName: 'a', partitionName: 'p', data: [{ id: 1, vector: [0, 1] }] })).toMatchObject({ code: 200 });
  });
});

describe('a body over 64 MiB', () => {
  /** Sends `head`, then `body` for as long as the server takes it, and gives what it answers. */
  function converse(head: string, body: () => string | undefined): Promise<string> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = '';
      const send = (): void => {
        for (let chunk = body(); chunk !== undefined; chunk = body()) if (!socket.write(chunk)) return;
      };
      socket.on('drain', send);
      socket.on('data', (data) => {
        answer += data.toString();
        if (answer.endsWith('}')) socket.destroy();
      });
      socket.on('close', () => resolve(answer));
      // The server may close while we still send: what it answered before that counts.
      socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
      socket.write(`POST /v2/vectordb/entities/query HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${head}\r\n\r\n`);
      send();
    });
  }

  test('is refused by its announced length, before any of it is sent', async () => {
    const answer = await converse(`Content-Length: ${LIMIT_BYTES + 1}`, () => undefined);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":1102');
  });

  test('is refused as it streams past the limit', async () => {
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    let sent = 0;
    const answer = await converse('Transfer-Encoding: chunked', () => (sent++ < 70 ? chunk : undefined));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":1102');
    expect(await server.post('collections/list', {})).toEqual({ code: 0, data: [] });
  });

  test('of exactly 64 MiB is read', async () => {
    const body = `{"collectionName":"a","dbName":"${'x'.repeat(LIMIT_BYTES - 34)}"}`;
    expect(body).toHaveLength(LIMIT_BYTES);
    const response = await postText(server.url, 'entities/query', body);
    expect(await response.json()).toMatchObject({ code: 800 });
  });
});

test('a client that goes away in the middle of a body leaves the server running and nothing to log', async () => {
  const { hostname, port } = new URL(server.url);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST /v2/vectordb/collections/list HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100\r\n\r\n{"a":`, () => socket.resetAndDestroy());
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  expect(await server.post('collections/list', {})).toEqual({ code: 0, data: [] });
  expect(server.events).toEqual([]);
});

test('/health tells the version and the state of the database', async () => {
  const response = await fetch(`${server.url}/health`);
  expect(await response.json()).toMatchObject({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string, database: { storage: 'memory', durable: false, core: 'wasm', warnings: [] } });
});

test('an unexpected exception is logged whole and answered without a word of it', async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  const fail = (): never => {
    throw new TypeError('the secret of line 7');
  };
  database.listCollections = fail;
  database.health = fail;
  const broken = await startTestServer({ database });
  try {
    const listed = await postText(broken.url, 'collections/list', '{}');
    expect(listed.status).toBe(200);
    expect(await listed.json()).toEqual({ code: 65535, message: 'unexpected error; the log of the server has the details' });
    const health = await fetch(`${broken.url}/health`);
    expect(health.status).toBe(500);
    expect(await health.text()).not.toContain('secret');
    expect(broken.events.map(({ level, fields }) => [level, String(fields?.['error'])])).toEqual([
      ['error', 'TypeError: the secret of line 7'],
      ['error', 'TypeError: the secret of line 7'],
    ]);
  } finally {
    await broken.close();
  }
});
