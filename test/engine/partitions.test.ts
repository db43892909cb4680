// Partitions: rows in one or another, by name or by a partition key; what a read of some sees, and what is refused.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { partitionOfKey } from '../../src/model/partition.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { withPartition } from '../../src/engine/collection/partitions.js';
import { MANIFEST } from '../golden/samples.js';
import { testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const row = (id: number) => ({ id, vector: [id, 1], n: id });

/** Rows of before, of two partitions, sealed and growing. */
async function partitioned(files: MemoryFiles = new Map()): Promise<{ readonly db: SyncDatabase; readonly c: Collection; readonly files: MemoryFiles }> {
  const db = await testDatabase({ files, eagerBytes: 0 });
  const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await c.insert([row(1), row(2)]);
  await c.flush();
  await db.createPartition('c', 'p');
  await db.createPartition('c', 'p');
  await db.createPartition('c', 'q');
  await c.insert([row(11), row(12)], { partitionName: 'p' });
  await c.flush();
  await c.insert([row(21)], { partitionName: 'q' });
  await c.insert([row(3)], { partitionName: '_default' });
  return { db, c, files };
}

async function keysOf(c: Collection, ...partitionNames: string[]): Promise<readonly number[]> {
  return [...(await c.keys({ partitionNames }))].map(Number);
}

async function expectPartitions(c: Collection): Promise<void> {
  expect(await keysOf(c)).toEqual([1, 2, 3, 11, 12, 21]);
  expect(await keysOf(c, '_default')).toEqual([1, 2, 3]);
  expect(await keysOf(c, 'p')).toEqual([11, 12]);
  expect(await keysOf(c, 'q', 'p')).toEqual([11, 12, 21]);
}

describe('partitions', () => {
  test('are what every read may be limited to, wherever rows are', async () => {
    const { c } = await partitioned();
    await expectPartitions(c);
    const search = { data: [0, 1], limit: 9, partitionNames: ['p', 'q'] } as const;
    expect((await c.search(search)).hits.map(({ id }) => Number(id))).toEqual([11, 12, 21]);
    expect((await c.search({ ...search, filter: 'n > 11' })).hits.map(({ id }) => Number(id))).toEqual([12, 21]);
    expect((await c.hybridSearch({ searches: [{ data: [0, 1] }], rerank: { kind: 'rrf' }, partitionNames: ['q'] })).hits.map(({ id }) => Number(id))).toEqual([21]);
    expect((await c.query({ partitionNames: ['p'], filter: 'n < 12' })).map(({ id }) => Number(id))).toEqual([11]);
    expect((await c.get({ ids: [1, 11, 21], partitionNames: ['q'] })).map(({ id }) => Number(id))).toEqual([21]);
    expect([await c.count(), await c.count('n > 1', undefined, { partitionNames: ['_default'] })]).toEqual([6, 2]);
    const batches: unknown[] = [];
    for await (const batch of await c.queryIterator({ partitionNames: ['p'], batchSize: 1 })) batches.push(...batch.map(({ id }) => Number(id)));
    expect(batches).toEqual([11, 12]);
    expect(await c.delete({ filter: 'n > 0', partitionNames: ['p'] })).toEqual({ count: 2 });
    expect(await keysOf(c)).toEqual([1, 2, 3, 21]);
  });

  test('outlive a reopening, a merge and a pull, and are told with their rows', async () => {
    const { db, c, files } = await partitioned();
    expect((await db.stats()).collections[0]?.partitions).toEqual({ _default: 3, p: 2, q: 1 });
    await c.flush();
    const client = await testDatabase({ transport: transportTo(() => db, { requests: [], spoil: (_, bytes) => bytes }), seed: 9 });
    await client.pull('http://server', 'c');
    await expectPartitions(await client.collection('c'));
    await db.close();
    const again = await testDatabase({ files });
    const there = await again.collection('c');
    await expectPartitions(there);
    expect(await there.compact()).toMatchObject({ segmentsAfter: 1 });
    await expectPartitions(there);
    expect(await again.listPartitions('c')).toEqual(['_default', 'p', 'q']);
    expect([await again.hasPartition('c', 'p'), await again.hasPartition('c', 'x')]).toEqual([true, false]);
    expect(await again.getPartitionStats('c', 'q')).toEqual({ name: 'q', rows: 1 });
    expect(await again.describeCollection('c')).toMatchObject({ numPartitions: 3 });
    await again.close();
  });

  test('take a row that is written into another with them', async () => {
    const { c } = await partitioned();
    await c.upsert([row(1)], { partitionName: 'q' });
    expect([await keysOf(c, 'q'), await keysOf(c, '_default')]).toEqual([[1, 21], [2, 3]]);
  });

  test('that are dropped take their rows with them for good, and a new one of the name has none', async () => {
    const { db, c, files } = await partitioned();
    await db.dropPartition('c', 'p');
    await db.dropPartition('c', 'p');
    expect(await keysOf(c)).toEqual([1, 2, 3, 21]);
    await expect(c.keys({ partitionNames: ['p'] })).rejects.toMatchObject({ code: 'NotFound', milvusCode: 200 });
    await db.createPartition('c', 'p');
    await c.insert([row(31)], { partitionName: 'p' });
    await db.close();
    const again = await (await testDatabase({ files })).collection('c');
    expect([await keysOf(again, 'p'), await keysOf(again)]).toEqual([[31], [1, 2, 3, 21, 31]]);
  });

  test('that are being dropped take no more rows, and what came before goes with them', async () => {
    const { db, c } = await partitioned();
    const before = c.insert([row(40)], { partitionName: 'p' });
    const dropping = db.dropPartition('c', 'p');
    await new Promise((resolve) => setTimeout(resolve));
    await expect(c.insert([row(41)], { partitionName: 'p' })).rejects.toMatchObject({ milvusCode: 200 });
    await Promise.all([before, dropping]);
    expect(await keysOf(c)).toEqual([1, 2, 3, 21]);
  });

  test('show no column of theirs', async () => {
    const { c } = await partitioned();
    const [first] = await c.query({ limit: 1 });
    expect(Object.keys(first ?? {}).sort()).toEqual(['id', 'n', 'vector']);
    expect(JSON.stringify(c.schema)).not.toContain('partition');
    // A key of the row like any other.
    await c.insert([{ ...row(9), $partition: 7 }]);
    expect((await c.query({ filter: '$partition >= 0', outputFields: ['$partition'] })).map(({ id, $partition }) => [id, $partition])).toEqual([[9n, 7]]);
    const db = await testDatabase();
    const fixed: Collection = await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2 }] });
    await db.createPartition('c', 'p');
    await expect(fixed.query({ filter: '$partition == 0' })).rejects.toMatchObject({ code: 'InvalidFilter' });
    await expect(fixed.query({ outputFields: ['$partition'] })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(fixed.insert([{ id: 1, v: [1, 2], $partition: 1 }])).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test.each<[string, (db: SyncDatabase, c: Collection) => Promise<unknown>, object]>([
    ['a row into none that is there', (_, c) => c.insert([row(1)], { partitionName: 'x' }), { code: 'NotFound', milvusCode: 200 }],
    ['a search of none that is there', (_, c) => c.search({ data: [1, 1], partitionNames: ['p', 'x'] }), { milvusCode: 200 }],
    ['names that are none', (_, c) => c.search({ data: [1, 1], partitionNames: 'p' as never }), { code: 'InvalidArgument' }],
    ['dropping the default one', (db) => db.dropPartition('c', '_default'), { code: 'InvalidArgument', milvusCode: 1100 }],
    ['a name that is none', (db) => db.createPartition('c', 'a b'), { code: 'InvalidArgument' }],
    ['figures of none that is there', (db) => db.getPartitionStats('c', 'x'), { milvusCode: 200 }],
  ])('%s is refused', async (_what, act, error) => {
    const { db, c } = await partitioned();
    await expect(act(db, c)).rejects.toMatchObject(error);
    await expectPartitions(c);
  });

  test('are at most 1,024', () => {
    const full = { ...MANIFEST, partitions: { list: Array.from({ length: 1024 }, (_, number) => ({ name: `p${number}`, number })), next: 2000 } };
    expect(withPartition(full, 'p7', 0)).toBe(full.partitions);
    expect(() => withPartition(full, 'last', 0)).toThrow('exceeds max configuration (1024)');
  });
});

describe('a partition key', () => {
  const fields = [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'tenant', type: 'VarChar', partitionKey: true },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ] as const;

  test('spreads rows over partitions that nobody names', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', fields, numPartitions: 4 });
    await c.insert(Array.from({ length: 40 }, (_, id) => ({ id, tenant: `t${id % 10}`, v: [id, 1] })));
    expect(await db.listPartitions('c')).toEqual(['_default_0', '_default_1', '_default_2', '_default_3']);
    const expected = Object.fromEntries([0, 1, 2, 3].map((n) => [`_default_${n}`, Array.from({ length: 40 }, (_, id) => partitionOfKey(`t${id % 10}`, 4)).filter((at) => at === n).length]));
    expect((await db.stats()).collections[0]?.partitions).toEqual(expected);
    expect(await c.count('tenant == "t3"')).toBe(4);
    await expect(c.insert([{ id: 1, tenant: 't', v: [1, 2] }], { partitionName: '_default_0' })).rejects.toMatchObject({ milvusCode: 1100 });
    await expect(c.query({ partitionNames: ['_default_0'] })).rejects.toMatchObject({ milvusCode: 1100 });
    await expect(db.createPartition('c', 'p')).rejects.toMatchObject({ milvusCode: 1100 });
    await expect(db.dropPartition('c', '_default_0')).rejects.toMatchObject({ milvusCode: 1100 });
    await db.close();
    const again = await testDatabase({ files });
    expect((await again.describeCollection('c')).numPartitions).toBe(4);
    expect((await again.collection('c')).schema.fields[1]).toMatchObject({ partitionKey: true });
  });

  test('has places that never change', () => {
    expect(['', 'a', 'tenant-42', 0n, -1n, 1n << 62n].map((key) => partitionOfKey(key, 16))).toEqual([11, 3, 13, 9, 7, 4]);
  });

  test.each<[string, object, object]>([
    ['of another type', { fields: [...fields.slice(0, 1), { name: 'f', type: 'Float', partitionKey: true }, fields[2]] }, {}],
    ['that is the primary key', { fields: [{ ...fields[0], partitionKey: true }, fields[2]] }, {}],
    ['that may be null', { fields: [fields[0], { ...fields[1], nullable: true }, fields[2]] }, {}],
    ['twice', { fields: [...fields, { name: 'w', type: 'Int64', partitionKey: true }] }, {}],
    ['over too many', { fields, numPartitions: 1025 }, {}],
    ['that is missing', { fields: [fields[0], fields[2]], numPartitions: 4 }, {}],
  ])('%s is refused', async (_what, definition) => {
    const db = await testDatabase();
    await expect(db.createCollection({ name: 'c', ...definition } as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});
