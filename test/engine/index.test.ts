// Approximate indexes in the engine: built off the path of every call, kept in files, obeying recall, filters and
// deletions, and never needed: without them searches are exact.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 96;
const ROWS = 4200;
const CLUSTERS = 40;

/** Rows around a few centres, as embeddings are. */
function clustered(seed: number, count: number): readonly Float32Array[] {
  const next = random(seed);
  const centres = Array.from({ length: CLUSTERS }, () => randomVector(next, DIM));
  return Array.from({ length: count }, (_, at) => {
    const noise = randomVector(next, DIM);
    return (centres[at % CLUSTERS] as Float32Array).map((x, i) => x + 0.6 * (noise[i] as number));
  });
}

async function indexed(db: SyncDatabase): Promise<void> {
  for (;;) {
    const { sealedSegments, indexedSegments } = await db.describeCollection('c');
    if (sealedSegments === indexedSegments) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

type TestedMetric = 'L2' | 'COSINE';

async function build(metric: TestedMetric): Promise<MemoryFiles> {
  const files: MemoryFiles = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection({ name: 'c', dimension: DIM, metric });
  await collection.insert(clustered(1, ROWS).map((vector, id) => ({ id, vector, part: id % 100 })));
  await collection.flush();
  await indexed(db);
  await db.close();
  return files;
}

/** Built once, as that takes seconds: every test has a database of its own over a copy. */
const built: { [M in TestedMetric]?: Promise<MemoryFiles> } = {};

async function filled(metric: TestedMetric = 'L2') {
  const files = structuredClone(await (built[metric] ??= build(metric)));
  const db = await testDatabase({ files });
  return { db, collection: await db.collection('c'), files };
}

const queries = clustered(1, ROWS + 40).slice(ROWS);

async function recallOf(collection: Collection, recall: number, filter = ''): Promise<number> {
  const near = await collection.search({ data: queries, limit: 10, recall, filter });
  const exact = await collection.search({ data: queries, limit: 10, recall: 1, filter });
  const shares = exact.hits.map((hits, q) => {
    const bar = hits.at(-1)?.score ?? 0;
    expect(near.hits[q]).toHaveLength(hits.length);
    return (near.hits[q] ?? []).filter((hit) => hit.score <= bar * 1.00001).length / hits.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

describe('an index', () => {
  test('is built after sealing, answers with the recall asked for, and says which it expects', async () => {
    const { collection } = await filled();
    for (const recall of [0.8, 0.9, 0.95, 0.99]) expect(await recallOf(collection, recall), `recall ${recall}`).toBeGreaterThanOrEqual(recall - 0.02);
    const near = await collection.search({ data: queries, limit: 10, recall: 0.95 });
    expect(near.recall).toBeGreaterThanOrEqual(0.95);
    expect((await collection.search({ data: queries, limit: 10, recall: 1 })).recall).toBe(1);
  });

  test('spends more on queries that are not like the rows', async () => {
    const { collection } = await filled();
    const next = random(77);
    const strange = Array.from({ length: 40 }, () => randomVector(next, DIM).map((x) => 3 * x));
    const near = await collection.search({ data: strange, limit: 10, recall: 0.95 });
    const exact = await collection.search({ data: strange, limit: 10, recall: 1 });
    const found = exact.hits.map((hits, q) => (near.hits[q] ?? []).filter((hit) => hit.score <= (hits.at(-1)?.score ?? 0) * 1.00001).length);
    expect(found.reduce((sum, count) => sum + count, 0) / 400).toBeGreaterThanOrEqual(0.93);
  });

  test('finds k rows whenever k match, whatever the filter', async () => {
    const { collection } = await filled();
    for (const filter of ['part == 7', 'part < 10', 'part < 50', 'part != 3', 'id < 5']) {
      expect(await recallOf(collection, 0.95, filter), filter).toBeGreaterThanOrEqual(0.93);
    }
  });

  test('never finds what was deleted or replaced', async () => {
    const { collection } = await filled();
    const { hits } = await collection.search({ data: queries, limit: 10, recall: 0.95 });
    const gone = hits.flat().map((hit) => hit.id);
    await collection.delete({ ids: gone });
    const after = await collection.search({ data: queries, limit: 10, recall: 0.95 });
    expect(after.hits.flat().filter((hit) => gone.includes(hit.id))).toEqual([]);
    expect(await recallOf(collection, 0.95)).toBeGreaterThanOrEqual(0.93);
  });

  test('is there again after a reopening, without being built again', async () => {
    const { db, collection, files } = await filled();
    const before = await collection.search({ data: queries, limit: 10, recall: 0.95 });
    const keys = [...files.keys()].filter((key) => key.includes('/idx-'));
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeCollection('c')).toMatchObject({ sealedSegments: 1, indexedSegments: 1 });
    expect(await (await again.collection('c')).search({ data: queries, limit: 10, recall: 0.95 })).toEqual(before);
    expect([...files.keys()].filter((key) => key.includes('/idx-'))).toEqual(keys);
    await again.close();
  });

  test.each(['flipped', 'missing'])('that is %s is reported, answers stay exact, and it is built again', async (damage) => {
    const { db: sound, files } = await filled();
    await sound.close();
    const key = [...files.keys()].find((name) => name.includes('/idx-')) ?? '';
    const file = files.get(key);
    if (file === undefined) throw new Error('no index file');
    if (damage === 'missing') files.delete(key);
    else file.bytes[file.sizeBytes >> 1] = (file.bytes[file.sizeBytes >> 1] as number) ^ 4;
    const db = await testDatabase({ files });
    const collection = await db.collection('c');
    expect((await db.health()).warnings.join()).toMatch(/idx-.*not used/);
    expect((await collection.search({ data: queries, limit: 10, recall: 0.95 })).recall).toBe(1);
    await indexed(db);
    expect((await collection.search({ data: queries, limit: 10, recall: 0.95 })).recall).toBeLessThan(1);
    await db.close();
    expect(await (await testDatabase({ files })).describeCollection('c')).toMatchObject({ indexedSegments: 1 });
  });

  test('is not built for a few rows', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', dimension: DIM });
    await collection.insert(clustered(1, 500).map((vector, id) => ({ id, vector })));
    await collection.flush();
    expect((await collection.search({ data: queries, limit: 10, recall: 0.95 })).recall).toBe(1);
    expect(await db.describeCollection('c')).toMatchObject({ sealedSegments: 1, indexedSegments: 0 });
  });

  test('on its way does not keep a database from closing', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', dimension: DIM });
    await collection.insert(clustered(1, ROWS).map((vector, id) => ({ id, vector })));
    await collection.flush();
    await db.close();
    expect((await testDatabase()).name).toBe('test');
  });
});

describe('a search by an index', () => {
  test.each([{ recall: 0.4 }, { recall: 1.1 }, { recall: '1' }, { ef: 0 }, { ef: 1.5 }, { params: { nprobe: 0 } }, { params: { nprobe: 65_537 } }, { radius: 'x' }, { radius: 1, rangeFilter: 2 }])('refuses %j', async (bad) => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await expect(collection.search({ data: [1, 2], ...(bad as object) })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test.each(['L2', 'COSINE'] as const)('within a range gives the rows in it alone, under %s', async (metric) => {
    const { collection } = await filled(metric);
    const { hits } = await collection.search({ data: queries[0] as Float32Array, limit: 2000, recall: 1 });
    const [first, near, far] = [hits[0]?.score ?? 0, hits[30]?.score ?? 0, hits[90]?.score ?? 0];
    for (const [name, range, from, to] of [['ball', { radius: near }, 0, 30], ['ring', { radius: far, rangeFilter: near }, 30, 90], ['empty', { radius: first }, 0, 0]] as const) {
      const exact = await collection.search({ data: queries[0] as Float32Array, limit: 100, recall: 1, ...range });
      expect(exact.hits.map((hit) => hit.score), name).toEqual(hits.slice(from, to).map((hit) => hit.score));
      const found = await collection.search({ data: queries[0] as Float32Array, limit: 100, recall: 0.95, ...range });
      const ids = new Set(exact.hits.map((hit) => hit.id));
      expect(found.hits.every((hit) => ids.has(hit.id)), name).toBe(true);
      expect(found.hits.length, name).toBeGreaterThanOrEqual(Math.floor(0.9 * exact.hits.length));
    }
  });

  test('within a range beyond thousands of nearer rows looks at every row', async () => {
    const { collection } = await filled();
    const all = await collection.search({ data: queries[0] as Float32Array, limit: ROWS, recall: 1 });
    const last = all.hits.at(-6)?.score ?? 0;
    const ring = await collection.search({ data: queries[0] as Float32Array, limit: 10, radius: 1e9, rangeFilter: last });
    expect(ring.hits.map((hit) => hit.id)).toEqual(all.hits.slice(-6).map((hit) => hit.id));
  });

  test('takes an effort given by hand', async () => {
    const { collection } = await filled();
    const little = await collection.search({ data: queries, limit: 10, ef: 10 });
    const much = await collection.search({ data: queries, limit: 10, ef: 2000 });
    expect(little.recall).toBeLessThan(much.recall);
    const exact = await collection.search({ data: queries, limit: 10, recall: 1 });
    expect(much.hits).toEqual(exact.hits);
  });

  test('reads as many lists as were asked for, and looks at every row where that is all of them', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
    await db.createIndex('c', { fieldName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 10 } });
    await collection.insert(clustered(1, 1500).map((vector, id) => ({ id, vector })));
    await collection.flush();
    await indexed(db);
    const one = await collection.search({ data: queries, limit: 10, params: { nprobe: 1 } });
    expect(one.recall).toBeLessThan(1);
    const exact = await collection.search({ data: queries, limit: 10, recall: 1 });
    expect(one.hits).not.toEqual(exact.hits);
    expect(await collection.search({ data: queries, limit: 10, params: { nprobe: '10' } })).toEqual(exact);
    await db.close();
  });
});

describe('rows without an index', () => {
  test('get codes once a search has asked for them, and are found all the same', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
    await collection.insert(clustered(1, ROWS).map((vector, id) => ({ id, vector, part: id % 100 })));
    expect((await collection.search({ data: queries, limit: 10 })).recall).toBe(1);
    for (let tries = 0; (await collection.search({ data: queries, limit: 10 })).recall === 1; tries++) {
      expect(tries).toBeLessThan(1000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const filter of ['', 'part == 7', 'part < 50']) expect(await recallOf(collection, 0.95, filter), filter).toBeGreaterThanOrEqual(0.98);
    await collection.insert(clustered(9, 3000).map((vector, at) => ({ id: ROWS + at, vector, part: 200 })));
    await collection.delete({ filter: 'part < 3' });
    expect(await recallOf(collection, 0.95)).toBeGreaterThanOrEqual(0.98);
    expect((await collection.search({ data: queries, limit: 10, recall: 1 })).recall).toBe(1);
    await db.close();
  });
});
