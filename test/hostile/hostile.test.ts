// What strangers may send to the port of a running server, from raw sockets: nothing of it is obeyed, tells what it should
// not, or ends the process. The server is one of its own, with short patience.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryOf, serve, type Served } from '../../bench/server/served.js';
import { random, randomInteger } from '../support/random.js';
import { dial, framed, GrpcAttack, post, raw, wait, type RawAnswer } from './attack.js';
import { METHODS } from './methods.js';

const SECRET = 'the-kite-flies-at-night';
const V2 = '/v2/vectordb';
const MIB = 1024 * 1024;
const PATIENCE = ['--first-bytes-timeout', '400ms', '--header-timeout', '400ms', '--body-timeout', '800ms', '--max-body', '1MiB'];

let folder: string;
let server: Served;
let address: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elanus-hostile-'));
  await writeFile(join(folder, 'secret.txt'), SECRET);
  server = await serve({ data: join(folder, 'data'), words: PATIENCE, entry: 'src/cli/main.ts' });
  address = server.address;
  await fetch(`${server.url}${V2}/collections/create`, { method: 'POST', body: '{"collectionName":"birds","dimension":4}' });
});
afterAll(async () => {
  expect(await server.close(), server.log()).toBe(0);
  await rm(folder, { recursive: true });
});

afterEach(async () => {
  const health = await fetch(`${server.url}/health`);
  expect([health.status, server.child.exitCode], server.log()).toEqual([200, null]);
  expect(server.log()).not.toMatch(/uncaught|unhandled/i);
});

/** Nothing of the machine is told: no file of it, no place in its code. */
function discreet({ text }: { readonly text: string }): void {
  for (const told of [SECRET, 'root:', 'at Object.', 'node_modules', '.ts:', '.js:', folder]) expect(text).not.toContain(told);
}

function refusedWith(answer: RawAnswer, ...statuses: readonly number[]): void {
  discreet(answer);
  expect(statuses, answer.text.slice(0, 300)).toContain(answer.status);
}

const codeOf = ({ text }: RawAnswer): number => Number(/"code":\s*(\d+)/.exec(text)?.[1] ?? -1);

describe('paths that lead out', () => {
  const UP = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..\\', '..%5c', '..%c0%af', '.%00./'];
  test.each(['/', '/demo/', '/console/', '/v1/collections/', '/v1/collections/birds/files/', `${V2}/`])('from %s find nothing', async (start) => {
    for (const up of UP) {
      for (const target of ['secret.txt', 'etc/passwd']) refusedWith(await raw(address, [`GET ${start}${up.repeat(6)}${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`]), 400, 404, 403);
    }
  });
  test('as names of collections, databases and partitions are refused', async () => {
    for (const name of ['../birds', '..', '/etc/passwd', 'a/b', 'birds\u0000', 'a\\b', '%2e%2e', '__proto__.x', 'constructor/']) {
      for (const path of ['collections/create', 'collections/describe', 'collections/drop', 'entities/query']) {
        const answer = await raw(address, [post(`${V2}/${path}`, JSON.stringify({ collectionName: name, dimension: 4, filter: '', outputFields: ['*'] }))]);
        refusedWith(answer, 200, 400);
        if (path !== 'collections/drop') expect(codeOf(answer), `${path} ${name}: ${answer.text}`).toBeGreaterThan(0);
      }
      expect(codeOf(await raw(address, [post(`${V2}/collections/list`, JSON.stringify({ dbName: name }))]))).toBeGreaterThan(0);
    }
  });
});

describe('requests of HTTP that are too large or too slow', () => {
  test('a body longer than allowed is refused by its length, before it is sent', async () => {
    refusedWith(await raw(address, [`POST ${V2}/entities/insert HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n`]), 413, 400);
  });
  test('a body without a length is cut off where it becomes too long, and is not kept', async () => {
    const before = memoryOf(server.child.pid ?? 0).rssBytes;
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
    const answer = await raw(address, [`POST ${V2}/entities/insert HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 640 }, () => chunk)]);
    if (answer.status !== 0) refusedWith(answer, 413, 400);
    else expect(answer.closed).toBe(true);
    expect(memoryOf(server.child.pid ?? 0).rssBytes - before).toBeLessThan(60 * MIB);
  });
  test('headers and paths that are too long are refused', async () => {
    refusedWith(await raw(address, [`GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X-Long: '}${'a'.repeat(200_000)}\r\n\r\n`]), 431, 400);
    refusedWith(await raw(address, [`GET /${'a'.repeat(200_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`]), 431, 414, 400, 404);
    refusedWith(await raw(address, [`GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n${Array.from({ length: 3000 }, (_, at) => `X-${at}: ${at}\r\n`).join('')}\r\n`]), 431, 400, 200);
  });
  test('who says nothing, or half a header, is let go', async () => {
    const answers = await Promise.all([[], ['P'], ['PRI'], ['POST'], ['GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ']].map((pieces) => raw(address, pieces, { waitMs: 8000, untilAnswered: false })));
    answers.forEach(discreet);
    expect(answers.map(({ closed }) => closed)).toEqual([true, true, true, true, true]);
  });
  test('a body that drips ends, however slowly', async () => {
    const answer = await raw(address, [`POST ${V2}/collections/list HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n`, ...Array.from({ length: 60 }, () => ' ')], { gapMs: 100, waitMs: 3000, untilAnswered: false });
    discreet(answer);
    expect(answer.closed).toBe(true);
  });
  test('many who hold a connection open keep nobody else out', async () => {
    const held = Array.from({ length: 200 }, () => dial(address));
    held.forEach((socket) => {
      socket.on('error', () => undefined);
      socket.write('POST /v2/vectordb/collections/list HTTP/1.1\r\n');
    });
    await wait(50);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    held.forEach((socket) => socket.destroy());
  });
});

describe('requests of HTTP that are no requests', () => {
  test('bytes of other protocols, and broken ones, are answered with 400 or not at all', async () => {
    const seed = Date.now() % 2 ** 31;
    const next = random(seed);
    const noise = Array.from({ length: 20 }, () => Buffer.from(Array.from({ length: 1 + randomInteger(next, 400) }, () => randomInteger(next, 256))));
    const broken = [
      Buffer.from('160301020001000001fc0303', 'hex'), 'SSH-2.0-x\r\n', '\r\n\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET\r\n\r\n', `GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost : y\r\n\r\n`,
      `POST ${V2}/collections/list HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n`,
      `POST ${V2}/collections/list HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n`, `POST ${V2}/collections/list HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, ...noise,
    ];
    for (const bytes of broken) {
      const answer = await raw(address, [bytes], { waitMs: 1200 });
      discreet(answer);
      expect([0, 400, 404, 408, 505], `seed ${seed}: ${answer.text.slice(0, 200)}`).toContain(answer.status);
    }
  });
  test('a page of another site that has the name of its host point here is not answered', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '']) refusedWith(await raw(address, [`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`]), 403, 400);
  });
  test('bodies that are no JSON are told so by code 1801, whatever they are', async () => {
    const bodies = ['{', '[]', '"x"', 'null', '{"collectionName":', '{"a":1e999999}x', '\u0000', '{"a":"\ud800"', '['.repeat(100_000), '{"a":'.repeat(50_000), `{"collectionName":${'9'.repeat(400_000)}}`, Buffer.from([0xff, 0xfe, 0x7b, 0x7d])];
    for (const body of bodies) {
      const answer = await raw(address, [post(`${V2}/collections/describe`, body)]);
      refusedWith(answer, 200, 400);
      expect([1801, 1802, 1100], answer.text.slice(0, 300)).toContain(codeOf(answer));
    }
  });
  test('names of the prototype of objects are names like any other', async () => {
    for (const body of ['{"__proto__":{"collectionName":"birds"}}', '{"constructor":{"prototype":{"x":1}},"collectionName":"__proto__"}']) expect(codeOf(await raw(address, [post(`${V2}/collections/describe`, body)]))).toBeGreaterThan(0);
    const answer = await raw(address, [post(`${V2}/entities/insert`, '{"collectionName":"birds","data":[{"id":1,"vector":[1,2,3,4],"__proto__":{"polluted":true}}]}')]);
    refusedWith(answer, 200);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
  test('vectors and filters that are out of bounds are refused', async () => {
    const search = async (more: object): Promise<number> => codeOf(await raw(address, [post(`${V2}/entities/search`, JSON.stringify({ collectionName: 'birds', data: [[1, 2, 3, 4]], limit: 3, ...more }))]));
    for (const more of [{ data: [[1, 2]] }, { data: [[1, 2, 3, 'x']] }, { data: 7 }, { limit: 1e9 }, { limit: -1 }, { offset: -5 }, { filter: '('.repeat(5000) }, { filter: `id in [${'1,'.repeat(100_000)}1` }, { filter: 'x'.repeat(300_000) }]) {
      expect(await search(more), JSON.stringify(more).slice(0, 100)).toBeGreaterThan(0);
    }
  });
});

describe('gRPC that no client would send', () => {
  let grpc: GrpcAttack;
  afterEach(() => grpc.close());
  const seed = Date.now() % 2 ** 31;

  test('random bytes as the message of every procedure are refused, and the next call is answered', async () => {
    grpc = new GrpcAttack(address);
    const next = random(seed);
    const noise = (): Buffer => Buffer.from(Array.from({ length: randomInteger(next, 200) }, () => randomInteger(next, 256)));
    for (let turn = 0; turn < 3; turn++) {
      const messages = METHODS.map((method) => [method, noise()] as const);
      const answers = await Promise.all(messages.map(([method, message]) => grpc.call(method, framed(message))));
      answers.forEach((answer, at) => {
        discreet({ text: `${answer.message}${answer.body.toString('latin1')}` });
        expect(answer.httpStatus, `seed ${seed}, ${messages[at]?.[0] ?? ''}, ${messages[at]?.[1].toString('hex') ?? ''}`).toBe(200);
      });
    }
    expect((await grpc.call('GetVersion', framed(new Uint8Array()))).grpcStatus).toBe(0);
  });
  test('a message that is longer than allowed is refused by its prefix', async () => {
    grpc = new GrpcAttack(address);
    const before = memoryOf(server.child.pid ?? 0).rssBytes;
    for (const length of [0xffff_ffff, 0x7fff_ffff, 2 ** 28]) expect((await grpc.call('Insert', framed(new Uint8Array(10), { length }), {}, 1500)).grpcStatus ?? 8).toBe(8);
    expect(memoryOf(server.child.pid ?? 0).rssBytes - before).toBeLessThan(60 * MIB);
  });
  test('frames that lie, bytes without a frame, and compression that is none are refused', async () => {
    grpc = new GrpcAttack(address);
    const bodies = [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 0, 0, 0]), framed(Buffer.from([1, 2, 3]), { length: 100 }), Buffer.concat([framed(new Uint8Array()), framed(new Uint8Array())])];
    for (const body of bodies) {
      const { grpcStatus, message } = await grpc.call('GetVersion', body, {}, 1500);
      discreet({ text: message });
      expect(grpcStatus === 0 && body.length !== 10, `${Buffer.from(body).toString('hex')}: ${message}`).toBe(false);
    }
    expect((await grpc.call('GetVersion', framed(Buffer.from([1, 2, 3]), { compressed: 1 }), { 'grpc-encoding': 'gzip' })).grpcStatus).not.toBe(0);
  });
  test('protobuf that nests without end, and lengths that lie, are refused', async () => {
    grpc = new GrpcAttack(address);
    let nested = Buffer.alloc(0);
    for (let depth = 0; depth < 2000; depth++) nested = Buffer.concat([Buffer.from([0x0a]), varint(nested.length), nested]);
    const lying = Buffer.from([0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x41]);
    for (const method of ['Search', 'Insert', 'HybridSearch', 'Query', 'CreateCollection']) {
      for (const message of [nested, lying, Buffer.alloc(1000, 0xff), Buffer.alloc(1000, 0x0b)]) {
        const answer = await grpc.call(method, framed(message));
        discreet({ text: `${answer.message}${answer.body.toString('latin1')}` });
        expect(answer.httpStatus).toBe(200);
      }
    }
  });
  test('services, procedures and content types that are not there are refused', async () => {
    grpc = new GrpcAttack(address);
    for (const path of ['/milvus.proto.milvus.MilvusService/Nothing', '/other.Service/GetVersion', '/../../etc/passwd', '/milvus.proto.milvus.MilvusService/../GetVersion', '/']) expect((await grpc.call(path, framed(new Uint8Array()))).grpcStatus).not.toBe(0);
    const plain = await grpc.call('GetVersion', framed(new Uint8Array()), { 'content-type': 'text/plain' });
    expect(plain.grpcStatus === 0 && plain.httpStatus === 200).toBe(false);
  });
  test('metadata that is no credentials, or too much, is refused or passed over', async () => {
    grpc = new GrpcAttack(address);
    for (const authorization of ['Bearer x', 'a'.repeat(8000), '%%%', Buffer.from('root').toString('base64'), Buffer.from(`${'u'.repeat(3000)}:x`).toString('base64')]) discreet({ text: (await grpc.call('ShowCollections', framed(new Uint8Array()), { authorization })).message });
    const flooded = new GrpcAttack(address);
    await flooded.call('GetVersion', framed(new Uint8Array()), Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-${at}`, 'y'.repeat(500)])), 1500);
    flooded.close();
    expect((await grpc.call('GetVersion', framed(new Uint8Array()))).grpcStatus).toBe(0);
  });
  test('streams that are reset as they are opened, and broken HTTP/2, take nobody down', async () => {
    grpc = new GrpcAttack(address);
    for (let at = 0; at < 500; at++) {
      const stream = grpc.session.request({ ':method': 'POST', ':path': '/milvus.proto.milvus.MilvusService/Search', 'content-type': 'application/grpc' });
      stream.on('error', () => undefined);
      stream.close(8);
    }
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    const settings = '\x00\x00\x00\x04\x00\x00\x00\x00\x00';
    const broken = [preface, `${preface}${settings}${'\xff'.repeat(100)}`, `${preface}${settings.repeat(2000)}`, `PRI * HTTP/1.1\r\n\r\n`, `${preface}\x00\x40\x00\x01\x04\x00\x00\x00\x01${'\x82'.repeat(16_384)}`, `${preface}${settings}\x00\x00\x00\x06\x00\x00\x00\x00\x00`];
    for (const bytes of broken) discreet(await raw(address, [bytes], { waitMs: 300, untilAnswered: false }));
    const other = new GrpcAttack(address);
    expect((await other.call('GetVersion', framed(new Uint8Array()))).grpcStatus).toBe(0);
    other.close();
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}
