// Rows over REST: vectors of every type, texts, nulls and defaults, filters with parameters, groups, functions that rank anew.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function must(path: string, body: object): Promise<unknown> {
  const { code, message, data } = await server.post(path, body);
  if (code !== 0) throw new Error(`${path}: ${code} ${String(message)}`);
  return data;
}

const base64 = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');

describe('vectors', () => {
  test.each([
    ['FloatVector', 'L2', 8, [1, 2, 3, 4, 5, 6, 7, 8], undefined],
    ['Float16Vector', 'L2', 2, [1.5, -2], base64(0x00, 0x3e, 0x00, 0xc0)],
    ['BFloat16Vector', 'IP', 2, [1.5, -2], base64(0xc0, 0x3f, 0x00, 0xc0)],
    ['Int8Vector', 'L2', 3, [1, -2, 127], base64(1, 254, 127)],
    ['BinaryVector', 'HAMMING', 16, [255, 1], base64(255, 1)],
  ])('of type %s are taken as numbers or base64, searched by both, and come back', async (type, metric, dim, numbers, bytes) => {
    const collectionName = type;
    const fields = [{ fieldName: 'id', dataType: 'Int64', isPrimary: true }, { fieldName: 'v', dataType: type, elementTypeParams: { dim } }];
    await must('collections/create', { collectionName, schema: { fields }, indexParams: [{ fieldName: 'v', metricType: metric }] });
    await must('entities/insert', { collectionName, data: [{ id: 1, v: numbers }, { id: 2, v: bytes ?? numbers }] });
    const shown = type === 'BinaryVector' ? bytes : numbers;
    expect(await must('entities/query', { collectionName, outputFields: ['v'] })).toEqual([{ id: 1, v: shown }, { id: 2, v: shown }]);
    for (const query of [numbers, bytes ?? numbers]) expect(await must('entities/search', { collectionName, data: [query], limit: 2 })).toHaveLength(2);
    for (const wrong of ['***', base64(1), [1, 'x'], {}, 7]) expect((await server.post('entities/insert', { collectionName, data: [{ id: 3, v: wrong }] })).code).toBe(1804);
    expect((await server.post('entities/search', { collectionName, data: [7] })).code).toBe(1801);
  });

  test('that are sparse are taken in both forms', async () => {
    const fields = [{ fieldName: 'id', dataType: 'VarChar', isPrimary: true, elementTypeParams: { max_length: 8 } }, { fieldName: 'v', dataType: 'SparseFloatVector' }];
    await must('collections/create', { collectionName: 'sparse', schema: { fields }, indexParams: [{ fieldName: 'v', metricType: 'IP' }] });
    await must('entities/insert', { collectionName: 'sparse', data: [{ id: 'a', v: { 1: 0.5, 70_000: 2 } }, { id: 'b', v: { indices: [1], values: [3] } }] });
    expect(await must('entities/search', { collectionName: 'sparse', data: [{ 1: 1 }], outputFields: ['v'] })).toEqual([{ id: 'b', distance: 3, v: { 1: 3 } }, { id: 'a', distance: 0.5, v: { 1: 0.5, 70_000: 2 } }]);
    expect((await server.post('entities/insert', { collectionName: 'sparse', data: [{ id: 'c', v: { 1: 'x' } }] })).code).toBe(1804);
    expect((await server.post('entities/insert', { collectionName: 'sparse', data: [{ id: 'c', v: { indices: [1, 2], values: [1] } }] })).code).toBe(1804);
  });
});

describe('a collection with texts, functions, nulls and defaults', () => {
  const collectionName = 'books';
  beforeAll(async () => {
    const fields = [
      { fieldName: 'id', dataType: 'Int64', isPrimary: true },
      { fieldName: 'text', dataType: 'VarChar', elementTypeParams: { max_length: 200, enable_analyzer: true, enable_match: 'true', analyzer_params: { type: 'english' } } },
      { fieldName: 'terms', dataType: 'SparseFloatVector' },
      { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: '2' } },
      { fieldName: 'genre', dataType: 'VarChar', nullable: true, elementTypeParams: { max_length: 20 } },
      { fieldName: 'year', dataType: 'Int64', defaultValue: '9007199254740993' },
      { fieldName: 'info', dataType: 'JSON', nullable: true },
    ];
    const functions = [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['terms'] }];
    const indexParams = [{ fieldName: 'terms', metricType: 'BM25', indexType: 'SPARSE_INVERTED_INDEX' }, { fieldName: 'v', metricType: 'L2' }];
    await must('collections/create', { collectionName, schema: { fields, functions }, indexParams, params: { consistencyLevel: 'Strong', ttlSeconds: 3600 } });
    await must('entities/insert', { collectionName, data: [
      { id: 1, text: 'the quick foxes', v: [0, 0], genre: 'tale', year: 2000, info: { a: [1, 2] } },
      { id: 2, text: 'a fox and a dog', v: [1, 0], genre: 'tale', year: 2010 },
      { id: 3, text: 'cooking for dogs', v: [2, 0], genre: null, year: '2020' },
      { id: 4, text: 'quiet seas', v: [3, 0], genre: 'poem' },
    ] });
  });

  const search = async (body: object) => (await must('entities/search', { collectionName, annsField: 'v', data: [[0, 0]], limit: 10, ...body })) as { id: number; distance: number }[];
  const ids = async (body: object) => (await search(body)).map(({ id }) => id);

  test('is described with them', async () => {
    expect(await must('collections/describe', { collectionName })).toMatchObject({
      functions: [{ name: 'bm25', type: 1, inputFieldNames: ['text'], outputFieldNames: ['terms'] }],
      consistencyLevel: 'Strong', load: 'LoadStateLoaded', properties: [{ key: 'collection.ttl.seconds', value: '3600' }],
      fields: [{}, { params: [{ key: 'max_length', value: '200' }, { key: 'enable_analyzer', value: 'true' }, { key: 'enable_match', value: 'true' }, { key: 'analyzer_params' }] }, { isFunctionOutput: true }, {}, { nullable: true }, { defaultValue: '9007199254740993' }, {}],
    });
  });

  test('is searched by texts, and by both ways at once', async () => {
    expect((await ids({ annsField: 'terms', data: ['fox'] })).sort()).toEqual([1, 2]);
    const { topks } = await server.post('entities/search', { collectionName, annsField: 'terms', data: ['fox', 'dogs', 'nothing'], limit: 10 });
    expect(topks).toEqual([2, 2, 0]);
    const parts = [{ annsField: 'terms', data: ['dog'], limit: 2 }, { annsField: 'v', data: [[3, 0]], limit: 2, filter: 'year > {from}', exprParams: { from: 2005 } }];
    for (const path of ['hybrid_search', 'advanced_search']) {
      expect(((await must(`entities/${path}`, { collectionName, search: parts, rerank: { strategy: 'rrf', params: { k: 60 } }, limit: 3, outputFields: ['year'] })) as { id: number }[]).map(({ id }) => id)).toEqual([3, 2, 4]);
    }
    expect((await server.post('entities/hybrid_search', { collectionName, search: [] })).code).toBe(1100);
    expect((await server.post('entities/hybrid_search', { collectionName, search: [{ annsField: 'v' }] })).code).toBe(1802);
    expect((await server.post('entities/hybrid_search', { collectionName, search: parts, rerank: { strategy: 'best' } })).code).toBe(1100);
    expect((await server.post('entities/hybrid_search', { collectionName, search: parts, rerank: { strategy: 'weighted', params: { weights: [1] } } })).code).toBe(1100);
    expect((await server.post('entities/hybrid_search', { collectionName, search: [{ ...parts[0], offset: 2 }] })).code).toBe(10);
  });

  test('shows what was found', async () => {
    const [hit] = await search({ annsField: 'terms', data: ['fox'], limit: 1, outputFields: ['text'], highlighter: { type: 'Lexical', params: { pre_tags: ['<'], post_tags: ['>'] } } });
    expect(hit).toMatchObject({ highlight: { text: [expect.stringMatching(/<fox(es)?>/) as string] } });
  });

  test('is filtered by parameters, of every kind', async () => {
    expect(await ids({ filter: 'genre in {genres} and year <= {year}', exprParams: { genres: ['tale', 'poem'], year: 2005 } })).toEqual([1]);
    expect(await ids({ filter: 'genre is null' })).toEqual([3]);
    expect(await ids({ filter: 'TEXT_MATCH(text, "dogs")' })).toEqual([2, 3]);
    expect(await ids({ filter: 'info["a"][1] == 2' })).toEqual([1]);
    expect((await server.post('entities/search', { collectionName, annsField: 'v', data: [[0, 0]], filter: 'year < {none}' })).code).toBe(1100);
    expect(await must('entities/query', { collectionName, filter: 'id == 4', outputFields: ['year', 'genre', 'info'] })).toEqual([{ id: 4, year: 9_007_199_254_740_992, genre: 'poem', info: null }]);
    expect(await must('entities/delete', { collectionName, filter: 'id == {id}', exprParams: { id: 77 } })).toEqual({ deleteCount: 0 });
  });

  test('is searched in groups, in a range, with rounded distances, by rows that are there', async () => {
    expect(await ids({ groupingField: 'genre' })).toEqual([1, 3, 4]);
    expect(await ids({ groupingField: 'genre', groupSize: 2, strictGroupSize: true })).toEqual([1, 2, 3, 4]);
    expect(await ids({ searchParams: { params: { radius: 5, range_filter: 1 } } })).toEqual([2, 3]);
    expect((await search({ data: [[0.123, 0]], limit: 1, searchParams: { round_decimal: 2 } }))[0]).toEqual({ id: 1, distance: 0.02 });
    expect(await ids({ data: undefined, ids: [4, '3'], limit: 1 })).toEqual([4, 3]);
    expect((await server.post('entities/search', { collectionName, annsField: 'v' })).code).toBe(1802);
  });

  test('is ranked anew by decay and boost', async () => {
    const decay = { name: 'd', type: 'Rerank', inputFieldNames: ['year'], params: { reranker: 'decay', function: 'gauss', origin: 2020, scale: 5, decay: 0.5 } };
    expect((await ids({ functionScore: { functions: [decay] }, filter: 'year < 3000' }))[0]).toBe(3);
    const boost = { name: 'b', type: 'Rerank', inputFieldNames: [], params: { reranker: 'boost', filter: 'genre == "poem"', weight: -1 } };
    expect((await ids({ functionScore: { functions: [boost], params: { boost_mode: 'sum' } } }))[0]).toBe(1);
    expect((await ids({ functionScore: { functions: [{ ...boost, params: { ...boost.params, weight: 0.01 } }] } }))).toEqual([1, 4, 2, 3]);
  });

  test('is read in an order, counted, added up', async () => {
    const order = async (orderByFields: readonly string[]) => ((await must('entities/query', { collectionName, outputFields: ['id'], orderByFields })) as { id: number }[]).map(({ id }) => id);
    expect(await order(['year:desc'])).toEqual([4, 3, 2, 1]);
    expect(await order(['genre', 'year desc'])).toEqual([4, 2, 1, 3]);
    expect(await must('entities/query', { collectionName, filter: 'year > 2005', outputFields: ['COUNT(*)'] })).toEqual([{ 'count(*)': 3 }]);
    expect(await must('entities/query', { collectionName, outputFields: ['genre', 'count(*)'], groupByFields: ['genre'] })).toEqual([{ genre: 'poem', 'count(*)': 1 }, { genre: 'tale', 'count(*)': 2 }, { genre: null, 'count(*)': 1 }]);
    expect((await server.post('entities/query', { collectionName, orderByFields: ['v'] })).code).toBe(1100);
  });

  test('gives tokens of texts', async () => {
    expect(await must('common/run_analyzer', { text: 'The Foxes', collectionName, fieldName: 'text' })).toEqual([{ tokens: [{ token: 'fox' }] }]);
    expect(await must('common/run_analyzer', { text: ['a b', 'c'], analyzerParams: { tokenizer: 'whitespace' }, withDetail: true })).toEqual([{ tokens: [{ token: 'a', start_offset: 0, end_offset: 1, position: 0, position_length: 1 }, { token: 'b', start_offset: 2, end_offset: 3, position: 1, position_length: 1 }] }, { tokens: [expect.objectContaining({ token: 'c' })] }]);
    expect(await must('common/run_analyzer', { text: 'b', analyzerParams: '{"type":"standard"}', withHash: true })).toEqual([{ tokens: [{ token: 'b', hash: expect.any(Number) as number }] }]);
    for (const [body, code] of [[{}, 1802], [{ text: 7 }, 1801], [{ text: 'a', analyzerParams: '{' }, 1100], [{ text: 'a', analyzerParams: { type: 'klingon' } }, 1100], [{ text: 'a', collectionName: 'none', fieldName: 'x' }, 100], [{ text: 'a', analyzerNames: ['x'] }, 10]] as const) {
      expect((await server.post('common/run_analyzer', body)).code, JSON.stringify(body)).toBe(code);
    }
  });
});

test('a partition key spreads rows, and partitions are then not named', async () => {
  const fields = [{ fieldName: 'id', dataType: 'Int64', isPrimary: true }, { fieldName: 'k', dataType: 'VarChar', isPartitionKey: true, elementTypeParams: { max_length: 9 } }, { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: 2 } }];
  await must('collections/create', { collectionName: 'keyed', schema: { fields }, indexParams: [{ fieldName: 'v', metricType: 'L2' }], params: { partitionsNum: '4' } });
  expect(await must('collections/describe', { collectionName: 'keyed' })).toMatchObject({ partitionsNum: 4, fields: [{}, { partitionKey: true }, {}] });
  await must('entities/insert', { collectionName: 'keyed', data: [{ id: 1, k: 'a', v: [0, 1] }, { id: 2, k: 'b', v: [0, 1] }] });
  expect(await must('entities/search', { collectionName: 'keyed', data: [[0, 1]], filter: 'k == "a"' })).toEqual([{ id: 1, distance: 0 }]);
  expect((await server.post('entities/insert', { collectionName: 'keyed', partitionName: 'p', data: [{ id: 3, k: 'a', v: [0, 1] }] })).code).not.toBe(0);
});
