// A manifest is one moment: who has it without the log, as a copy has, sees the rows as of its LSN, whatever later batches
// have replaced or deleted when it was made, by a seal or by a merge.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
type Years = ReadonlyMap<bigint, number>;

/** Files of rows wait here to be stored, while it is shut. */
interface Gate {
  isShut: boolean;
  readonly waiting: (() => void)[];
}

interface World {
  readonly db: SyncDatabase;
  readonly collection: Collection;
  readonly files: MemoryFiles;
  readonly gate: Gate;
  /** Of what a copy that is pulled now has. */
  readonly copied: () => Promise<Years>;
}

async function world(): Promise<World> {
  const files: MemoryFiles = new Map();
  const storage = memoryStorage(files);
  const gate: Gate = { isShut: false, waiting: [] };
  const store = storage.create.bind(storage);
  storage.create = async (key, bytes) => {
    if (gate.isShut && key.includes('/rows-')) await new Promise<void>((resolve) => gate.waiting.push(resolve));
    return store(key, bytes);
  };
  const db = await testDatabase({ storage, seed: 5 });
  const collection = await db.createCollection({ name: 'c', dimension: 2 });
  const client = await testDatabase({ transport: transportTo(() => db), seed: 9 });
  const copied = async (): Promise<Years> => {
    await client.pull(SERVER, 'c');
    return years(await client.collection('c'));
  };
  return { db, collection, files, gate, copied };
}

async function years(collection: Collection): Promise<Years> {
  const rows = await collection.query({ outputFields: ['year'] });
  return new Map(rows.map((row): [bigint, number] => [row['id'] as bigint, row['year'] as number]).sort(([a], [b]) => Number(a - b)));
}

const row = (id: number, year: number) => ({ id, vector: [id, year], year });
const rows = (from: number, to: number, year: number) => Array.from({ length: to - from }, (_, at) => row(from + at, year));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await turn();
}

async function reopened({ files }: World): Promise<Years> {
  const copy: MemoryFiles = new Map([...files].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
  const db = await testDatabase({ files: copy });
  const found = await years(await db.collection('c'));
  await db.close();
  return found;
}

/** Three segments, of which two are being merged: its file waits. */
async function merging(): Promise<World & { readonly merged: Promise<unknown> }> {
  const there = await world();
  const { collection, gate } = there;
  await collection.insert(rows(0, 10, 1));
  await collection.flush();
  await collection.insert(rows(10, 20, 1));
  await collection.delete({ ids: [3] });
  await collection.flush();
  gate.isShut = true;
  const merged = collection.compact();
  await until(() => gate.waiting.length > 0);
  return { ...there, merged };
}

test('a merge says nothing of what later batches replaced or deleted', async () => {
  const there = await merging();
  const { collection, gate, merged, copied } = there;
  const sealed = await years(collection);
  await collection.upsert([row(4, 2), row(12, 2), row(30, 2)]);
  await collection.delete({ ids: [15] });
  gate.isShut = false;
  gate.waiting.shift()?.();
  expect(await merged).toMatchObject({ segmentsAfter: 1, rowsDropped: 1 });
  const now = await years(collection);
  expect(now.size).toBe(19);
  expect(await copied()).toEqual(sealed);
  expect(await reopened(there)).toEqual(now);
  await collection.flush();
  expect(await copied()).toEqual(now);
  expect(await reopened(there)).toEqual(now);
  expect(await collection.compact()).toMatchObject({ segmentsAfter: 1, rowsDropped: 3 });
  expect(await copied()).toEqual(now);
  expect(await years(collection)).toEqual(now);
});

test('a merge keeps a segment whose rows later batches have replaced, all of them', async () => {
  const there = await merging();
  const { collection, gate, merged, copied } = there;
  const sealed = await years(collection);
  await collection.delete({ ids: Array.from({ length: 20 }, (_, id) => id) });
  gate.isShut = false;
  gate.waiting.shift()?.();
  await merged;
  expect(await copied()).toEqual(sealed);
  expect(await reopened(there)).toEqual(new Map());
  await collection.flush();
  expect(await copied()).toEqual(new Map());
  expect(await collection.compact()).toMatchObject({ segmentsAfter: 0 });
});

test('a seal says nothing of what came after it began', async () => {
  const there = await world();
  const { collection, gate, copied } = there;
  await collection.insert(rows(0, 10, 1));
  await collection.flush();
  await collection.upsert([...rows(8, 14, 2)]);
  const sealed = await years(collection);
  gate.isShut = true;
  const flushed = collection.flush();
  await until(() => gate.waiting.length > 0);
  // Of the segment of before, and of the one that is being sealed.
  await collection.upsert([row(2, 3), row(9, 3), row(12, 3)]);
  await collection.delete({ ids: [5, 13] });
  gate.isShut = false;
  gate.waiting.shift()?.();
  await flushed;
  const now = await years(collection);
  expect(await copied()).toEqual(sealed);
  expect(await reopened(there)).toEqual(now);
  await collection.flush();
  expect(await copied()).toEqual(now);
});

test('a seal stores rows that were all replaced while it began', async () => {
  const there = await world();
  const { collection, gate, copied } = there;
  await collection.insert(rows(0, 10, 1));
  gate.isShut = true;
  const flushed = collection.flush();
  await until(() => gate.waiting.length > 0);
  await collection.upsert(rows(0, 10, 2));
  gate.isShut = false;
  gate.waiting.shift()?.();
  await flushed;
  expect(await copied()).toEqual(new Map(rows(0, 10, 1).map(({ id, year }) => [BigInt(id), year])));
  const now = await years(collection);
  expect([...now.values()]).toEqual(Array(10).fill(2));
  expect(await reopened(there)).toEqual(now);
  await collection.flush();
  expect(await copied()).toEqual(now);
});

test('a merge that ends between the beginning and the end of a seal has what was sealed before', async () => {
  const there = await merging();
  const { collection, gate, merged, copied } = there;
  const sealed = await years(collection);
  await collection.upsert([row(4, 2), row(12, 2), row(30, 2)]);
  const atSeal = await years(collection);
  const flushed = collection.flush();
  await until(() => gate.waiting.length === 2);
  await collection.upsert([row(5, 3), row(12, 3)]);
  await collection.delete({ ids: [30] });
  const now = await years(collection);
  gate.waiting.shift()?.();
  await merged;
  expect(await copied()).toEqual(sealed);
  gate.isShut = false;
  gate.waiting.shift()?.();
  await flushed;
  expect(await copied()).toEqual(atSeal);
  expect(await years(collection)).toEqual(now);
  expect(await reopened(there)).toEqual(now);
  await collection.flush();
  expect(await copied()).toEqual(now);
});

test('a seal that ends during a merge is in what the merge says', async () => {
  const there = await merging();
  const { collection, gate, merged, copied } = there;
  gate.isShut = false;
  await collection.upsert([row(4, 2), row(12, 2)]);
  await collection.flush();
  const sealed = await years(collection);
  await collection.upsert([row(6, 3)]);
  gate.waiting.shift()?.();
  await merged;
  expect(await copied()).toEqual(sealed);
  const now = await years(collection);
  expect(await reopened(there)).toEqual(now);
  await collection.flush();
  expect(await copied()).toEqual(now);
});

test('many deletions are sealed without a call, so that merges drop the rows', async () => {
  const { db, collection } = await world();
  const count = 140_000;
  const ids = Array.from({ length: count }, (_, id) => id);
  for (let from = 0; from < count; from += 20_000) await collection.insert(rows(from, from + 20_000, 1));
  await collection.flush();
  for (let from = 0; from < count; from += 20_000) await collection.delete({ ids: ids.slice(from, from + 20_000) });
  await until(async () => (await db.stats()).tasks.length === 0);
  const deleted = (await db.stats()).collections[0]?.rows.deleted ?? NaN;
  expect(deleted).toBeLessThan(70_000);
  expect(await collection.count()).toBe(0);
});
