// Admission: so many requests run, so many wait, the rest is refused with the code that clients wait on.

import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Admission } from '../../src/server/admission.js';
import { readPieces } from '../../src/server/body.js';
import { BodyMemory, type HeldBody } from '../../src/server/body-memory.js';
import { open } from '../../src/presets/node.js';
import { startTestServer, type TestServer } from './support.js';
import type { ServerOptions } from '../../src/server/index.js';

interface Held {
  readonly done: Promise<unknown>;
  release(): void;
}

function hold(admission: Admission): Held {
  let release = (): void => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  return { done: admission.run(() => until), release };
}

describe('admission', () => {
  test('runs as many as it may, lets the next wait in order, and refuses the rest with code 8', async () => {
    const admission = new Admission({ runningMax: 2, waitingMax: 2, waitMs: 60_000 });
    const running = [hold(admission), hold(admission)];
    const order: number[] = [];
    const waiting = [1, 2].map((number) => admission.run(async () => void order.push(number)));
    expect(admission.counts()).toEqual({ running: 2, waiting: 2, refused: 0 });
    await expect(admission.run(async () => 0)).rejects.toMatchObject({ status: 8, http: 429 });
    expect(admission.counts()).toEqual({ running: 2, waiting: 2, refused: 1 });
    running[0]?.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
    running[1]?.release();
    await running[1]?.done;
    expect(admission.counts()).toEqual({ running: 0, waiting: 0, refused: 1 });
  });

  test('gives the place of one that fails to the next', async () => {
    const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMs: 60_000 });
    const failing = admission.run(() => Promise.reject(new Error('no')));
    const next = admission.run(async () => 'next');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
    expect(admission.counts().running).toBe(0);
  });

  test('refuses one that has waited too long', async () => {
    const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMs: 20 });
    const running = hold(admission);
    await expect(admission.run(async () => 0)).rejects.toMatchObject({ status: 8, message: expect.stringContaining('20 ms') as string });
    running.release();
    await running.done;
    expect(await admission.run(async () => 1)).toBe(1);
  });

  test('that is stopped refuses what waits and what comes, and lets finish what runs', async () => {
    const admission = new Admission({ runningMax: 1, waitingMax: 1, waitMs: 60_000 });
    const running = hold(admission);
    const waiting = admission.run(async () => 0);
    admission.stop();
    await expect(waiting).rejects.toMatchObject({ status: 1, http: 503 });
    await expect(admission.run(async () => 0)).rejects.toMatchObject({ status: 1, http: 503 });
    running.release();
    await running.done;
  });
});

describe('bodies in memory', () => {
  test('are counted as they come; what is too much is refused, one alone never, and what is given back is free', () => {
    const memory = new BodyMemory(100);
    const [first, second] = [memory.hold(), memory.hold()];
    first.add(150);
    expect(() => second.add(1)).toThrow(expect.objectContaining({ status: 8, http: 429 }) as Error);
    first.release();
    first.release();
    second.add(60);
    expect(memory.bytes).toBe(60);
    expect(() => memory.hold().add(41)).toThrow();
    second.release();
    expect(memory.bytes).toBe(0);
  });

  test.each([
    ['POST', '/v2/vectordb/entities/query', ''],
    ['POST', '/v1/collections/c/search', ''],
    ['POST', '/v1/collections/c/push', ''],
    ['POST', '/v1/collections/c/segments', ''],
    ['PUT', `/v1/collections/c/segments/${'a'.repeat(64)}`, 'bytes 0-1999/5000'],
  ])('count whatever they are of: %s %s', async (method, path, range) => {
    const server = await startTestServer({ bodyBytesMax: 3000 });
    const { hostname, port } = new URL(server.url);
    const slow = connect(Number(port), hostname);
    const headers = range === '' ? {} : { 'content-range': range };
    try {
      slow.on('error', () => undefined);
      slow.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 2000\r\n${range === '' ? '' : `Content-Range: ${range}\r\n`}\r\n{`);
      const send = async (): Promise<number> => ((await (await fetch(server.url + path, { method, headers, body: ' '.repeat(2000) })).json()) as { readonly code?: number }).code ?? 0;
      await expect.poll(send).toBe(8);
      slow.destroy();
      await expect.poll(send).not.toBe(8);
    } finally {
      slow.destroy();
      await server.close();
    }
  });

  test('that are long count as they come, short ones as soon as they are announced', async () => {
    let held = 0;
    const counting: HeldBody = { add: (bytes) => void (held += bytes), release: () => undefined };
    for (const [announced, sent, expected] of [[200_000, 90_000, 90_000], [60_000, 10, 60_000]] as const) {
      held = 0;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(sent)) });
      void readPieces(new Request('http://a/', { method: 'POST', body, headers: { 'content-length': String(announced) }, duplex: 'half' } as RequestInit), 1_000_000, counting);
      await expect.poll(() => held).toBe(expected);
    }
  });

  test('of a server are given back by requests that succeed, fail or are refused', async () => {
    const server = await startTestServer({ bodyBytesMax: 4096, requestBytesMax: 4096 });
    try {
      for (let i = 0; i < 4; i++) {
        for (const body of [{ collectionName: 'x'.repeat(3000) }, { none: 'y'.repeat(3000) }, { collectionName: 'z'.repeat(5000) }]) await server.post('collections/describe', body);
        expect(await server.post('collections/list', { filler: 'x'.repeat(4000) })).toMatchObject({ code: 0 });
      }
    } finally {
      await server.close();
    }
  });
});

describe('a server', () => {
  const servers: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const start = async (options: Partial<ServerOptions>): Promise<TestServer> => {
    const server = await startTestServer(options);
    servers.push(server);
    return server;
  };

  test('whose places are taken answers HTTP 429 with code 8, and goes on when one is free', async () => {
    const database = await open('test', { storage: 'memory', core: 'wasm' });
    let release = (): void => {};
    const list = database.listCollections.bind(database);
    const arrived = new Promise<void>((arrive) => {
      database.listCollections = async () => {
        arrive();
        await new Promise<void>((resolve) => (release = resolve));
        return list();
      };
    });
    const server = await start({ database, admission: { runningMax: 1, waitingMax: 0 } });
    const first = server.post('collections/list', {});
    await arrived;
    const refused = await fetch(`${server.url}/v2/vectordb/collections/has`, { method: 'POST', body: '{"collectionName":"a"}' });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 8 });
    release();
    expect(await first).toEqual({ code: 0, data: [] });
    expect(await server.post('collections/has', { collectionName: 'a' })).toMatchObject({ code: 0 });
  });

  test('refuses a body that is larger than it is told, announced or not, before it is read', async () => {
    const server = await start({ requestBytesMax: 1024 });
    const url = `${server.url}/v2/vectordb/collections/list`;
    const announced = await fetch(url, { method: 'POST', body: `{"a":"${'x'.repeat(2000)}"}` });
    expect([announced.status, (await announced.json() as { code: number }).code]).toEqual([413, 1102]);
    const pieces = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(512)) });
    const init = { method: 'POST', body: pieces, duplex: 'half' } as RequestInit;
    const dripped = await fetch(url, init).then(({ status }) => status, () => 'closed');
    expect([413, 'closed']).toContain(dripped);
  });
});
