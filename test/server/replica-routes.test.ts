// Manifest and files over HTTP, from a source in this test: caching, ranges, blocks, failures on the way.

import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { ByteRange } from '../../src/ports/storage.js';
import { replicaRoutes } from '../../src/server/replica-routes.js';
import { plainRunner } from '../../src/server/requests.js';
import type { ReplicaSource } from '../../src/server/replica-source.js';

const SHA = 'ab'.repeat(32);
const ETAG = `"${SHA}"`;
const MIB = 1024 * 1024;
const content = Uint8Array.from({ length: 2 * MIB + 7 }, (_, i) => (i * 31) & 0xff);

function serving(read = (range: ByteRange) => Promise.resolve(content.slice(range.offset, range.offset + range.length))) {
  const reads: ByteRange[] = [];
  const logged: string[] = [];
  const source: ReplicaSource = {
    servedManifest: async () => ({ bytes: new TextEncoder().encode('{"version":3}'), etag: ETAG }),
    servedKey: async (collection) => {
      if (collection !== 'a') throw new ElanusError('NotFound', 'it is not encrypted');
      return Uint8Array.of(1, 2, 3);
    },
    servedFile: async (_collection, sha256) =>
      sha256 === SHA ? { name: `rows-${SHA}.parquet`, sizeBytes: content.length, read: (range) => (reads.push(range), read(range)) } : undefined,
  };
  const app = new Hono().route('/v1', replicaRoutes({ requests: plainRunner, admitted: async () => ({ within: source, rows: { asked: undefined, rule: [] } }), log: (_level, message) => void logged.push(message) }));
  const file = (headers: Record<string, string> = {}, method = 'GET') => Promise.resolve(app.request(`/v1/collections/a/files/${SHA}`, { method, headers }));
  return { app, reads, logged, file };
}

/** Compared as buffers: a matcher would walk millions of numbers. */
async function isContent(response: Response, first = 0, end = content.length): Promise<boolean> {
  return Buffer.from(await response.arrayBuffer()).equals(content.subarray(first, end));
}

describe('the manifest', () => {
  test('comes with its tag and must be revalidated', async () => {
    const response = await serving().app.request('/v1/collections/a/manifest');
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe(ETAG);
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    expect(await response.json()).toEqual({ version: 3 });
  });

  test.each([ETAG, `W/${ETAG}`, `"other", ${ETAG}`, '*'])('is not sent again to who has it: If-None-Match %s', async (tag) => {
    const response = await serving().app.request('/v1/collections/a/manifest', { headers: { 'if-none-match': tag } });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(ETAG);
    expect(await response.text()).toBe('');
  });

  test('is sent to who has another', async () => {
    const response = await serving().app.request('/v1/collections/a/manifest', { headers: { 'if-none-match': '"other"' } });
    expect(response.status).toBe(200);
  });
});

describe('the key of an encrypted collection', () => {
  test('comes as bytes and is stored nowhere on the way', async () => {
    const response = await serving().app.request('/v1/collections/a/key');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('a file', () => {
  test('comes whole, in blocks of at most 1 MiB, to be kept for ever', async () => {
    const { file, reads } = serving();
    const response = await file();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: ETAG,
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-length': String(content.length),
      'content-type': 'application/octet-stream',
    });
    expect(await isContent(response)).toBe(true);
    expect(reads.map(({ length }) => length)).toEqual([MIB, MIB, 7]);
  });

  test('is read no further than the client takes it', async () => {
    const { file, reads } = serving();
    const reader = (await file()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(reads.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ['bytes=0-9', 0, 10],
    [`bytes=${MIB - 1}-${MIB}`, MIB - 1, MIB + 1],
    ['bytes=-7', content.length - 7, content.length],
    [`bytes=${content.length - 1}-`, content.length - 1, content.length],
  ])('comes in part: %s', async (range, first, end) => {
    const response = await serving().file({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${end - 1}/${content.length}`);
    expect(response.headers.get('content-length')).toBe(String(end - first));
    expect(await isContent(response, first, end)).toBe(true);
  });

  test('has no part beyond its end', async () => {
    const response = await serving().file({ range: `bytes=${content.length}-` });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${content.length}`);
  });

  test('comes in part under If-Range only if it is the file that was begun', async () => {
    expect((await serving().file({ range: 'bytes=0-9', 'if-range': ETAG })).status).toBe(206);
    expect((await serving().file({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
    expect((await serving().file({ range: 'bytes=0-9', 'if-range': `W/${ETAG}` })).status).toBe(200);
  });

  test('answers HEAD with its size and without a read', async () => {
    const { file, reads } = serving();
    const response = await file({ range: 'bytes=0-9' }, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(content.length));
    expect(await response.text()).toBe('');
    expect(reads).toEqual([]);
  });

  test('is not sent again to who has it', async () => {
    expect((await serving().file({ 'if-none-match': ETAG })).status).toBe(304);
  });

  test('that fails on the way is cut short and logged', async () => {
    const { file, logged } = serving(() => Promise.reject(new ElanusError('NotFound', 'dropped')));
    const response = await file();
    await expect(response.arrayBuffer()).rejects.toThrow('dropped');
    expect(logged).toEqual([`sending rows-${SHA}.parquet failed`]);
  });
});
