// Settings of a collection: properties, rows that expire, truncation, release and load, consistency levels.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { openDatabase } from '../../src/engine/database/database.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';

const row = (id: number, rest: object = {}) => ({ id, vector: [id, 1], ...rest });

/** A database whose clock says what it is told. */
async function timedDatabase(files: MemoryFiles = new Map(), startMs = 1_700_000_000_000) {
  const clock = { ms: startMs };
  const ambient = { ...testAmbient(1), nowMs: () => clock.ms };
  const db = await openDatabase(SyncDatabase, 'test', { storage: memoryStorage(files), core: await testCore(), ambient, durable: false, eagerBytes: 0 });
  return { db, clock, files };
}

async function keysOf(c: Collection): Promise<readonly number[]> {
  return [...(await c.keys())].map(Number);
}

describe('properties', () => {
  test('are kept and told, and what is known by name is checked', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    await db.createCollection({ name: 'c', dimension: 2, properties: { 'mmap.enabled': true, note: 'x' }, consistencyLevel: 'Session' });
    await db.alterCollectionProperties('c', { note: 'y', more: 1 });
    await db.dropCollectionProperties('c', ['mmap.enabled', 'none']);
    await expect(db.alterCollectionProperties('c', { 'mmap.enabled': 'maybe' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterCollectionProperties('c', { 'collection.ttl.seconds': 'soon' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterCollectionProperties('c', { ttl_field: 'vector' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterCollectionProperties('c', { note: {} as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterCollectionProperties('c', { note: 'x'.repeat(65_536) })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterCollectionProperties('none', {})).rejects.toMatchObject({ milvusCode: 100 });
    await expect(db.createCollection({ name: 'd', dimension: 2, consistencyLevel: 'Weak' as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeCollection('c')).toMatchObject({ properties: { note: 'y', more: '1' }, consistencyLevel: 'Session' });
    const c = await again.collection('c');
    await expect(c.query({ consistencyLevel: 'Strong' })).resolves.toEqual([]);
    await expect(c.query({ consistencyLevel: 'Never' as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(c.search({ data: [1, 2], consistencyLevel: 'Never' as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});

describe('rows that expire', () => {
  test('are seen by no read any more, and go with the next compaction', async () => {
    const { db, clock, files } = await timedDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await c.insert([row(1)]);
    await c.flush();
    clock.ms += 50_000;
    await db.alterCollectionProperties('c', { 'collection.ttl.seconds': 60 });
    await c.insert([row(2)]);
    clock.ms += 30_000;
    await c.insert([row(3)]);
    expect(await keysOf(c)).toEqual([1, 2, 3]);
    clock.ms += 31_000;
    expect(await keysOf(c)).toEqual([3]);
    expect([await c.count(), (await c.query()).length, (await c.get({ ids: [1, 2, 3] })).length, (await c.search({ data: [0, 0], limit: 9 })).hits.length]).toEqual([1, 1, 1, 1]);
    expect((await db.stats()).collections[0]?.partitions).toEqual({ _default: 1 });
    await c.upsert([row(2)]);
    expect(await keysOf(c)).toEqual([2, 3]);
    await expect(c.upsert([{ id: 1, n: 1 }], { partialUpdate: true })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await c.flush();
    await c.compact();
    expect((await db.stats()).collections[0]?.rows).toMatchObject({ live: 2, deleted: 0 });
    await db.dropCollectionProperties('c', ['collection.ttl.seconds']);
    clock.ms += 1e9;
    expect(await keysOf(c)).toEqual([2, 3]);
    await db.close();
    const again = await timedDatabase(files);
    expect(await keysOf(await again.db.collection('c'))).toEqual([2, 3]);
  });

  test('by a field of theirs stay while it is null or in the future', async () => {
    const { db, clock } = await timedDatabase();
    const c = await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'until', type: 'Timestamptz', nullable: true }, { name: 'vector', type: 'FloatVector', dim: 2 }], properties: { ttl_field: 'until' } });
    await c.insert([row(1, { until: new Date(clock.ms + 5000).toISOString() }), row(2), row(3, { until: new Date(clock.ms - 1).toISOString() })]);
    expect(await keysOf(c)).toEqual([1, 2]);
    clock.ms += 5000;
    expect(await keysOf(c)).toEqual([2]);
    await c.upsert([{ id: 2, until: new Date(clock.ms + 10).toISOString() }], { partialUpdate: true });
    clock.ms += 10;
    expect(await c.count()).toBe(0);
    await c.flush();
    await c.compact();
    expect((await db.stats()).collections[0]?.rows.live).toBe(0);
  });

  test('and were written anew meanwhile are not deleted', async () => {
    const { db, clock } = await timedDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2, properties: { 'collection.ttl.seconds': 1 } });
    await c.insert([row(1), row(2)]);
    await c.flush();
    clock.ms += 2000;
    await Promise.all([c.compact(), c.upsert([row(1)])]);
    expect(await keysOf(c)).toEqual([1]);
  });
});

describe('truncation', () => {
  test('removes every row at once, and the collection goes on', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await db.createPartition('c', 'p');
    await c.insert([row(1), row(2)], { partitionName: 'p' });
    await c.flush();
    const before = c.insert([row(3)]);
    const truncated = db.truncateCollection('c');
    await Promise.all([before, truncated]);
    expect(await keysOf(c)).toEqual([]);
    await c.insert([row(4)]);
    await c.flush();
    expect(await keysOf(c)).toEqual([4]);
    expect([...files.keys()].filter((key) => key.includes('/rows-'))).toHaveLength(1);
    await db.truncateCollection('c');
    await db.truncateCollection('c');
    await c.insert([row(5)], { partitionName: 'p' });
    await db.close();
    const again = await testDatabase({ files });
    const there = await again.collection('c');
    expect([await keysOf(there), await again.listPartitions('c'), (await again.health()).warnings]).toEqual([[5], ['_default', 'p'], []]);
    await expect(again.truncateCollection('none')).rejects.toMatchObject({ milvusCode: 100 });
  });
});

describe('a collection that is released', () => {
  test('refuses reads, takes writes, and answers again when it is loaded', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await c.insert([row(1)]);
    await c.flush();
    expect([await db.getLoadState('c'), await db.getLoadState('none')]).toEqual(['LoadStateLoaded', 'LoadStateNotExist']);
    await db.releaseCollection('c');
    expect(await db.getLoadState('c')).toBe('LoadStateNotLoad');
    for (const read of [() => c.search({ data: [1, 1] }), () => c.query(), () => c.get({ ids: [1] }), () => c.count(), () => c.keys(), () => c.hybridSearch({ searches: [{ data: [1, 1] }], rerank: { kind: 'rrf' } })]) {
      await expect(read()).rejects.toMatchObject({ milvusCode: 101, message: 'collection not loaded[collection=c]' });
    }
    await c.insert([row(2)]);
    expect((await db.stats()).collections[0]?.memory.vectors).toBeLessThanOrEqual(8);
    await db.loadCollection('c');
    expect(await keysOf(c)).toEqual([1, 2]);
  });
});

test('what a read uses while its collection is released is let go when it has ended, unless it was loaded again', async () => {
  let isReading = (): void => {};
  let readOn = Promise.resolve();
  const storage = memoryStorage(new Map());
  const read = storage.read.bind(storage);
  storage.read = async (...asked) => {
    isReading();
    await readOn;
    return read(...asked);
  };
  const db = await testDatabase({ storage, eagerBytes: 0 });
  const c = await db.createCollection({ name: 'c', dimension: 2 });
  await c.insert([row(1, { text: 'one' }), row(2, { text: 'two' })]);
  await c.flush();
  const columns = async (): Promise<number> => (await db.stats()).collections[0]?.memory.columns ?? NaN;
  const whileReading = async (work: () => Promise<void>): Promise<void> => {
    await db.releaseCollection('c');
    await db.loadCollection('c');
    const begun = new Promise<void>((resolve) => (isReading = resolve));
    let go = (): void => {};
    readOn = new Promise((resolve) => (go = resolve));
    const asked = c.query({ filter: 'text == "two"', outputFields: ['text'] });
    await begun;
    await work();
    go();
    await asked.catch((error: unknown) => expect(error).toMatchObject({ milvusCode: 101 }));
  };
  await whileReading(async () => undefined);
  const whole = await columns();
  await whileReading(() => db.releaseCollection('c'));
  const released = await columns();
  await whileReading(async () => {
    await db.releaseCollection('c');
    await db.loadCollection('c');
  });
  expect([released < whole, await columns()]).toEqual([true, whole]);
});

describe('partitions that are released', () => {
  const made = async () => {
    const db = await testDatabase({ eagerBytes: 0 });
    const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await db.createPartition('c', 'p');
    await c.insert([row(1)]);
    await c.flush();
    await c.insert([row(2), row(3)], { partitionName: 'p' });
    await c.flush();
    return { db, c };
  };

  test('are left out of reads, and refused to those that name them; writes and figures know nothing of it', async () => {
    const { db, c } = await made();
    await c.search({ data: [1, 1], recall: 1 });
    await db.releasePartitions('c', ['p']);
    expect([await keysOf(c), await c.count(), (await c.query()).length, (await c.get({ ids: [1, 2] })).length, (await c.search({ data: [1, 1] })).hits.length]).toEqual([[1], 1, 1, 1, 1]);
    expect((await db.stats()).collections[0]).toMatchObject({ rows: { live: 3 }, partitions: { _default: 1, p: 2 }, memory: { vectors: 8 } });
    for (const read of [() => c.search({ data: [1, 1], partitionNames: ['p'] }), () => c.query({ partitionNames: ['_default', 'p'] }), () => c.get({ ids: [1], partitionNames: ['p'] }), () => c.count(undefined, undefined, { partitionNames: ['p'] }), () => c.hybridSearch({ searches: [{ data: [1, 1] }], rerank: { kind: 'rrf' }, partitionNames: ['p'] })]) {
      await expect(read()).rejects.toMatchObject({ code: 'InvalidArgument', milvusCode: 201, message: expect.stringMatching(/(^|: )partition not loaded\[partition=p\]$/) as string });
    }
    expect([await db.getLoadState('c'), await db.getLoadState('c', 'p'), await db.getLoadState('c', '_default')]).toEqual(['LoadStateLoaded', 'LoadStateNotLoad', 'LoadStateLoaded']);
    expect((await db.getPartitionStats('c', 'p')).rows).toBe(2);
    await c.upsert([{ id: 2, k: 1 }], { partialUpdate: true });
    expect(await c.delete({ filter: 'id == 3' })).toEqual({ count: 1 });
    await db.loadPartitions('c', ['p']);
    expect(await keysOf(c)).toEqual([1, 2]);
  });

  test('all of them are the collection, of which one may be loaded again', async () => {
    const { db, c } = await made();
    await db.releasePartitions('c', ['p']);
    await db.releasePartitions('c', ['_default']);
    expect(await db.getLoadState('c')).toBe('LoadStateNotLoad');
    await expect(c.count()).rejects.toMatchObject({ milvusCode: 101 });
    await db.loadPartitions('c', ['p']);
    expect(await keysOf(c)).toEqual([2, 3]);
    await db.loadCollection('c');
    await db.releaseCollection('c');
    await db.loadPartitions('c', ['_default']);
    expect(await keysOf(c)).toEqual([1]);
    await db.createPartition('c', 'q');
    await c.insert([row(4)], { partitionName: 'q' });
    expect(await keysOf(c)).toEqual([1, 4]);
    await db.loadCollection('c');
    await db.releasePartitions('c', ['_default', 'q']);
    await db.dropPartition('c', 'p');
    expect(await db.getLoadState('c')).toBe('LoadStateNotLoad');
  });

  test('are the whole of a collection that has none but the default one', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await db.releasePartitions('c', ['_default']);
    await expect(c.count()).rejects.toMatchObject({ milvusCode: 101 });
    await db.loadPartitions('c', ['_default']);
    expect(await c.count()).toBe(0);
  });

  test.each<[string, unknown, object]>([
    ['none', [], { code: 'InvalidArgument', message: expect.stringContaining('at least one name') as string }],
    ['a name alone', 'p', { code: 'InvalidArgument' }],
    ['one that is not there', ['p', 'none'], { code: 'NotFound', milvusCode: 200 }],
  ])('%s is refused, and nothing changes', async (_what, names, error) => {
    const { db, c } = await made();
    await expect(db.releasePartitions('c', names as never)).rejects.toMatchObject(error);
    await expect(db.loadPartitions('c', names as never)).rejects.toMatchObject(error);
    await expect(db.getLoadState('c', 'none')).rejects.toMatchObject({ milvusCode: 200 });
    expect(await c.count()).toBe(3);
  });

  test('are not named where there is a partition key', async () => {
    const db = await testDatabase();
    await db.createCollection({ name: 'k', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'g', type: 'Int64', partitionKey: true }, { name: 'v', type: 'FloatVector', dim: 2 }] });
    await expect(db.releasePartitions('k', ['_default_0'])).rejects.toMatchObject({ milvusCode: 1100, message: expect.stringContaining('partition key mode') as string });
    await expect(db.loadPartitions('k', ['_default_0'])).rejects.toMatchObject({ milvusCode: 1100, message: expect.stringContaining('partition key mode') as string });
  });
});
