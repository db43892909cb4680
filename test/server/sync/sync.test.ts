// Sync against a running server: writes of two clients meet, changes are told, heads are signed, and who may not, cannot.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open } from '../../../src/presets/node.js';
import type { Database } from '../../../src/engine/api.js';
import { encodePush } from '../../../src/format/push.js';
import { startTestServer, type TestServer } from '../support.js';

const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let server: TestServer;
let database: Awaited<ReturnType<typeof open>>;
const clients: Database[] = [];

async function client(name: string): Promise<Database> {
  const made = await open(name, { storage: 'memory', core: 'wasm' });
  clients.push(made);
  return made;
}

const sync = (db: Database, options: Partial<Parameters<Database['sync']>[0]> = {}) => db.sync({ url: server.url, collections: ['notes'], ...options });

async function texts(db: Database): Promise<readonly string[]> {
  return (await (await db.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

beforeEach(async () => {
  database = await open('server', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  const notes = await database.collection('notes');
  await notes.insert([row(1, 'one'), row(2, 'two')]);
  await notes.flush();
  server = await startTestServer({ database });
});

afterEach(async () => {
  for (const one of clients.splice(0)) await one.close();
  await server.close();
});

test('two clients and the server come to the same rows, and are told when there is more', async () => {
  const [a, b] = [await client('a'), await client('b')];
  expect((await sync(a)).collections).toMatchObject([{ collection: 'notes', rows: 2, batchesSent: 0, unsent: 0, pending: 0 }]);
  await sync(b);
  await (await a.collection('notes')).upsert([row(3, 'of a')]);
  await (await b.collection('notes')).delete({ ids: [1] });
  const { version } = (await sync(a)).collections[0] as { version: number };
  const changes = (since: number): Promise<{ version: number }> => fetch(`${server.url}/v1/collections/notes/changes?since=${since}`).then((response) => response.json() as Promise<{ version: number }>);
  const told = changes(version);
  expect((await sync(b)).collections).toMatchObject([{ batchesSent: 1, unsent: 0 }]);
  expect((await told).version).toBeGreaterThan(version);
  for (const one of [a, b]) {
    let pending = 1;
    for (let round = 0; round < 20 && pending > 0; round++) {
      const [synced] = (await sync(one)).collections;
      pending = synced?.pending ?? 0;
      if (pending > 0) await changes(synced?.version ?? 0);
    }
    expect(pending).toBe(0);
  }
  await sync(a);
  expect(await texts(a)).toEqual(['2:two', '3:of a']);
  expect(await texts(b)).toEqual(['2:two', '3:of a']);
  expect(await texts(database)).toEqual(['2:two', '3:of a']);
});

test('modes, progress and what is wrong with options are told', async () => {
  const a = await client('a');
  const steps: unknown[] = [];
  expect((await a.health()).unsent).toBe(0);
  await expect(sync(a, { mode: 'push' })).rejects.toMatchObject({ code: 'InvalidArgument' });
  await sync(a, { mode: 'pull', onProgress: (progress) => steps.push(progress.step) });
  await (await a.collection('notes')).upsert([row(9, 'nine')]);
  expect((await sync(a, { mode: 'pull' })).collections).toMatchObject([{ batchesSent: 0, unsent: 1 }]);
  expect((await a.health()).unsent).toBe(1);
  expect((await sync(a, { mode: 'push', onProgress: (progress) => steps.push(progress.step) })).collections).toMatchObject([{ batchesSent: 1, unsent: 0, bytesFetched: 0 }]);
  expect(new Set(steps)).toEqual(new Set(['pull', 'push']));
  for (const wrong of [{ collections: [] }, { collections: 'notes' }, { mode: 'sideways' }, { trust: [] }, { url: 'file:///x' }]) await expect(sync(a, wrong as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
  await expect(sync(a, { collections: ['nope'] })).rejects.toMatchObject({ code: 'NotFound' });
});

test('refused writes are listed with their keys, and discarded', async () => {
  const a = await client('a');
  await sync(a);
  await (await a.collection('notes')).upsert([row(3, 'a longer text'), row(4, 'another one')]);
  await database.dropCollection('notes');
  await database.createCollection({ name: 'notes', fields: FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 5 } : field)), properties: { 'sync.push': true } });
  await sync(a, { mode: 'push' });
  const [refused] = await a.listRefused('notes');
  expect(refused).toMatchObject({ kind: 'write', code: 'InvalidArgument', keys: [3n, 4n] });
  await a.discardRefused('notes', [refused?.id ?? '']);
  expect(await a.listRefused('notes')).toEqual([]);
  await expect(a.discardRefused('notes', ['x'])).rejects.toMatchObject({ code: 'InvalidArgument' });
});

describe('the server refuses', () => {
  const post = (body: Uint8Array<ArrayBuffer> | string, path = 'notes') => fetch(`${server.url}/v1/collections/${path}/push`, { method: 'POST', body });
  const push = (batch: Uint8Array) => encodePush({ client: new Uint8Array(16).fill(1), after: { id: 0n, chain: new Uint8Array(8) }, batches: [batch] });

  test.each([
    ['no push', 'hello', 'notes', 400],
    ['a collection that is not there', push(new Uint8Array(8)), 'nope', 404],
    ['a push cut off', push(new Uint8Array(64)).slice(0, -3), 'notes', 400],
    ['more than a push may be', new Uint8Array(16 * 1024 * 1024 + 100), 'notes', 413],
  ])('%s', async (_, body, path, status) => {
    expect((await post(body, path)).status).toBe(status);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  test('a batch that is none, and goes on', async () => {
    const response = await post(push(new Uint8Array(64).fill(9)));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ lastId: '1', refused: [{ id: '1', code: 'Corrupt' }] });
  });

  test('what is asked for in a way that makes no sense', async () => {
    expect((await fetch(`${server.url}/v1/collections/notes/changes?since=x`)).status).toBe(400);
    expect((await fetch(`${server.url}/v1/collections/nope/head`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/collections/notes/push`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/collections/notes/head?database=other`)).status).toBe(404);
  });
});

test('a head is signed, and not sent again to who has it', async () => {
  const first = await fetch(`${server.url}/v1/collections/notes/head`);
  expect(first.headers.get('elanus-public-key')).toMatch(/^[0-9a-f]{64}$/);
  expect(await first.json()).toMatchObject({ version: expect.any(Number) as number, signature: expect.stringMatching(/^[0-9a-f]{128}$/) as string });
  expect((await fetch(`${server.url}/v1/collections/notes/head`, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })).status).toBe(304);
});
