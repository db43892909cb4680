// /v2/vectordb/entities: each verb over a real database, what each refuses, and Int64 exact both ways.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postText, startTestServer, type TestServer } from './support.js';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
  await server.post('collections/create', { collectionName: 'a', dimension: 2, metricType: 'L2' });
  await insert([
    { id: 1, vector: [0, 0], color: 'red' },
    { id: 2, vector: [1, 0], color: 'green' },
    { id: 3, vector: [3, 0], color: 'red' },
  ]);
});
afterEach(() => server.close());

const insert = (data: unknown) => server.post('entities/insert', { collectionName: 'a', data });
const query = async (body: object = {}) => (await server.post('entities/query', { collectionName: 'a', ...body })).data;
const search = (body: object) => server.post('entities/search', { collectionName: 'a', data: [[0, 0]], ...body });

describe('writing', () => {
  test('insert answers with the keys in order', async () => {
    expect(await insert([{ id: 9, vector: [1, 1] }, { id: 8, vector: [2, 2] }])).toEqual({ code: 0, data: { insertCount: 2, insertIds: [9, 8] }, cost: 0 });
  });

  test('a single row need not be in an array', async () => {
    expect((await insert({ id: 9, vector: [1, 1] })).data).toEqual({ insertCount: 1, insertIds: [9] });
  });

  test('generated keys are answered', async () => {
    await server.post('collections/create', { collectionName: 'auto', dimension: 2, autoID: true });
    const response = await postText(server.url, 'entities/insert', JSON.stringify({ collectionName: 'auto', data: [{ vector: [1, 1] }, { vector: [2, 2] }] }), { 'accept-type-allow-int64': 'false' });
    const { data } = (await response.json()) as { data: { insertCount: number; insertIds: string[] } };
    expect(data.insertCount).toBe(2);
    expect(new Set(data.insertIds).size).toBe(2);
    const found = (await server.post('entities/get', { collectionName: 'auto', id: data.insertIds, outputFields: ['vector'] })).data;
    expect(found).toMatchObject([{ vector: [1, 1] }, { vector: [2, 2] }]);
  });

  test('integers of 64 bits within dynamic fields keep every digit', async () => {
    const values = '{"big":[9223372036854775807,-9223372036854775808,18446744073709551615],"double":1.152921504606847e+18}';
    await (await postText(server.url, 'entities/insert', `{"collectionName":"a","data":[{"id":9,"vector":[1,1],"info":${values}}]}`)).text();
    const found = await (await postText(server.url, 'entities/query', '{"collectionName":"a","filter":"info[\\"big\\"][0] == 9223372036854775807","outputFields":["info"]}')).text();
    expect(found).toContain(`"info":${values}`);
    const refused = await (await postText(server.url, 'entities/insert', '{"collectionName":"a","data":[{"id":9,"vector":[1,1],"info":[18446744073709551616]}]}')).text();
    expect(refused).toMatch(/"code":1804.*at most 64 bits/);
  });

  test('upsert replaces', async () => {
    expect(await server.post('entities/upsert', { collectionName: 'a', data: [{ id: 2, vector: [5, 5], color: 'blue' }] })).toEqual({ code: 0, data: { upsertCount: 1, upsertIds: [2] }, cost: 0 });
    expect(await query({ filter: 'id == 2' })).toEqual([{ id: 2, vector: [5, 5], color: 'blue' }]);
  });

  test('partial upsert keeps what a row does not give', async () => {
    expect(await server.post('entities/upsert', { collectionName: 'a', partialUpdate: true, data: [{ id: 2, color: 'blue' }] })).toMatchObject({ code: 0, data: { upsertCount: 1 } });
    expect(await query({ filter: 'id == 2' })).toEqual([{ id: 2, vector: [1, 0], color: 'blue' }]);
  });

  test('delete by filter, and by ids', async () => {
    expect(await server.post('entities/delete', { collectionName: 'a', filter: 'id in [1, 2]' })).toEqual({ code: 0, data: { deleteCount: 2 } });
    expect(await server.post('entities/delete', { collectionName: 'a', ids: ['3', 77] })).toEqual({ code: 0, data: { deleteCount: 1 } });
    expect(await query()).toEqual([]);
  });

  test.each([
    ['a vector of the wrong length', { id: 9, vector: [1] }, 'vector'],
    ['a vector that is none', { id: 9, vector: 'up' }, 'vector'],
    ['a vector of strings', { id: 9, vector: ['a', 'b'] }, 'vector[0]'],
    ['no vector', { id: 9 }, 'vector'],
    ['no key', { vector: [1, 1] }, 'primary key'],
    ['a key that is no integer', { id: 'nine', vector: [1, 1] }, 'id'],
    ['a key beyond 64 bits', { id: '9223372036854775808', vector: [1, 1] }, 'id'],
  ])('insert with %s is refused whole with 1804', async (_what, row, named) => {
    const { code, message } = await insert([{ id: 10, vector: [4, 4] }, row]);
    expect(code).toBe(1804);
    expect(message).toContain('fail to deal the insert data');
    expect(message).toContain(named);
    expect((await query()) as unknown[]).toHaveLength(3);
  });

  test('an infinite component is refused with 1804', async () => {
    const response = await postText(server.url, 'entities/insert', '{"collectionName":"a","data":[{"id":9,"vector":[1e999,0]}]}');
    expect(await response.json()).toMatchObject({ code: 1804 });
  });

  test('a row with a field that the schema lacks is refused with 1804', async () => {
    await server.post('collections/create', { collectionName: 'strict', dimension: 2, params: { enableDynamicField: false } });
    const { code, message } = await server.post('entities/insert', { collectionName: 'strict', data: [{ id: 1, vector: [1, 1], color: 'red' }] });
    expect(code).toBe(1804);
    expect(message).toContain('color');
  });

  test.each([
    ['insert', {}, 1802, 'data'],
    ['insert', { data: 'rows' }, 1801, 'data'],
    ['insert', { data: [1] }, 1801, 'data[0]'],
    ['upsert', {}, 1802, 'data'],
    ['upsert', { data: [{ vector: [1, 1] }] }, 1804, 'primary key'],
    ['upsert', { data: [{ id: 1 }], fieldOps: [{ op: 'append' }] }, 10, 'fieldOps'],
    ['upsert', { data: [{ id: 77, color: 'red' }], partialUpdate: true }, 1804, 'vector'],
    ['upsert', { data: [{ id: 1 }], partialUpdate: 'yes' }, 1801, 'partialUpdate'],
    ['delete', {}, 1802, 'filter'],
    ['delete', { filter: '' }, 1802, 'filter'],
    ['delete', { filter: 'id == 1', ids: [1] }, 1100, 'both'],
    ['delete', { ids: [true] }, 1801, 'ids[0]'],
    ['delete', { filter: 'id ==' }, 1100, 'filter at'],
    ['get', {}, 1802, 'id'],
    ['get', { id: [{}] }, 1801, 'id[0]'],
  ])('%s of %o is refused with %i, naming %s', async (verb, body, code, named) => {
    const answer = await server.post(`entities/${verb}`, { collectionName: 'a', ...body });
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(named);
    expect((await query()) as unknown[]).toHaveLength(3);
  });

  test.each(['insert', 'upsert', 'delete', 'get', 'query', 'search'])('%s names the collection that is not there with 100', async (verb) => {
    const { code, message } = await server.post(`entities/${verb}`, { collectionName: 'none', data: verb === 'search' ? [[0, 0]] : [{ id: 1 }], id: 1, filter: 'id > 0' });
    expect(code).toBe(100);
    expect(message).toContain('none');
  });
});

describe('reading', () => {
  test('get by one key or several, in their order', async () => {
    const get = async (id: unknown) => (await server.post('entities/get', { collectionName: 'a', id, outputFields: ['color'] })).data;
    expect(await get(2)).toEqual([{ id: 2, color: 'green' }]);
    expect(await get(['3', 1, 77])).toEqual([{ id: 3, color: 'red' }, { id: 1, color: 'red' }]);
  });

  test('query by filter gives every field, or those asked for', async () => {
    expect(await query({ filter: 'id >= 2' })).toEqual([
      { id: 2, vector: [1, 0], color: 'green' },
      { id: 3, vector: [3, 0], color: 'red' },
    ]);
    expect(await query({ filter: 'id >= 2', outputFields: ['color'], limit: 1, offset: 1 })).toEqual([{ id: 3, color: 'red' }]);
  });

  test('query for count(*) counts', async () => {
    expect(await query({ outputFields: ['count(*)'] })).toEqual([{ 'count(*)': 3 }]);
    expect(await query({ filter: 'id < 3', outputFields: ['count(*)'] })).toEqual([{ 'count(*)': 2 }]);
  });

  test('search gives keys and distances, nearest first', async () => {
    expect(await search({ annsField: 'vector', limit: 2 })).toEqual({ code: 0, data: [{ id: 1, distance: 0 }, { id: 2, distance: 1 }], cost: 0, topks: [2] });
  });

  test('search of several vectors is flat, with the length of each part', async () => {
    const { data, topks } = await search({ data: [[0, 0], [3, 0]], filter: 'id != 1', limit: 5, outputFields: ['color'] });
    expect(topks).toEqual([2, 2]);
    expect(data).toEqual([
      { id: 2, color: 'green', distance: 1 },
      { id: 3, color: 'red', distance: 9 },
      { id: 3, color: 'red', distance: 0 },
      { id: 2, color: 'green', distance: 4 },
    ]);
  });

  test('search within a range, its ends beside the params or in them', async () => {
    for (const searchParams of [{ params: { radius: 9, range_filter: 1 } }, { radius: '9', range_filter: '1' }]) {
      expect((await search({ limit: 5, searchParams })).data).toEqual([{ id: 2, distance: 1 }]);
    }
  });

  test('search with offset, and all fields', async () => {
    expect((await search({ limit: 1, offset: 1, outputFields: ['*'] })).data).toEqual([{ id: 2, vector: [1, 0], color: 'green', distance: 1 }]);
  });

  test.each([
    [{ data: null }, 1802, 'data'],
    [{ data: 'x' }, 1801, 'data'],
    [{ data: [1, 2] }, 1801, 'data[0]'],
    [{ data: [] }, 1100, 'data'],
    [{ data: [[1]] }, 1100, 'data[0]'],
    [{ data: [['a', 'b']] }, 1100, 'data[0][0]'],
    [{ annsField: 'color' }, 1100, 'color'],
    [{ limit: 0 }, 1100, 'limit'],
    [{ limit: 16385 }, 1100, '16384'],
    [{ limit: 1.5 }, 1801, 'limit'],
    [{ limit: 'all' }, 1801, 'limit'],
    [{ limit: 10, offset: 16380 }, 1100, 'offset'],
    [{ filter: 'id > and' }, 1100, 'filter at 5'],
    [{ filter: 'vector == 1' }, 1100, 'filter at 0'],
    [{ filter: 7 }, 1801, 'filter'],
    [{ outputFields: 'color' }, 1801, 'outputFields'],
    [{ searchParams: { metricType: 'IP' } }, 1100, 'metric type not match'],
    [{ searchParams: { params: { radius: 'far' } } }, 1100, 'radius'],
    [{ searchParams: { params: { radius: 0.5, range_filter: 1 } } }, 1100, 'range_filter'],
    [{ searchParams: { recall: 0.3 } }, 1100, 'recall: expected 0.5 to 1'],
    [{ searchParams: { params: { ef: 0 } } }, 1100, "param 'ef' (0)"],
    [{ functionScore: { functions: [{}] } }, 1100, 'reranker'],
    [{ functionScore: { functions: [{ name: 'm', params: { reranker: 'model' } }] } }, 10, 'model'],
    [{ functionScore: { functions: [{ name: 'm', params: { reranker: 'rrf' } }] } }, 1100, 'hybrid'],
    [{ functionScore: { functions: 'all' } }, 1801, 'functionScore.functions'],
    [{ functionScore: { functions: [{ type: 'Magic' }] } }, 1801, 'functionScore.functions[0].type'],
    [{ groupingField: 'color', groupSize: 11 }, 1100, 'groupSize'],
    [{ consistencyLevel: 'Sometimes' }, 1100, 'consistencyLevel'],
    [{ searchParams: { search_iter_v2: true, search_iter_batch_size: 5 } }, 10, 'search_iter_v2'],
    [{ searchParams: { round_decimal: 9 } }, 1100, 'round_decimal'],
    [{ highlighter: { type: 'semantic' } }, 10, 'highlighter'],
    [{ partitionNames: 'p' }, 1801, 'partitionNames'],
    [{ exprParams: [1] }, 1801, 'exprParams'],
  ])('search with %o is refused with %i, naming %s', async (body, code, named) => {
    const answer = await search(body);
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(named);
  });

  test('a field that is not there is refused with 1100, except where rows may carry any', async () => {
    await server.post('collections/create', { collectionName: 'strict', dimension: 2, params: { enableDynamicField: false } });
    const { code, message } = await server.post('entities/query', { collectionName: 'strict', outputFields: ['color'] });
    expect(code).toBe(1100);
    expect(message).toContain('color');
    expect((await server.post('entities/query', { collectionName: 'a', outputFields: ['nowhere'] })).code).toBe(0);
  });
});

describe('Int64 beyond 2^53', () => {
  const BIG = '9223372036854775807';

  test('comes back with all its digits, given as a number or as text', async () => {
    await postText(server.url, 'entities/insert', `{"collectionName":"a","data":[{"id":${BIG},"vector":[7,7]},{"id":"-9007199254740993","vector":[8,8]}]}`);
    const found = await postText(server.url, 'entities/get', `{"collectionName":"a","id":[${BIG},"-9007199254740993"],"outputFields":["id"]}`);
    expect(await found.text()).toBe(`{"code":0,"cost":0,"data":[{"id":${BIG}},{"id":-9007199254740993}]}`);
  });

  test('is text unless the client asks for numbers, in rows, hits and inserted keys', async () => {
    const headers = { 'accept-type-allow-int64': 'false' };
    const inserted = await postText(server.url, 'entities/insert', `{"collectionName":"a","data":[{"id":${BIG},"vector":[7,7]}]}`, headers);
    expect(await inserted.json()).toEqual({ code: 0, data: { insertCount: 1, insertIds: [BIG] }, cost: 0 });
    const hits = await postText(server.url, 'entities/search', '{"collectionName":"a","data":[[7,7]],"limit":1}', headers);
    expect(await hits.json()).toEqual({ code: 0, data: [{ id: BIG, distance: 0 }], cost: 0, topks: [1] });
    const rows = await postText(server.url, 'entities/query', `{"collectionName":"a","filter":"id == ${BIG}","outputFields":["id"]}`, headers);
    expect(await rows.json()).toEqual({ code: 0, data: [{ id: BIG }], cost: 0 });
  });

  test('is found and deleted by a filter on exactly it', async () => {
    await postText(server.url, 'entities/insert', '{"collectionName":"a","data":[{"id":9007199254740992,"vector":[7,7]},{"id":9007199254740993,"vector":[8,8]}]}');
    const deleted = await postText(server.url, 'entities/delete', '{"collectionName":"a","filter":"id == 9007199254740993"}');
    expect(await deleted.json()).toEqual({ code: 0, data: { deleteCount: 1 } });
    expect(await query({ filter: 'id > 9007199254740000', outputFields: ['id'] })).toEqual([{ id: 9007199254740992 }]);
  });
});
