// Rules for conflicts of a running server: given to it, or by a module that a setting names; the pusher gets what they decided.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadRules } from '../../../src/cli/conflict-rules.js';
import type { Database } from '../../../src/engine/api.js';
import type { ConflictRules } from '../../../src/engine/api/push.js';
import { open } from '../../../src/presets/node.js';
import { NOTE_FIELDS } from '../../sync/pusher.js';
import { startTestServer, type TestServer } from '../support.js';

const row = (id: number, text: string) => ({ id, text, v: [id, 1] });

async function serverWith(onConflict: ConflictRules): Promise<TestServer> {
  const database = await open('server', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  const server = await startTestServer({ database, onConflict });
  onTestFinished(() => server.close());
  return server;
}

async function copyOf(server: TestServer, name: string): Promise<Database> {
  const copy = await open(name, { storage: 'memory', core: 'wasm' });
  onTestFinished(() => copy.close());
  await sync(copy, server);
  return copy;
}

const sync = (db: Database, { url }: TestServer) => db.sync({ url, collections: ['notes'] });

async function settled(db: Database, server: TestServer): Promise<readonly string[]> {
  for (let pending = 1, version = 0; pending > 0; ) {
    const synced = (await sync(db, server)).collections[0];
    pending = synced?.pending ?? 0;
    if (pending > 0) await fetch(`${server.url}/v1/collections/notes/changes?since=${Math.max(version, synced?.version ?? 0)}`);
    version = synced?.version ?? 0;
  }
  return (await (await db.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

async function module(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'elanus-rules-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'rules.mjs');
  await writeFile(path, text);
  return path;
}

test('who pushed gets what the rule decided, and what it refused is on his list', async () => {
  const server = await serverWith(await loadRules(await module("export const notes = ({ existing, incoming }) => { if (incoming?.text === 'no') throw new Error('not that'); return { ...incoming, text: `${existing?.text}+${incoming?.text}` }; };")));
  const [a, b] = [await copyOf(server, 'a'), await copyOf(server, 'b')];
  await (await a.collection('notes')).insert([row(1, 'of a')]);
  expect(await settled(a, server)).toEqual(['1:of a']);
  await (await b.collection('notes')).insert([row(1, 'of b')]);
  await (await b.collection('notes')).insert([row(2, 'alone'), row(1, 'no')]);
  expect(await settled(b, server)).toEqual(['1:of a+of b']);
  expect(await settled(a, server)).toEqual(['1:of a+of b']);
  expect(await b.listRefused('notes')).toMatchObject([{ kind: 'write', code: 'InvalidArgument', message: expect.stringContaining('not that') as string, keys: [2n, 1n] }]);
});

test('a module may give its functions as one object, and is refused with what is none', async () => {
  expect(Object.keys(await loadRules(await module("export default { 'db.notes': () => 'existing' };")))).toEqual(['db.notes']);
  await expect(loadRules(await module('export const notes = 7;'))).rejects.toThrow('"notes": expected a function, found number');
  await expect(loadRules(await module('export {};'))).rejects.toThrow('exports no function');
  await expect(loadRules(await module('throw new Error("broken");'))).rejects.toThrow('broken');
  await expect(serverWith({ notes: 'existing' as never })).rejects.toThrow('expected a function');
});
