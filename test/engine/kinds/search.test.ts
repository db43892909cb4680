// Search kinds against brute force over plain objects, on random collections; what is refused is in refused.test.ts.

import { expect, test } from 'vitest';
import { testDatabase } from '../../support/database.js';
import { checkHybrid } from './check-hybrid.js';
import { checkGrouped, checkReranked, checkSearch } from './check-search.js';
import { makeWorld } from './world.js';

const SEEDS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

test.each(SEEDS)('plain, grouped, reranked and hybrid searches are those of brute force, seed %i', async (seed) => {
  const world = await makeWorld(seed);
  for (let round = 0; round < 6; round++) {
    await checkSearch(world);
    await checkGrouped(world);
    await checkReranked(world);
    await checkHybrid(world);
  }
  await world.close();
});

test('groups that lie behind more rows than any search looks through are found', async () => {
  const db = await testDatabase();
  const collection = await db.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'g', type: 'Int32' }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  const near = 17_000;
  await collection.insert(Array.from({ length: near + 60 }, (_, id) => ({ id, g: id < near ? id % 2 : 2 + (id % 20), v: [id, 0] })));
  const plain = await collection.search({ data: [0, 0], limit: 30, recall: 1, groupByField: 'g' });
  expect(plain.hits.map(({ group }) => group)).toEqual([0, 1, ...Array.from({ length: 20 }, (_, at) => 2 + at)]);
  const strict = await collection.search({ data: [0, 0], limit: 4, recall: 1, groupByField: 'g', groupSize: 3, strictGroupSize: true });
  expect(strict.hits.map(({ id }) => Number(id))).toEqual([0, 2, 4, 1, 3, 5, near, near + 20, near + 40, near + 1, near + 21, near + 41]);
  await db.close();
});
