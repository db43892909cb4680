// Search by primary key: the same hits as by the vectors of those rows, of every type, where the rows are, and what is refused.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import type { RowInput, Vector } from '../../src/model/row.js';
import { testDatabase } from '../support/database.js';
import { random } from '../support/random.js';

const FIELDS = [
  { name: 'id', type: 'VarChar', primaryKey: true },
  { name: 'n', type: 'Int32' },
  { name: 'f', type: 'FloatVector', dim: 4, metric: 'L2' },
  { name: 'h', type: 'Float16Vector', dim: 4, metric: 'COSINE', nullable: true },
  { name: 'i', type: 'Int8Vector', dim: 4, metric: 'IP' },
  { name: 'x', type: 'BinaryVector', dim: 16 },
  { name: 's', type: 'SparseFloatVector' },
] as const;

let database: Database;
let collection: Collection;
const rows: Record<string, unknown>[] = [];
beforeAll(async () => {
  const next = random(4);
  for (let n = 0; n < 60; n++) {
    const vector = (): number[] => Array.from({ length: 4 }, () => 1 + Math.floor(next() * 100));
    rows.push({ id: `k${n}`, n, f: vector(), h: n % 5 === 0 ? null : vector(), i: vector(), x: [next() * 256, next() * 256].map(Math.floor), s: Object.fromEntries(vector().map((value) => [value % 9, value])) });
  }
  database = await testDatabase({ eagerBytes: 0 });
  collection = await database.createCollection({ name: 'c', fields: FIELDS });
  await collection.insert(rows.slice(0, 40) as RowInput[]);
  await collection.flush();
  await collection.insert(rows.slice(40) as RowInput[]);
});
afterAll(() => database.close());

test.each(['f', 'h', 'i', 'x', 's'])('by field %s rows find what their vectors find, themselves among them', async (annsField) => {
  const picked = [1, 57, 12, 1].map((n) => rows[n] as Record<string, unknown>);
  const options = { annsField, limit: 5, recall: 1, filter: 'n > 0', outputFields: ['n'] } as const;
  const byIds = await collection.search({ ...options, ids: picked.map(({ id }) => id as string) });
  const byData = await collection.search({ ...options, data: picked.map((row) => row[annsField] as Vector) });
  expect(byIds).toEqual(byData);
  expect(byIds.hits).toHaveLength(4);
  if (annsField === 'f') byIds.hits.forEach((hits, q) => expect(hits[0]).toMatchObject({ id: picked[q]?.['id'], score: 0 }));
  const grouped = await collection.search({ ...options, ids: ['k1'], groupByField: 'n' });
  expect(grouped.hits[0]?.map(({ id }) => id)).toEqual(byIds.hits[0]?.map(({ id }) => id));
});

test('a hybrid search may have rows as queries', async () => {
  const asked = (query: object): Promise<unknown> => collection.hybridSearch({ searches: [{ annsField: 'f', ...query }, { annsField: 'i', data: [rows[7]?.['i'] as number[]] }] as never, limit: 4 });
  expect(await asked({ ids: ['k7'] })).toEqual(await asked({ data: [rows[7]?.['f']] }));
});

describe('refused are', () => {
  test.each<[string, object, string]>([
    ['rows that are not there', { annsField: 'f', ids: ['k1', 'none', 'k2', 'neither'] }, 'ids: some of the provided primary key IDs do not exist: none, neither'],
    ['a row without the vector', { annsField: 'h', ids: ['k1', 'k5'] }, 'ids[1]: the row k5 has no vector "h"'],
    ['keys of another type', { annsField: 'f', ids: [7] }, 'ids[0]'],
    ['no keys', { annsField: 'f', ids: [] }, 'expected 1 to'],
    ['ids that are no list', { annsField: 'f', ids: 'k1' }, 'ids: expected an array'],
    ['ids beside data', { annsField: 'f', ids: ['k1'], data: [1, 2, 3, 4] }, 'expected either data or ids'],
    ['no field, where there are several', { ids: ['k1'] }, 'annsField: the collection has several vector fields'],
    ['neither', { annsField: 'f' }, 'data: expected a vector or an array of vectors, found undefined'],
  ])('%s', async (_, request, message) => {
    await expect(collection.search(request as { ids: string[] })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(message) as string });
  });
});
