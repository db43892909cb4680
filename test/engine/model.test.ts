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

/** All is asked for before anything is awaited. */
async function compare(collection: Collection, model: Model, next: () => number): Promise<void> {
  const year = randomInteger(next, 20);
  const passing = [...model].filter(([, row]) => (row['year'] as number) < year);
  const query = randomVector(next, DIM);
  const [count, few, { hits }, rows] = await Promise.all([
    collection.count(),
    collection.count(`year < ${year}`),
    collection.search({ data: query, limit: 7, filter: `year < ${year}`, outputFields: ['year'] }),
    collection.query({ limit: 100 }),
  ]);
  expect(count).toBe(model.size);
  expect(few).toBe(passing.length);
  const best = passing.map(([id, row]) => ({ id, score: l2(query, row['v'] as Float32Array) })).sort((a, b) => a.score - b.score);
  expect(hits).toHaveLength(Math.min(7, passing.length));
  hits.forEach((hit, at) => {
    expect(hit.score).toBeCloseTo(best[at]?.score ?? NaN, 4);
    expect(hit.fields['year']).toBe(model.get(hit.id as bigint)?.['year']);
  });
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

/** All in memory; read from files as it is used; and that with room for a part of it only. */
const LIMITS = { whole: {}, lazy: { eagerBytes: 0 }, little: { eagerBytes: 0, memoryBytes: 24 * 1024 } };

async function reopen(files: MemoryFiles, seed: number, limits: keyof typeof LIMITS): Promise<Collection> {
  const db = await testDatabase({ storage: memoryStorage(files), seed, ...LIMITS[limits] });
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

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);
const MODES = ['whole', 'lazy', 'little'] as const;

test.each(SEEDS.flatMap((seed) => MODES.map((mode) => ({ seed, mode }))))('history of seed $seed, $mode', async ({ seed, mode }) => {
  const next = random(seed);
  let files: MemoryFiles = new Map();
  const model: Model = new Map();
  let collection = await reopen(files, seed, mode);
  for (let step = 0; step < 60; step++) {
    // An answer is of the moment when it was asked for, whatever is written before it comes.
    const before: Model = new Map(model);
    const early = compare(collection, before, random(seed + step));
    const changing = change(collection, model, next);
    await Promise.all([early.catch((error: unknown) => expect(error).toBeUndefined()), changing]);
    if (next() < 0.1) {
      // What was abandoned may be at work still, on files of its own.
      files = structuredClone(files);
      collection = await reopen(files, seed, mode);
    }
    await compare(collection, model, next);
  }
});
