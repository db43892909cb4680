// Random histories against a model: a Map of rows. After every step the database answers as the model does, also
// after it was sealed, closed and opened again, or abandoned without closing (as by a crash with nothing torn).

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Row } from '../../src/model/row.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const DIM = 5;
const KEYS = 60;

type Model = Map<bigint, Row>;

function l2(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0);
}

async function compare(collection: Collection, model: Model, next: () => number): Promise<void> {
  expect(await collection.count()).toBe(model.size);
  const year = randomInteger(next, 20);
  const passing = [...model].filter(([, row]) => (row['year'] as number) < year);
  expect(await collection.count(`year < ${year}`)).toBe(passing.length);
  const query = randomVector(next, DIM);
  const { hits } = await collection.search({ data: query, limit: 7, filter: `year < ${year}`, outputFields: ['year'] });
  const best = passing.map(([id, row]) => ({ id, score: l2(query, row['v'] as Float32Array) })).sort((a, b) => a.score - b.score);
  expect(hits).toHaveLength(Math.min(7, passing.length));
  hits.forEach((hit, at) => {
    expect(hit.score).toBeCloseTo(best[at]?.score ?? NaN, 4);
    expect(hit.fields['year']).toBe(model.get(hit.id as bigint)?.['year']);
  });
  const rows = await collection.query({ limit: 100 });
  expect(rows).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row));
}

async function change(collection: Collection, model: Model, next: () => number): Promise<void> {
  const kind = next();
  if (kind < 0.6) {
    const rows = Array.from({ length: 1 + randomInteger(next, 8) }, () => ({ id: BigInt(randomInteger(next, KEYS)), year: randomInteger(next, 20), v: randomVector(next, DIM) }));
    await (kind < 0.3 ? collection.insert(rows) : collection.upsert(rows));
    for (const row of rows) model.set(row.id, row);
  } else if (kind < 0.8) {
    const ids = Array.from({ length: 1 + randomInteger(next, 5) }, () => BigInt(randomInteger(next, KEYS)));
    const { count } = await collection.delete({ ids });
    expect(count).toBe([...new Set(ids)].filter((id) => model.delete(id)).length);
  } else if (kind < 0.85) {
    const year = randomInteger(next, 20);
    await collection.delete({ filter: `year == ${year}` });
    for (const [id, row] of model) if (row['year'] === year) model.delete(id);
  } else {
    await collection.flush();
  }
}

async function reopen(files: MemoryFiles, seed: number): Promise<Collection> {
  const db = await testDatabase({ storage: memoryStorage(files), seed });
  if (await db.hasCollection('c')) return db.collection('c');
  return db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'year', type: 'Int32' },
      { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' },
    ],
  });
}

test.each(Array.from({ length: 20 }, (_, at) => at + 1))('history of seed %i', async (seed) => {
  const next = random(seed);
  const files: MemoryFiles = new Map();
  const model: Model = new Map();
  let collection = await reopen(files, seed);
  for (let step = 0; step < 60; step++) {
    await change(collection, model, next);
    if (next() < 0.1) collection = await reopen(files, seed);
    await compare(collection, model, next);
  }
});
