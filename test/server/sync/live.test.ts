// Live sessions against a running server: what one client writes reaches the other by itself; and a server that goes away.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { open } from '../../../src/presets/node.js';
import type { Database, SyncSession } from '../../../src/engine/api.js';
import { startTestServer, type TestServer } from '../support.js';

const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const WAIT = { timeout: 20_000, interval: 20 };
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let server: TestServer;
let database: Awaited<ReturnType<typeof open>>;
const clients: Database[] = [];

async function client(name: string): Promise<{ readonly db: Database; readonly session: SyncSession }> {
  const db = await open(name, { storage: 'memory', core: 'wasm' });
  clients.push(db);
  return { db, session: await db.syncSession({ url: server.url, collections: ['notes'] }) };
}

async function texts(db: Database): Promise<readonly string[]> {
  return (await (await db.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

beforeEach(async () => {
  database = await open('server', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  await (await database.collection('notes')).insert([row(1, 'one')]);
  await (await database.collection('notes')).flush();
  server = await startTestServer({ database });
});

afterEach(async () => {
  for (const one of clients.splice(0)) await one.close();
  await server.close();
});

test('what each of two clients writes reaches the other, and all say that they have the same', async () => {
  const [a, b] = [await client('a'), await client('b')];
  await vi.waitFor(() => expect([a, b].map(({ session }) => session.status.state)).toEqual(['idle', 'idle']), WAIT);
  await (await a.db.collection('notes')).upsert([row(2, 'of a')]);
  await (await b.db.collection('notes')).upsert([row(3, 'of b')]);
  await vi.waitFor(async () => expect([await texts(a.db), await texts(b.db)]).toEqual(new Array(2).fill(['1:one', '2:of a', '3:of b'])), WAIT);
  await vi.waitFor(() => expect([a, b].map(({ session: { status } }) => [status.unsent, status.pending])).toEqual([[0, 0], [0, 0]]), WAIT);
});

test('a server that goes away is waited for; where it comes back as another, own writes stay here and the status says why', async () => {
  const { db, session } = await client('a');
  await vi.waitFor(() => expect(session.status.state).toBe('idle'), WAIT);
  const port = Number(new URL(server.url).port);
  await server.close();
  await vi.waitFor(() => expect(session.status.state).toBe('offline'), WAIT);
  await (await db.collection('notes')).upsert([row(2, 'meanwhile')]);
  expect(await texts(db)).toEqual(['1:one', '2:meanwhile']);
  database = await open('server', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  server = await startTestServer({ database, port });
  await vi.waitFor(() => expect(session.status).toMatchObject({ state: 'error', error: { code: expect.stringMatching(/ReadOnly|Untrusted/) as string }, pending: 1 }), WAIT);
});
