// Databases, collections, fields, partitions and aliases over gRPC, by the unmodified client of Milvus for Node.

import { DataType, FunctionType, type CreateCollectionReq, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { milvusProtos } from '../../../src/server/grpc/protos.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

let server: GrpcTestServer;
let client: MilvusClient;

beforeAll(async () => {
  server = await startGrpcServer();
  client = await server.client();
});

afterAll(async () => server.close());

const OK = { error_code: 'Success', code: 0 };
const KEY = { name: 'id', data_type: DataType.Int64, is_primary_key: true } as const;
const VECTOR = { name: 'v', data_type: DataType.FloatVector, dim: 4 } as const;

const RAW_KEY = { name: 'id', data_type: 'Int64', is_primary_key: true } as const;
const RAW_VECTOR = { name: 'v', data_type: 'FloatVector', type_params: [{ key: 'dim', value: '4' }] } as const;

/** The client throws some statuses, and gives others. */
const refusal = (answer: Promise<unknown>): Promise<unknown> => answer.catch((status: unknown) => status);

const EVERY = {
  collection_name: 'every',
  description: 'of every type',
  fields: [
    { ...KEY, autoID: true, description: 'the key' },
    { name: 'b', data_type: DataType.Bool, default_value: true },
    { name: 'i8', data_type: DataType.Int8, nullable: true },
    { name: 'i64', data_type: DataType.Int64, default_value: '9007199254740993' },
    { name: 'f', data_type: DataType.Float, default_value: 0.5 },
    { name: 'd', data_type: DataType.Double },
    { name: 's', data_type: DataType.VarChar, max_length: 40, is_partition_key: true },
    { name: 't', data_type: DataType.VarChar, max_length: 400, enable_analyzer: true, enable_match: true, analyzer_params: { type: 'english' } },
    { name: 'j', data_type: DataType.JSON },
    { name: 'a', data_type: DataType.Array, element_type: DataType.VarChar, max_capacity: 8, max_length: 10, nullable: true },
    { name: 'bits', data_type: DataType.BinaryVector, dim: 16 },
    { name: 'half', data_type: DataType.Float16Vector, dim: 4 },
    { name: 'sparse', data_type: DataType.SparseFloatVector },
    VECTOR,
  ],
  functions: [{ name: 'words', type: FunctionType.BM25, input_field_names: ['t'], output_field_names: ['sparse'], params: {} }],
  enableDynamicField: true,
  consistency_level: 'Session',
  num_partitions: 7,
  properties: { 'collection.ttl.seconds': 3600, 'mmap.enabled': 'true' },
} as const;

describe('a collection', () => {
  test('is told as it was made: every type, parameter, default value, function and property', async () => {
    const before = Date.now();
    expect(await client.createCollection(EVERY as unknown as CreateCollectionReq)).toMatchObject(OK);
    const told = await client.describeCollection({ collection_name: 'every' });
    expect(told).toMatchObject({ status: OK, collection_name: 'every', consistency_level: 'Session', num_partitions: '7', shards_num: 1, aliases: [], db_name: 'default' });
    expect(told.schema).toMatchObject({ name: 'every', description: 'of every type', enable_dynamic_field: true, autoID: true });
    expect(told.schema.fields.map(({ fieldID, name, data_type }) => [fieldID, name, data_type])).toEqual(EVERY.fields.map(({ name, data_type }, at) => [String(100 + at), name, DataType[data_type]]));
    const field = (name: string): unknown => told.schema.fields.find((one) => one.name === name);
    expect(field('id')).toMatchObject({ is_primary_key: true, autoID: true, description: 'the key' });
    expect(field('i8')).toMatchObject({ nullable: true });
    expect(field('i64')).toMatchObject({ default_value: '9007199254740993' });
    expect(field('s')).toMatchObject({ is_partition_key: true, type_params: [{ key: 'max_length', value: '40' }] });
    expect(field('t')).toMatchObject({ type_params: expect.arrayContaining([{ key: 'enable_analyzer', value: 'true' }, { key: 'analyzer_params', value: '{"type":"english"}' }]) as unknown });
    expect(field('a')).toMatchObject({ element_type: 'VarChar', type_params: expect.arrayContaining([{ key: 'max_capacity', value: '8' }]) as unknown });
    expect(field('sparse')).toMatchObject({ is_function_output: true });
    expect(told.schema.functions).toMatchObject([{ name: 'words', type: 'BM25', input_field_names: ['t'], output_field_names: ['sparse'], input_field_ids: ['107'], output_field_ids: ['112'] }]);
    expect(told.properties).toEqual(expect.arrayContaining([{ key: 'collection.ttl.seconds', value: '3600' }, { key: 'mmap.enabled', value: 'true' }]));
    expect(BigInt(told.collectionID)).toBeGreaterThan(0n);
    expect(Number(told.created_utc_timestamp)).toBeGreaterThanOrEqual(before);
    expect(BigInt(told.created_timestamp) >> 18n).toBe(BigInt(told.created_utc_timestamp));
    expect(await client.createCollection(EVERY as unknown as CreateCollectionReq)).toMatchObject(OK);
    expect(await refusal(client.createCollection({ ...EVERY, description: 'another' } as unknown as CreateCollectionReq))).toMatchObject({ code: 1100, reason: expect.stringContaining('create duplicate collection with different parameters') as unknown });
  });

  test('that is not there has its own status, and dropping it is none', async () => {
    expect((await client.describeCollection({ collection_name: 'none' })).status).toMatchObject({ code: 100, error_code: 'UnexpectedError', reason: "can't find collection[database=default][collection=none]" });
    expect(await client.hasCollection({ collection_name: 'none' })).toMatchObject({ value: false });
    expect(await client.dropCollection({ collection_name: 'none' })).toMatchObject(OK);
    expect((await client.getCollectionStatistics({ collection_name: 'none' })).status).toMatchObject({ code: 100, error_code: 'CollectionNotExists' });
    expect(await client.loadCollectionAsync({ collection_name: 'none' })).toMatchObject({ code: 100 });
  });

  test.each([
    ['a name that begins with a digit', { collection_name: '1a', fields: [KEY, VECTOR] }],
    ['a name of 256 letters', { collection_name: 'a'.repeat(256), fields: [KEY, VECTOR] }],
    ['65 fields', { collection_name: 'x', fields: [KEY, VECTOR, ...Array.from({ length: 63 }, (_, i) => ({ name: `f${i}`, data_type: DataType.Int8 }))] }],
    ['11 vectors', { collection_name: 'x', fields: [KEY, ...Array.from({ length: 11 }, (_, i) => ({ ...VECTOR, name: `v${i}` }))] }],
    ['32,769 dimensions', { collection_name: 'x', fields: [KEY, { ...VECTOR, dim: 32_769 }] }],
    ['two keys', { collection_name: 'x', fields: [KEY, { ...KEY, name: 'id2' }, VECTOR] }],
    ['two fields of one name', { collection_name: 'x', fields: [KEY, VECTOR, VECTOR] }],
    ['a text that is too long', { collection_name: 'x', fields: [KEY, VECTOR, { name: 's', data_type: DataType.VarChar, max_length: 65_536 }] }],
    ['17 shards', { collection_name: 'x', fields: [KEY, VECTOR], shards_num: 17 }],
    ['partitions without a key', { collection_name: 'x', fields: [KEY, VECTOR], num_partitions: 3 }],
    ['a default value of another type', { collection_name: 'x', fields: [KEY, VECTOR, { name: 'i', data_type: DataType.Int8, default_value: 300 }] }],
  ] as const)('is refused with %s', async (_name, request) => {
    expect(await refusal(client.createCollection(request as unknown as CreateCollectionReq))).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
    expect((await client.showCollections()).data.map(({ name }) => name)).not.toContain(request.collection_name);
  });

  test.each([
    ['bits that are no bytes', [RAW_KEY, { name: 'v', data_type: 'BinaryVector', type_params: [{ key: 'dim', value: '12' }] }]],
    ['no key', [RAW_VECTOR]],
    ['a text without a length', [RAW_KEY, RAW_VECTOR, { name: 's', data_type: 'VarChar' }]],
    ['a dimension that is no number', [RAW_KEY, { ...RAW_VECTOR, type_params: [{ key: 'dim', value: 'four' }] }]],
    ['analyzer parameters that are no JSON', [RAW_KEY, RAW_VECTOR, { name: 's', data_type: 'VarChar', type_params: [{ key: 'max_length', value: '9' }, { key: 'analyzer_params', value: '{' }] }]],
    ['a type that is not there', [RAW_KEY, RAW_VECTOR, { name: 's', data_type: 'Decimal' }]],
    ['a number that is no type', [RAW_KEY, RAW_VECTOR, { name: 's', data_type: 77 }]],
  ])('is refused with %s', async (_name, fields) => {
    const schema = milvusProtos().message('schema.CollectionSchema').encode({ name: 'raw', fields });
    expect(await server.call('CreateCollection', { collection_name: 'raw', schema })).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
  });

  test('is refused with a schema that is no message, and with what is not there yet', async () => {
    expect(await server.call('CreateCollection', { collection_name: 'raw', schema: Uint8Array.of(1, 2, 3) })).toMatchObject({ code: 1100 });
    const schema = milvusProtos().message('schema.CollectionSchema').encode({ name: 'raw', fields: [RAW_KEY, RAW_VECTOR], struct_array_fields: [{ name: 's' }] });
    expect(await server.call('CreateCollection', { collection_name: 'raw', schema })).toMatchObject({ code: 10 });
  });

  test('is changed: properties, fields, its name, and emptied', async () => {
    await client.createCollection({ collection_name: 'old', fields: [KEY, VECTOR, { name: 's', data_type: DataType.VarChar, max_length: 10 }] });
    const first = await client.describeCollection({ collection_name: 'old' });
    expect(await client.alterCollectionProperties({ collection_name: 'old', properties: { 'collection.ttl.seconds': 60, own: 'x' } })).toMatchObject(OK);
    expect(await client.dropCollectionProperties({ collection_name: 'old', properties: ['own'] })).toMatchObject(OK);
    expect(await client.alterCollectionFieldProperties({ collection_name: 'old', field_name: 's', properties: { max_length: 20 } })).toMatchObject(OK);
    expect(await client.alterCollectionFieldProperties({ collection_name: 'old', field_name: 's', properties: { max_length: 5 } })).toMatchObject({ code: 1100 });
    expect(await client.addCollectionField({ collection_name: 'old', field: { name: 'more', data_type: DataType.Int32, nullable: true } })).toMatchObject(OK);
    expect(await client.addCollectionField({ collection_name: 'old', field: { name: 'less', data_type: DataType.Int32 } })).toMatchObject({ code: 1100 });
    expect(await client.renameCollection({ collection_name: 'old', new_collection_name: 'young' })).toMatchObject(OK);
    const told = await client.describeCollection({ collection_name: 'young' });
    expect(told.properties).toEqual([{ key: 'collection.ttl.seconds', value: '60' }]);
    expect(told.collectionID).toBe(first.collectionID);
    expect(BigInt(told.update_timestamp)).toBeGreaterThan(BigInt(first.update_timestamp));
    expect(told.schema.fields.map(({ fieldID, name }) => [fieldID, name]).at(-1)).toEqual(['103', 'more']);
    expect(told.schema.fields[2]?.type_params).toEqual([{ key: 'max_length', value: '20' }]);
    await client.insert({ collection_name: 'young', data: [{ id: 1, v: [1, 2, 3, 4], s: 'a', more: 7 }] });
    expect((await client.getCollectionStatistics({ collection_name: 'young' })).data.row_count).toBe('1');
    expect((await client.truncateCollection({ collection_name: 'young' })).status).toMatchObject(OK);
    expect((await client.getCollectionStatistics({ collection_name: 'young' })).data.row_count).toBe('0');
    expect((await client.describeCollection({ collection_name: 'old' })).status.code).toBe(100);
  });
});

describe('partitions', () => {
  test('are made, told, loaded apart and removed', async () => {
    const name = { collection_name: 'parted' };
    await client.createCollection({ ...name, fields: [KEY, VECTOR] });
    expect(await client.createPartition({ ...name, partition_name: 'one' })).toMatchObject(OK);
    expect(await client.hasPartition({ ...name, partition_name: 'one' })).toMatchObject({ value: true });
    expect(await client.hasPartition({ ...name, partition_name: 'two' })).toMatchObject({ value: false });
    const shown = await client.showPartitions(name);
    expect(shown.partition_names).toEqual(['_default', 'one']);
    expect(new Set(shown.partitionIDs).size).toBe(2);
    expect(shown.created_utc_timestamps.every((time) => Number(time) > 1.6e12)).toBe(true);
    await client.insert({ ...name, partition_name: 'one', data: [{ id: 1, v: [1, 2, 3, 4] }] });
    expect((await client.getPartitionStatistics({ ...name, partition_name: 'one' })).data.row_count).toBe('1');
    expect((await client.getPartitionStatistics({ ...name, partition_name: 'two' })).status).toMatchObject({ code: 200, error_code: 'MetaFailed' });
    await client.createIndex({ ...name, field_name: 'v', index_type: 'AUTOINDEX', metric_type: 'L2' });
    expect(await client.loadPartitions({ ...name, partition_names: ['one'] })).toMatchObject(OK);
    expect((await client.getLoadState({ ...name, partition_names: ['one'] })).state).toBe('LoadStateLoaded');
    expect((await client.getLoadState({ ...name, partition_names: ['_default'] })).state).toBe('LoadStateNotLoad');
    expect(await client.dropPartition({ ...name, partition_name: 'one' })).toMatchObject({ code: 65535, reason: expect.stringContaining('partition is loaded') as unknown });
    expect(await client.releasePartitions({ ...name, partition_names: ['one'] })).toMatchObject(OK);
    expect(await client.dropPartition({ ...name, partition_name: 'one' })).toMatchObject(OK);
    expect(await client.dropPartition({ ...name, partition_name: 'one' })).toMatchObject(OK);
    expect((await client.dropPartition({ ...name, partition_name: '_default' })).code).toBe(1100);
  });
});

describe('aliases', () => {
  test('stand for a collection, are told, switched and removed', async () => {
    for (const name of ['left', 'right']) await client.createCollection({ collection_name: name, fields: [KEY, VECTOR] });
    expect(await client.createAlias({ collection_name: 'left', alias: 'way' })).toMatchObject(OK);
    expect(await client.describeAlias({ alias: 'way', collection_name: 'left' })).toMatchObject({ status: OK, alias: 'way', collection: 'left', db_name: 'default' });
    expect((await client.describeCollection({ collection_name: 'way' })).collection_name).toBe('left');
    expect(await client.alterAlias({ collection_name: 'right', alias: 'way' })).toMatchObject(OK);
    expect((await client.listAliases({ collection_name: 'right' })).aliases).toEqual(['way']);
    expect(await client.createAlias({ collection_name: 'left', alias: 'way' })).toMatchObject({ code: 1602 });
    expect(await client.createAlias({ collection_name: 'left', alias: 'right' })).toMatchObject({ code: 1601 });
    expect((await client.dropCollection({ collection_name: 'right' })).code).not.toBe(0);
    expect(await client.dropAlias({ alias: 'way' })).toMatchObject(OK);
    expect((await client.describeAlias({ alias: 'way', collection_name: 'left' })).status.code).toBe(1600);
  });
});

describe('databases', () => {
  test('are made, told, used and removed', async () => {
    expect(await client.createDatabase({ db_name: 'other', properties: { 'database.replica.number': 1 } })).toMatchObject(OK);
    expect(await client.createDatabase({ db_name: 'other' })).toMatchObject({ code: 65535 });
    const listed = await client.listDatabases();
    expect(listed.db_names).toEqual(['default', 'other']);
    expect(listed.db_ids[0]).toBe('1');
    expect(BigInt(listed.created_timestamp[1] ?? 0) >> 18n).toBeGreaterThan(1_600_000_000_000n);
    const described = await client.describeDatabase({ db_name: 'other' });
    expect(described).toMatchObject({ status: OK, db_name: 'other', properties: [{ key: 'database.replica.number', value: '1' }] });
    expect(described.dbID).toBe(listed.db_ids[1]);
    expect(await client.alterDatabaseProperties({ db_name: 'other', properties: { x: 'y' } })).toMatchObject(OK);
    expect(await client.createCollection({ db_name: 'other', collection_name: 'inside', fields: [KEY, VECTOR] })).toMatchObject(OK);
    expect((await client.describeCollection({ db_name: 'other', collection_name: 'inside' })).db_name).toBe('other');
    expect((await client.describeCollection({ collection_name: 'inside' })).status.code).toBe(100);
    expect((await client.describeCollection({ db_name: 'nowhere', collection_name: 'inside' })).status).toMatchObject({ code: 800 });
    expect((await client.dropDatabase({ db_name: 'other' })).code).toBe(1100);
    const within = await server.client({ database: 'other' });
    expect((await within.showCollections()).data.map(({ name }) => name)).toEqual(['inside']);
    await client.dropCollection({ db_name: 'other', collection_name: 'inside' });
    expect(await client.dropDatabase({ db_name: 'other' })).toMatchObject(OK);
    expect((await client.describeDatabase({ db_name: 'other' })).status.code).toBe(800);
    expect((await client.createDatabase({ db_name: '0x' })).code).toBe(802);
  });

  test('are at most 64', async () => {
    for (let i = 0; i < 63; i++) expect((await client.createDatabase({ db_name: `db${i}` })).code).toBe(0);
    expect((await client.createDatabase({ db_name: 'more' })).code).toBe(801);
  });
});
