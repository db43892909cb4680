// Compaction through the verbs: what is merged answers as before, in order of insertion, whatever is written meanwhile,
// and after a reopening too; it ends when it is told to and leaves nothing behind.

import { expect, test } from 'vitest';
import type { Collection, TaskEvent } from '../../src/engine/api.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const DIM = 4;

interface Stored {
  readonly year: number;
  readonly vector: Float32Array;
}
type Model = Map<bigint, Stored>;

async function upsert(collection: Collection, model: Model, ids: readonly number[], next: () => number): Promise<void> {
  const rows = ids.map((id) => ({ id: BigInt(id), year: randomInteger(next, 1000), vector: randomVector(next, DIM) }));
  await collection.upsert(rows);
  for (const { id, ...row } of rows) {
    // A row that is replaced is the newest.
    model.delete(id);
    model.set(id, row);
  }
}

async function remove(collection: Collection, model: Model, ids: readonly number[]): Promise<void> {
  await collection.delete({ ids });
  for (const id of ids) model.delete(BigInt(id));
}

/** Every row by key, by search in order of distance, and the keys in order of insertion. */
async function expectEqual(collection: Collection, model: Model): Promise<void> {
  expect(await collection.count()).toBe(model.size);
  const rows = await collection.get({ ids: [...model.keys()], outputFields: ['year', 'vector'] });
  expect(rows.map(({ id, year, vector }) => [id, year, vector])).toEqual([...model].map(([id, { year, vector }]) => [id, year, vector]));
  expect([...((await collection.keys({ order: 'stored' })) as BigInt64Array)]).toEqual([...model.keys()]);
  const query = Float32Array.of(0.1, -0.2, 0.3, 0);
  const { hits } = await collection.search({ data: query, limit: 20, recall: 1, filter: 'year < 500' });
  const expected = [...model].filter(([, { year }]) => year < 500).map(([id, { vector }]) => ({ id, score: vector.reduce((sum, x, i) => sum + (x - (query[i] as number)) ** 2, 0) }));
  expected.sort((a, b) => a.score - b.score);
  expect(hits.map(({ id }) => id)).toEqual(expected.slice(0, 20).map(({ id }) => id));
}

function copyOf(files: MemoryFiles): MemoryFiles {
  return new Map([...files].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
}

const create = { name: 'c', dimension: DIM, metric: 'L2' } as const;

/** So many segments of ten rows each, with deletions. */
async function fill(collection: Collection, model: Model, segments: number, next: () => number): Promise<void> {
  for (let at = 0; at < segments; at++) {
    await upsert(collection, model, Array.from({ length: 10 }, () => randomInteger(next, 60)).filter((id, i, all) => all.indexOf(id) === i), next);
    await remove(collection, model, [randomInteger(next, 60)]);
    await collection.flush();
  }
}

test('everything is merged on request, and stays so', async () => {
  const next = random(1);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection(create);
  await fill(collection, model, 6, next);
  const { deleted, live } = (await db.stats()).collections[0]?.rows ?? { deleted: NaN, live: NaN };
  expect(deleted).toBeGreaterThan(0);
  const result = await collection.compact();
  expect(result.segmentsBefore).toBeGreaterThan(1);
  expect(result.segmentsAfter).toBe(1);
  // Some may have been merged by itself before.
  expect((await db.stats()).collections[0]?.merges.rowsDropped).toBeGreaterThanOrEqual(deleted);
  await expectEqual(collection, model);
  const stats = (await db.stats()).collections[0];
  expect(stats?.rows).toMatchObject({ live, deleted: 0 });
  expect(await collection.compact()).toEqual({ segmentsBefore: 1, segmentsAfter: 1, rowsDropped: 0 });
  await db.close();
  const again = await testDatabase({ files });
  await expectEqual(await again.collection('c'), model);
  await again.close();
});

test('small segments are merged by themselves', async () => {
  const next = random(2);
  const model: Model = new Map();
  const db = await testDatabase();
  const collection = await db.createCollection(create);
  const seen: number[] = [];
  for (let round = 0; round < 30; round++) {
    await fill(collection, model, 1, next);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    seen.push((await db.describeCollection('c')).sealedSegments);
    await expectEqual(collection, model);
  }
  expect(Math.max(...seen)).toBeLessThan(16);
  expect((await db.stats()).collections[0]?.merges.done).toBeGreaterThan(1);
  await db.close();
});

test('rows that change while segments are merged are as they were changed', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const next = random(seed);
    const files: MemoryFiles = new Map();
    const model: Model = new Map();
    const db = await testDatabase({ files });
    const collection = await db.createCollection(create);
    await fill(collection, model, 5, next);
    const compacting = collection.compact();
    for (let step = 0; step < 10; step++) {
      if (step % 3 === 2) await remove(collection, model, [randomInteger(next, 60), randomInteger(next, 60)]);
      else await upsert(collection, model, [randomInteger(next, 60)], next);
      if (step === 5) await collection.flush();
      for (let turn = 0; turn < randomInteger(next, 6); turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    await compacting;
    await expectEqual(collection, model);
    // Not closed: as after a crash.
    const again = await testDatabase({ files: copyOf(files) });
    await expectEqual(await again.collection('c'), model);
    await again.close();
  }
});

test('nothing is left of segments whose rows are all deleted', async () => {
  const next = random(3);
  const model: Model = new Map();
  const db = await testDatabase();
  const collection = await db.createCollection(create);
  await fill(collection, model, 3, next);
  await remove(collection, model, [...model.keys()].map(Number));
  await collection.flush();
  expect(await collection.compact()).toMatchObject({ segmentsAfter: 0 });
  await expectEqual(collection, model);
  await upsert(collection, model, [1, 2, 3], next);
  await expectEqual(collection, model);
  await db.close();
});

test('rows with equal scores stay in order of insertion', async () => {
  const db = await testDatabase();
  const collection = await db.createCollection({ ...create, idType: 'VarChar' });
  const order: string[] = [];
  for (let batch = 0; batch < 5; batch++) {
    const rows = Array.from({ length: 7 }, (_, at) => ({ id: `k${(batch * 7 + at) * 37 % 101}`, vector: [1, 2, 3, 4] }));
    await collection.insert(rows);
    order.push(...rows.map(({ id }) => id));
    await collection.flush();
  }
  await collection.compact();
  const { hits } = await collection.search({ data: [0, 0, 0, 0], limit: 35, recall: 1 });
  expect(hits.map(({ id }) => id)).toEqual(order);
  await db.close();
});

test('an abort ends it, and leaves no file behind', async () => {
  const next = random(4);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection(create);
  await fill(collection, model, 5, next);
  for (let turns = 0; turns < 30; turns++) {
    const abort = new AbortController();
    const compacting = collection.compact({ signal: abort.signal }).then(() => 'done', (error: { code: string }) => error.code);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(['Closed', 'done']).toContain(await compacting);
    await expectEqual(collection, model);
    await fill(collection, model, 1, next);
    await db.dropIndex('c', { fieldName: 'vector' });
  }
  await collection.flush();
  await expectOnlyNamedFiles(files, db);
  await db.close();
});

test('closing the database and dropping the collection end it', async () => {
  for (let turns = 0; turns < 16; turns += 3) {
    const next = random(5);
    const files: MemoryFiles = new Map();
    const model: Model = new Map();
    const db = await testDatabase({ files });
    const collection = await db.createCollection(create);
    await fill(collection, model, 5, next);
    const compacting = collection.compact().then(() => 'done', (error: { code: string }) => error.code);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (turns % 2 === 0) await db.close();
    else await db.dropCollection('c');
    expect(['Closed', 'done']).toContain(await compacting);
    const again = turns % 2 === 0 ? await testDatabase({ files }) : db;
    if (turns % 2 === 0) await expectEqual(await again.collection('c'), model);
    else expect([...files.keys()].filter((key) => !key.startsWith('catalog/'))).toEqual([]);
    await again.close();
  }
});

test('searches that began before it end on what they began with', async () => {
  const next = random(6);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  const first = await testDatabase({ files });
  await fill(await first.createCollection(create), model, 6, next);
  await first.close();
  // Nothing is read into memory until it is used, so that searches read files while segments are merged and swept.
  const db = await testDatabase({ files, eagerBytes: 0, memoryBytes: 400_000 });
  const collection = await db.collection('c');
  const compacting = collection.compact();
  let over = false;
  void compacting.finally(() => (over = true));
  let rounds = 0;
  while (!over || rounds < 3) {
    await Promise.all([expectEqual(collection, model), expectEqual(collection, model)]);
    await new Promise((resolve) => setImmediate(resolve));
    rounds++;
  }
  expect((await compacting).segmentsAfter).toBe(1);
  expect((await db.health()).warnings).toEqual([]);
  await db.close();
});

test('a merged segment has its index when it is there', async () => {
  const next = random(8);
  const db = await testDatabase();
  const collection = await db.createCollection({ ...create, indexParams: [{ fieldName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 8 } }] });
  for (let batch = 0; batch < 4; batch++) {
    await collection.insert(Array.from({ length: 400 }, (_, at) => ({ id: batch * 400 + at, vector: randomVector(next, DIM) })));
    await collection.flush();
  }
  const seen: (readonly [number, number])[] = [];
  const watch = async (): Promise<void> => {
    const { sealedSegments, indexedSegments } = await db.describeCollection('c');
    seen.push([sealedSegments, indexedSegments]);
  };
  const compacting = collection.compact();
  let over = false;
  void compacting.finally(() => (over = true));
  while (!over) {
    await watch();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await watch();
  expect(seen.at(0)).toEqual([4, 0]);
  expect(seen.at(-1)).toEqual([1, 1]);
  expect(seen).not.toContainEqual([1, 0]);
  await db.close();
});

test('a collection that was damaged is merged around the damage', async () => {
  const next = random(9);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection(create);
  const names: string[] = [];
  for (let at = 0; at < 5; at++) {
    await upsert(collection, model, Array.from({ length: 10 }, (_, i) => at * 10 + i), next);
    await collection.flush();
    names.push(...[...files.keys()].filter((key) => key.includes('rows-') && !names.includes(key)));
  }
  await db.close();
  const file = files.get(names[2] as string);
  // In the first vectors: found when they are read.
  if (file !== undefined) file.bytes[200] = (file.bytes[200] as number) ^ 1;
  for (let id = 20; id < 30; id++) model.delete(BigInt(id));
  const again = await testDatabase({ files });
  const damaged = await again.collection('c');
  expect(await damaged.compact()).toMatchObject({ segmentsBefore: 4, segmentsAfter: 2 });
  expect((await again.describeCollection('c')).missing).toHaveLength(1);
  await again.close();
});

test('work in the background is told, and a listener that fails disturbs nothing', async () => {
  const next = random(10);
  const model: Model = new Map();
  const db = await testDatabase();
  const events: TaskEvent[] = [];
  db.subscribe((event) => void events.push(event));
  db.subscribe(() => {
    throw new Error('from a listener');
  });
  const end = db.subscribe((event) => expect(event.task).not.toBe('compact'));
  const collection = await db.createCollection(create);
  await fill(collection, model, 4, next);
  end();
  const progress: number[] = [];
  await collection.compact({ onProgress: ({ done, total }) => progress.push(done / total) });
  expect(progress.at(-1)).toBe(1);
  const merges = events.filter(({ task }) => task === 'compact');
  expect(merges.map(({ state }) => state)).toEqual(['started', 'progress', 'finished']);
  expect(merges.every(({ id, collection: name }) => id === merges[0]?.id && name === 'c')).toBe(true);
  expect(events.filter(({ task, state }) => task === 'seal' && state === 'finished')).toHaveLength(4);
  expect((await db.health()).warnings.some((warning) => warning.includes('from a listener'))).toBe(true);
  expect(structuredClone(await db.stats())).toEqual(await db.stats());
  expect((await db.stats()).tasks).toEqual([]);
  await db.close();
});

test('the figures of a collection are those of its files', async () => {
  const next = random(11);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection(create);
  await fill(collection, model, 3, next);
  await upsert(collection, model, [100, 101], next);
  const stats = (await db.stats()).collections[0];
  const { manifest } = (await db.opened('c')).manifest;
  const stored = (kind: string): number => manifest.segments.flatMap(({ rowsFile, deletions }) => [rowsFile, ...(deletions === undefined ? [] : [deletions])]).filter(({ name }) => name.startsWith(kind)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const logs = [...files].filter(([key]) => key.includes('/wal/')).reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
  expect(stats?.files).toEqual({ rows: stored('rows-'), deletions: stored('del-'), index: 0, logs });
  expect(stats?.segments).toEqual({ sealed: 3, indexed: 0, sealing: 0, growing: 1 });
  expect(stats?.rows).toMatchObject({ live: model.size, growing: 2 });
  expect(stats?.written.rows).toBeGreaterThanOrEqual(stored('rows-'));
  expect(stats?.written.log).toBeGreaterThan(logs);
  expect(stats?.memory.vectors).toBeGreaterThanOrEqual(model.size * DIM * 4);
  expect(stats?.segmentList.map(({ segment, state }) => [segment, state])).toEqual([...manifest.segments.map(({ id }) => [String(id), 'Sealed']), ['growing', 'Growing']]);
  expect(stats?.segmentList.reduce((sum, { fileBytes }) => sum + fileBytes, 0)).toBe(stored('rows-') + stored('del-'));
  expect(stats?.segmentList.reduce((sum, { liveRows }) => sum + liveRows, 0)).toBe(model.size);
  expect(stats?.segmentList.every(({ vectors }) => vectors.every(({ index, indexBytes }) => index === 'none' && indexBytes === 0))).toBe(true);
  expect(await db.getCollectionStats('c')).toEqual(stats);
  await expect(db.getCollectionStats('none')).rejects.toMatchObject({ code: 'NotFound' });
  await db.close();
});

async function expectOnlyNamedFiles(files: MemoryFiles, db: Awaited<ReturnType<typeof testDatabase>>): Promise<void> {
  const { manifest } = (await db.opened('c')).manifest;
  const named = new Set(manifest.segments.flatMap(({ rowsFile, deletions, indexes }) => [rowsFile.name, deletions?.name, ...[...indexes.values()].map(({ name }) => name)]));
  const found = [...files.keys()].flatMap((key) => /\/((?:rows|idx|del)-.*)$/.exec(key)?.[1] ?? []);
  // Of the manifest before this one, too.
  const before = [...files.keys()].filter((key) => key.includes('/manifest/')).sort().at(-2);
  const text = before === undefined ? '' : new TextDecoder().decode(files.get(before)?.bytes);
  expect(found.filter((name) => !named.has(name) && !text.includes(name))).toEqual([]);
}

