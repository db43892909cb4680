// A memory limit is no dead end: what gives room back, seals, flushes and openings, is refused by nothing, and writes leave room for it.

import { expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const MIB = 2 ** 20;

const usedBytes = async (database: Database): Promise<number> => (await database.stats()).memory.usedBytes;

test('texts count like vectors: they are sealed by their bytes, and more of them than the limit are written, flushed and opened within it', async () => {
  const files: MemoryFiles = new Map();
  const openLimited = (): Promise<Database> => testDatabase({ storage: memoryStorage(files), memoryBytes: 4 * MIB });
  let db = await openLimited();
  let collection = await db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'body', type: 'VarChar', maxLength: 10_000 },
      { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
    ],
  });
  const body = 'x'.repeat(5000);
  for (let first = 0; first < 3000; first += 20) {
    await collection.insert(Array.from({ length: 20 }, (_, at) => ({ id: first + at, body, vector: [at, 1] })));
    expect(await usedBytes(db)).toBeLessThanOrEqual(4 * MIB);
  }
  await collection.flush();
  await collection.insert([{ id: 3000, body, vector: [1, 1] }]);
  await db.close();
  db = await openLimited();
  collection = await db.collection('c');
  expect(await collection.count()).toBe(3001);
  await collection.insert([{ id: 3001, body, vector: [1, 1] }]);
  await collection.flush();
  expect(await collection.get({ ids: [1234], outputFields: ['body'] })).toEqual([{ id: 1234n, body }]);
  await db.close();
});

test('without a limit, too, texts are sealed by their bytes', async () => {
  const db = await testDatabase({ sealBytes: 64 * 1024 });
  const collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  for (let id = 0; id < 100; id++) await collection.insert([{ id, body: 'x'.repeat(5000), vector: [id, 1] }]);
  expect((await db.stats()).collections[0]?.rows.growing).toBeLessThan(50);
  await db.close();
});

const DELETED = 2000;
const deleted = (call: number): bigint[] => Array.from({ length: DELETED }, (_, at) => BigInt(1_000_000 + call * DELETED + at));

test('deletions that are remembered for who pushes are refused before they exceed the limit; then writes, flushes and openings go on', async () => {
  const files: MemoryFiles = new Map();
  const openLimited = (): Promise<Database> => testDatabase({ storage: memoryStorage(files), memoryBytes: 4 * MIB });
  let db = await openLimited();
  let collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2', properties: { 'sync.push': true } });
  await collection.insert([{ id: 1, vector: [1, 1] }]);
  let refused = 0;
  for (let call = 0; call < 12; call++) {
    await collection.delete({ ids: deleted(call) }).catch((error: { code: string }) => {
      expect(error.code).toBe('OutOfMemory');
      refused++;
    });
    expect(await usedBytes(db)).toBeLessThanOrEqual(4 * MIB);
  }
  expect(refused).toBeGreaterThan(0);
  await collection.insert([{ id: 2, vector: [2, 2] }]);
  await collection.delete({ ids: [1] });
  await collection.flush();
  await db.close();
  db = await openLimited();
  collection = await db.collection('c');
  expect(await collection.count()).toBe(1);
  await collection.insert([{ id: 3, vector: [3, 3] }]);
  await collection.flush();
  expect(await collection.count()).toBe(2);
  await db.close();
});

test('what was written without a limit is opened and sealed once under one that it exceeds', async () => {
  const files: MemoryFiles = new Map();
  const before = await testDatabase({ storage: memoryStorage(files) });
  const written = await before.createCollection({ name: 'c', dimension: 2, metric: 'L2', properties: { 'sync.push': true } });
  await written.insert([{ id: 1, vector: [1, 1] }, { id: 2, vector: [2, 2] }]);
  for (let call = 0; call < 15; call++) await written.delete({ ids: deleted(call) });
  await before.close();
  let db = await testDatabase({ storage: memoryStorage(files), memoryBytes: 4 * MIB });
  let collection = await db.collection('c');
  expect(await usedBytes(db)).toBeGreaterThan(4 * MIB);
  for (let flush = 0; flush < 3; flush++) {
    await collection.flush();
    expect((await db.stats()).collections[0]).toMatchObject({ segments: { sealed: 1, sealing: 0 }, rows: { live: 2 } });
  }
  await expect(collection.insert([{ id: 3, vector: [3, 3] }])).rejects.toMatchObject({ code: 'OutOfMemory' });
  await db.close();
  db = await testDatabase({ storage: memoryStorage(files) });
  collection = await db.collection('c');
  const { hits } = await collection.search({ data: [1, 1], limit: 10, recall: 1 });
  expect(hits.map(({ id }) => id)).toEqual([1n, 2n]);
  await db.close();
});

test('a log of deletions alone, of rows that are there or not, goes on in a new one once it is long', async () => {
  const files: MemoryFiles = new Map();
  const db = await testDatabase({ storage: memoryStorage(files), sealBytes: 8 * 1024 });
  const collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await collection.insert([{ id: 1, vector: [1, 1] }]);
  for (let call = 0; call < 20; call++) {
    await collection.delete({ ids: deleted(call) });
    while ((await db.stats()).tasks.length > 0) await new Promise((resolve) => setImmediate(resolve));
    const logs = [...files].filter(([key]) => key.endsWith('.log'));
    expect(logs.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0)).toBeLessThan(3 * DELETED * 8);
  }
  expect(await collection.count()).toBe(1);
  await db.close();
});
