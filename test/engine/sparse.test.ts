// Sparse vectors in collections: the forms they may be given in, what is refused, their index file, and search of what grows.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { SparsePostings } from '../../src/engine/table/postings.js';
import { sparseColumn, sparseRows } from '../../src/engine/write/sparse-vector.js';
import { bitsetOf, hasBit, setBit } from '../../src/model/bitset.js';
import type { RowInput, SparseVector } from '../../src/model/row.js';
import type { ScoreRange } from '../../src/ports/core.js';
import type { MemoryFile, MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';

const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'n', type: 'Int32' },
  { name: 's', type: 'SparseFloatVector' },
] as const;

/** Multiples of 1/4, so that sums are exact and equal scores are equal. */
function drawSparse(next: () => number, terms: number, most: number): SparseVector {
  return Object.fromEntries(Array.from({ length: randomInteger(next, most) }, () => [randomInteger(next, terms) * 1000, randomInteger(next, 9) / 4]));
}

function dot(a: SparseVector, b: SparseVector): number {
  return Object.entries(a).reduce((sum, [index, value]) => sum + value * (b[Number(index)] ?? 0), 0);
}

/** The best rows, [row, score], of those that have a term of the query. */
function truth(rows: readonly SparseVector[], query: SparseVector, k: number, takesPart: (row: number) => boolean, range: ScoreRange = {}): readonly (readonly [number, number])[] {
  const { radius = Number.NEGATIVE_INFINITY, rangeFilter = Number.POSITIVE_INFINITY } = range;
  const scored = rows.flatMap((row, at): (readonly [number, number])[] => {
    const score = dot(query, row);
    return takesPart(at) && score > 0 && score > radius && score <= rangeFilter ? [[at, score]] : [];
  });
  return scored.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, k);
}

test('postings find what brute force finds, however they have grown and been cut back', () => {
  const next = random(11);
  const postings = new SparsePostings();
  const rows: SparseVector[] = [];
  for (let step = 0; step < 120; step++) {
    if (next() < 0.2) {
      rows.length = randomInteger(next, rows.length + 1);
      postings.cut(rows.length);
    } else {
      const added = Array.from({ length: randomInteger(next, 30) }, () => drawSparse(next, 25, 8));
      postings.append(sparseColumn(added, String));
      rows.push(...added);
    }
    const queries = [drawSparse(next, 25, 6), drawSparse(next, 25, 6)];
    const k = 1 + randomInteger(next, 12);
    const alive = next() < 0.5 ? undefined : bitsetOf(rows.length, false);
    if (alive !== undefined) rows.forEach((_, row) => next() < 0.6 && setBit(alive, row));
    const range = next() < 0.5 ? undefined : { radius: randomInteger(next, 8) / 4, rangeFilter: 1 + randomInteger(next, 20) / 4 };
    const { counts, rows: found, scores } = postings.search(sparseRows(sparseColumn(queries, String)), k, alive, range);
    queries.forEach((query, q) => {
      const hits = Array.from({ length: counts[q] as number }, (_, at) => [found[q * k + at], scores[q * k + at]]);
      expect(hits).toEqual(truth(rows, query, k, (row) => alive === undefined || hasBit(alive, row), range));
    });
  }
});

async function found(collection: Collection, data: SparseVector, more: object = {}): Promise<readonly (readonly [number, number])[]> {
  const { hits, recall } = await collection.search({ data, limit: 10, ...more });
  expect(recall).toBe(1);
  return hits.map(({ id, score }) => [Number(id), score] as const);
}

function flip({ bytes }: MemoryFile, at: number): void {
  bytes[at] = (bytes[at] as number) ^ 1;
}

test('a segment gets an index file, which is used when it is opened again, and made anew in memory where it is damaged', async () => {
  const files: MemoryFiles = new Map();
  const next = random(3);
  const rows = Array.from({ length: 1100 }, () => drawSparse(next, 300, 30));
  const queries = Array.from({ length: 12 }, () => drawSparse(next, 300, 12));
  const expected = queries.map((query) => truth(rows, query, 10, (row) => row % 7 < 5));
  const check = async (collection: Collection): Promise<void> => {
    for (const [at, query] of queries.entries()) expect(await found(collection, query, { filter: 'n < 5', params: { drop_ratio_search: at % 2 === 0 ? 0 : 0.01 } })).toEqual(expected[at]);
  };
  const database = await testDatabase({ files });
  const collection = await database.createCollection({ name: 'c', fields: FIELDS });
  await collection.insert(rows.map((s, id) => ({ id, n: id % 7, s })));
  await check(collection);
  await collection.flush();
  await check(collection);
  while ((await database.describeIndex('c', { fieldName: 's' })).state === 'InProgress') await new Promise((resolve) => setTimeout(resolve, 1));
  await check(collection);
  expect((await database.describeCollection('c')).indexedSegments).toBe(1);
  await database.close();
  const key = [...files.keys()].find((name) => name.includes('idx-sparse-')) as string;
  expect(key).toBeDefined();
  for (const damage of [false, true]) {
    if (damage) flip(files.get(key) as MemoryFile, 5000);
    const again = await testDatabase({ files, eagerBytes: damage ? 2 ** 25 : 0 });
    await check(await again.collection('c'));
    expect((await again.health()).warnings.some((warning) => warning.includes('idx-sparse-'))).toBe(damage);
    await again.close();
  }
});

test('indexes that do not fit into memory together are read one after the other, and counted', async () => {
  const files: MemoryFiles = new Map();
  const next = random(21);
  const rows = Array.from({ length: 4 * 1100 }, () => drawSparse(next, 900, 60));
  const database = await testDatabase({ files });
  const collection = await database.createCollection({ name: 'c', fields: FIELDS });
  for (let first = 0; first < rows.length; first += 1100) {
    await collection.insert(rows.slice(first, first + 1100).map((s, at) => ({ id: first + at, n: at % 7, s })));
    await collection.flush();
  }
  while ((await database.describeIndex('c', { fieldName: 's' })).state === 'InProgress') await new Promise((resolve) => setTimeout(resolve, 1));
  await database.close();
  const sizes = [...files].flatMap(([key, { sizeBytes }]) => (key.includes('idx-sparse-') ? [sizeBytes] : []));
  expect(sizes.length).toBeGreaterThan(1);
  const limit = 200_000 + Math.ceil(1.5 * Math.max(...sizes));
  const again = await testDatabase({ files, eagerBytes: 0, memoryBytes: Math.ceil(limit / 0.75) });
  const opened = await again.collection('c');
  for (let search = 0; search < 6; search++) {
    const query = drawSparse(next, 900, 12);
    expect(await found(opened, query)).toEqual(truth(rows, query, 10, () => true));
    const { memory, collections } = await again.stats();
    expect(memory.usedBytes).toBeLessThanOrEqual(limit);
    expect(collections[0]?.memory.indexes).toBeGreaterThan(0);
  }
  await again.close();
});

describe('a sparse vector', () => {
  test.each<[string, unknown]>([
    ['an object', { 7: 0.5, 3: 2, 4_294_967_294: 1 }],
    ['a Map', new Map([[7, 0.5], [4_294_967_294, 1], [3, 2]])],
    ['indices and values', { indices: Uint32Array.of(4_294_967_294, 3, 7), values: [1, 2, 0.5] }],
    ['pairs', [[3, 2], [4_294_967_294, 1], [7, 0.5]]],
  ])('may be given as %s, in a row and to a search', async (_, s) => {
    const database = await testDatabase();
    const collection: Collection = await database.createCollection({ name: 'c', fields: FIELDS });
    await collection.insert([{ id: 1, n: 1, s } as RowInput, { id: 2, n: 1, s: {} }]);
    expect(await collection.get({ ids: [1, 2], outputFields: ['s'] })).toEqual([{ id: 1n, s: { 3: 2, 7: 0.5, 4_294_967_294: 1 } }, { id: 2n, s: {} }]);
    expect(await found(collection, s as SparseVector)).toEqual([[1, 5.25]]);
    const { hits } = await collection.search({ data: [s, {}] as SparseVector[] });
    expect(hits.map((list) => list.length)).toEqual([1, 0]);
    await database.close();
  });

  test.each<[string, unknown, string]>([
    ['a negative value', { 1: -0.5 }, 'finite f32 values that are not negative, found -0.5 at index 1'],
    ['NaN', { 1: NaN }, 'found NaN at index 1'],
    ['a value beyond f32', { 1: 1e39 }, 'found 1e+39 at index 1'],
    ['text as a value', { 1: '2' }, 'numbers, found string at index 1'],
    ['a name as an index', { a: 1 }, 'indices of 0 to 4294967294, found "a"'],
    ['an index with a leading zero', { '01': 1 }, 'found "01"'],
    ['an index beyond 2^32 - 2', { 4_294_967_295: 1 }, 'found 4294967295'],
    ['a negative index', [[-1, 1]], 'found -1'],
    ['a fraction as an index', new Map([[0.5, 1]]), 'found 0.5'],
    ['a bigint as an index', [[3n, 1]], 'indices of 0 to 4294967294, found 3n'],
    ['an index twice', [[3, 1], [3, 1]], 'each index once, found 3 twice'],
    ['lists of different lengths', { indices: [1, 2], values: [1] }, 'indices and values of the same length'],
    ['pairs that are none', [[1, 2], [3]], 'pairs of an index and a value, found [3]'],
    ['a dense vector', Float32Array.of(1, 2), 'a sparse vector as { [index]: value }, found a dense vector'],
    ['text', 'words', 'found string'],
    ['null', null, 'missing'],
    ['too many terms', { indices: Uint32Array.from({ length: 65_537 }, (_, i) => i), values: new Float32Array(65_537) }, 'at most 65536 terms, found 65537'],
  ])('with %s is refused', async (_, s, message) => {
    const database = await testDatabase();
    const collection: Collection = await database.createCollection({ name: 'c', fields: FIELDS });
    await expect(collection.insert([{ id: 0, n: 1, s: {} }, { id: 1, n: 1, s } as RowInput])).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(`row 1, field "s": ${message === 'missing' ? '' : 'expected '}`) as string });
    await expect(collection.insert([{ id: 1, n: 1, s } as RowInput])).rejects.toMatchObject({ message: expect.stringContaining(message) as string });
    expect(await collection.count()).toBe(0);
    await database.close();
  });

  test('is refused with a dim, another metric, an index for others, or a search parameter out of range', async () => {
    const database = await testDatabase();
    const create = (field: object): Promise<Collection> => database.createCollection({ name: 'c', fields: [FIELDS[0], { name: 's', type: 'SparseFloatVector', ...field } as never] });
    await expect(create({ dim: 4 })).rejects.toMatchObject({ message: expect.stringContaining('dim belongs to') as string });
    await expect(create({ metric: 'COSINE' })).rejects.toMatchObject({ message: expect.stringContaining('metric: expected one of IP') as string });
    const collection = await create({ nullable: true });
    await expect(database.createIndex('c', { fieldName: 's', indexType: 'HNSW' })).rejects.toMatchObject({ message: expect.stringContaining('do not support data type: SparseFloatVector') as string });
    await expect(collection.search({ data: { 1: 1 }, params: { drop_ratio_search: 1 } })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(collection.search({ data: [1, 2] })).rejects.toMatchObject({ message: expect.stringContaining('found number') as string });
    await expect(collection.search({ data: [] })).rejects.toMatchObject({ message: expect.stringContaining('expected 1 to') as string });
    await collection.insert([{ id: 1 }, { id: 2, s: null }, { id: 3, s: { 1: 1 } }]);
    expect(await found(collection, { 1: 2 })).toEqual([[3, 2]]);
    expect(await collection.get({ ids: [2] })).toEqual([{ id: 2n, s: null }]);
    await database.close();
  });
});
