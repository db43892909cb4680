// Every type of field through the unmodified client of Milvus: what is inserted comes back, from a query and with hits,
// nulls, defaults, dynamic keys and every digit of an Int64 among it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { open } from '../../../src/presets/node.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

const NAME = 'everything';
const BIG = '9223372036854775807';

let server: GrpcTestServer;
let client: MilvusClient;

beforeAll(async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  await database.createCollection({
    name: NAME,
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'bool', type: 'Bool', nullable: true },
      { name: 'int8', type: 'Int8', nullable: true },
      { name: 'int16', type: 'Int16', nullable: true },
      { name: 'int32', type: 'Int32', nullable: true },
      { name: 'int64', type: 'Int64', nullable: true },
      { name: 'float', type: 'Float', nullable: true },
      { name: 'double', type: 'Double', nullable: true },
      { name: 'text', type: 'VarChar', maxLength: 100, nullable: true },
      { name: 'json', type: 'JSON', nullable: true },
      { name: 'ints', type: 'Array', elementType: 'Int32', maxCapacity: 8, nullable: true },
      { name: 'longs', type: 'Array', elementType: 'Int64', maxCapacity: 8, nullable: true },
      { name: 'words', type: 'Array', elementType: 'VarChar', maxCapacity: 8, maxLength: 20, nullable: true },
      { name: 'place', type: 'Geometry', nullable: true },
      { name: 'at', type: 'Timestamptz', nullable: true },
      { name: 'year', type: 'Int16', defaultValue: 1999 },
      { name: 'f32', type: 'FloatVector', dim: 4, metric: 'L2' },
      { name: 'f16', type: 'Float16Vector', dim: 4, metric: 'L2', nullable: true },
      { name: 'bf16', type: 'BFloat16Vector', dim: 4, metric: 'L2', nullable: true },
      { name: 'i8', type: 'Int8Vector', dim: 4, metric: 'L2', nullable: true },
      { name: 'bits', type: 'BinaryVector', dim: 16, metric: 'HAMMING', nullable: true },
      { name: 'sparse', type: 'SparseFloatVector', nullable: true },
    ],
  });
  server = await startGrpcServer({ database });
  client = await server.client();
});

afterAll(() => server.close());

/** As it is inserted, and as it comes back. */
const FULL = {
  id: BIG,
  bool: true,
  int8: -128,
  int16: 32_767,
  int32: -2_147_483_648,
  int64: '9007199254740993',
  float: 0.5,
  double: 0.1,
  text: 'naïve \u{1f985}',
  json: { a: [1, 'b', null], deep: { x: 1.5 } },
  ints: [1, -2, 3],
  longs: ['9007199254740993', '-1'],
  words: ['kite', ''],
  place: 'POINT (1 2)',
  at: '2025-01-02T03:04:05Z',
  year: 2020,
  f32: [1, -2, 0.5, 4],
  f16: [1, -2, 0.5, 4],
  bf16: [1, -2, 0.5, 4],
  i8: [1, -2, 127, -128],
  bits: [255, 1],
  sparse: { 3: 0.5, 100_000: 2 },
};
const LEAST = { id: '-5', f32: [0, 0, 0, 1] };
const NULLS = Object.fromEntries(Object.keys(FULL).map((name) => [name, null]));
const DYNAMIC = { colour: 'red', size: 12 };

describe('fields of every type', () => {
  it('are inserted, queried and found as they are', async () => {
    const inserted = await client.insert({ collection_name: NAME, data: [{ ...FULL, ...DYNAMIC }, LEAST] });
    expect(inserted).toMatchObject({ status: { error_code: 'Success' }, insert_cnt: '2', succ_index: [0, 1], err_index: [], IDs: { int_id: { data: [BIG, '-5'] } } });
    expect(Number(BigInt(inserted.timestamp) >> 18n)).toBeGreaterThan(Date.parse('2025-01-01'));

    const { data } = await client.query({ collection_name: NAME, filter: 'id != 0', output_fields: ['*'] });
    expect(data).toEqual([
      { ...NULLS, ...LEAST, year: 1999, $meta: {} },
      { ...FULL, $meta: DYNAMIC },
    ]);

    const { results } = await client.search({ collection_name: NAME, anns_field: 'f32', data: FULL.f32, limit: 2, output_fields: ['*'] });
    expect(results).toEqual([
      { ...FULL, $meta: DYNAMIC, score: 0 },
      { ...NULLS, ...LEAST, year: 1999, $meta: {}, score: 1 + 4 + 0.25 + 9 },
    ]);
  });

  it.each([['f16', FULL.f16], ['bf16', FULL.bf16], ['i8', FULL.i8], ['bits', FULL.bits], ['sparse', FULL.sparse]] as const)('are found by the vector %s, without the rows that have none', async (field, vector) => {
    const { results, status } = await client.search({ collection_name: NAME, anns_field: field, data: vector as number[], limit: 5, output_fields: ['id'] });
    expect(status.reason).toBe('');
    expect(results.map(({ id, score }) => [id, score])).toEqual([[BIG, field === 'sparse' ? 4.25 : 0]]);
  });

  it('are given back by name alone, dynamic keys among them', async () => {
    const { data } = await client.query({ collection_name: NAME, filter: 'colour == "red"', output_fields: ['colour', 'text'] });
    // The client shows dynamic keys of a query in $meta.
    expect(data).toEqual([{ id: BIG, text: FULL.text, $meta: { colour: 'red' } }]);
    const { results } = await client.search({ collection_name: NAME, anns_field: 'f32', data: FULL.f32, limit: 1, output_fields: ['size', 'int64'] });
    expect(results).toEqual([{ score: 0, int64: FULL.int64, size: 12 }]);
  });

  it('keep every digit of integers in JSON', async () => {
    expect(await client.upsert({ collection_name: NAME, data: [{ ...LEAST, json: { n: 2 ** 53 } }] })).toMatchObject({ upsert_cnt: '1' });
    const { data } = await client.query({ collection_name: NAME, filter: 'id == -5', output_fields: ['json'] });
    expect(data).toEqual([{ id: '-5', json: { n: 2 ** 53 } }]);
  });
});
