// /v2/vectordb/indexes: each verb over a real database, what each refuses, and indexes given with a collection.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support.js';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
  await server.post('collections/create', { collectionName: 'a', dimension: 4, metricType: 'L2' });
});
afterEach(() => server.close());

const create = (...indexParams: object[]) => server.post('indexes/create', { collectionName: 'a', indexParams });
const describeIndexes = async (body: object = {}) => (await server.post('indexes/describe', { collectionName: 'a', ...body })).data;
const HNSW = { fieldName: 'vector', indexName: 'near', metricType: 'L2', indexType: 'HNSW', params: { M: '16', efConstruction: 200 } };

describe('an index', () => {
  test('is AUTOINDEX until another is made', async () => {
    expect((await server.post('indexes/list', { collectionName: 'a' })).data).toEqual(['vector']);
    expect(await describeIndexes()).toMatchObject([{ indexName: 'vector', fieldName: 'vector', indexType: 'AUTOINDEX', metricType: 'L2', indexState: 'Finished' }]);
  });

  test('is made, described, listed and dropped', async () => {
    await server.post('entities/insert', { collectionName: 'a', data: [{ id: 1, vector: [0, 1, 2, 3] }] });
    await server.post('collections/flush', { collectionName: 'a' });
    expect(await create(HNSW)).toEqual({ code: 0, data: {} });
    const described = { indexName: 'near', fieldName: 'vector', indexType: 'HNSW', metricType: 'L2', params: HNSW.params, totalRows: 1, indexedRows: 1, pendingRows: 0, indexState: 'Finished', failReason: '' };
    expect(await describeIndexes({ indexName: 'near' })).toEqual([described]);
    expect(await describeIndexes()).toEqual([described]);
    expect((await server.post('indexes/list', { collectionName: 'a' })).data).toEqual(['near']);
    expect((await server.post('collections/describe', { collectionName: 'a' })).data).toMatchObject({ indexes: [{ fieldName: 'vector', indexName: 'near', metricType: 'L2' }] });
    expect(await server.post('indexes/drop', { collectionName: 'a', indexName: 'near' })).toEqual({ code: 0, data: {} });
    expect(await server.post('indexes/drop', { collectionName: 'a', indexName: 'near' })).toEqual({ code: 0, data: {} });
    expect(await describeIndexes()).toMatchObject([{ indexName: 'vector', indexType: 'AUTOINDEX' }]);
  });

  test('may have its type in the params, as older clients send it, or none', async () => {
    await create({ fieldName: 'vector', params: { index_type: 'IVF_FLAT', nlist: 8 } });
    expect(await describeIndexes()).toMatchObject([{ indexName: 'vector', indexType: 'IVF_FLAT', params: { nlist: 8 } }]);
    await server.post('indexes/drop', { collectionName: 'a', indexName: 'vector' });
    expect(await create({ fieldName: 'vector', metricType: 'L2' })).toEqual({ code: 0, data: {} });
    expect(await describeIndexes()).toMatchObject([{ indexType: 'AUTOINDEX', params: {} }]);
  });

  test('has properties that are set and removed, and told', async () => {
    await create(HNSW);
    expect(await server.post('indexes/alter_properties', { collectionName: 'a', indexName: 'near', properties: { 'mmap.enabled': true } })).toEqual({ code: 0, data: {} });
    expect(await describeIndexes()).toMatchObject([{ indexName: 'near', indexType: 'HNSW', params: { ...HNSW.params, 'mmap.enabled': 'true' } }]);
    expect(await server.post('indexes/drop_properties', { collectionName: 'a', indexName: 'near', propertyKeys: ['mmap.enabled'] })).toEqual({ code: 0, data: {} });
    expect(await describeIndexes()).toMatchObject([{ params: HNSW.params }]);
    expect(await server.post('indexes/alter_properties', { collectionName: 'a', indexName: 'near', properties: { M: 8 } })).toMatchObject({ code: 1100, message: expect.stringContaining('M is not') as string });
    expect((await server.post('indexes/drop_properties', { collectionName: 'a', indexName: 'none', propertyKeys: ['mmap.enabled'] })).code).toBe(700);
  });

  test('asked for again is there; another is refused with 65535', async () => {
    await create(HNSW);
    expect(await create(HNSW)).toEqual({ code: 0, data: {} });
    const { code, message } = await create({ ...HNSW, params: {} });
    expect(code).toBe(65535);
    expect(message).toContain('CreateIndex failed: at most one distinct index is allowed per field');
  });

  test('is made with its collection, on scalars too', async () => {
    const schema = {
      fields: [
        { fieldName: 'id', dataType: 'Int64', isPrimary: true },
        { fieldName: 'year', dataType: 'Int16' },
        { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: 4 } },
      ],
    };
    const indexParams = [{ fieldName: 'v', indexName: 'near', metricType: 'IP', indexType: 'IVF_SQ8', params: { nlist: '16' } }, { fieldName: 'year', indexType: 'STL_SORT' }];
    expect(await server.post('collections/create', { collectionName: 'b', schema, indexParams })).toEqual({ code: 0, data: {} });
    expect((await server.post('indexes/describe', { collectionName: 'b' })).data).toMatchObject([
      { indexName: 'year', fieldName: 'year', indexType: 'STL_SORT', metricType: '', indexState: 'Finished' },
      { indexName: 'near', fieldName: 'v', indexType: 'IVF_SQ8', metricType: 'IP', params: { nlist: '16' } },
    ]);
    expect((await server.post('collections/describe', { collectionName: 'b' })).data).toMatchObject({ indexes: [{ fieldName: 'year', metricType: '' }, { fieldName: 'v', indexName: 'near', metricType: 'IP' }] });
    expect((await server.post('collections/create', { collectionName: 'bad', dimension: 4, indexParams: [{ fieldName: 'vector', indexType: 'HNSW', params: { M: 1 } }] })).code).toBe(1100);
    expect((await server.post('collections/list', {})).data).toEqual(['a', 'b']);
  });
});

describe('refused', () => {
  test.each(['create', 'describe', 'list', 'drop'])('%s on a collection that is not there: 100; without its name: 1802', async (verb) => {
    const { code, message } = await server.post(`indexes/${verb}`, { collectionName: 'none', indexName: 'x', indexParams: [HNSW] });
    expect(code).toBe(100);
    expect(message).toContain('none');
    expect((await server.post(`indexes/${verb}`, {})).code).toBe(1802);
  });

  test.each([
    ['nothing', undefined, 1802, 'indexParams'],
    ['an empty list', [], 1802, 'indexParams'],
    ['no list', {}, 1801, 'indexParams'],
    ['no objects', [7], 1801, 'indexParams[0]'],
    ['no field', [{ indexType: 'FLAT' }], 1802, 'fieldName'],
    ['a field that is not there', [{ ...HNSW, fieldName: 'none' }], 1700, '"none"'],
    ['a type of the wrong type', [{ ...HNSW, indexType: 7 }], 1801, 'indexType'],
    ['a type that is none', [{ ...HNSW, indexType: 'ANNOY' }], 1100, 'invalid index type: ANNOY'],
    ['a metric that is not of the field', [{ ...HNSW, metricType: 'HAMMING' }], 1100, 'HAMMING'],
    ['params of the wrong type', [{ ...HNSW, params: 'M=16' }], 1801, 'params'],
    ['a parameter of the wrong type', [{ ...HNSW, params: { M: [16] } }], 1801, 'params.M'],
    ['a parameter that is no number', [{ ...HNSW, params: { M: 'many' } }], 1100, "param 'M' (\"many\")"],
    ['a parameter out of range', [{ ...HNSW, params: { M: '4096' } }], 1100, 'should be in range [2, 2048]'],
    ['a parameter beyond what a number holds', [{ ...HNSW, params: { M: 16, efConstruction: 2 ** 60 } }], 1100, 'should be in range [1, 2147483647]'],
    ['a parameter that is none', [{ ...HNSW, params: { m: 16 } }], 1100, "invalid param 'm' (16)"],
  ])('create with %s', async (_what, indexParams, code, named) => {
    const answer = await server.post('indexes/create', { collectionName: 'a', indexParams });
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(named);
    expect(await describeIndexes()).toMatchObject([{ indexType: 'AUTOINDEX' }]);
  });

  test('an index that is not there: 700; drop without its name: 1802', async () => {
    const { code, message } = await server.post('indexes/describe', { collectionName: 'a', indexName: 'none' });
    expect(code).toBe(700);
    expect(message).toBe('index not found[indexName=none]');
    expect((await server.post('indexes/drop', { collectionName: 'a' })).code).toBe(1802);
  });
});
