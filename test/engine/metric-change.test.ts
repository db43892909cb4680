// The metric of a field that an index names: it becomes the field's, whatever is stored by then, as long as no index was
// asked for; what is found is then ranked by it, at once, after a reopening, and by indexes that are built anew.

import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 8;
const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'v', type: 'FloatVector', dim: DIM },
] as const;
const next = random(11);
const ROWS = Array.from({ length: 1200 }, (_, id) => ({ id, v: randomVector(next, DIM).map((value) => value * (1 + (id % 7))) }));
const QUERY = randomVector(next, DIM);

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
const SCORES = {
  L2: (v: Float32Array): number => -v.reduce((sum, value, at) => sum + (value - (QUERY[at] as number)) ** 2, 0),
  IP: (v: Float32Array): number => dot(v, QUERY),
  COSINE: (v: Float32Array): number => dot(v, QUERY) / Math.sqrt(dot(v, v) * dot(QUERY, QUERY)),
} as const;

function nearest(metric: keyof typeof SCORES, rows = ROWS): readonly bigint[] {
  return [...rows].sort((a, b) => SCORES[metric](b.v) - SCORES[metric](a.v)).slice(0, 10).map(({ id }) => BigInt(id));
}

async function found(db: Database): Promise<readonly unknown[]> {
  return (await (await db.collection('c')).search({ data: QUERY, limit: 10, recall: 1 })).hits.map(({ id }) => id);
}

async function indexed(db: Database): Promise<void> {
  while ((await db.describeIndex('c', { fieldName: 'v' })).state === 'InProgress') await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('createIndex with another metric', () => {
  test.each(['L2', 'IP', 'COSINE'] as const)('%s of an empty collection, and rows are ranked by it', async (metricType) => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', fields: FIELDS });
    await db.createIndex('c', { fieldName: 'v', indexType: 'FLAT', metricType });
    await collection.insert(ROWS);
    expect(await found(db)).toEqual(nearest(metricType));
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ indexType: 'FLAT', metricType });
    await db.close();
  });

  test('where rows are sealed and indexed, and others grow: all are ranked by it, also after a reopening', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const collection = await db.createCollection({ name: 'c', fields: FIELDS });
    await collection.insert(ROWS.slice(0, 1030));
    await collection.flush();
    await indexed(db);
    await collection.insert(ROWS.slice(1030));
    expect(await found(db)).toEqual(nearest('COSINE'));
    expect([...files.keys()].some((key) => key.includes('/idx-'))).toBe(true);
    await db.createIndex('c', { fieldName: 'v', indexType: 'HNSW', metricType: 'L2' });
    expect(await found(db)).toEqual(nearest('L2'));
    await collection.delete({ ids: [Number(nearest('L2')[0])] });
    const left = ROWS.filter(({ id }) => BigInt(id) !== nearest('L2')[0]);
    expect(await found(db)).toEqual(nearest('L2', left));
    await indexed(db);
    const close = await collection.search({ data: QUERY, limit: 10 });
    expect(close.hits.filter(({ id }) => nearest('L2', left).includes(id as bigint)).length).toBeGreaterThanOrEqual(8);
    await db.close();

    const again = await testDatabase({ files });
    expect(await found(again)).toEqual(nearest('L2', left));
    expect((await again.describeCollection('c')).schema.fields[1]).toMatchObject({ metric: 'L2' });
    await again.close();
  });

  test('in the middle of writes and searches loses nothing', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', fields: FIELDS });
    const writes = Array.from({ length: 12 }, (_, at) => collection.insert(ROWS.slice(at * 100, at * 100 + 100)).then(() => (at === 7 ? collection.flush() : undefined)));
    await Promise.all([...writes, db.createIndex('c', { fieldName: 'v', metricType: 'IP' })]);
    expect(await found(db)).toEqual(nearest('IP'));
    expect(await collection.count()).toBe(ROWS.length);
    await db.close();
  });

  test('is refused while an index is there, and taken once that was dropped', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const collection = await db.createCollection({ name: 'c', fields: FIELDS });
    await collection.insert(ROWS);
    await db.createIndex('c', { fieldName: 'v', indexType: 'FLAT' });
    const before = [...files.keys()];
    await expect(db.createIndex('c', { fieldName: 'v', indexType: 'FLAT', metricType: 'L2' })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('metric type not match') as string });
    await expect(db.createIndex('c', { fieldName: 'v', indexType: 'FLAT', metricType: 'HAMMING' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect([...files.keys()]).toEqual(before);
    await db.dropIndex('c', { fieldName: 'v' });
    await expect(db.createIndex('c', { fieldName: 'v', indexType: 'IVF_FLAT', metricType: 'L2', params: { nlist: 0 } })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await found(db)).toEqual(nearest('COSINE'));
    await db.createIndex('c', { fieldName: 'v', indexType: 'IVF_FLAT', metricType: 'L2', params: { nlist: 8 } });
    expect(await found(db)).toEqual(nearest('L2'));
    await db.close();
  });

  test('whose manifest cannot be stored changes nothing', async () => {
    const files: MemoryFiles = new Map();
    const storage = memoryStorage(files);
    let full = false;
    const failing = { ...storage, create: (key: string, bytes: Uint8Array<ArrayBuffer>) => (full ? Promise.reject(new Error('the disk is full')) : storage.create(key, bytes)), openLog: storage.openLog.bind(storage) };
    const db = await testDatabase({ storage: Object.assign(Object.create(storage) as typeof storage, { create: failing.create }) });
    const collection = await db.createCollection({ name: 'c', fields: FIELDS });
    await collection.insert(ROWS);
    full = true;
    await expect(db.createIndex('c', { fieldName: 'v', metricType: 'L2' })).rejects.toThrow('full');
    full = false;
    expect(await found(db)).toEqual(nearest('COSINE'));
    await db.createIndex('c', { fieldName: 'v', metricType: 'L2' });
    expect(await found(db)).toEqual(nearest('L2'));
    await db.close();
  });

  test('of sparse vectors stays that of their field', async () => {
    const db = await testDatabase();
    await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 's', type: 'SparseFloatVector' }] });
    await expect(db.createIndex('c', { fieldName: 's', metricType: 'BM25' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await db.close();
  });
});
