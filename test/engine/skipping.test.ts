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

test('a column that does not fit into memory is read piece by piece, by every verb that filters', async () => {
  const files: MemoryFiles = new Map();
  const count = 6000;
  const fields = [...FIELDS, { name: 'text', type: 'VarChar', maxLength: 1000, nullable: true }, { name: 'doc', type: 'JSON' }] as const;
  const input = Array.from({ length: count }, (_, id) => ({ id, year: id, vector: [id, 1], text: id % 7 === 0 ? null : `${'padding '.repeat(50)}${id % 10}`, doc: { padding: 'x'.repeat(400), a: id % 3 } }));
  let db = await testDatabase({ files });
  let c = await db.createCollection({ name: 'c', fields });
  await c.insert(input);
  await c.flush();
  await c.delete({ ids: [3, 10] });
  const filters = ['text like "%3"', 'not (text like "%3")', 'text is null and year < 100', 'doc["a"] == 1 and year >= 3000', 'text like "%5" or doc["a"] == 2'];
  const expected: number[] = [];
  for (const filter of filters) expected.push(await c.count(filter));
  const found = (await c.search({ data: [2999, 1], limit: 5, filter: filters[0] as string, recall: 1 })).hits;
  await db.close();

  const limit = 1_200_000;
  db = await testDatabase({ files, memoryBytes: limit });
  c = await db.collection('c');
  for (const [at, filter] of filters.entries()) {
    expect(await c.count(filter), filter).toBe(expected[at]);
    expect((await c.keys({ filter })).length, filter).toBe(expected[at]);
    expect((await db.stats()).memory.usedBytes).toBeLessThanOrEqual(limit);
  }
  expect((await c.search({ data: [2999, 1], limit: 5, filter: filters[0] as string, recall: 1 })).hits).toEqual(found);
  expect(await c.query({ filter: filters[0] as string, limit: 1, outputFields: ['id'] })).toEqual([{ id: 13n }]);
  expect(await c.query({ filter: 'text like "%3"', outputFields: ['count(*)'] })).toMatchObject([{ 'count(*)': expected[0] }]);
  expect(await c.delete({ filter: 'text like "%3" and year < 100' })).toMatchObject({ count: 8 });
  await db.close();
});
