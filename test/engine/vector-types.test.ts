// Vector types: collections of several vector fields of every type, some with nulls, against brute force in f64: whatever
// was written, deleted, sealed, merged, reopened, and wherever the vectors are.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { isVector, type Field } from '../../src/model/field.js';
import { floatsOf, type NumberVectorType } from '../../src/model/half.js';
import { isDistance } from '../../src/model/metric.js';
import { checkSchema } from '../../src/model/schema.js';
import type { RowInput, SparseVector } from '../../src/model/row.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { trueScore, type AnyMetric } from '../core/rows-support.js';
import { testDatabase, type TestDatabaseOptions } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';

type Random = () => number;
type Dense = Float32Array | Int8Array | Uint8Array | readonly number[];
type Given = Dense | SparseVector;

const { fields: FIELDS } = checkSchema({ fields: [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'n', type: 'Int32' },
  { name: 'f32', type: 'FloatVector', dim: 5, metric: 'L2' },
  { name: 'f16', type: 'Float16Vector', dim: 6, metric: 'COSINE', nullable: true },
  { name: 'bf16', type: 'BFloat16Vector', dim: 4, metric: 'IP' },
  { name: 'i8', type: 'Int8Vector', dim: 7, metric: 'L2', nullable: true },
  { name: 'bits', type: 'BinaryVector', dim: 24, metric: 'JACCARD' },
  { name: 'flags', type: 'BinaryVector', dim: 16, nullable: true },
  { name: 'late', type: 'FloatVector', dim: 3, metric: 'IP', nullable: true },
  { name: 'terms', type: 'SparseFloatVector', nullable: true },
] });
const VECTORS = FIELDS.filter(({ type }) => isVector(type));

/** What a row's vector is taken for: numbers that its type has exactly, or bytes of bits. */
function drawVector({ type, dim = 0 }: Field, next: Random): Given {
  if (type === 'SparseFloatVector') return Object.fromEntries(Array.from({ length: randomInteger(next, 9) }, () => [randomInteger(next, 20) ** 7, randomInteger(next, 8) / 4]));
  if (type === 'BinaryVector') return Uint8Array.from({ length: dim / 8 }, () => next() * 256);
  if (type === 'Int8Vector') return Int8Array.from({ length: dim }, () => next() * 256 - 128);
  // Multiples of 1/16 of at most 7 bits: of f16 and bf16, too.
  const numbers = Array.from({ length: dim }, () => (randomInteger(next, 127) - 63 || 1) / 16);
  return next() < 0.5 ? numbers : Float32Array.from(numbers);
}

type Model = Map<bigint, { readonly n: number; readonly vectors: ReadonlyMap<string, Given | null> }>;

function drawRows(next: Random, model: Model, count: number): readonly RowInput[] {
  return Array.from({ length: count }, () => {
    const id = BigInt(randomInteger(next, 400));
    const n = randomInteger(next, 10);
    const vectors = new Map(VECTORS.map((field) => [field.name, field.nullable === true && next() < 0.4 ? null : drawVector(field, next)] as const));
    model.delete(id);
    model.set(id, { n, vectors });
    return { id, n, ...Object.fromEntries([...vectors].filter(([, vector]) => vector !== null || next() < 0.5)) } as RowInput;
  });
}

function scoreOf(type: Field['type'], metric: AnyMetric, query: Given, vector: Given): number {
  if (type !== 'SparseFloatVector') return trueScore(metric, query as Dense, vector as Dense);
  return Object.entries(query as SparseVector).reduce((sum, [index, weight]) => sum + weight * ((vector as SparseVector)[Number(index)] ?? 0), 0);
}

/** As one list of numbers, whatever type it is of. */
function numbersOf(vector: Given): readonly number[] {
  return ArrayBuffer.isView(vector) || Array.isArray(vector) ? Array.from(vector as Float32Array) : Object.entries(vector as SparseVector).flatMap(([index, value]) => [Number(index), value]);
}

/** The scores of the best rows that `bound` lets through, best first, of all rows that have the vector. */
function truth(model: Model, { name, type, metric, nullable }: Field, query: Given, limit: number, bound: number): readonly number[] {
  const scores = [...model.values()].flatMap(({ n, vectors }) => {
    const vector = vectors.get(name);
    if (n >= bound || vector === null) return [];
    expect(vector === undefined && nullable !== true).toBe(false);
    const score = scoreOf(type, metric as AnyMetric, query, vector as Given);
    // Sparse rows that share nothing with the query are no hits.
    return type === 'SparseFloatVector' && score === 0 ? [] : [score];
  });
  return scores.sort((a, b) => (isDistance(metric as AnyMetric) ? a - b : b - a)).slice(0, limit);
}

async function check(collection: Collection, model: Model, next: Random): Promise<void> {
  for (const field of VECTORS) {
    const data = [drawVector(field, next), drawVector(field, next)];
    const bound = next() < 0.5 ? 10 : randomInteger(next, 6);
    const limit = 1 + randomInteger(next, 12);
    const { hits } = await collection.search({ data: data as Float32Array[], annsField: field.name, limit, recall: 1, ...(bound < 10 ? { filter: `n < ${bound}` } : {}), outputFields: [field.name] });
    data.forEach((query, q) => {
      const found = hits[q] ?? [];
      const best = truth(model, field, query, limit, bound);
      expect(found.length, field.name).toBe(best.length);
      found.forEach(({ id, score, fields }, at) => {
        const row = model.get(id as bigint);
        const vector = row?.vectors.get(field.name) as Given;
        expect(row?.n).toBeLessThan(bound);
        expect(numbersOf(fields[field.name] as Given)).toEqual(numbersOf(vector));
        expect(score, field.name).toBeCloseTo(scoreOf(field.type, field.metric as AnyMetric, query, vector), 3);
        expect(score, field.name).toBeCloseTo(best[at] as number, 3);
      });
    });
  }
  const ids = [...model.keys()].filter(() => next() < 0.05);
  for (const row of await collection.get({ ids })) {
    for (const { name } of VECTORS) {
      const expected = model.get(row['id'] as bigint)?.vectors.get(name) ?? null;
      const found = row[name] as Given | null;
      expect(found && numbersOf(found), name).toEqual(expected && numbersOf(expected));
    }
  }
}

test.each([1, 2, 3].flatMap((seed) => [{ seed, eagerBytes: 0 }, { seed, eagerBytes: 2 ** 25 }]))('searches of seed $seed find what brute force finds, $eagerBytes bytes read at once', async ({ seed, eagerBytes }) => {
  const next = random(seed * 7);
  const files: MemoryFiles = new Map();
  const options: TestDatabaseOptions = { files, seed, eagerBytes, sealBytes: 1 << 20, ...(next() < 0.5 ? { memoryBytes: 2 ** 24 } : {}) };
  const model: Model = new Map();
  let database = await testDatabase(options);
  let collection: Collection = await database.createCollection({ name: 'c', fields: FIELDS });
  for (let step = 0; step < 16; step++) {
    const choice = next();
    if (choice < 0.5) await collection.insert(drawRows(next, model, 1 + randomInteger(next, 40)));
    else if (choice < 0.6) {
      const ids = [...model.keys()].filter(() => next() < 0.2);
      await collection.delete({ ids });
      for (const id of ids) model.delete(id);
    } else if (choice < 0.75) await collection.flush();
    else if (choice < 0.85) await collection.compact();
    else {
      await database.close();
      database = await testDatabase(options);
      collection = await database.collection('c');
    }
    await check(collection, model, next);
  }
  await database.close();
});

test('an index is built over each field that wants one, of the rows that have a vector, and found again', async () => {
  const files: MemoryFiles = new Map();
  const next = random(5);
  const fields: readonly Field[] = [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'a', type: 'Int8Vector', dim: 32, metric: 'L2' },
    { name: 'b', type: 'Float16Vector', dim: 32, metric: 'COSINE', nullable: true },
    { name: 'c', type: 'BinaryVector', dim: 64 },
    { name: 'd', type: 'BFloat16Vector', dim: 64, metric: 'IP' },
  ];
  const database = await testDatabase({ files });
  const collection = await database.createCollection({ name: 'c', fields, indexParams: [{ fieldName: 'a', indexType: 'HNSW' }, { fieldName: 'b', indexType: 'IVF_FLAT', params: { nlist: 8 } }, { fieldName: 'd', indexType: 'FLAT' }] });
  const rows = Array.from({ length: 1500 }, (_, id) => ({ id, ...Object.fromEntries(fields.slice(1).map((field) => [field.name, field.nullable === true && id % 4 === 0 ? null : drawVector(field, next)])) }));
  await collection.insert(rows as readonly RowInput[]);
  await collection.flush();
  for (const fieldName of ['a', 'b']) while ((await database.describeIndex('c', { fieldName })).state === 'InProgress') await new Promise((resolve) => setTimeout(resolve, 1));
  await database.close();
  expect([...files.keys()].flatMap((key) => /idx-[a-z]+/.exec(key)?.[0] ?? []).sort()).toEqual(['idx-graph', 'idx-ivf']);
  for (const eagerBytes of [0, 2 ** 25]) {
    const again = await testDatabase({ files, eagerBytes });
    const opened = await again.collection('c');
    for (const { name, type, metric } of fields.slice(1)) {
      let found = 0;
      for (let at = 0; at < 40; at++) {
        const id = 1 + at * 4;
        const query = rows[id]?.[name as 'id'] as unknown as Float32Array;
        const { hits, recall } = await opened.search({ data: query, annsField: name, limit: 10, recall: 0.9 });
        if (name === 'c' || name === 'd') expect(recall).toBe(1);
        const others = rows.flatMap((row) => (row[name as 'id'] === null ? [] : [trueScore((metric ?? 'HAMMING') as AnyMetric, query, row[name as 'id'] as unknown as Float32Array)]));
        others.sort((a, b) => (isDistance(metric ?? 'HAMMING') ? a - b : b - a));
        found += hits.filter(({ score }) => (isDistance(metric ?? 'HAMMING') ? score <= (others[9] as number) + 1e-3 : score >= (others[9] as number) - 1e-3)).length;
        expect(hits.every(({ id: hit }) => rows[Number(hit)]?.[name as 'id'] !== null)).toBe(true);
      }
      expect(found / 400, `${name} ${type}`).toBeGreaterThan(0.8);
    }
    await again.close();
  }
});

test('f16 and bf16 are rounded to the nearest, ties to even, and given back as numbers', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'h', type: 'Float16Vector', dim: 4, metric: 'IP' }, { name: 'b', type: 'BFloat16Vector', dim: 4, metric: 'IP' }] });
  const numbers = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, -3 * 2 ** -25];
  await collection.insert([
    { id: 0, h: numbers, b: [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1e-40, 3e38] },
    { id: 1, h: Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff), b: new Uint8Array([0x80, 0x3f, 0, 0xc0, 1, 0, 0x7f, 0x7f]) },
  ]);
  const [first, second] = await collection.get({ ids: [0, 1] });
  expect(Array.from(first?.['h'] as Float32Array)).toEqual([1, 1 + 2 ** -9, 0, -(2 ** -23)]);
  expect(Array.from(first?.['b'] as Float32Array)).toEqual(Array.from(floatsOf('BFloat16Vector' satisfies NumberVectorType, Uint16Array.of(0x3f80, 0x3f82, 0x8001, 0x7f62))));
  expect(Array.from(second?.['h'] as Float32Array)).toEqual([1, -2, 2 ** -24, 65_504]);
  expect(Array.from(second?.['b'] as Float32Array)).toEqual(Array.from(floatsOf('BFloat16Vector', Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f7f))));
  await database.close();
});
