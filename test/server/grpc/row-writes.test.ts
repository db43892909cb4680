// Writes of rows through the unmodified client of Milvus: keys, generated keys, upserts, partial updates, deletes, partitions.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { open } from '../../../src/presets/node.js';
import { rawClient } from './raw-client.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

let server: GrpcTestServer;
let client: MilvusClient;
let database: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  database = await open('test', { storage: 'memory', core: 'wasm' });
  const vector = { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' } as const;
  await database.createCollection({
    name: 'books',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'VarChar', maxLength: 20, primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 20, nullable: true },
      { name: 'price', type: 'Double', defaultValue: 9.5 },
      { name: 'tags', type: 'Array', elementType: 'VarChar', maxCapacity: 4, maxLength: 10, nullable: true },
      vector,
    ],
  });
  await database.createPartition('books', 'old');
  for (const [name, properties] of [['keyed', {}], ['lent', { allow_insert_auto_id: 'true' }]] as const) {
    await database.createCollection({ name, properties, fields: [{ name: 'id', type: 'Int64', primaryKey: true, autoId: true }, { name: 'n', type: 'Int32' }, vector] });
  }
  server = await startGrpcServer({ database });
  client = await server.client();
});

afterAll(() => server.close());

async function rows(filter: string, output_fields: string[] = ['title', 'price', 'tags', '$meta'], rest: object = {}): Promise<readonly object[]> {
  const { data, status } = await client.query({ collection_name: 'books', filter, output_fields, limit: 100, ...rest });
  expect(status.reason).toBe('');
  return data;
}

describe('writes', () => {
  it('insert rows, and fill in nulls and defaults', async () => {
    const answer = await client.insert({ collection_name: 'books', data: [{ id: 'a', title: 'A', v: [1, 2], colour: 'red' }, { id: 'b', price: 3, tags: ['x'], v: [3, 4] }] });
    expect(answer).toMatchObject({ insert_cnt: '2', IDs: { str_id: { data: ['a', 'b'] } } });
    expect(await rows('id != ""')).toEqual([
      { id: 'a', title: 'A', price: 9.5, tags: null, $meta: { colour: 'red' } },
      { id: 'b', title: null, price: 3, tags: ['x'], $meta: {} },
    ]);
  });

  it('replace whole rows by an upsert, and parts of them by a partial one', async () => {
    expect(await client.upsert({ collection_name: 'books', data: [{ id: 'b', title: 'B', v: [5, 6] }] })).toMatchObject({ upsert_cnt: '1', insert_cnt: '0', IDs: { str_id: { data: ['b'] } } });
    expect(await rows('id == "b"')).toEqual([{ id: 'b', title: 'B', price: 9.5, tags: null, $meta: {} }]);
    const partial = await client.upsert({ collection_name: 'books', partial_update: true, data: [{ id: 'a', price: 1 }, { id: 'b', price: 2 }] });
    expect(partial).toMatchObject({ upsert_cnt: '2' });
    expect(await rows('id in ["a", "b"]', ['title', 'price', 'v', '$meta'])).toEqual([
      { id: 'a', title: 'A', price: 1, v: [1, 2], $meta: { colour: 'red' } },
      { id: 'b', title: 'B', price: 2, v: [5, 6], $meta: {} },
    ]);
    const refused = await client.upsert({ collection_name: 'books', partial_update: true, data: [{ id: 'new', price: 1 }] });
    expect(refused.status).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
  });

  it('go into partitions, and are read and deleted in these', async () => {
    expect(await client.insert({ collection_name: 'books', partition_name: 'old', data: [{ id: 'c', v: [0, 1] }, { id: 'd', v: [0, 2] }] })).toMatchObject({ insert_cnt: '2' });
    expect(await rows('id != ""', ['id'], { partition_names: ['old'] })).toEqual([{ id: 'c' }, { id: 'd' }]);
    const { results } = await client.search({ collection_name: 'books', partition_names: ['old'], data: [0, 0], limit: 9, output_fields: ['id'] });
    expect(results.map(({ id }) => id)).toEqual(['c', 'd']);
    expect(await client.deleteEntities({ collection_name: 'books', partition_name: 'old', expr: 'id != ""' })).toMatchObject({ delete_cnt: '2' });
    expect(await rows('id != ""', ['id'])).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('delete by ids, by a filter, by values beside it, and count what was there', async () => {
    const data = Array.from({ length: 9 }, (_, at) => ({ id: `x${at}`, price: at, v: [at, 0] }));
    await client.insert({ collection_name: 'books', data });
    expect(await client.delete({ collection_name: 'books', ids: ['x0', 'x1', 'none'] })).toMatchObject({ status: { code: 0 }, delete_cnt: '2' });
    expect(await client.delete({ collection_name: 'books', filter: 'id like "x%" and price < 4' })).toMatchObject({ delete_cnt: '2' });
    expect(await client.delete({ collection_name: 'books', filter: 'id in {ids}', exprValues: { ids: ['x4', 'x5'] } } as never)).toMatchObject({ delete_cnt: '2' });
    expect((await client.count({ collection_name: 'books', expr: 'id like "x%"' })).data).toBe(3);
    expect((await client.count({ collection_name: 'books' })).data).toBe(5);
  });

  it('are refused of a client that knows an older schema, which then asks again', async () => {
    const { update_timestamp_str: known } = (await client.describeCollection({ collection_name: 'books' })) as unknown as { update_timestamp_str: string };
    await database.addField('books', { name: 'pages', type: 'Int32', nullable: true });
    const raw = rawClient(server.address);
    const fields_data = [{ type: 21, field_name: 'id', scalars: { string_data: { data: ['z'] } } }, { type: 101, field_name: 'v', vectors: { dim: 2, float_vector: { data: [1, 2] } } }];
    const { status } = await raw.call('Insert', { collection_name: 'books', num_rows: 1, schema_timestamp: known, fields_data }, 'milvus.MutationResult');
    raw.close();
    expect(status).toMatchObject({ code: 109, error_code: 62 });
    expect(await client.insert({ collection_name: 'books', data: [{ id: 'z', v: [1, 2] }] })).toMatchObject({ status: { code: 0 }, insert_cnt: '1' });
    expect(await rows('id == "z"', ['pages'])).toEqual([{ id: 'z', pages: null }]);
  });

  it('generate keys, and take given ones where that is allowed', async () => {
    const made = await client.insert({ collection_name: 'keyed', data: [{ n: 1, v: [1, 2] }, { n: 2, v: [3, 4] }] });
    const ids = (made.IDs as unknown as { int_id: { data: string[] } }).int_id.data;
    expect(new Set(ids).size).toBe(2);
    const { data } = await client.query({ collection_name: 'keyed', ids: ids as never, output_fields: ['n'] });
    expect(data.map(({ n }) => n).sort()).toEqual([1, 2]);
    expect(await client.insert({ collection_name: 'lent', data: [{ id: '77', n: 1, v: [1, 2] }] })).toMatchObject({ insert_cnt: '1', IDs: { int_id: { data: ['77'] } } });
  });
});
