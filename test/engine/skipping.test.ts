// Segments none of whose rows can match are passed over before a column of them is read: shown by damage that is not met.

import { expect, test } from 'vitest';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'year', type: 'Int32', nullable: true },
  { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
] as const;
const OLD = 1_900_000;
const NEW = 2_000_000;

const rows = (first: number, year: number) => Array.from({ length: 20 }, (_, at) => ({ id: first + at, year: at === 7 ? null : year + at, vector: [first + at, 1] }));

/** Old rows in the first segment, new ones in the second. */
async function written(files: MemoryFiles): Promise<void> {
  const db = await testDatabase({ files });
  const c = await db.createCollection({ name: 'c', fields: FIELDS });
  for (const [first, year] of [[0, OLD], [20, NEW]] as const) {
    await c.insert(rows(first, year));
    await c.flush();
  }
  await db.close();
}

/** Flips a bit of the first file that holds `year` as an Int32. */
function damageYear(files: MemoryFiles, year: number): void {
  for (const [key, { bytes }] of files) {
    const at = key.includes('rows-') ? Buffer.from(bytes).indexOf(Buffer.from(Int32Array.of(year).buffer)) : -1;
    if (at >= 0) return void (bytes[at] = (bytes[at] as number) ^ 1);
  }
  throw new Error('no such year');
}

test('what cannot match is not read, by any verb, and what can is', async () => {
  const files: MemoryFiles = new Map();
  await written(files);
  damageYear(files, OLD);
  const db = await testDatabase({ files, eagerBytes: 0 });
  const c = await db.collection('c');
  const filter = `year >= ${NEW}`;
  expect(await c.count(filter)).toBe(19);
  expect(await c.query({ filter, outputFields: ['id'], limit: 1 })).toEqual([{ id: 20n }]);
  expect((await c.keys({ filter })).length).toBe(19);
  expect((await c.search({ data: [0, 1], limit: 1, filter })).hits).toMatchObject([{ id: 20n }]);
  expect(await c.delete({ filter: `year == ${NEW + 1}` })).toEqual({ count: 1 });
  expect((await db.describeCollection('c')).missing).toBeUndefined();
  expect(await c.count(`not (year < ${NEW})`)).toBe(18);
  expect((await db.describeCollection('c')).missing).toBeUndefined();

  expect(await c.count(`year >= ${OLD}`)).toBe(18);
  expect((await db.describeCollection('c')).missing).toMatchObject([{ reason: 'damaged', rows: 20 }]);
  await db.close();
});

test('statistics are of the rows after they were merged, null and deleted ones', async () => {
  const files: MemoryFiles = new Map();
  await written(files);
  let db = await testDatabase({ files });
  let c = await db.collection('c');
  await c.delete({ filter: `year < ${OLD + 5}` });
  await c.compact();
  await db.close();
  db = await testDatabase({ storage: memoryStorage(files), eagerBytes: 0 });
  c = await db.collection('c');
  expect(await c.count(`year == ${OLD + 5}`)).toBe(1);
  expect(await c.count(`year < ${OLD + 5}`)).toBe(0);
  expect(await c.count(`year > ${NEW + 18}`)).toBe(1);
  damageYear(files, OLD + 5);
  expect(await c.count(`year > ${NEW + 19}`)).toBe(0);
  expect((await db.describeCollection('c')).missing).toBeUndefined();
  await db.close();
});

test('a segment all of whose values are null matches neither a comparison nor its negation', async () => {
  const db = await testDatabase();
  const c = await db.createCollection({ name: 'c', fields: FIELDS });
  await c.insert([{ id: 1, year: null, vector: [0, 0] }]);
  await c.flush();
  expect(await c.count('year == 5')).toBe(0);
  expect(await c.count('not (year == 5)')).toBe(0);
  expect(await c.count('year == 5 or id == 1')).toBe(1);
  await db.close();
});
