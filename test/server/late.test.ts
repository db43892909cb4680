// What is loaded when it is first needed: who comes meanwhile waits, and a loading that fails is tried again.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { late } from '../../src/platform/late.js';
import { lateHttp } from '../../src/server/port/late-http.js';
import { lateHttp2 } from '../../src/server/port/late-http2.js';
import { PORT_LIMITS } from '../../src/server/port/limits.js';

let listening: Server | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise<void>((resolve) => (listening === undefined ? resolve() : listening.close(() => resolve())));
  listening = undefined;
});

/** The port of connections that `take` gets. */
function listen(take: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    take(socket);
  });
  listening = server;
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function gate(): { readonly open: Promise<void>; openIt(): void } {
  let openIt = (): void => {};
  return { open: new Promise((resolve) => (openIt = resolve)), openIt: () => openIt() };
}

test('what is late is made once, for all who ask, and again if it failed', async () => {
  let made = 0;
  const get = late(async () => {
    made++;
    if (made === 1) throw new Error('not this time');
    return made;
  });
  await expect(Promise.all([get(), get()])).rejects.toThrow('not this time');
  expect(await Promise.all([get(), get()])).toEqual([2, 2]);
  expect(await get()).toBe(2);
});

/** More than lies between a server and a client. */
const LARGE = 64 * 1024 * 1024;

test('a client that takes nothing of its answer is ended, one that waits for it is not', async () => {
  let over = (): void => {};
  const closed = new Promise<void>((resolve) => (over = resolve));
  const http = lateHttp({ ...PORT_LIMITS, writeMs: 100 }, async () => (request, response) => {
    if (request.url === '/slow') return void setTimeout(() => response.end('late'), 300);
    response.on('close', over).end(Buffer.alloc(LARGE));
  }, (error) => expect.unreachable(String(error)));
  const port = await listen((socket) => http.server.emit('connection', socket));
  const slow = fetch(`http://127.0.0.1:${port}/slow`);
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined).pause();
  client.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
  await closed;
  expect(client.bytesRead).toBeLessThan(LARGE);
  expect(await (await slow).text()).toBe('late');
  client.destroy();
});

test('a request that comes before the listener is there is answered by it, with its whole body', async () => {
  const loaded = gate();
  const http = lateHttp(PORT_LIMITS, async () => {
    await loaded.open;
    return (request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => response.end(`${request.method} ${body}`));
    };
  }, (error) => expect.unreachable(String(error)));
  const port = await listen((socket) => http.server.emit('connection', socket));
  const answer = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x'.repeat(300_000) });
  await new Promise((resolve) => http.server.once('request', resolve));
  loaded.openIt();
  expect(await (await answer).text()).toBe(`POST ${'x'.repeat(300_000)}`);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('GET ');
});

test('a request that waits for a listener that does not load is broken off, it is told, and the next is answered', async () => {
  const told: unknown[] = [];
  let tries = 0;
  const http = lateHttp(PORT_LIMITS, async () => {
    if (tries++ === 0) throw new Error('no such module');
    return (_request, response) => response.end('here');
  }, (error) => told.push(error));
  const port = await listen((socket) => http.server.emit('connection', socket));
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  expect(told).toMatchObject([{ message: 'no such module' }]);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
});

test('a connection of HTTP/2 that comes before its acceptor is there is given to it, with what it has sent; one that is gone is not', async () => {
  const loaded = gate();
  const accepted: string[] = [];
  const late2 = lateHttp2(async () => {
    await loaded.open;
    return {
      accept: (socket) => void socket.on('data', (bytes: Buffer) => (accepted.push(bytes.toString()), socket.end('taken'))).resume(),
      close: () => Promise.resolve(),
    };
  }, (error) => expect.unreachable(String(error)));
  const port = await listen((socket) => {
    late2.accept(socket);
    if (sockets.length === 1) socket.destroy();
  });
  connect(port, '127.0.0.1');
  await expect.poll(() => sockets.length).toBe(1);
  const socket = connect(port, '127.0.0.1', () => socket.write('PRI'));
  const answered = new Promise((resolve) => socket.on('data', (bytes: Buffer) => resolve(bytes.toString())));
  await expect.poll(() => sockets.length).toBe(2);
  loaded.openIt();
  expect(await answered).toBe('taken');
  expect(accepted).toEqual(['PRI']);
});
