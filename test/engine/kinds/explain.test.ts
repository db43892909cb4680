// Explain: what is told of an answer is what was done, and telling it changes nothing.

import { afterEach, expect, test } from 'vitest';
import type { Collection, SegmentExplain } from '../../../src/engine/api.js';
import type { SyncDatabase } from '../../../src/sync/database.js';
import { testDatabase } from '../../support/database.js';
import { random, randomVector } from '../../support/random.js';

let db: SyncDatabase | undefined;
afterEach(async () => {
  await db?.close();
  db = undefined;
});

const DIM = 8;
const next = random(3);

async function filled(parts: readonly number[], options: Parameters<typeof testDatabase>[0] = {}): Promise<Collection> {
  db = await testDatabase(options);
  const collection = await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'part', type: 'Int32' }, { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' }] });
  let id = 0;
  for (const [part, count] of parts.entries()) {
    await collection.insert(Array.from({ length: count }, () => ({ id: id++, part, v: randomVector(next, DIM) })));
    if (part < parts.length - 1) await collection.flush();
  }
  return collection;
}

async function indexed(count: number): Promise<Collection> {
  const collection = await filled([count, 0]);
  await expect.poll(async () => (await db?.describeCollection('c'))?.indexedSegments, { timeout: 20_000 }).toBe(1);
  return collection;
}

function only(segments: readonly SegmentExplain[] | undefined): SegmentExplain {
  expect(segments).toHaveLength(1);
  return segments?.[0] as SegmentExplain;
}

test('nothing is told unless it is asked for, and the hits are the same', async () => {
  const collection = await filled([30, 20]);
  const data = randomVector(next, DIM);
  const plain = await collection.search({ data, filter: 'part == 1', outputFields: ['part'] });
  const told = await collection.search({ data, filter: 'part == 1', outputFields: ['part'], explain: true });
  expect(plain.explain).toBeUndefined();
  expect(told.hits).toEqual(plain.hits);
});

test('of every segment: how many rows match, how it was searched, what was looked at', async () => {
  const collection = await filled([30, 20]);
  await collection.delete({ ids: [0, 1, 31] });
  const { explain } = await collection.search({ data: randomVector(next, DIM), filter: 'part >= 0', recall: 1, explain: true });
  expect(explain?.searches).toHaveLength(1);
  const [search] = explain?.searches ?? [];
  expect(search).toMatchObject({ annsField: 'v', metric: 'L2', filter: true });
  expect(search?.segments.map(({ rows, liveRows, matching, selectivity, way, cost, recall, looks }) => ({ rows, liveRows, matching, selectivity, way, vectors: cost.vectors, recall, looks }))).toEqual([
    { rows: 30, liveRows: 28, matching: 28, selectivity: 1, way: 'flat', vectors: 28, recall: 1, looks: 1 },
    { rows: 20, liveRows: 19, matching: 19, selectivity: 1, way: 'flat', vectors: 19, recall: 1, looks: 1 },
  ]);
  expect(search?.segments.at(-1)?.segment).toBe('growing');
  expect(explain?.totalMs).toBeGreaterThan(0);
});

test('a segment whose statistics rule the filter out is skipped', async () => {
  const collection = await filled([30, 20, 10]);
  const { explain } = await collection.search({ data: randomVector(next, DIM), filter: 'part == 1', explain: true });
  expect(explain?.searches[0]?.segments.map(({ way, matching }) => [way, matching])).toEqual([['skipped', 0], ['flat', 20], ['none', 0]]);
});

test('what is read from storage is counted, once', async () => {
  const files = new Map();
  await filled([40, 0], { files });
  await db?.close();
  db = await testDatabase({ files, eagerBytes: 0 });
  const collection = await db.collection('c');
  const request = { data: randomVector(next, DIM), filter: 'part == 0', recall: 1, explain: true } as const;
  const { explain } = await collection.search(request);
  const segment = only(explain?.searches[0]?.segments);
  expect(segment.bytesRead).toBeGreaterThanOrEqual(40 * (DIM * 4 + 4));
  expect(explain?.bytesRead).toBeGreaterThanOrEqual(segment.bytesRead);
  expect((await collection.search(request)).explain?.searches[0]?.segments[0]?.bytesRead).toBe(0);
});

test('an index is named by the way it was searched, with its effort; a filter of few matches by their codes', async () => {
  const collection = await indexed(1500);
  const data = randomVector(next, DIM);
  const near = only((await collection.search({ data, explain: true })).explain?.searches[0]?.segments);
  expect(['graph', 'ivf']).toContain(near.way);
  expect(near.why).toMatch(/effort \d+/);
  expect(near.cost.vectors).toBeGreaterThan(0);
  expect(near.cost.vectors).toBeLessThan(1500);
  expect(near.recall).toBeGreaterThanOrEqual(0.95);
  const few = only((await collection.search({ data, filter: 'id < 200', explain: true })).explain?.searches[0]?.segments);
  expect(few).toMatchObject({ matching: 200, way: 'few' });
  const exact = only((await collection.search({ data, recall: 1, explain: true })).explain?.searches[0]?.segments);
  expect(exact).toMatchObject({ way: 'flat', cost: { vectors: 1500, hops: 0, lists: 0 }, why: expect.stringMatching(/recall 1/) as unknown });
});

test('scalar indexes that answered a filter are named', async () => {
  db = await testDatabase();
  const collection = await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'g', type: 'VarChar', maxLength: 9 }, { name: 'v', type: 'FloatVector', dim: 2 }] });
  await collection.insert(Array.from({ length: 1500 }, (_, id) => ({ id, g: `g${id % 100}`, v: [1, id] })));
  await collection.flush();
  const used = async (): Promise<readonly string[] | undefined> => (await collection.search({ data: [1, 1], filter: 'g == "g5"', explain: true })).explain?.searches[0]?.segments[0]?.filterIndexes;
  expect(await used()).toEqual([]);
  await expect.poll(used, { timeout: 20_000 }).toEqual([expect.stringMatching(/^g \(\w+\)$/)]);
  expect((await collection.explain({ filter: 'g == "g5"' })).segments[0]).toMatchObject({ matching: 15, filterIndexes: [expect.stringMatching(/^g \(/) as unknown] });
});

test('grouped searches tell how often they looked, hybrid ones of each search', async () => {
  const collection = await filled([300, 5]);
  const data = randomVector(next, DIM);
  const grouped = await collection.search({ data, groupByField: 'part', groupSize: 10, strictGroupSize: true, limit: 2, recall: 1, explain: true });
  expect(grouped.explain?.searches[0]?.segments[0]?.looks).toBeGreaterThan(1);
  const hybrid = await collection.hybridSearch({ searches: [{ data }, { data, filter: 'part == 1' }], explain: true });
  expect(hybrid.explain?.searches.map(({ filter, segments }) => [filter, segments.map(({ way }) => way)])).toEqual([[false, ['flat', 'flat']], [true, ['skipped', 'flat']]]);
});

test('a query is explained by the rows it would find', async () => {
  const collection = await filled([30, 20]);
  const { rows, segments } = await collection.explain({ filter: 'part == 0' });
  expect(rows).toBe(30);
  expect(segments.map(({ way, matching, selectivity }) => [way, matching, selectivity])).toEqual([['flat', 30, 1], ['flat', 0, 0]]);
  expect((await collection.explain()).rows).toBe(50);
  expect((await collection.explain({ filter: 'part == 1' })).segments[0]?.way).toBe('skipped');
});

test('refused: what is no flag, and to explain a part of a hybrid search', async () => {
  const collection = await filled([1]);
  const data = randomVector(next, DIM);
  await expect(collection.search({ data, explain: 'yes' as never, groupByField: 'part' })).rejects.toMatchObject({ code: 'InvalidArgument' });
  await expect(collection.hybridSearch({ searches: [{ data, explain: true } as never] })).rejects.toMatchObject({ message: expect.stringMatching(/searches\[0\]\.explain/) as unknown });
  await expect(collection.explain({ filter: 'part ==' })).rejects.toMatchObject({ code: 'InvalidFilter' });
});
