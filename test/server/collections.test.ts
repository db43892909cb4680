// /v2/vectordb/collections: each verb over a real database, and what each refuses.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support.js';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const FULL = {
  collectionName: 'books',
  schema: {
    autoId: false,
    enableDynamicField: true,
    description: 'what we read',
    fields: [
      { fieldName: 'isbn', dataType: 'VarChar', isPrimary: true, elementTypeParams: { max_length: '20' } },
      { fieldName: 'embedding', dataType: 'FloatVector', elementTypeParams: { dim: 4 } },
      { fieldName: 'year', dataType: 'Int16', description: 'of print' },
    ],
  },
  indexParams: [{ fieldName: 'embedding', indexName: 'e', metricType: 'L2', indexType: 'AUTOINDEX' }],
};

describe('a collection', () => {
  test('made by the quick form has a key, a vector and dynamic fields', async () => {
    expect(await server.post('collections/create', { collectionName: 'a', dimension: 8 })).toEqual({ code: 0, data: {} });
    const { code, data } = await server.post('collections/describe', { collectionName: 'a' });
    expect(code).toBe(0);
    expect(data).toMatchObject({
      collectionName: 'a',
      autoId: false,
      enableDynamicField: true,
      load: 'LoadStateLoaded',
      fields: [
        { name: 'id', id: 100, type: 'Int64', primaryKey: true, autoId: false },
        { name: 'vector', id: 101, type: 'FloatVector', primaryKey: false, params: [{ key: 'dim', value: '8' }] },
      ],
      indexes: [{ fieldName: 'vector', indexName: 'vector', metricType: 'COSINE' }],
    });
  });

  test('made by the quick form takes every one of its parameters', async () => {
    const given = { collectionName: 'a', dimension: 8, metricType: 'IP', idType: 'VarChar', autoID: true, primaryFieldName: 'key', vectorFieldName: 'embedding', params: { max_length: 64, enableDynamicField: false } };
    expect(await server.post('collections/create', given)).toEqual({ code: 0, data: {} });
    expect((await server.post('collections/describe', { collectionName: 'a' })).data).toMatchObject({
      autoId: true,
      enableDynamicField: false,
      fields: [
        { name: 'key', type: 'VarChar', primaryKey: true, autoId: true, params: [{ key: 'max_length', value: '64' }] },
        { name: 'embedding', type: 'FloatVector' },
      ],
      indexes: [{ fieldName: 'embedding', metricType: 'IP' }],
    });
  });

  test('made by a full schema is described as it was given', async () => {
    expect(await server.post('collections/create', FULL)).toEqual({ code: 0, data: {} });
    expect((await server.post('collections/describe', { collectionName: 'books' })).data).toMatchObject({
      collectionName: 'books',
      description: 'what we read',
      autoId: false,
      enableDynamicField: true,
      fields: [
        { name: 'isbn', type: 'VarChar', primaryKey: true, params: [{ key: 'max_length', value: '20' }] },
        { name: 'embedding', type: 'FloatVector', params: [{ key: 'dim', value: '4' }] },
        { name: 'year', type: 'Int16', description: 'of print' },
      ],
      indexes: [{ fieldName: 'embedding', metricType: 'L2' }],
    });
  });

  test('takes arrays, nulls and default values, and gives them back', async () => {
    const fields = [
      { fieldName: 'id', dataType: 'Int64', isPrimary: true },
      { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: 2 } },
      { fieldName: 'tags', dataType: 'Array', elementDataType: 'Int64', elementTypeParams: { max_capacity: 3 }, nullable: true },
      { fieldName: 'stars', dataType: 'Int8', nullable: true, defaultValue: 3 },
    ];
    expect(await server.post('collections/create', { collectionName: 'c', schema: { fields } })).toEqual({ code: 0, data: {} });
    expect((await server.post('collections/describe', { collectionName: 'c' })).data).toMatchObject({
      fields: [
        { nullable: false },
        {},
        { name: 'tags', type: 'Array', elementType: 'Int64', nullable: true, params: [{ key: 'max_capacity', value: '3' }] },
        { name: 'stars', nullable: true, defaultValue: 3 },
      ],
    });
    expect((await server.post('collections/load', { collectionName: 'c' })).code).toBe(0);
    const data = [{ id: 1, v: [0, 1], tags: [1, '9007199254740993'] }, { id: 2, v: [1, 0], tags: null, stars: 5 }];
    expect((await server.post('entities/insert', { collectionName: 'c', data })).code).toBe(0);
    expect((await server.post('entities/query', { collectionName: 'c', filter: 'stars > 0', outputFields: ['tags', 'stars'] })).data).toEqual([
      { id: 1, tags: [1, expect.anything() as unknown], stars: 3 },
      { id: 2, tags: null, stars: 5 },
    ]);
    expect((await server.post('entities/insert', { collectionName: 'c', data: [{ id: 3, v: [1, 1], tags: [1, 2, 3, 4] }] })).message).toContain('"tags": expected an array of at most 3 elements, found 4');
  });

  test('is there until it is dropped', async () => {
    expect((await server.post('collections/has', { collectionName: 'a' })).data).toEqual({ has: false });
    await server.post('collections/create', { collectionName: 'a', dimension: 2 });
    await server.post('collections/create', { collectionName: 'b', dimension: 2 });
    expect((await server.post('collections/has', { collectionName: 'a' })).data).toEqual({ has: true });
    expect((await server.post('collections/list', {})).data).toEqual(['a', 'b']);
    expect(await server.post('collections/drop', { collectionName: 'a' })).toEqual({ code: 0, data: {} });
    expect((await server.post('collections/list', {})).data).toEqual(['b']);
  });

  test('counts its rows, before and after a flush', async () => {
    await server.post('collections/create', { collectionName: 'a', dimension: 2 });
    await server.post('entities/insert', { collectionName: 'a', data: [{ id: 1, vector: [0, 1] }, { id: 2, vector: [1, 0] }] });
    expect((await server.post('collections/get_stats', { collectionName: 'a' })).data).toEqual({ rowCount: 2 });
    expect(await server.post('collections/flush', { collectionName: 'a' })).toEqual({ code: 0, data: {} });
    expect((await server.post('collections/get_stats', { collectionName: 'a' })).data).toEqual({ rowCount: 2 });
  });
});

describe('refused', () => {
  test('drop of a collection that is not there is no error, as in Milvus', async () => {
    expect(await server.post('collections/drop', { collectionName: 'none' })).toEqual({ code: 0, data: {} });
  });

  test.each(['describe', 'get_stats', 'flush', 'load', 'refresh_load', 'release', 'get_load_state', 'truncate', 'compact', 'alter_properties', 'drop_properties'])('%s of a collection that is not there: 100', async (verb) => {
    const { code, message } = await server.post(`collections/${verb}`, { collectionName: 'none' });
    expect(code).toBe(100);
    expect(message).toContain('none');
  });

  test.each(['create', 'drop', 'has', 'describe', 'get_stats', 'flush'])('%s without collectionName: 1802', async (verb) => {
    const { code, message } = await server.post(`collections/${verb}`, {});
    expect(code).toBe(1802);
    expect(message).toContain('collectionName');
  });

  test('a collection that is there already: 65535, and it stays as it was', async () => {
    await server.post('collections/create', { collectionName: 'a', dimension: 2 });
    const { code, message } = await server.post('collections/create', { collectionName: 'a', dimension: 3 });
    expect(code).toBe(65535);
    expect(message).toContain('"a"');
    expect((await server.post('collections/describe', { collectionName: 'a' })).data).toMatchObject({ fields: [{}, { params: [{ value: '2' }] }] });
  });

  const quick = { collectionName: 'a', dimension: 2 };
  const withField = (field: object) => ({ ...FULL, schema: { ...FULL.schema, fields: [...FULL.schema.fields, field] } });
  test.each([
    ['neither dimension nor schema', { collectionName: 'a' }, 1802, 'dimension'],
    ['a name that is none', { ...quick, collectionName: 'a/b' }, 1100, 'a/b'],
    ['a name of the wrong type', { ...quick, collectionName: 7 }, 1801, 'collectionName'],
    ['a dimension of 1', { ...quick, dimension: 1 }, 1100, 'dim'],
    ['a dimension that is no number', { ...quick, dimension: 'many' }, 1801, 'dimension'],
    ['an unknown metric', { ...quick, metricType: 'L7' }, 1100, 'L7'],
    ['an unknown type of key', { ...quick, idType: 'Float' }, 1100, 'Float'],
    ['a time to live that is none', { ...quick, params: { ttlSeconds: 'long' } }, 1100, 'ttl'],
    ['a consistency that is none', { ...quick, params: { consistencyLevel: 'Sometimes' } }, 1100, 'Sometimes'],
    ['isolation of its partition key', { ...quick, params: { partitionKeyIsolation: true } }, 10, 'partitionKeyIsolation'],
    ['an unknown type', withField({ fieldName: 'x', dataType: 'Decimal' }), 1100, 'Decimal'],
    ['an array of nothing', withField({ fieldName: 'x', dataType: 'Array' }), 1100, 'elementType'],
    ['a default of another type', withField({ fieldName: 'x', dataType: 'Int8', defaultValue: 'many' }), 1100, 'defaultValue'],
    ['a field without a name', withField({ dataType: 'Int8' }), 1802, 'fieldName'],
    ['a field without a type', withField({ fieldName: 'x' }), 1802, 'dataType'],
    ['a field that is named twice', withField({ fieldName: 'year', dataType: 'Int8' }), 1100, 'year'],
    ['a partition key of another type', withField({ fieldName: 'x', dataType: 'Int8', isPartitionKey: true }), 1100, 'partition key'],
    ['a clustering key', withField({ fieldName: 'x', dataType: 'Int8', isClusteringKey: true }), 10, 'isClusteringKey'],
    ['two keys', withField({ fieldName: 'x', dataType: 'Int64', isPrimary: true }), 1100, 'primary key'],
    ['an index on no field', { ...FULL, indexParams: [{ fieldName: 'x', metricType: 'L2' }] }, 1802, '"x"'],
    ['no fields', { collectionName: 'a', schema: { fields: [] } }, 1100, 'fields'],
    ['fields that are no objects', { ...FULL, schema: { fields: [1] } }, 1801, 'fields[0]'],
    ['functions', { ...FULL, schema: { ...FULL.schema, functions: [{ name: 'bm25' }] } }, 1802, 'functions[0].type'],
    ['a function of another type', { ...FULL, schema: { ...FULL.schema, functions: [{ name: 'f', type: 'TextEmbedding', inputFieldNames: ['isbn'], outputFieldNames: ['embedding'] }] } }, 1100, 'BM25'],
  ])('create with %s', async (_what, body, code, named) => {
    const answer = await server.post('collections/create', body);
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(named);
    expect((await server.post('collections/list', {})).data).toEqual([]);
  });
});
