// The server as a listener: how it starts and how it ends.

import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { startServer } from '../../src/server/index.js';
import { startTestServer } from './support.js';

test('closing waits for a request in flight, and takes no other', async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  const list = database.listCollections.bind(database);
  let release = (): void => {};
  const arrived = new Promise<void>((arrive) => {
    database.listCollections = async () => {
      arrive();
      await new Promise<void>((resolve) => (release = resolve));
      return list();
    };
  });
  const server = await startServer({ database, host: '127.0.0.1', port: 0, log: () => {} });
  const answer = fetch(`${server.url}/v2/vectordb/collections/list`, { method: 'POST', body: '{}' });
  await arrived;
  const closed = server.close();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  release();
  expect(await (await answer).json()).toEqual({ code: 0, data: [] });
  await closed;
  await database.close();
});

test('an idle connection does not hold up closing', async () => {
  const server = await startTestServer();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const ended = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(`GET /health HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  await server.close();
  await ended;
});

test('a port that is in use is an error of starting', async () => {
  const first = await startTestServer();
  try {
    const port = Number(new URL(first.url).port);
    await expect(startTestServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  } finally {
    await first.close();
  }
});
