// How IndexedDB is asked to keep what must be kept, seen at the transactions themselves.

import 'fake-indexeddb/auto';
import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIdbStorage, type IdbSchema } from '../../src/storage/idb.js';
import { pattern } from './samples.js';

const transaction = IDBDatabase.prototype.transaction;
let name: string;
let durabilities: (string | undefined)[];

beforeEach(() => {
  name = `durability-${crypto.randomUUID()}`;
  durabilities = [];
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args: Parameters<IDBDatabase['transaction']>) {
    if (args[1] === 'readwrite') durabilities.push(args[2]?.durability);
    return transaction.apply(this, args);
  };
});

afterEach(async () => {
  IDBDatabase.prototype.transaction = transaction;
  await deleteDB(`elanus:${name}`);
});

test('every append and cut of a log is a strict transaction', async () => {
  const storage = await openIdbStorage(name);
  const log = await storage.openLog('wal/1');
  await log.append(pattern(9_000_000, 1));
  await log.append(pattern(100, 2));
  await log.sync();
  await log.truncate(5_000_000);
  await storage.close();
  // Opening, three parts of at most 4 MiB, one more, the cut.
  expect(durabilities).toEqual(Array.from({ length: 6 }, () => 'strict'));
});

test('a file becomes visible in a strict transaction, after all of its bytes', async () => {
  const storage = await openIdbStorage(name);
  await storage.create('small', pattern(1_000, 1));
  expect(durabilities).toEqual(['strict']);
  await storage.create('large', pattern(9_000_000, 1));
  expect(durabilities.at(-1)).toBe('strict');
  await storage.close();
});

test('no piece is larger than 256 KiB', async () => {
  const storage = await openIdbStorage(name);
  await storage.create('file', pattern(1_000_000, 1));
  const log = await storage.openLog('log');
  await log.append(pattern(1_000_000, 2));
  await storage.close();
  const raw = await openDB<IdbSchema>(`elanus:${name}`);
  const sizes = (await raw.getAll('pieces')).map((piece) => piece.length);
  raw.close();
  expect(Math.max(...sizes)).toBe(256 * 1024);
  expect(sizes).toHaveLength(8);
});
