// Iterators: batches of the rows and hits of one moment, while the collection changes; what is held for them; what is refused.

import { afterEach, expect, test } from 'vitest';
import type { Collection, SearchPage } from '../../../src/engine/api.js';
import type { SyncDatabase } from '../../../src/sync/database.js';
import { testAmbient, testDatabase } from '../../support/database.js';
import { random, randomVector } from '../../support/random.js';
import { checkQueryIterator, checkSearchIterator } from './check-iterate.js';
import { makeWorld } from './world.js';

test.each([31, 32, 33, 34, 35, 36])('batches are the rows of the moment in which they began, whatever is written meanwhile, seed %i', async (seed) => {
  const world = await makeWorld(seed);
  for (let round = 0; round < 3; round++) {
    await checkQueryIterator(world);
    await checkSearchIterator(world);
  }
  await world.close();
});

let db: SyncDatabase | undefined;
afterEach(async () => {
  await db?.close();
  db = undefined;
});

const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true } as const, { name: 'n', type: 'Int32' } as const];

async function lineOf(count: number, now: () => number = testAmbient(1).nowMs): Promise<Collection> {
  db = await testDatabase({ ambient: { ...testAmbient(1), nowMs: now } });
  const collection = await db.createCollection({ name: 'c', fields: [...FIELDS, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  await collection.insert(Array.from({ length: count }, (_, id) => ({ id, n: id % 3, v: [id * 2, 0] })));
  return collection;
}

const origin = { data: [0, 0], recall: 1, batchSize: 2 };

async function restOf(collection: Collection, page: SearchPage): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let { next } = page; next !== undefined; ) {
    const following = await collection.searchPage(origin, next);
    ids.push(...following.hits.map(({ id }) => Number(id)));
    next = following.next;
  }
  return ids;
}

test('a moment that is held shows no row that was written later; one that was given up goes on among the rows of now', async () => {
  const collection = await lineOf(6);
  const [held, lost] = [await collection.searchPage(origin), await collection.searchPage(origin)];
  await collection.insert([{ id: 50, n: 0, v: [5, 0] }, { id: 51, n: 0, v: [1, 0] }]);
  if (lost.next !== undefined) await collection.closePage(lost.next);
  expect(await restOf(collection, held)).toEqual([2, 3, 4, 5]);
  expect(await restOf(collection, lost)).toEqual([2, 50, 3, 4, 5]);
});

test('of more than 64 moments the longest unused is given up, and so is one that was not used for ten minutes', async () => {
  let now = 0;
  const collection = await lineOf(6, () => now);
  const pages: SearchPage[] = [];
  for (let at = 0; at < 65; at++) pages.push(await collection.searchPage(origin));
  await collection.insert([{ id: 50, n: 0, v: [5, 0] }]);
  expect(await restOf(collection, pages[1] as SearchPage)).toEqual([2, 3, 4, 5]);
  expect(await restOf(collection, pages[0] as SearchPage)).toEqual([2, 50, 3, 4, 5]);
  now = 10 * 60_000;
  await collection.insert([{ id: 51, n: 0, v: [7, 0] }]);
  expect(await restOf(collection, pages[60] as SearchPage)).toEqual([2, 3, 4, 5]);
  now += 1;
  expect(await restOf(collection, pages[61] as SearchPage)).toEqual([2, 50, 3, 51, 4, 5]);
});

test('a place survives the collection that it was of, as when another tab takes over', async () => {
  const files = new Map();
  db = await testDatabase({ files });
  const first = await db.createCollection({ name: 'c', fields: [...FIELDS, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  await first.insert(Array.from({ length: 7 }, (_, id) => ({ id, n: 0, v: [Math.floor(id / 3), 0] })));
  const page = await first.searchPage(origin);
  await db.close();
  db = await testDatabase({ files });
  expect(await restOf(await db.collection('c'), JSON.parse(JSON.stringify(page, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) as SearchPage)).toEqual([0, 1, 2, 3, 4, 5, 6].slice(2));
});

test('with an index every row comes at most once, nearest first, and most come', async () => {
  const next = random(5);
  db = await testDatabase({ sealBytes: 1 << 20 });
  const collection: Collection = await db.createCollection({ name: 'c', fields: [FIELDS[0], { name: 'v', type: 'FloatVector', dim: 8, metric: 'L2' }] });
  const count = 1100;
  await collection.insert(Array.from({ length: count }, (_, id) => ({ id, v: randomVector(next, 8) })));
  await collection.flush();
  await expect.poll(async () => (await db?.describeCollection('c'))?.indexedSegments, { timeout: 20_000 }).toBe(1);
  const seen = new Set<unknown>();
  let last = -Infinity;
  for await (const hits of await collection.searchIterator({ data: randomVector(next, 8), batchSize: 90 })) {
    for (const { id, score } of hits) {
      expect(seen.has(id)).toBe(false);
      expect(score).toBeGreaterThanOrEqual(last);
      seen.add(id);
      last = score;
    }
  }
  expect(seen.size).toBeGreaterThan(count * 0.95);
});

test('hits of a full text search come in batches and groups by the statistics of the moment', async () => {
  db = await testDatabase();
  const films = await db.createCollection({
    name: 'films',
    fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'n', type: 'Int32' }, { name: 'plot', type: 'VarChar', maxLength: 200, enableAnalyzer: true }, { name: 'sparse', type: 'SparseFloatVector', metric: 'BM25' }],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['plot'], outputFieldNames: ['sparse'] }],
  });
  await films.insert(Array.from({ length: 30 }, (_, id) => ({ id, n: id % 3, plot: `${'kite '.repeat(1 + (id % 5))}${'river '.repeat(id % 7)}` })));
  await films.flush();
  const { hits: whole } = await films.search({ data: 'kite', limit: 30 });
  const found: unknown[] = [];
  for await (const batch of await films.searchIterator({ data: 'kite', batchSize: 4 })) {
    found.push(...batch);
    await films.insert([{ id: 100 + found.length, n: 0, plot: 'kite kite kite' }]);
  }
  expect(found).toEqual(whole);
  const { hits } = await films.search({ data: 'kite', limit: 3, filter: 'id < 30', groupByField: 'n', groupSize: 10, strictGroupSize: true, explain: true });
  expect(hits).toHaveLength(30);
});

test('an iterator that is left, closed or ended gives nothing more', async () => {
  const collection = await lineOf(9);
  const hits = await collection.searchIterator(origin);
  for await (const _ of hits) break;
  expect(await hits.next()).toEqual({ done: true, value: undefined });
  const rows = await collection.queryIterator({ batchSize: 4 });
  expect((await rows.next()).value).toHaveLength(4);
  await rows.close();
  await rows.close();
  expect(await rows.next()).toEqual({ done: true, value: undefined });
  const empty = await collection.queryIterator({ filter: 'n == 7' });
  expect(await empty.next()).toEqual({ done: true, value: undefined });
  const together = await collection.queryIterator({ batchSize: 5 });
  const [a, b, c] = await Promise.all([together.next(), together.next(), together.next()]);
  expect([a.value?.length, b.value?.length, c.done]).toEqual([5, 4, true]);
});

test('a failure ends an iterator', async () => {
  const collection = await lineOf(9);
  const rows = await collection.queryIterator({ batchSize: 2 });
  await rows.next();
  await db?.close();
  await expect(rows.next()).rejects.toMatchObject({ code: 'Closed' });
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a batch of 0', { batchSize: 0 }, /batchSize: expected 1 to 16384, found 0/],
  ['a batch beyond 16,384', { batchSize: 16_385 }, /batchSize/],
  ['a limit of 0', { limit: 0 }, /limit: expected 1 or more, or -1 for all/],
  ['groups', { groupByField: 'n' }, /Not allowed to do groupBy, rerank/],
  ['a reranker', { rerank: { kind: 'boost', weight: 1 } }, /Not allowed to do groupBy, rerank/],
  ['several vectors', { data: [[0, 0], [1, 1]] }, /expected one vector/],
  ['a vector of another dimension', { data: [0] }, /dimension 2, found 1/],
  ['an unknown output field', { outputFields: ['x'] }, /unknown field "x"/],
])('refused of a search: %s', async (_, options, message) => {
  const collection = await lineOf(1);
  await expect(collection.searchIterator({ data: [0, 0], ...options })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as unknown });
});

test.each<[string, Record<string, unknown>, RegExp, string]>([
  ['a batch of 0', { batchSize: 0 }, /batchSize/, 'InvalidArgument'],
  ['a limit that is no number', { limit: '5' }, /limit/, 'InvalidArgument'],
  ['an unknown output field', { outputFields: ['x'] }, /unknown field "x"/, 'InvalidArgument'],
  ['a filter that does not parse', { filter: 'n ==' }, /./, 'InvalidFilter'],
])('refused of a query: %s', async (_, options, message, code) => {
  const collection = await lineOf(1);
  await expect(collection.queryIterator(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
});

test('refused: a place that is none', async () => {
  const collection = await lineOf(3);
  await expect(collection.searchPage(origin, { moment: 'x' } as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
});
