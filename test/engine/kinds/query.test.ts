// Query: orders, aggregates and groups, against sorting and adding up plain objects; and what is refused.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Collection, QueryOptions } from '../../../src/engine/api.js';
import { testDatabase } from '../../support/database.js';
import { checkQueries } from './check-query.js';
import { makeWorld } from './world.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(SEEDS)('orders, windows, aggregates and groups are those of plain objects, seed %i', async (seed) => {
  const world = await makeWorld(seed);
  for (let round = 0; round < 6; round++) await checkQueries(world);
  await world.close();
});

let collection: Collection;
let close: () => Promise<void>;
beforeAll(async () => {
  const db = await testDatabase();
  close = () => db.close();
  collection = await db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'n', type: 'Int64' },
      { name: 'f', type: 'Float' },
      { name: 'tags', type: 'Array', elementType: 'Int32', maxCapacity: 4 },
      { name: 'info', type: 'JSON' },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
  });
  const most = 9_223_372_036_854_775_807n;
  await collection.insert([1, 2, 3].map((id) => ({ id, n: most, f: 0.1, tags: [id], info: { n: 9007199254740993 }, v: [1, id] })));
});
afterAll(() => close());

test('sums of 64 bits are exact beyond 64 bits, and averages are rounded once', async () => {
  expect(await collection.query({ aggregate: ['sum(n)', 'avg(n)', 'sum(f)'] })).toEqual([{ 'sum(n)': 27_670_116_110_564_327_421n, 'avg(n)': 9_223_372_036_854_775_807, 'sum(f)': Math.fround(0.1) * 3 }]);
});

test('over no rows counts are 0 and all else is null, and there are no groups', async () => {
  expect(await collection.query({ filter: 'n == 5', aggregate: ['count(*)', 'count(n)', 'sum(n)', 'min(f)', 'avg(f)'] })).toEqual([{ 'count(*)': 0, 'count(n)': 0, 'sum(n)': null, 'min(f)': null, 'avg(f)': null }]);
  expect(await collection.query({ filter: 'n == 5', groupBy: ['f'] })).toEqual([]);
});

test.each<[string, QueryOptions | Record<string, unknown>, RegExp]>([
  ['an unknown field to order by', { orderBy: [{ field: 'x' }] }, /orderBy\[0\]\.field: field x not exist/],
  ['a vector to order by', { orderBy: [{ field: 'v' }] }, /"v" is FloatVector/],
  ['an Array to order by', { orderBy: [{ field: 'tags' }] }, /"tags" is Array/],
  ['JSON without a path', { orderBy: [{ field: 'info' }] }, /expected a path into it/],
  ['a path into a number', { orderBy: [{ field: 'n["a"]' }] }, /"n\["a"\]" is Int64 with a path/],
  ['a path that is none', { orderBy: [{ field: 'info["a"' }] }, /expected a field, a dynamic key or a JSON path/],
  ['a direction that is none', { orderBy: [{ field: 'n', desc: 'yes' }] }, /desc: expected true or false/],
  ['nulls in the middle', { orderBy: [{ field: 'n', nulls: 'middle' }] }, /expected 'first' or 'last'/],
  ['an order that is no array', { orderBy: 'n' }, /orderBy: expected an array/],
  ['too many fields to order by', { orderBy: Array.from({ length: 17 }, () => ({ field: 'n' })) }, /up to 16/],
  ['an unknown aggregate', { aggregate: ['median(n)'] }, /expected count, sum, min, max, avg/],
  ['a sum of everything', { aggregate: ['sum(*)'] }, /expected a field/],
  ['an average of JSON without a path', { aggregate: ['avg(info)'] }, /expected a path/],
  ['an aggregate of a vector', { aggregate: ['min(v)'] }, /"v" is FloatVector/],
  ['nothing to add up', { aggregate: [] }, /at least one/],
  ['a vector to group by', { groupBy: ['v'] }, /"v" is FloatVector/],
  ['too many fields to group by', { groupBy: Array.from({ length: 17 }, () => 'n') }, /up to 16/],
  ['a field beside aggregates that is not grouped by', { aggregate: ['count(*)'], outputFields: ['n'] }, /neither an aggregate nor one of groupBy/],
  ['an order of groups by what they lack', { groupBy: ['n'], orderBy: [{ field: 'f' }] }, /expected one of n/],
  ['a limit of 0', { limit: 0 }, /limit/],
  ['a window beyond 16,384', { limit: 16_384, offset: 1 }, /limit \+ offset/],
])('refused: %s', async (_, options, message) => {
  await expect(collection.query(options as QueryOptions)).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as unknown });
});
