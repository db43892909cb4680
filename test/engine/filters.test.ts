// Filters as text, with values beside, and as objects, wherever the engine takes one; and what it refuses.

import type { Collection } from '../../src/engine/api.js';
import { describe, expect, test } from 'vitest';
import type { FilterInput, FilterParams } from '../../src/model/filter-object.js';
import { testDatabase } from '../support/database.js';

async function filled() {
  const db = await testDatabase({ eagerBytes: 0 });
  const collection: Collection = await db.createCollection({
    name: 'films',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'year', type: 'Int16', nullable: true },
      { name: 'tags', type: 'Array', elementType: 'VarChar', maxLength: 20 },
      { name: 'extra', type: 'JSON', nullable: true },
      { name: 'plot', type: 'FloatVector', dim: 2, metric: 'L2' },
    ],
  });
  const row = (id: number) => ({ id, year: id % 3 === 0 ? null : 2000 + id, tags: [`t${id}`, 'all'], extra: { n: id, list: [id, 'x'] }, colour: id % 2 === 0 ? 'red' : 'blue', plot: [id, 0] });
  await collection.insert([1, 2, 3, 4].map(row));
  await collection.flush();
  await collection.insert([5, 6, 7].map(row));
  return collection;
}

const cases: readonly (readonly [FilterInput, FilterParams | undefined, readonly bigint[]])[] = [
  ['year > 2003', undefined, [4n, 5n, 7n]],
  ['year > {y} and colour in {colours}', { y: 2003, colours: ['blue'] }, [5n, 7n]],
  [{ year: { $gt: 2003 } }, undefined, [4n, 5n, 7n]],
  [{ year: null }, undefined, [3n, 6n]],
  [{ $expr: 'year > {y}', colour: 'blue' }, { y: 2003 }, [5n, 7n]],
  [{ $or: [{ tags: { $contains: 't1' } }, { 'extra.n': { $gte: 6 } }] }, undefined, [1n, 6n, 7n]],
  ['year + 1 == 2006 or json_contains(extra["list"], 7) or id * 2 == 4', undefined, [2n, 5n, 7n]],
  [{ colour: { $like: 're%' }, tags: { $length: 2 } }, undefined, [2n, 4n, 6n]],
];

describe.each(cases)('the filter %o with %o', (filter, filterParams, ids) => {
  const given = { filter, ...(filterParams === undefined ? {} : { filterParams }) };

  test('holds for the same rows in every verb', async () => {
    const collection = await filled();
    expect((await collection.query({ ...given, outputFields: ['id'] })).map(({ id }) => id)).toEqual(ids);
    expect([...(await collection.keys(given))]).toEqual(ids);
    expect(await collection.count(filter, filterParams)).toBe(ids.length);
    expect((await collection.search({ data: [0, 0], ...given })).hits.map(({ id }) => id)).toEqual(ids);
    expect(await collection.delete(given)).toEqual({ count: ids.length });
    expect([...(await collection.keys())]).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n].filter((id) => !ids.includes(id)));
  });
});

test('a sample is the same in every verb and over every cut into segments', async () => {
  const collection = await filled();
  const sample = [...(await collection.keys({ filter: 'random_sample(0.5)' }))];
  await collection.flush();
  await collection.compact();
  expect([...(await collection.keys({ filter: { $sample: 0.5 } }))]).toEqual(sample);
});

test('what means nothing is refused, and nothing is deleted', async () => {
  const collection = await filled();
  const refused = { code: 'InvalidFilter' };
  await expect(collection.query({ filter: { year: 'x' } })).rejects.toMatchObject(refused);
  await expect(collection.count({ year: undefined })).rejects.toMatchObject(refused);
  await expect(collection.keys({ filter: 'year == {y}' })).rejects.toMatchObject(refused);
  await expect(collection.search({ data: [0, 0], filter: 'year like "x"' })).rejects.toMatchObject({ ...refused, position: 0 });
  await expect(collection.query({ filter: 'year > 1', filterParams: 5 as unknown as FilterParams })).rejects.toMatchObject({ code: 'InvalidArgument' });
  for (const filter of [{}, '', ' ', null, { $and: [] }, { year: undefined }]) await expect(collection.delete({ filter: filter as FilterInput })).rejects.toMatchObject(refused);
  expect(await collection.count()).toBe(7);
});
