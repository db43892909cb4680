// HTTP storage over servers as they are: one that does all right, and those that ignore ranges, compress, cut
// transfers short, lie about lengths, are busy, hang, or forbid.

import { gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeFileIndex } from '../../src/format/file-index.js';
import { openHttpStorage } from '../../src/storage/http.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { publish } from '../../src/storage/publish.js';
import { rangeOf } from '../../src/sync/file-request.js';
import { serveLocally, type LocalServer } from '../support/local-server.js';
import { readConformance, type Files } from './conformance-read.js';
import { pattern, refusal, same, text } from './samples.js';

const web = { pause: () => Promise.resolve(), timeoutMs: 2_000 };

type Handler = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => void;

let server: LocalServer;
let files: Map<string, Uint8Array>;
/** Answers for a file that is there; the index is always answered rightly. */
let handler: Handler;
let requests: { readonly path: string; readonly range: string | undefined; readonly ifRange: string | undefined; readonly accepts: string | undefined; readonly authorization: string | undefined }[];

const upright: Handler = (request, response, bytes) => {
  const headers = { etag: '"one"', 'accept-ranges': 'bytes' };
  const ifRange = request.headers['if-range'];
  const range = ifRange === undefined || ifRange === '"one"' ? rangeOf(request.headers.range, bytes.length) : undefined;
  if (range === 'unsatisfiable') return void response.writeHead(416, headers).end();
  if (range === undefined) return void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  const body = bytes.subarray(range.offset, range.offset + range.length);
  response.writeHead(206, { ...headers, 'content-length': body.length, 'content-range': `bytes ${range.offset}-${range.offset + range.length - 1}/${bytes.length}` }).end(body);
};

/** The first `times` requests for a file go to `bad`, the rest are answered rightly. */
function first(times: number, bad: Handler): void {
  let left = times;
  handler = (request, response, bytes) => (left-- > 0 ? bad : upright)(request, response, bytes);
}

beforeEach(async () => {
  files = new Map();
  requests = [];
  handler = upright;
  server = await serveLocally((request, response) => {
    const path = (request.url ?? '').replace('/db/', '');
    const bytes = files.get(path);
    const { range, 'if-range': ifRange, 'accept-encoding': accepts, authorization } = request.headers;
    if (path !== 'index.json') requests.push({ path, range, ifRange: ifRange?.toString(), accepts: accepts?.toString(), authorization });
    if (bytes === undefined) return void response.writeHead(404).end('no');
    (path === 'index.json' ? upright : handler)(request, response, bytes);
  });
});

afterEach(() => server.close());

async function store(stored: Files) {
  for (const [key, bytes] of stored) files.set(key, bytes);
  files.set('index.json', encodeFileIndex(stored.map(([key, { length }]) => ({ key, sizeBytes: length }))));
  return openHttpStorage({ url: `${server.url}/db` }, web);
}

const large = pattern(1_000_000, 1);

/** Reads the file whole and two ranges of it. */
async function expectLarge(): Promise<void> {
  const storage = await store([['a', large]]);
  expect(same(await storage.read('a'), large)).toBe(true);
  expect(same(await storage.read('a', { offset: 300_000, length: 400_000 }), large.subarray(300_000, 700_000))).toBe(true);
  expect(same(await storage.read('a', { offset: 999_999, length: 1 }), large.subarray(999_999))).toBe(true);
}

const breakOff: Handler = (request, response, bytes) => {
  const range = rangeOf(request.headers.range, bytes.length);
  const { offset, length } = typeof range === 'object' ? range : { offset: 0, length: bytes.length };
  const headers = { etag: '"one"', 'content-length': length };
  response.writeHead(typeof range === 'object' ? 206 : 200, headers);
  response.write(bytes.subarray(offset, offset + (length >> 1)), () => response.destroy());
};

describe('storage: http', () => {
  readConformance(store);
});

describe('http: a server', () => {
  test('that does all right is asked for exactly the bytes, once, in no other form', async () => {
    const storage = await store([['a', large]]);
    await storage.read('a', { offset: 5, length: 10 });
    await storage.read('a');
    await storage.size('a');
    await storage.list('');
    expect(requests.map(({ range }) => range)).toEqual(['bytes=5-14', undefined]);
    expect(requests[0]?.accepts).toBe('identity');
  });

  test('that ignores ranges is read all the same', async () => {
    handler = (_, response, bytes) => void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    await expectLarge();
  });

  test('that compresses whole files is read all the same', async () => {
    handler = (_, response, bytes) => {
      const body = gzipSync(bytes);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    };
    await expectLarge();
  });

  test('that gives a part of a compressed form is refused', async () => {
    handler = (_, response, bytes) => void response.writeHead(206, { 'content-encoding': 'gzip', 'content-range': `bytes 0-9/${bytes.length}` }).end(gzipSync(bytes.subarray(0, 10)));
    const storage = await store([['a', large]]);
    await refusal('Network', () => storage.read('a', { offset: 0, length: 10 }));
  });

  test('that tells no length is read all the same', async () => {
    handler = (_, response, bytes) => void response.writeHead(200).end(bytes);
    await expectLarge();
  });

  test.each([408, 429, 500, 502, 503, 504])('that is busy, with status %i, is asked again', async (status) => {
    first(3, (_, response) => void response.writeHead(status, { 'retry-after': '1' }).end('busy'));
    await expectLarge();
  });

  test('that stays busy is given up, with its status', async () => {
    handler = (_, response) => void response.writeHead(503).end();
    const storage = await store([['a', large]]);
    expect((await refusal('Network', () => storage.read('a'))).status).toBe(503);
    expect(requests).toHaveLength(6);
  });

  test('that hangs is given up and asked again', async () => {
    files.set('a', large);
    files.set('index.json', encodeFileIndex([{ key: 'a', sizeBytes: large.length }]));
    first(1, () => {});
    const storage = await openHttpStorage({ url: `${server.url}/db/` }, { ...web, timeoutMs: 200 });
    expect(same(await storage.read('a'), large)).toBe(true);
    // Also in the middle of a body.
    first(1, (_, response, bytes) => void response.writeHead(200, { etag: '"one"', 'content-length': bytes.length }).write(bytes.subarray(0, 1_000)));
    expect(same(await storage.read('a'), large)).toBe(true);
  });

  test.each([400, 401, 403, 405, 451])('that forbids, with status %i, is asked once, and its status told', async (status) => {
    handler = (_, response) => void response.writeHead(status).end();
    const storage = await store([['a', large]]);
    expect((await refusal('Network', () => storage.read('a'))).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('that lost a file of the index gives NotFound, which names it', async () => {
    const storage = await store([['a', large]]);
    files.delete('a');
    expect((await refusal('NotFound', () => storage.read('a'))).file).toBe('a');
  });

  test('is sent the headers it asks for', async () => {
    await store([['a', large]]);
    const storage = await openHttpStorage({ url: `${server.url}/db/`, headers: { authorization: 'Bearer x' } }, web);
    await storage.read('a', { offset: 0, length: 1 });
    expect(requests[0]?.authorization).toBe('Bearer x');
  });
});

describe('http: a transfer that breaks off', () => {
  test('goes on where it broke, under the entity tag of its first part', async () => {
    first(2, breakOff);
    const storage = await store([['a', large]]);
    expect(same(await storage.read('a'), large)).toBe(true);
    expect(requests[0]?.range).toBeUndefined();
    for (const { range, ifRange } of requests.slice(1)) {
      expect(ifRange).toBe('"one"');
      expect(range).toMatch(/^bytes=[1-9]\d*-999999$/);
    }
  });

  test('begins anew if the file is another by then', async () => {
    first(1, (request, response, bytes) => breakOff(request, response, bytes.map((byte) => byte ^ 1)));
    handler = ((before) => (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => {
      if (request.headers['if-range'] === undefined) return before(request, response, bytes);
      response.writeHead(200, { etag: '"two"', 'content-length': bytes.length }).end(bytes);
    })(handler);
    const storage = await store([['a', large]]);
    expect(same(await storage.read('a'), large)).toBe(true);
  });

  test('begins anew also where the server heeds no If-Range', async () => {
    let asked = 0;
    handler = (request, response, bytes) => {
      if (asked++ === 0) return breakOff(request, response, bytes.map((byte) => byte ^ 1));
      const range = rangeOf(request.headers.range, bytes.length);
      const { offset, length } = typeof range === 'object' ? range : { offset: 0, length: bytes.length };
      response.writeHead(typeof range === 'object' ? 206 : 200, { etag: '"two"', 'content-length': length }).end(bytes.subarray(offset, offset + length));
    };
    const storage = await store([['a', large]]);
    expect(same(await storage.read('a'), large)).toBe(true);
  });

  test('for ever is given up', async () => {
    handler = breakOff;
    const storage = await store([['a', large]]);
    await refusal('Network', () => storage.read('a'));
    expect(requests).toHaveLength(6);
  });
});

describe('http: a file', () => {
  test.each([
    ['shorter', -1],
    ['longer', 1],
  ])('that is %s than the index says is Corrupt, and named', async (_, more) => {
    const storage = await store([['a', large]]);
    files.set('a', pattern(large.length + more, 1));
    expect((await refusal('Corrupt', () => storage.read('a'))).file).toBe('a');
    expect((await refusal('Corrupt', () => storage.read('a', { offset: large.length - 10, length: 10 }))).file).toBe('a');
    expect((await refusal('Corrupt', () => storage.read('a', { offset: 0, length: 10 }))).file).toBe('a');
  });

  test('of which another range comes than was asked for is refused', async () => {
    handler = (_, response, bytes) => void response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10));
    const storage = await store([['a', large]]);
    await refusal('Network', () => storage.read('a', { offset: 10, length: 10 }));
  });

  test('that is not in the index is not asked for', async () => {
    const storage = await store([['a', large]]);
    files.set('b', large);
    await refusal('NotFound', () => storage.read('b'));
    expect(requests).toEqual([]);
  });
});

describe('http: an index', () => {
  const open = () => openHttpStorage({ url: `${server.url}/db` }, web);

  test('that is not there is NotFound', async () => {
    await refusal('NotFound', open);
  });

  test('of a server that is not there is Network', async () => {
    const gone = await serveLocally(() => {});
    await gone.close();
    await refusal('Network', () => openHttpStorage({ url: gone.url }, web));
  });

  test('that is damaged anywhere is Corrupt', async () => {
    const bytes = encodeFileIndex([{ key: 'catalog/1.json', sizeBytes: 10 }]);
    for (let at = 0; at < bytes.length; at++) {
      files.set('index.json', bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      await refusal('Corrupt', open);
      files.set('index.json', bytes.slice(0, at));
      await refusal('Corrupt', open);
    }
  });

  test.each(['../a', '/a', 'a//b', 'a/', '', 'a/./b', 'a?b', 'http://x', 'a'.repeat(901)])('that names %j is Corrupt', async (key) => {
    files.set('index.json', encodeFileIndex([{ key, sizeBytes: 10 }]));
    await refusal('Corrupt', open);
  });

  test.each(['', 'ftp://example.org', 'https://example.org?a', 'https://example.org#a', 'example.org'])('at %j, which is no place, is refused', async (url) => {
    await refusal('InvalidArgument', () => openHttpStorage({ url }, web));
  });
});

describe('publishing', () => {
  test('indexes every file but logs, again each time', async () => {
    const storage = memoryStorage();
    await storage.create('catalog/00000000000000000001.json', text('catalog'));
    await storage.create('c00000000000000ff/wal/00000000000000000001.log', text('log'));
    await storage.create('c00000000000000ff/rows.parquet', text('rows'));
    expect((await publish(storage)).map(({ key }) => key)).toEqual(['c00000000000000ff/rows.parquet', 'catalog/00000000000000000001.json']);
    await storage.create('new', text('x'));
    await publish(storage);
    for (const key of await storage.list('')) files.set(key, await storage.read(key));
    const published = await openHttpStorage({ url: `${server.url}/db` }, web);
    expect(await published.list('')).toEqual(['c00000000000000ff/rows.parquet', 'catalog/00000000000000000001.json', 'new']);
    expect(await published.read('new')).toEqual(text('x'));
  });
});
