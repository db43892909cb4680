// The reader against the engine: over the same published files it gives the same answers, or leaves the call to it.

import { beforeAll, describe, expect, test } from 'vitest';
import { createSearchCore } from '../../src/core/wasm/search-core.js';
import type { Collection, CollectionDefinition, SearchOptions } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import type { FilterInput } from '../../src/model/filter-object.js';
import type { Row } from '../../src/model/row.js';
import type { SearchCore } from '../../src/ports/core.js';
import type { ReadStorage } from '../../src/ports/storage.js';
import { Beyond } from '../../src/reader/beyond.js';
import { PublishedDatabase } from '../../src/reader/published-database.js';
import type { PublishedCollection } from '../../src/reader/published-collection.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { compileAsset } from '../support/assets.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const DIM = 16;
const VECTOR = { name: 'vector', type: 'FloatVector', dim: DIM, metric: 'COSINE' } as const;
const KEY = { name: 'id', type: 'Int64', primaryKey: true } as const;

let core: SearchCore;
beforeAll(async () => {
  core = createSearchCore(await compileAsset('core.wasm'));
});

/** Reads alone, as of a folder. */
function published(files: MemoryFiles): ReadStorage {
  const { kind, read, size, list, close } = memoryStorage(files);
  const storage = memoryStorage(files);
  return { kind, read: read.bind(storage), size: size.bind(storage), list: list.bind(storage), close: close.bind(storage) };
}

interface Case {
  readonly files: MemoryFiles;
  readonly engine: Collection;
  readonly reader: PublishedCollection;
  readonly close: () => Promise<void>;
}

/** A collection that `fill` has written, sealed, with so many segments indexed, as engine and reader see it. */
async function sealed(definition: Partial<CollectionDefinition> & { readonly fields?: readonly Field[] }, fill: (collection: Collection) => Promise<unknown>, indexed = 0): Promise<Case> {
  const files: MemoryFiles = new Map();
  const writer = await testDatabase({ files });
  const collection = (await writer.createCollection({ name: 'c', ...definition } as CollectionDefinition)) as unknown as Collection;
  await fill(collection);
  await collection.flush();
  while ((await writer.describeCollection('c')).indexedSegments < indexed) await new Promise((resolve) => setTimeout(resolve, 5));
  await writer.close();
  const storage = published(files);
  const database = await testDatabase({ storage });
  const engine = (await database.collection('c')) as unknown as Collection;
  const reader = await (await PublishedDatabase.open(storage, core)).collection('c');
  return { files, engine, reader, close: () => database.close() };
}

async function same({ engine, reader }: Case, request: SearchOptions & { readonly data: Float32Array | readonly number[] | readonly Float32Array[] }): Promise<unknown> {
  const answer = await reader.search(request);
  expect(answer).toEqual(await engine.search(request as SearchOptions & { readonly data: Float32Array }));
  return answer.hits;
}

const rowsOf = (next: () => number, count: number, first = 0): Row[] => Array.from({ length: count }, (_, at) => ({ id: BigInt(first + at), title: `row ${first + at}`, year: 1900 + randomInteger(next, 120), vector: randomVector(next, DIM) }));

describe('the reader', () => {
  test.each(['COSINE', 'L2', 'IP'] as const)('answers as the engine does: %s, several segments, deleted and replaced rows', async (metric) => {
    const next = random(7);
    const c = await sealed({ fields: [KEY, { name: 'title', type: 'VarChar', maxLength: 40 }, { name: 'year', type: 'Int16', nullable: true }, { ...VECTOR, metric }] }, async (collection) => {
      await collection.insert(rowsOf(next, 3000));
      await collection.flush();
      await collection.insert(rowsOf(next, 700, 3000));
      await collection.upsert([{ id: 5n, title: 'replaced', year: null, vector: randomVector(next, DIM) }]);
      await collection.delete({ ids: Array.from({ length: 300 }, (_, at) => BigInt(at * 7)) });
    }, 1);
    expect(c.engine.schema).toEqual(c.reader.source.schema);
    for (let round = 0; round < 20; round++) {
      const limit = 1 + randomInteger(next, 30);
      await same(c, { data: randomVector(next, DIM), limit, offset: randomInteger(next, 5), outputFields: ['title', 'year'] });
      await same(c, { data: [...randomVector(next, DIM)], limit, recall: 1, outputFields: ['*'] });
      await same(c, { data: randomVector(next, DIM), limit, filter: `year < ${1905 + randomInteger(next, 110)}` });
      await same(c, { data: [randomVector(next, DIM), randomVector(next, DIM)], limit, recall: 0.5 });
    }
    await c.close();
  });

  test.each(['COSINE', 'L2', 'IP'] as const)('answers queries of another kind than the rows as the engine does: %s', async (metric) => {
    const next = random(31);
    const near = (): Float32Array => randomVector(next, DIM).map((x, at) => (at === 0 ? 3 : x / 9));
    const c = await sealed({ fields: [KEY, { ...VECTOR, metric }] }, (collection) => collection.insert(Array.from({ length: 1500 }, (_, id) => ({ id, vector: near() }))), 1);
    for (let round = 0; round < 10; round++) await same(c, { data: [randomVector(next, DIM), near()], limit: 10 });
    await c.close();
  });

  test('gives every type of scalar as it is, null where it is null', async () => {
    const scalars = [{ name: 'flag', type: 'Bool' }, { name: 'tiny', type: 'Int8' }, { name: 'small', type: 'Int32' }, { name: 'large', type: 'Int64' }, { name: 'single', type: 'Float' }, { name: 'double', type: 'Double' }, { name: 'text', type: 'VarChar', maxLength: 9 }] as const;
    const c = await sealed({ fields: [{ name: 'key', type: 'VarChar', primaryKey: true, maxLength: 9 }, ...scalars.map((field) => ({ ...field, nullable: true })), { name: 'half', type: 'Float16Vector', dim: 4, metric: 'L2' }, { ...VECTOR, dim: 4 }] }, (collection) =>
      collection.insert([
        { key: 'a', flag: true, tiny: -8, small: 7, large: 2n ** 60n, single: 0.5, double: Math.PI, text: 'ü', half: [1, 2, 3, 4], vector: [1, 0, 0, 0] },
        { key: 'b', flag: false, tiny: null, small: null, large: null, single: null, double: null, text: null, half: [0, 0, 0, 1], vector: [0, 1, 0, 0] },
      ]),
    );
    const hits = await same(c, { data: [1, 0.1, 0, 0], annsField: 'vector', outputFields: [...scalars.map(({ name }) => name), 'vector'] });
    expect(hits).toMatchObject([{ id: 'a', fields: { flag: true, large: 2n ** 60n, text: 'ü' } }, { id: 'b', fields: { flag: false, tiny: null, text: null } }]);
    await same(c, { data: [1, 2, 3, 5], annsField: 'half', outputFields: ['key'] });
    await c.close();
  });

  test('looks at every row where the index is FLAT', async () => {
    const next = random(3);
    const files: MemoryFiles = new Map();
    const writer = await testDatabase({ files });
    const collection = await writer.createCollection({ name: 'c', fields: [KEY, VECTOR] });
    await collection.insert(Array.from({ length: 2000 }, (_, at) => ({ id: at, vector: randomVector(next, DIM) })));
    await collection.flush();
    await writer.createIndex('c', { fieldName: 'vector', indexType: 'FLAT' });
    await writer.close();
    const reader = await (await PublishedDatabase.open(published(files), core)).collection('c');
    expect(await reader.search({ data: randomVector(next, DIM) })).toMatchObject({ recall: 1 });
  });

  test('finds a collection by its alias', async () => {
    const files: MemoryFiles = new Map();
    const writer = await testDatabase({ files });
    await (await writer.createCollection({ name: 'c', dimension: 2, metric: 'L2', enableDynamicField: false } as CollectionDefinition)).insert([{ id: 1, vector: [1, 2] }]);
    await (await writer.collection('c')).flush();
    await writer.createAlias('c', 'newest');
    await writer.close();
    const database = await PublishedDatabase.open(published(files), core);
    expect((await database.collection('newest')).name).toBe('c');
    expect(await (await database.collection('newest')).search({ data: [1, 2] })).toEqual({ hits: [{ id: 1n, score: 0, fields: {} }], recall: 1 });
    expect(() => database.collection('other')).toThrow(Beyond);
  });
});

describe('filters of the reader', () => {
  const FIELDS = [KEY, { name: 'title', type: 'VarChar', maxLength: 40 }, { name: 'year', type: 'Int16', nullable: true }, { name: 'large', type: 'Int64', nullable: true }, { name: 'single', type: 'Float' }, { name: 'double', type: 'Double', nullable: true }, { name: 'flag', type: 'Bool', nullable: true }, { ...VECTOR, dim: 4, metric: 'L2' }] as const;
  const VALUES = { title: ['jazz', 'soul', 'ünion', '\u{1f600}', '\uffee'], year: [-32768, 1, 2, 3, 32767], large: [-(2n ** 60n), 0n, 2n ** 53n + 1n], single: [0.1, 1.5, -3], double: [0.1, 2, -1e300], flag: [true, false] } as const;
  const NULLABLE: ReadonlySet<string> = new Set(['year', 'large', 'double', 'flag']);
  type Named = keyof typeof VALUES;
  const NAMES = Object.keys(VALUES) as Named[];

  let c: Case;
  beforeAll(async () => {
    const next = random(17);
    const value = (name: Named): Row[string] => (NULLABLE.has(name) && next() < 0.2 ? null : (VALUES[name][randomInteger(next, VALUES[name].length)] as Row[string]));
    c = await sealed({ fields: FIELDS }, async (collection) => {
      await collection.insert(Array.from({ length: 400 }, (_, at) => ({ id: BigInt(at), ...Object.fromEntries(NAMES.map((name) => [name, value(name)])), vector: randomVector(next, 4) })) as Row[]);
      await collection.delete({ ids: [1n, 5n, 9n] });
    });
    return () => c.close();
  });

  const text = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

  test('let the same rows through as those of the engine: random ones, as texts', async () => {
    const next = random(23);
    const pick = <T>(values: readonly T[]): T => values[randomInteger(next, values.length)] as T;
    const literal = (name: Named): string => (name === 'title' || name === 'flag' ? text(pick<unknown>(VALUES[name])) : text(pick<unknown>([...VALUES[name], 1.5, 0, 70_000, 99999999999999999999n, 2n ** 53n])));
    const filter = (depth: number): string => {
      const name = pick(NAMES);
      const op = name === 'flag' ? pick(['==', '!=']) : pick(['==', '!=', '<', '<=', '>', '>=']);
      const made = [
        () => `${name} ${op} ${literal(name)}`,
        () => `${literal(name)} ${op} ${name}`,
        () => `${name} ${pick(['in', 'not in'])} [${literal(name)}, ${literal(name)}]`,
        () => `${name} ${pick(['is null', 'is not null'])}`,
        () => pick(['flag', 'not flag']),
      ];
      const joined = [() => `(${filter(depth - 1)}) ${pick(['and', 'or'])} (${filter(depth - 1)})`, () => `not (${filter(depth - 1)})`];
      return pick(depth > 0 ? [...made, ...joined, ...joined] : made)();
    };
    let matched = 0;
    for (let round = 0; round < 200; round++) {
      const asked = { data: [0, 0, 0, 0], limit: 400, filter: filter(3) };
      const hits = (await c.reader.search(asked)).hits as readonly unknown[];
      expect(hits, asked.filter).toEqual((await c.engine.search(asked)).hits);
      if (hits.length > 0 && hits.length < 397) matched++;
    }
    expect(matched).toBeGreaterThan(100);
  });

  test.each([
    { year: 3 },
    { title: { $in: ['jazz', 'soul'] }, year: { $gte: 2, $ne: 3 } },
    { $or: [{ flag: true }, { single: { $lt: 0.1 } }, { $and: [{ double: null }, { large: { $gt: 2 ** 53 } }] }] },
    { large: { $nin: [0] }, flag: { $ne: null } },
  ])('the same as objects: %j', async (filter) => {
    const asked = { data: [0, 0, 0, 0], limit: 400, filter };
    const { hits } = await c.reader.search(asked);
    expect(hits).toEqual((await c.engine.search(asked)).hits);
    expect((hits as readonly unknown[]).length).toBeGreaterThan(0);
  });

  test.each<FilterInput>(['title like "j%"', 'year + 1 > 3', 'year > large', 'other > 1', 'title > 3', 'flag > true', 'year in []', 'year in [[1]]', 'year == {y}', 'vector is null', 'year[0] == 1', '1 < 2', 'true', { title: { $like: 'j%' } }, { $not: { year: 3 } }, { 'year.0': 3 }, {}, { year: {} }, { year: { $field: 'large' } }, { year: [3] }, { $or: [] }])('leave %j to it', async (filter) => {
    await expect(c.reader.search({ data: [0, 0, 0, 0], filter })).rejects.toThrow(Beyond);
  });

  test('that do not parse are for the engine to refuse', async () => {
    await expect(c.reader.search({ data: [0, 0, 0, 0], filter: 'year >' })).rejects.toMatchObject({ code: 'InvalidFilter' });
  });
});

describe('what the reader leaves to the engine', () => {
  const left: readonly (readonly [string, object])[] = [
    ['options that it does not know', { data: [1, 0], groupByField: 'id' }],
    ['values for a filter', { data: [1, 0], filter: 'id > 3', filterParams: {} }],
    ['ids instead of vectors', { ids: [1] }],
    ['a limit that there is not', { data: [1, 0], limit: 0 }],
    ['a recall that is no number', { data: [1, 0], recall: '0.9' }],
    ['a vector of another dimension', { data: [1, 0, 0] }],
    ['a component that is no number', { data: [1, '0'] }],
    ['a component that is not finite', { data: [1, 1e39] }],
    ['no direction', { data: [0, 1e-60] }],
    ['another vector field', { data: [1, 0], annsField: 'other' }],
    ['a field that there is not', { data: [1, 0], outputFields: ['other'] }],
    ['a batch', { data: Array.from({ length: 16 }, () => [1, 0]) }],
    ['nothing', {}],
  ];
  test.each(left)('%s', async (_, request) => {
    const c = await sealed({ fields: [KEY, { ...VECTOR, dim: 2 }] }, (collection) => collection.insert([{ id: 1, vector: [1, 0] }]));
    await expect(c.reader.search(request)).rejects.toThrow(Beyond);
    await c.close();
  });

  const schemas: readonly (readonly [string, readonly Field[]])[] = [
    ['a JSON field', [KEY, { name: 'more', type: 'JSON' }, VECTOR]],
    ['an Array', [KEY, { name: 'more', type: 'Array', elementType: 'Int8', maxCapacity: 4, nullable: true }, VECTOR]],
    ['vectors of bits', [KEY, { name: 'bits', type: 'BinaryVector', dim: 8, metric: 'HAMMING' }]],
    ['sparse vectors', [KEY, { name: 'sparse', type: 'SparseFloatVector', metric: 'IP' }]],
    ['vectors that may be null', [KEY, { ...VECTOR, nullable: true }]],
  ];
  test.each(schemas)('a schema with %s', async (_, fields) => {
    const files: MemoryFiles = new Map();
    const writer = await testDatabase({ files });
    await writer.createCollection({ name: 'c', fields });
    await writer.close();
    const database = await PublishedDatabase.open(published(files), core);
    await expect(database.collection('c')).rejects.toThrow(Beyond);
  });
});
