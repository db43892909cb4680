// The memory limit is kept at every step, whatever is written and asked, and what does not fit is refused whole.

import { expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomVector } from '../support/random.js';

const DIM = 64;
/** Vector, key and dynamic fields, about. */
const ROW_BYTES = DIM * 4 + 8 + 19;
const LIMIT = 4 * 2 ** 20;
const ROWS = 20_000;
const BATCH = 250;

const rowsOf = (from: number, count: number, next: () => number) => Array.from({ length: count }, (_, at) => ({ id: from + at, text: `row ${from + at}`, vector: randomVector(next, DIM) }));

/** The most that was held, looked at between all calls. */
class Watch {
  mostBytes = 0;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async look(): Promise<void> {
    const { memory } = await this.#database.stats();
    expect(memory.usedBytes).toBeLessThanOrEqual(LIMIT);
    this.mostBytes = Math.max(this.mostBytes, memory.usedBytes);
  }
}

test('vectors of more than the limit are written, sealed, indexed, reopened and searched within it', async () => {
  const files: MemoryFiles = new Map();
  const next = random(1);
  let database = await testDatabase({ storage: memoryStorage(files), memoryBytes: LIMIT });
  let watch = new Watch(database);
  let collection = await database.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
  expect(ROWS * DIM * 4).toBeGreaterThan(LIMIT);
  for (let first = 0; first < ROWS; first += BATCH) {
    await collection.insert(rowsOf(first, BATCH, next));
    await watch.look();
  }
  await collection.flush();
  await watch.look();
  expect(watch.mostBytes).toBeGreaterThan(LIMIT / 4);
  await database.close();

  database = await testDatabase({ storage: memoryStorage(files), memoryBytes: LIMIT });
  watch = new Watch(database);
  collection = await database.collection('c');
  const same = random(1);
  const stored = Array.from({ length: ROWS / BATCH }, (_, batch) => rowsOf(batch * BATCH, BATCH, same)).flat();
  for (const at of [0, 7777, ROWS - 1]) {
    const { id, text, vector } = stored[at] as (typeof stored)[number];
    for (const recall of [0.9, 1]) {
      const { hits } = await collection.search({ data: vector, limit: 5, recall, outputFields: ['text'] });
      expect(hits[0]).toEqual({ id: BigInt(id), score: 0, fields: { text } });
      await watch.look();
    }
    expect(await collection.get({ ids: [id] })).toEqual([{ id: BigInt(id), text, vector }]);
    await watch.look();
  }
  expect(await collection.count('text > "row 5"')).toBe(stored.filter(({ text }) => text > 'row 5').length);
  await watch.look();
  await database.close();
});

test('a batch that does not fit is refused whole, and the next that does is taken', async () => {
  const files: MemoryFiles = new Map();
  const next = random(2);
  const database = await testDatabase({ storage: memoryStorage(files), memoryBytes: LIMIT });
  const collection = await database.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
  await collection.insert(rowsOf(0, 100, next));
  await expect(collection.insert(rowsOf(1000, 20_000, next))).rejects.toMatchObject({ code: 'OutOfMemory' });
  expect(await collection.count()).toBe(100);
  await collection.insert(rowsOf(100, 100, next));
  await database.close();
  const again = await testDatabase({ storage: memoryStorage(files), memoryBytes: LIMIT });
  expect(await (await again.collection('c')).count()).toBe(200);
  await again.close();
});

test('who writes faster than it can be sealed waits', async () => {
  const files: MemoryFiles = new Map();
  const next = random(3);
  const sealRows = 256;
  const database = await testDatabase({ storage: memoryStorage(files), sealBytes: sealRows * ROW_BYTES });
  const collection = await database.createCollection({ name: 'c', dimension: DIM, metric: 'L2' });
  for (let first = 0; first < 40 * BATCH; first += BATCH) {
    await collection.insert(rowsOf(first, BATCH, next));
    const { collections } = await database.stats();
    expect(collections[0]?.rows.growing).toBeLessThanOrEqual(1.5 * sealRows + BATCH);
  }
  expect(await collection.count()).toBe(40 * BATCH);
  await database.close();
});

test('columns that no call reads are let go, and read again when one does', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'group', type: 'Int8' },
      { name: 'text', type: 'VarChar', maxLength: 1000 },
      { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
    ],
  });
  const text = 'long '.repeat(100);
  const insert = async (from: number): Promise<void> => {
    await collection.insert(Array.from({ length: 200 }, (_, at) => ({ id: from + at, group: at % 5, text, vector: [at, 1] })));
    await collection.flush();
  };
  const usedBytes = async (): Promise<number> => (await database.stats()).memory.usedBytes;
  await insert(0);
  const withTexts = await usedBytes();
  // Twice as often as it takes, as what was used before the first look stays until the second.
  for (let round = 0; round < 2; round++) {
    for (let call = 0; call < 1100; call++) await collection.search({ data: [3, 1], limit: 1, filter: 'group == 3' });
    await insert(200 * (round + 1));
  }
  expect((await usedBytes()) - 2 * withTexts).toBeLessThan(withTexts / 4);
  expect(await collection.query({ filter: 'id == 3', outputFields: ['text', 'group'] })).toMatchObject([{ text, group: 3 }]);
  await database.close();
});
