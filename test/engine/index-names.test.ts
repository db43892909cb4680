// Indexes by Milvus' names: created, described, listed and dropped; there again after a reopening; what is refused changes
// nothing; searches go on whatever the index is called.

import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import type { IndexRequest } from '../../src/model/index-definition.js';
import type { ReadStorage, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 32;
const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'year', type: 'Int16' },
  { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' },
] as const;

async function fresh(files: MemoryFiles = new Map()) {
  const db = await testDatabase({ files });
  const collection = await db.createCollection({ name: 'c', fields: FIELDS });
  return { db, collection };
}

function rows(count: number) {
  const next = random(5);
  return Array.from({ length: count }, (_, id) => ({ id, year: id % 100, v: randomVector(next, DIM) }));
}

async function finished(db: Database): Promise<void> {
  while ((await db.describeIndex('c', { fieldName: 'v' })).state === 'InProgress') await new Promise((resolve) => setTimeout(resolve, 5));
}

const manifests = (files: MemoryFiles): readonly string[] => [...files.keys()].filter((key) => key.includes('/manifest/'));

describe('the index of a field', () => {
  test('is AUTOINDEX, named as the field, for a vector for which none was asked', async () => {
    const { db } = await fresh();
    expect(await db.listIndexes('c')).toEqual(['v']);
    expect(await db.describeIndex('c', { fieldName: 'v' })).toEqual({ fieldName: 'v', indexName: 'v', indexType: 'AUTOINDEX', metricType: 'L2', params: {}, state: 'Finished', totalRows: 0, indexedRows: 0, pendingRows: 0 });
    expect((await db.describeCollection('c')).indexes).toEqual([{ fieldName: 'v', indexName: 'v', indexType: 'AUTOINDEX', metricType: 'L2', params: {} }]);
  });

  test.each<[string, IndexRequest['params']]>([
    ['FLAT', {}],
    ['AUTOINDEX', {}],
    ['IVF_FLAT', { nlist: '64' }],
    ['IVF_SQ8', { nlist: 64 }],
    ['IVF_PQ', { nlist: 64, m: '8', nbits: 8 }],
    ['IVF_RABITQ', { nlist: 64, refine: 'true', refine_type: 'SQ8' }],
    ['SCANN', { nlist: 64, with_raw_data: true }],
    ['HNSW', { M: 16, efConstruction: '200' }],
    ['HNSW_SQ', { sq_type: 'SQ8' }],
    ['HNSW_PQ', { m: 8 }],
    ['HNSW_PRQ', { m: 8, nrq: 2 }],
    ['DISKANN', {}],
  ])('%s is told back as it was asked for, at once and after a reopening, and searches go on', async (indexType, params) => {
    const files: MemoryFiles = new Map();
    const { db, collection } = await fresh(files);
    await collection.insert(rows(50));
    await db.createIndex('c', { fieldName: 'v', indexName: 'near', indexType, metricType: 'L2', params: params ?? {} });
    const expected = { fieldName: 'v', indexName: 'near', indexType, metricType: 'L2', params };
    expect(await db.describeIndex('c', { indexName: 'near' })).toMatchObject(expected);
    await collection.flush();
    const { hits } = await collection.search({ data: rows(1)[0]?.v ?? [], limit: 3 });
    expect(hits[0]).toMatchObject({ id: 0n, score: 0 });
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeIndex('c', { fieldName: 'v' })).toEqual({ ...expected, state: 'Finished', totalRows: 50, indexedRows: 50, pendingRows: 0 });
    expect(await (await again.collection('c')).search({ data: rows(1)[0]?.v ?? [], limit: 3 })).toMatchObject({ hits });
    await again.close();
  });

  test('may be given with the collection, in either form', async () => {
    const { db } = await fresh();
    await db.createCollection({ name: 'full', fields: FIELDS, indexParams: [{ fieldName: 'v', indexType: 'HNSW' }, { fieldName: 'year', indexType: 'STL_SORT' }] });
    expect(await db.listIndexes('full')).toEqual(['year', 'v']);
    expect(await db.describeIndex('full', { indexName: 'year' })).toMatchObject({ indexType: 'STL_SORT', params: {}, state: 'Finished' });
    expect(await db.describeIndex('full', { indexName: 'year' })).not.toHaveProperty('metricType');
    await db.createCollection({ name: 'quick', dimension: DIM, indexParams: [{ fieldName: 'vector', indexName: 'mine', indexType: 'IVF_FLAT' }] });
    expect(await db.listIndexes('quick', 'vector')).toEqual(['mine']);
    expect(await db.listIndexes('quick', 'id')).toEqual([]);
  });

  test('is the one that was asked for until it is dropped; asking for the same again changes nothing', async () => {
    const files: MemoryFiles = new Map();
    const { db } = await fresh(files);
    await db.createIndex('c', { fieldName: 'v', indexType: 'HNSW', params: { M: 16 } });
    const before = manifests(files);
    await db.createIndex('c', { fieldName: 'v', indexType: 'HNSW', params: { M: '16' } });
    expect(manifests(files)).toEqual(before);
    const another = db.createIndex('c', { fieldName: 'v', indexType: 'IVF_FLAT' });
    await expect(another).rejects.toMatchObject({ code: 'AlreadyExists', message: expect.stringContaining('at most one distinct index is allowed per field') as string });
    await db.dropIndex('c', { indexName: 'v' });
    await db.createIndex('c', { fieldName: 'v', indexType: 'IVF_FLAT' });
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ indexType: 'IVF_FLAT', params: {} });
    await db.dropIndex('c', { fieldName: 'v' });
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ indexName: 'v', indexType: 'AUTOINDEX' });
    const after = manifests(files);
    await db.dropIndex('c', { indexName: 'none' });
    await db.dropIndex('c', { fieldName: 'v' });
    expect(manifests(files)).toEqual(after);
  });

  test('of two asked for at once one is made', async () => {
    const { db } = await fresh();
    const results = await Promise.allSettled(['HNSW', 'IVF_FLAT', 'DISKANN'].map((indexType) => db.createIndex('c', { fieldName: 'v', indexType })));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ indexType: 'HNSW' });
  });

  test('outlives seals, and no name is had by two', async () => {
    const { db, collection } = await fresh();
    await db.createIndex('c', { fieldName: 'year', indexName: 'y', indexType: 'BITMAP' });
    for (const indexName of ['y', 'v']) {
      if (indexName === 'y') await expect(db.createIndex('c', { fieldName: 'v', indexName, indexType: 'FLAT' })).rejects.toMatchObject({ code: 'AlreadyExists' });
      else await expect(db.createIndex('c', { fieldName: 'id', indexName, indexType: 'STL_SORT' })).rejects.toMatchObject({ code: 'AlreadyExists' });
    }
    await collection.insert(rows(5));
    await collection.flush();
    await collection.insert([{ id: 9, year: 1, v: new Float32Array(DIM) }]);
    await collection.flush();
    expect(await db.listIndexes('c')).toEqual(['y', 'v']);
  });

  test('is in progress while segments wait for it, then finished', async () => {
    const { db, collection } = await fresh();
    await collection.insert(rows(1500));
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ state: 'Finished', totalRows: 1500, indexedRows: 0, pendingRows: 0 });
    await collection.flush();
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ state: 'InProgress', totalRows: 1500, indexedRows: 0, pendingRows: 1500 });
    await finished(db);
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ state: 'Finished', totalRows: 1500, indexedRows: 1500, pendingRows: 0 });
    await collection.delete({ filter: 'id < 500' });
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ totalRows: 1000, indexedRows: 1000 });
  });

  test('FLAT keeps segments from being indexed; another lets them be', async () => {
    const { db, collection } = await fresh();
    await db.createIndex('c', { fieldName: 'v', indexType: 'FLAT' });
    await collection.insert(rows(1500));
    await collection.flush();
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ state: 'Finished', indexedRows: 1500, pendingRows: 0 });
    expect(await db.describeCollection('c')).toMatchObject({ sealedSegments: 1, indexedSegments: 0 });
    await db.dropIndex('c', { fieldName: 'v' });
    await db.createIndex('c', { fieldName: 'v', indexType: 'HNSW' });
    expect(await db.describeIndex('c', { fieldName: 'v' })).toMatchObject({ state: 'InProgress', pendingRows: 1500 });
    await finished(db);
  });
});

describe('refused', () => {
  test.each<[string, unknown, string, string]>([
    ['no object', undefined, 'InvalidArgument', 'expected an object'],
    ['no field', { indexType: 'FLAT' }, 'InvalidArgument', 'unknown field'],
    ['a field that is not there', { fieldName: 'none' }, 'InvalidArgument', 'unknown field "none"'],
    ['a type that is none', { fieldName: 'v', indexType: 'ANNOY' }, 'InvalidArgument', 'invalid index type: ANNOY'],
    ['a type for other fields', { fieldName: 'v', indexType: 'BIN_FLAT' }, 'InvalidArgument', 'do not support data type: FloatVector'],
    ['a metric that is none', { fieldName: 'v', indexType: 'FLAT', metricType: 'HAMMING' }, 'InvalidArgument', 'metric type HAMMING not found or not supported'],
    ['a parameter out of range', { fieldName: 'v', indexType: 'IVF_FLAT', params: { nlist: 0 } }, 'InvalidArgument', "param 'nlist' (0) should be in range [1, 65536]"],
    ['a parameter that is none', { fieldName: 'v', indexType: 'IVF_FLAT', params: { lists: 7 } }, 'InvalidArgument', "invalid param 'lists' (7)"],
    ['a name that is none', { fieldName: 'v', indexName: 'a b' }, 'InvalidArgument', 'index name'],
  ])('createIndex with %s, and nothing changes', async (_, index, code, message) => {
    const files: MemoryFiles = new Map();
    const { db } = await fresh(files);
    const before = manifests(files);
    await expect(db.createIndex('c', index as IndexRequest)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(manifests(files)).toEqual(before);
  });

  test.each([[{ indexName: 'none' }, 'NotFound'], [{ fieldName: 'none' }, 'InvalidArgument'], [{ fieldName: 'year' }, 'NotFound'], [{}, 'InvalidArgument'], [{ indexName: 'v', fieldName: 'v' }, 'InvalidArgument'], [{ indexName: 7 }, 'InvalidArgument'], [undefined, 'InvalidArgument']])('describeIndex of %j', async (choice, code) => {
    const { db } = await fresh();
    await expect(db.describeIndex('c', choice as { indexName: string })).rejects.toMatchObject({ code });
  });

  test('every verb on a collection that is not there, and after closing', async () => {
    const { db } = await fresh();
    const verbs = (name: string) => [db.createIndex(name, { fieldName: 'v' }), db.describeIndex(name, { fieldName: 'v' }), db.listIndexes(name), db.dropIndex(name, { fieldName: 'v' })];
    for (const call of verbs('none')) await expect(call).rejects.toMatchObject({ code: 'NotFound' });
    await expect(db.listIndexes('c', 'none')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await db.close();
    for (const call of verbs('c')) await expect(call).rejects.toMatchObject({ code: 'Closed' });
  });

  test('a new collection with a bad index, which is then not made', async () => {
    const { db } = await fresh();
    for (const indexParams of [[{ fieldName: 'v', indexType: 'ANNOY' }], [{ fieldName: 'v', indexType: 'HNSW', params: { M: 1 } }], [{ fieldName: 'v', indexType: 'FLAT' }, { fieldName: 'v', indexType: 'HNSW' }], [7], {}]) {
      await expect(db.createCollection({ name: 'd', fields: FIELDS, indexParams: indexParams as readonly IndexRequest[] })).rejects.toMatchObject({ name: 'ElanusError' });
    }
    expect(await db.listCollections()).toEqual(['c']);
  });

  test('changes where the storage only reads; what is there is told', async () => {
    const files: MemoryFiles = new Map();
    const { db } = await fresh(files);
    await db.createIndex('c', { fieldName: 'v', indexType: 'DISKANN' });
    await db.close();
    const whole = memoryStorage(files);
    const storage: ReadStorage = { kind: 'memory', read: (key, range) => whole.read(key, range), size: (key) => whole.size(key), list: (prefix) => whole.list(prefix), close: () => whole.close() };
    const reader = await testDatabase({ storage: storage as Storage });
    expect(await reader.describeIndex('c', { indexName: 'v' })).toMatchObject({ indexType: 'DISKANN' });
    await expect(reader.dropIndex('c', { indexName: 'v' })).rejects.toMatchObject({ code: 'ReadOnly' });
    await expect(reader.createIndex('c', { fieldName: 'v', indexType: 'FLAT' })).rejects.toMatchObject({ code: 'ReadOnly' });
    await reader.close();
  });
});
