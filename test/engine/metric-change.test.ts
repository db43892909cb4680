// Another metric for a field of vectors, and what the catalog keeps of a collection: when it was made, and what of it is loaded.

import { describe, expect, test } from 'vitest';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { random } from '../support/random.js';
import { testDatabase } from '../support/database.js';

const DIM = 8;
const ROWS = 1500;

type Vector = readonly number[];

const squared = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + (x - (b[i] ?? 0)) ** 2, 0);
const product = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

function vectors(count: number, seed: number): readonly Vector[] {
  const next = random(seed);
  return Array.from({ length: count }, () => Array.from({ length: DIM }, () => Math.fround(next() * 4 - 1)));
}

/** Waits until every sealed segment has its index. */
async function indexed(db: SyncDatabase): Promise<void> {
  while ((await db.describeIndex('c', { fieldName: 'vector' })).state !== 'Finished') await new Promise((resolve) => setTimeout(resolve, 5));
}

const best = (data: readonly Vector[], order: (v: Vector) => number, k = 5): readonly number[] =>
  data.map((v, id) => [order(v), id] as const).sort(([a], [b]) => a - b).slice(0, k).map(([, id]) => id);

describe('another metric', () => {
  test('counts for rows of before and after, in segments that had an index and in new ones, and after a reopening', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: DIM });
    const data = vectors(ROWS + 100, 7);
    const [query = []] = vectors(1, 9);
    await c.insert(data.slice(0, ROWS).map((vector, id) => ({ id, vector: [...vector] })));
    await c.flush();
    await indexed(db);
    await c.insert(data.slice(ROWS).map((vector, id) => ({ id: id + ROWS, vector: [...vector] })));
    await c.delete({ ids: [0] });
    const living = data.map((v, id) => (id === 0 ? v.map(() => 1e6) : v));
    const found = async (recall: number): Promise<readonly number[]> => (await c.search({ data: [...query], limit: 5, recall })).hits.map(({ id }) => Number(id));

    await db.alterField('c', 'vector', { metric: 'L2' });
    expect(await found(1)).toEqual(best(living, (v) => squared(v, query)));
    expect((await db.describeCollection('c')).schema.fields[1]?.metric).toBe('L2');
    await indexed(db);
    expect(await found(1)).toEqual(best(living, (v) => squared(v, query)));
    expect((await found(0.99)).length).toBe(5);

    await db.alterField('c', 'vector', { metric: 'IP' });
    const byProduct = best(data.map((v, id) => (id === 0 ? v.map(() => 0) : v)), (v) => -product(v, query));
    expect(await found(1)).toEqual(byProduct);
    await c.insert([{ id: 9999, vector: query.map((x) => x * 100) }]);
    expect((await found(1))[0]).toBe(9999);
    await db.close();

    const again = await testDatabase({ files });
    const there = await again.collection('c');
    expect((await there.search({ data: [...query], limit: 6, recall: 1 })).hits.map(({ id }) => Number(id))).toEqual([9999, ...byProduct]);
    expect((await again.health()).warnings).toEqual([]);
    await again.close();
  });

  test('is refused where an index was asked for, and for what has no such metric; the same one changes nothing', async () => {
    const db = await testDatabase();
    await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' }, { name: 'bits', type: 'BinaryVector', dim: 8 }] });
    await db.createIndex('c', { fieldName: 'vector', indexType: 'HNSW', metricType: 'L2' });
    await db.alterField('c', 'vector', { metric: 'L2' });
    for (const [field, metric] of [['vector', 'IP'], ['id', 'L2'], ['bits', 'L2'], ['bits', 'BM25'], ['none', 'L2']] as const) {
      await expect(db.alterField('c', field, { metric }), `${field} ${metric}`).rejects.toMatchObject({ code: 'InvalidArgument' });
    }
    await db.dropIndex('c', { fieldName: 'vector' });
    await db.alterField('c', 'vector', { metric: 'IP' });
    await db.alterField('c', 'bits', { metric: 'JACCARD' });
    expect((await db.describeCollection('c')).schema.fields.map(({ metric }) => metric)).toEqual([undefined, 'IP', 'JACCARD']);
    await db.close();
  });
});

describe('the catalog', () => {
  test('keeps when collections and databases were made', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    await db.createCollection({ name: 'c', dimension: 2 });
    await db.createDatabase('other');
    await db.alterDatabase('other', { a: 1 });
    const [{ id, createdMs }, other] = [await db.describeCollection('c'), await db.describeDatabase('other')];
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect([typeof createdMs, typeof other.createdMs, (await db.describeDatabase('default')).createdMs]).toEqual(['number', 'number', undefined]);
    await db.renameCollection('c', 'd');
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeCollection('d')).toMatchObject({ id, createdMs });
    expect(await again.describeDatabase('other')).toEqual(other);
    await again.close();
  });

  test('keeps what is loaded, of a collection and of its partitions', async () => {
    const files: MemoryFiles = new Map();
    const opened = (): Promise<SyncDatabase> => testDatabase({ files });
    const db = await opened();
    await db.createCollection({ name: 'c', dimension: 2, loaded: false });
    await db.createCollection({ name: 'p', dimension: 2 });
    await db.createPartition('p', 'one');
    await db.releasePartitions('p', ['one']);
    expect(await db.getLoadState('c')).toBe('LoadStateNotLoad');
    await db.close();
    const second = await opened();
    expect([await second.getLoadState('c'), await second.getLoadState('p'), await second.getLoadState('p', 'one')]).toEqual(['LoadStateNotLoad', 'LoadStateLoaded', 'LoadStateNotLoad']);
    await expect((await second.collection('c')).query()).rejects.toMatchObject({ milvusCode: 101 });
    await second.loadCollection('c');
    await second.loadPartitions('p', ['one']);
    const stored = files.size;
    await second.loadCollection('c');
    expect(files.size).toBe(stored);
    await second.close();
    const third = await opened();
    expect([await third.getLoadState('c'), await third.getLoadState('p', 'one')]).toEqual(['LoadStateLoaded', 'LoadStateLoaded']);
    await third.close();
    await expect((await opened()).createCollection({ name: 'x', dimension: 2, loaded: 1 as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});
