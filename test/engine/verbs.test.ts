// The verbs of collections and databases, as a user calls them.

import { describe, expect, test } from 'vitest';
import type { CollectionDefinition } from '../../src/engine/api.js';
import { testDatabase } from '../support/database.js';

const films: CollectionDefinition = {
  name: 'films',
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'title', type: 'VarChar', maxLength: 100 },
    { name: 'year', type: 'Int16' },
    { name: 'seen', type: 'Bool' },
    { name: 'stars', type: 'Float' },
    { name: 'gross', type: 'Double' },
    { name: 'tiny', type: 'Int8' },
    { name: 'votes', type: 'Int32' },
    { name: 'extra', type: 'JSON' },
    { name: 'plot', type: 'FloatVector', dim: 2, metric: 'L2' },
  ],
};

const film = (id: number | bigint, year: number, plot: readonly number[]) => ({
  id,
  title: `Film ${id}`,
  year,
  seen: year < 2000,
  stars: 3.5,
  gross: 1e9 + 0.25,
  tiny: -128,
  votes: 2 ** 31 - 1,
  extra: { cast: ['A', 'B'], deep: { x: null } },
  plot,
});

async function filled() {
  const db = await testDatabase();
  const collection = await db.createCollection(films);
  await collection.insert([film(1, 1999, [0, 0]), film(2, 2005, [1, 0]), film(3, 2010, [0, 3])]);
  return { db, collection };
}

describe('the verbs of a collection', () => {
  test('a row comes back from get as it was given, with Int64 as bigint', async () => {
    const { collection } = await filled();
    expect(await collection.get({ ids: [2, 99, 1n] })).toEqual([
      { ...film(2n, 2005, [1, 0]), plot: Float32Array.of(1, 0) },
      { ...film(1n, 1999, [0, 0]), plot: Float32Array.of(0, 0) },
    ]);
  });

  test('a search ranks by squared distance, returns the fields asked for, and obeys limit and offset', async () => {
    const { collection } = await filled();
    const { hits } = await collection.search({ data: [0, 0], limit: 2, outputFields: ['title'] });
    expect(hits).toEqual([
      { id: 1n, score: 0, fields: { title: 'Film 1' } },
      { id: 2n, score: 1, fields: { title: 'Film 2' } },
    ]);
    const rest = await collection.search({ data: Float32Array.of(0, 0), limit: 5, offset: 2 });
    expect(rest.hits).toEqual([{ id: 3n, score: 9, fields: {} }]);
  });

  test('several queries are answered one list each, equal to one search each', async () => {
    const { collection } = await filled();
    const queries = [[0, 0], [0, 3], [5, 5]];
    const { hits } = await collection.search({ data: queries, limit: 3 });
    const single = await Promise.all(queries.map(async (data) => (await collection.search({ data, limit: 3 })).hits));
    expect(hits).toEqual(single);
  });

  test('a filter returns k hits whenever k rows match', async () => {
    const { collection } = await filled();
    const { hits } = await collection.search({ data: [0, 0], limit: 2, filter: 'year > 2000' });
    expect(hits.map((hit) => hit.id)).toEqual([2n, 3n]);
    expect(await collection.count('year > 2000 and not seen')).toBe(2);
  });

  test('an inserted or upserted row replaces the one with its key, also within a batch', async () => {
    const { collection } = await filled();
    await collection.upsert([film(1, 1950, [9, 9])]);
    await collection.insert([film(2, 1951, [8, 8]), film(2, 1952, [7, 7])]);
    expect(await collection.count()).toBe(3);
    expect((await collection.query({ outputFields: ['year'] })).map((row) => row['year'])).toEqual([1950, 1952, 2010]);
  });

  test('delete by ids and by filter tells how many rows went, and they are found no more', async () => {
    const { collection } = await filled();
    expect(await collection.delete({ ids: [1, 1n, 77] })).toEqual({ count: 1 });
    expect(await collection.delete({ filter: 'year >= 2010' })).toEqual({ count: 1 });
    expect((await collection.search({ data: [0, 0] })).hits.map((hit) => hit.id)).toEqual([2n]);
    expect(await collection.get({ ids: [1, 3] })).toEqual([]);
  });

  test('a query gives rows in order of their key, across segments', async () => {
    const { collection } = await filled();
    await collection.flush();
    await collection.insert([film(-5, 1930, [1, 1]), film(2n ** 60n, 1931, [1, 2])]);
    const ids = (await collection.query({ outputFields: [], limit: 4 })).map((row) => row['id']);
    expect(ids).toEqual([-5n, 1n, 2n, 3n]);
    expect((await collection.query({ outputFields: [], offset: 4 })).map((row) => row['id'])).toEqual([2n ** 60n]);
  });

  test('Int64 beyond 2^53 is exact in keys, results and filters', async () => {
    const { collection } = await filled();
    const big = 2n ** 53n + 1n;
    await collection.insert([film(big, 1, [4, 4]), film(big + 1n, 2, [5, 5]), film(-(2n ** 63n), 3, [6, 6])]);
    await collection.flush();
    expect((await collection.get({ ids: [big], outputFields: ['year'] }))[0]).toEqual({ id: big, year: 1 });
    expect(await collection.count(`id == ${big}`)).toBe(1);
    expect((await collection.query({ outputFields: [], limit: 1 }))[0]).toEqual({ id: -(2n ** 63n) });
  });

  test('equal scores come in order of insertion, also across segments', async () => {
    const db = await testDatabase();
    const collection = await db.createCollection({ name: 'ties', dimension: 2 });
    for (const id of [30, 10, 20]) {
      await collection.insert([{ id, vector: [1, 1] }]);
      if (id !== 10) await collection.flush();
    }
    expect((await collection.search({ data: [2, 2] })).hits.map((hit) => hit.id)).toEqual([30n, 10n, 20n]);
  });
});

describe('collections', () => {
  test('the quick form keeps other keys as dynamic fields, which filters and outputs can name', async () => {
    const db = await testDatabase();
    const notes = await db.createCollection({ name: 'notes', dimension: 2, metric: 'IP' });
    await notes.insert([
      { id: 1, vector: [1, 0], colour: 'red', n: 3 },
      { id: 2, vector: [2, 0], n: 'three' },
    ]);
    expect((await notes.search({ data: [1, 0], outputFields: ['colour'] })).hits).toEqual([
      { id: 2n, score: 2, fields: {} },
      { id: 1n, score: 1, fields: { colour: 'red' } },
    ]);
    expect(await notes.count('colour == "red"')).toBe(1);
    expect(await notes.count('not (n > 5)')).toBe(1);
    expect(await notes.query({ filter: 'id == 1' })).toEqual([{ id: 1n, vector: Float32Array.of(1, 0), colour: 'red', n: 3 }]);
  });

  test('generated keys are unique, ascending and go on after a reopening', async () => {
    const files = new Map();
    const db = await testDatabase({ files });
    const log = await db.createCollection({ name: 'log', dimension: 2, autoId: true });
    const first = await log.insert([{ vector: [1, 0] }, { vector: [1, 1] }]);
    await db.close();
    const again = await (await testDatabase({ files })).collection('log');
    const second = await again.insert([{ vector: [0, 1] }]);
    const ids = [...first.ids, ...second.ids];
    expect(new Set(ids).size).toBe(3);
    expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
    expect(await again.count()).toBe(3);
  });

  test('VarChar keys work throughout', async () => {
    const db = await testDatabase();
    const words = await db.createCollection({ name: 'words', dimension: 2, idType: 'VarChar' });
    await words.insert([{ id: 'zoo', vector: [1, 0] }, { id: 'ähre', vector: [0, 1] }, { id: '😀', vector: [1, 1] }]);
    await words.flush();
    await words.delete({ ids: ['zoo'] });
    expect((await words.query({ outputFields: [] })).map((row) => row['id'])).toEqual(['ähre', '😀']);
  });

  test('create, has, list, describe and drop agree, and a dropped name starts empty again', async () => {
    const files = new Map();
    const db = await testDatabase({ files });
    await db.createCollection({ name: 'a', dimension: 2 });
    await (await db.createCollection({ name: 'b', dimension: 3 })).insert([{ id: 1, vector: [1, 2, 3] }]);
    await (await db.collection('b')).flush();
    expect(await db.listCollections()).toEqual(['a', 'b']);
    expect(await db.describeCollection('b')).toMatchObject({ name: 'b', rows: 1, sealedSegments: 1 });
    await db.dropCollection('b');
    expect(await db.hasCollection('b')).toBe(false);
    expect([...files.keys()].filter((key) => key.endsWith('.parquet'))).toEqual([]);
    const b = await db.createCollection({ name: 'b', dimension: 2 });
    expect(await b.count()).toBe(0);
  });

  test('everything is freed by close, and later calls say so', async () => {
    const { db, collection } = await filled();
    await db.close();
    await db.close();
    await expect(db.listCollections()).rejects.toMatchObject({ code: 'Closed' });
    await expect(collection.count()).rejects.toMatchObject({ code: 'Closed' });
    await expect(collection.insert([film(5, 1, [1, 1])])).rejects.toMatchObject({ code: 'Closed' });
  });

  test('a handle of a dropped collection is closed', async () => {
    const { db, collection } = await filled();
    await db.dropCollection('films');
    await expect(collection.search({ data: [0, 0] })).rejects.toMatchObject({ code: 'Closed' });
  });
});
