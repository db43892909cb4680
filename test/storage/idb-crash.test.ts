// What only IndexedDB has: files left unfinished by a crash, and a browser that takes the connection away.

import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIdbStorage, type IdbSchema } from '../../src/storage/idb.js';
import { pattern, refusal, same, text } from './samples.js';

let name: string;

beforeEach(() => {
  name = `crash-${crypto.randomUUID()}`;
});

afterEach(async () => {
  await deleteDB(`elanus:${name}`);
});

test('what a crash in the middle of a large create left is swept at the next opening', async () => {
  const first = await openIdbStorage(name);
  await first.create('whole', pattern(5_000_000, 1));
  await first.close();
  const raw = await openDB<IdbSchema>(`elanus:${name}`);
  const id = await raw.add('files', { sizeBytes: 5_000_000 });
  await raw.put('pieces', pattern(1_000, 2), [id, 0]);
  const pieces = await raw.count('pieces');
  raw.close();

  const second = await openIdbStorage(name);
  expect(await second.list('')).toEqual(['whole']);
  expect(same(await second.read('whole'), pattern(5_000_000, 1))).toBe(true);
  await second.close();
  const swept = await openDB<IdbSchema>(`elanus:${name}`);
  expect(await swept.count('files')).toBe(1);
  expect(await swept.count('pieces')).toBe(pieces - 1);
  swept.close();
});

test('a missing or short piece is Corrupt and names the file', async () => {
  const storage = await openIdbStorage(name);
  await storage.create('a', pattern(1_000_000, 1));
  await storage.create('b', pattern(1_000_000, 2));
  const raw = await openDB<IdbSchema>(`elanus:${name}`);
  await raw.delete('pieces', [1, 262_144]);
  await raw.put('pieces', pattern(10, 3), [2, 262_144]);
  raw.close();
  for (const key of ['a', 'b']) {
    expect((await refusal('Corrupt', () => storage.read(key))).file).toBe(key);
    expect((await storage.read(key, { offset: 0, length: 262_144 })).length).toBe(262_144);
  }
  await storage.close();
});

test('a connection that the browser takes away is made anew, also under an open log', async () => {
  const connections: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (this: IDBFactory, ...args: Parameters<IDBFactory['open']>) {
    const request = open.apply(this, args);
    request.addEventListener('success', () => connections.push(request.result));
    return request;
  };
  try {
    const storage = await openIdbStorage(name);
    const log = await storage.openLog('log');
    await log.append(text('before '));
    expect(connections).toHaveLength(1);
    for (const connection of connections) forceCloseDatabase(connection as unknown as Parameters<typeof forceCloseDatabase>[0]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await log.append(text('after'));
    expect(await storage.read('log')).toEqual(text('before after'));
    expect(connections).toHaveLength(2);
    await storage.close();
  } finally {
    IDBFactory.prototype.open = open;
  }
});

test('a connection that was closed without an event is made anew too', async () => {
  const connections: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (this: IDBFactory, ...args: Parameters<IDBFactory['open']>) {
    const request = open.apply(this, args);
    request.addEventListener('success', () => connections.push(request.result));
    return request;
  };
  try {
    const storage = await openIdbStorage(name);
    const log = await storage.openLog('log');
    await log.append(text('before '));
    connections[0]?.close();
    const [, , read] = await Promise.all([log.append(text('after')), storage.create('a', text('x')), storage.size('log')]);
    expect(read).toBeGreaterThan(0);
    expect(await storage.read('log')).toEqual(text('before after'));
    expect(await storage.read('a')).toEqual(text('x'));
    expect(connections).toHaveLength(2);
    await storage.close();
  } finally {
    IDBFactory.prototype.open = open;
    for (const connection of connections) connection.close();
  }
});

test('a database name that is no key is refused before anything is opened', async () => {
  await refusal('InvalidArgument', () => openIdbStorage('../x'));
});
