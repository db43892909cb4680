// The shipped relay in workerd, over an R2 bucket that a database was published into: Node clients and a page pull from it, and
// believe nothing that was not signed where the data is from.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { Miniflare, Response as WorkerdResponse } from 'miniflare';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Page from '../../src/presets/browser.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { hexOf } from '../../src/format/bytes.js';
import { publicationKey, publicationPrefix, versionOf } from '../../src/format/keys.js';
import { decodePublication, encodePublication, placeOf } from '../../src/format/publication.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { webSignatures } from '../../src/platform/signatures.js';
import { fetchTransport } from '../../src/platform/transport.js';
import type { Storage } from '../../src/ports/storage.js';
import { open } from '../../src/presets/node.js';
import { openR2Storage, type R2Bucket } from '../../src/storage/r2.js';
import { Heads } from '../../src/sync/heads.js';
import { launchChromium } from '../support/chromium.js';
import { testDatabase } from '../support/database.js';
import { serveLocally } from '../support/local-server.js';
import { startTestServer, type TestServer } from '../server/support.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const DAY_MS = 24 * 3600 * 1000;
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 8, metric: 'L2' }] as const;
const row = (id: number) => ({ id, text: `row ${id}`, v: Array.from({ length: 8 }, (_, at) => Math.sin(id * 8 + at)) });
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));

interface Running {
  readonly url: string;
  readonly bucket: R2Bucket;
  readonly storage: Storage;
  close(): Promise<void>;
}

async function relay(bindings: Readonly<Record<string, string>> = {}, script = 'relay-worker.js'): Promise<Running> {
  const worker = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    rootPath: dist,
    modulesRoot: dist,
    modules: [{ type: 'ESModule', path: join(dist, script) }, ...(script === 'relay-worker.js' ? [] : [{ type: 'CompiledWasm', path: join(dist, 'core.wasm') } as const, { type: 'CompiledWasm', path: join(dist, 'filter.wasm') } as const])],
    compatibilityDate: '2026-04-01',
    r2Buckets: ['BUCKET'],
    bindings,
    cf: false,
    outboundService: async (request) => {
      if (new URL(request.url).hostname !== '127.0.0.1') return new WorkerdResponse('blocked', { status: 599 });
      const answer = await fetch(request.url, { method: request.method, headers: Object.fromEntries(request.headers), body: request.method === 'POST' ? await request.arrayBuffer() : null });
      return new WorkerdResponse(await answer.arrayBuffer(), { status: answer.status, headers: Object.fromEntries(answer.headers) });
    },
  });
  const url = (await worker.ready).origin;
  const bucket = (await worker.getR2Bucket('BUCKET')) as unknown as R2Bucket;
  const storage = await openR2Storage(bucket, 'default/');
  return { url, bucket, storage, close: () => worker.dispose() };
}

let origin: SyncDatabase;
let heads: Heads;
let edge: Running;
const clients: SyncDatabase[] = [];

beforeAll(async () => {
  edge = await relay();
  heads = new Heads(await webSignatures.signer(Uint8Array.from({ length: 32 }, (_, at) => at)), webAmbient(), DAY_MS);
  origin = await open('origin', { storage: 'memory', core: 'wasm' });
});

afterAll(async () => {
  await origin.close();
  await edge.close();
});

let name: string;
let made = 0;

beforeEach(async () => {
  name = `c${made++}`;
  const collection = await origin.createCollection({ name, fields: FIELDS, properties: { 'sync.push': true } });
  await collection.insert(rows(0, 500));
  await publish();
});

afterEach(async () => {
  for (const one of clients.splice(0)) await one.close();
});

async function publish(to = edge): Promise<Awaited<ReturnType<SyncDatabase['publish']>>> {
  await (await origin.collection(name)).flush();
  return origin.publish(name, { heads, storage: to.storage });
}

async function client(): Promise<SyncDatabase> {
  const made = await open('client', { storage: 'memory', core: 'wasm' });
  clients.push(made);
  return made;
}

const ask = (path: string, init?: RequestInit, to = edge): Promise<Response> => fetch(`${to.url}/v1/collections/${name}/${path}`, init);

async function filesOf(): Promise<readonly { readonly sha256: string; readonly sizeBytes: number }[]> {
  const { segments } = (await (await ask('manifest')).json()) as { segments: { rowsFile: { sha256: string; sizeBytes: number } }[] };
  return segments.map(({ rowsFile }) => rowsFile);
}

describe('a copy from a relay', () => {
  test('answers as the origin, follows it by what is new alone, and believes the key of the origin', async () => {
    const copy = await client();
    const first = await copy.pull(edge.url, name, { trust: [heads.publicKey] });
    expect(first).toMatchObject({ rows: 500 });
    const query = { data: row(123).v, limit: 7, outputFields: ['text'], recall: 1 } as const;
    expect((await (await copy.collection(name)).search(query)).hits).toEqual((await (await origin.collection(name)).search(query)).hits);
    const collection = await origin.collection(name);
    await collection.insert(rows(500, 510));
    await collection.delete({ ids: [123] });
    const sent = await publish();
    expect(sent.filesSent).toBeLessThan(4);
    const second = await copy.pull(edge.url, name);
    expect(second).toMatchObject({ rows: 509, filesFetched: sent.filesSent });
    expect(second.bytesFetched).toBe(sent.bytesSent);
    expect(second.bytesFetched).toBeLessThan(first.bytesFetched / 2);
    expect((await (await copy.collection(name)).search(query)).hits).toEqual((await collection.search(query)).hits);
    // Nothing changed: nothing is sent, neither way.
    expect(await publish()).toMatchObject({ isNew: false, filesSent: 0 });
    expect(await copy.pull(edge.url, name)).toMatchObject({ filesFetched: 0 });
    await expect((await client()).pull(edge.url, name, { trust: ['0'.repeat(64)] })).rejects.toMatchObject({ code: 'Untrusted', reason: 'key' });
  });

  test('refuses a relay that was set back, and one that signs itself', async () => {
    const place = await placeOf('default', name, webAmbient().sha256);
    const old = (await edge.storage.list(publicationPrefix(place))).at(-1) as string;
    const before = decodePublication(await edge.storage.read(old), old);
    const copy = await client();
    await (await origin.collection(name)).insert(rows(500, 510));
    await publish();
    await copy.pull(edge.url, name, { trust: 'first' });
    const next = (versionOf((await edge.storage.list(publicationPrefix(place))).at(-1) as string) as number) + 1;
    await edge.storage.create(publicationKey(place, next), encodePublication({ ...before, version: next }));
    await expect(copy.pull(edge.url, name)).rejects.toMatchObject({ code: 'Untrusted', reason: 'rollback' });
    const other = await webSignatures.signer(Uint8Array.from({ length: 32 }, () => 9));
    await edge.storage.create(publicationKey(place, next + 1), encodePublication({ ...before, version: next + 1, publicKey: hexOf(other.publicKey), head: { ...before.head, version: before.head.version + 9 } }));
    await expect(copy.pull(edge.url, name)).rejects.toMatchObject({ code: 'Untrusted', reason: 'signature' });
    expect(await (await copy.collection(name)).count()).toBe(510);
  });

  test('goes on within a file where it broke off', async () => {
    await (await origin.collection(name)).insert(rows(500, 9000));
    await publish();
    const asked: string[] = [];
    let left = 4;
    const transport = fetchTransport((url, init) => {
      const range = new Headers(init.headers).get('range');
      if (range !== null && left-- === 0) return Promise.reject(new TypeError('the connection broke'));
      if (range !== null) asked.push(`${url}${range}`);
      return fetch(url, init);
    });
    const copy = await testDatabase({ transport, signatures: webSignatures, ambient: webAmbient() });
    clients.push(copy);
    const options = { trust: 'first', partBytes: 64 * 1024 } as const;
    await expect(copy.pull(edge.url, name, options)).rejects.toMatchObject({ code: 'Network' });
    expect(asked).toHaveLength(4);
    expect(await copy.pull(edge.url, name, options)).toMatchObject({ rows: 9000 });
    expect(asked.length).toBeGreaterThan(5);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('of an encrypted collection is opened by the same key alone', async () => {
    const key = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
    const sealed = await open('sealed', { storage: 'memory', core: 'wasm', encryption: { key } });
    clients.push(sealed);
    const collection = await sealed.createCollection({ name: 'secrets', fields: FIELDS });
    await collection.insert(rows(0, 20));
    await collection.flush();
    await sealed.publish('secrets', { heads, storage: edge.storage });
    const copy = await open('copy', { storage: 'memory', core: 'wasm', encryption: { key } });
    clients.push(copy);
    expect(await copy.pull(edge.url, 'secrets', { trust: 'first' })).toMatchObject({ rows: 20 });
    expect((await (await copy.collection('secrets')).search({ data: row(7).v, limit: 1, recall: 1 })).hits[0]?.id).toBe(7n);
    await expect((await client()).pull(edge.url, 'secrets')).rejects.toMatchObject({ code: 'WrongKey' });
  });

  test('in a page of another origin', async () => {
    const page = await serveLocally(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://page').pathname;
      const bytes = path === '/' ? '<!doctype html><title>page</title><script type="module">import * as elanus from "/browser.js"; window.elanus = elanus;</script>' : await readFile(join(dist, path)).catch(() => undefined);
      response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : path.endsWith('.wasm') ? 'application/wasm' : 'text/html' }).end(bytes);
    });
    const other = await relay({ CORS: page.url, TOKEN: 'open sesame' });
    const browser = await launchChromium();
    try {
      await publish(other);
      const tab = await browser.newPage();
      await tab.goto(page.url);
      await tab.waitForFunction(() => 'elanus' in window);
      const pull = (token: string) =>
        tab.evaluate(async ([at, wanted, secret, key]) => {
          const db = await (window as unknown as { readonly elanus: typeof Page }).elanus.open('relayed');
          try {
            const { rows: found } = await db.pull(at, wanted, { trust: [key], headers: { authorization: `Bearer ${secret}` } });
            const { hits } = await (await db.collection(wanted)).search({ data: Array.from({ length: 8 }, (_, i) => Math.sin(7 * 8 + i)), limit: 1, outputFields: ['text'] });
            return `${found} ${String(hits[0]?.fields['text'])}`;
          } catch (error) {
            return String((error as { code?: string }).code);
          } finally {
            await db.close();
          }
        }, [other.url, name, token, heads.publicKey] as const);
      expect(await pull('wrong')).toBe('Network');
      expect(await pull('open sesame')).toBe('500 row 7');
    } finally {
      await browser.close();
      await other.close();
      await page.close();
    }
  });
});

describe('what a relay answers', () => {
  test('files: whole, in part, to who has them already, by HEAD, to be kept for ever', async () => {
    const [file] = await filesOf();
    if (file === undefined) throw new Error('no file');
    const whole = await ask(`files/${file.sha256}`);
    expect(whole.status).toBe(200);
    expect(Object.fromEntries(whole.headers)).toMatchObject({ etag: `"${file.sha256}"`, 'cache-control': 'public, max-age=31536000, immutable', 'accept-ranges': 'bytes', 'content-length': String(file.sizeBytes) });
    const bytes = new Uint8Array(await whole.arrayBuffer());
    expect(hexOf(await webAmbient().sha256(bytes))).toBe(file.sha256);
    // The second time the cache has it.
    for (let time = 0; time < 2; time++) {
      const part = await ask(`files/${file.sha256}`, { headers: { range: 'bytes=10-99', 'if-range': `"${file.sha256}"` } });
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-99/${file.sizeBytes}`]);
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 100));
    }
    expect((await ask(`files/${file.sha256}`, { headers: { 'if-none-match': `"${file.sha256}"` } })).status).toBe(304);
    const beyond = await ask(`files/${file.sha256}`, { headers: { range: `bytes=${file.sizeBytes}-` } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${file.sizeBytes}`]);
    const head = await ask(`files/${file.sha256}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(file.sizeBytes)]);
  });

  test('only what the newest manifest names, or the one before', async () => {
    const collection = await origin.collection(name);
    const merged = async (from: number): Promise<string> => {
      await collection.delete({ filter: `id >= ${from} and id < ${from + 400}` });
      await collection.insert(rows(from + 1000, from + 1400));
      await collection.flush();
      await collection.compact();
      await publish();
      return (await filesOf())[0]?.sha256 as string;
    };
    const first = (await filesOf())[0]?.sha256 as string;
    const second = await merged(0);
    expect(second).not.toBe(first);
    expect((await ask(`files/${first}`)).status).toBe(200);
    await merged(1000);
    await merged(2000);
    expect((await ask(`files/${first}`)).status).toBe(404);
    expect((await ask(`files/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await ask('files/none')).status).toBe(400);
    // Files of another collection are not to be had by their hash.
    const other = name;
    name = `${other}b`;
    await origin.createCollection({ name, fields: FIELDS });
    await (await origin.collection(name)).insert(rows(0, 3));
    await publish();
    const foreign = (await filesOf())[0]?.sha256 as string;
    expect((await ask(`files/${foreign}`)).status).toBe(200);
    name = other;
    expect((await ask(`files/${foreign}`)).status).toBe(404);
  });

  test('head and manifest with their tags, and 304 to who has them; key, unknown collections and paths are 404', async () => {
    for (const what of ['head', 'manifest']) {
      const answer = await ask(what);
      const etag = answer.headers.get('etag') as string;
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
      expect(etag).toBe(`"${hexOf(await webAmbient().sha256(new Uint8Array(await answer.arrayBuffer())))}"`);
      expect((await ask(what, { headers: { 'if-none-match': etag } })).status).toBe(304);
      expect((await ask(what, { method: 'HEAD' })).headers.get('etag')).toBe(etag);
    }
    expect((await ask('head')).headers.get('elanus-public-key')).toBe(heads.publicKey);
    for (const path of ['key', 'other', 'files/']) expect((await ask(path)).status).toBe(404);
    for (const path of ['/v1/collections/nope/head', `/v1/collections/${name}/head?database=other`, '/v1/collections/%ff/head', '/v1/', '/']) expect((await fetch(`${edge.url}${path}`)).status).toBe(404);
    expect((await ask('manifest', { method: 'DELETE' })).status).toBe(405);
    for (const scope of ['partitions=a', 'filter=id%20>%202']) expect((await ask(`manifest?${scope}`)).status).toBe(400);
  });

  test('changes as soon as there are any', async () => {
    const { version } = (await (await ask('changes')).json()) as { version: number };
    expect((await ask('changes?since=x')).status).toBe(400);
    const told = ask(`changes?since=${version}`).then((answer) => answer.json() as Promise<{ version: number }>);
    await (await origin.collection(name)).insert(rows(500, 501));
    const sent = await publish();
    expect(await told).toEqual({ version: sent.version });
    expect(await (await ask(`changes?since=${sent.version + 9}`)).json()).toEqual({ version: sent.version, reset: true });
  });

  test('pushes are refused where there is no origin, with a reason', async () => {
    const answer = await ask('push', { method: 'POST', body: 'x' });
    expect(answer.status).toBe(405);
    expect(await answer.json()).toMatchObject({ error: { code: 'ReadOnly' } });
    const copy = await client();
    await copy.pull(edge.url, name);
    await (await copy.collection(name)).upsert([row(9000)]);
    await expect(copy.push(name)).rejects.toMatchObject({ code: 'Network', status: 405 });
  });
});

describe('a relay with an origin', () => {
  let server: TestServer;
  let relaying: Running;
  beforeEach(async () => {
    server = await startTestServer({ database: origin });
    relaying = await relay({ ORIGIN: server.url, TOKEN: 'for reads', CORS: 'https://a.example, https://b.example' });
    await publish(relaying);
  });
  afterEach(async () => {
    await relaying.close();
    // It closes its database, too.
    await server.close();
    origin = await open('origin', { storage: 'memory', core: 'wasm' });
  });

  test('passes pushes on, and what was pushed comes with what is published next', async () => {
    const copy = await client();
    const options = { url: relaying.url, collections: [name], token: 'for reads' };
    await copy.sync(options);
    await (await copy.collection(name)).upsert([row(9000)]);
    expect((await copy.sync(options)).collections).toMatchObject([{ batchesSent: 1, unsent: 0, pending: 1 }]);
    expect(await (await origin.collection(name)).count()).toBe(501);
    await publish(relaying);
    expect((await copy.sync(options)).collections).toMatchObject([{ rows: 501, pending: 0 }]);
    // What the origin has and has not published is found by asking it, through the relay.
    await (await origin.collection(name)).upsert([row(9001)]);
    const search = { data: row(9001).v, limit: 1, recall: 1, remote: 'always' } as const;
    expect(await (await copy.collection(name)).search(search)).toMatchObject({ hits: [{ id: 9001n, source: 'remote' }], sources: { remote: 'answered' } });
    const alone = await client();
    await alone.pull(edge.url, name);
    expect(await (await alone.collection(name)).search(search)).toMatchObject({ sources: { remote: 'refused', reason: expect.stringContaining('status 405') as string } });
  });

  test('shows what it has to who has the token alone, and to pages of its origins', async () => {
    expect((await ask('head', {}, relaying)).status).toBe(401);
    expect((await ask('head', { headers: { authorization: 'Bearer for readz' } }, relaying)).status).toBe(401);
    const sha256 = (await filesOf())[0]?.sha256 as string;
    expect((await ask(`files/${sha256}`, {}, relaying)).status).toBe(401);
    const file = await ask(`files/${sha256}`, { headers: { authorization: 'Bearer for reads', origin: 'https://b.example' } }, relaying);
    expect([file.status, file.headers.get('cache-control'), file.headers.get('access-control-allow-origin')]).toEqual([200, 'private, max-age=31536000, immutable', 'https://b.example']);
    expect(file.headers.get('access-control-expose-headers')).toContain('elanus-public-key');
    expect((await ask('head', { headers: { origin: 'https://c.example' } }, relaying)).headers.get('access-control-allow-origin')).toBeNull();
    const allowed = (from: string): Promise<Response> => ask('head', { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'GET' } }, relaying);
    expect((await allowed('https://a.example')).status).toBe(204);
    expect((await allowed('https://c.example')).status).toBe(403);
    expect((await allowed('https://a.example')).headers.get('access-control-allow-headers')).toContain('if-none-match');
  });
});

test('the worker that searches relays, too; the one that only relays weighs less than a tenth of a megabyte', async () => {
  const both = await relay({}, 'edge-worker.js');
  try {
    await publish(both);
    expect(await (await client()).pull(both.url, name, { trust: 'first' })).toMatchObject({ rows: 500 });
    expect((await fetch(`${both.url}/search`)).status).toBe(405);
  } finally {
    await both.close();
  }
  expect((await stat(join(dist, 'relay-worker.js'))).size).toBeLessThan(100_000);
  expect(gzipSync(await readFile(join(dist, 'relay-worker.js'))).length).toBeLessThan(30_000);
});
