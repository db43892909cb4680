// What of rows is refused over gRPC: in-band, by Milvus' number and the one of before, with words that name what is wrong.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from '../../../src/presets/node.js';
import { encoded } from './protos.js';
import { rawClient, type RawClient } from './raw-client.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

const ILLEGAL_ARGUMENT = 5;
const COLLECTION_NOT_EXISTS = 4;
const META_FAILED = 15;
const UNEXPECTED = 1;

let server: GrpcTestServer;
let raw: RawClient;

beforeAll(async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  await database.createCollection({
    name: 'books',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 10, nullable: true },
      { name: 'tags', type: 'Array', elementType: 'Int64', maxCapacity: 2, nullable: true },
      { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
      { name: 'h', type: 'Float16Vector', dim: 2, metric: 'L2', nullable: true },
      { name: 's', type: 'SparseFloatVector', nullable: true },
    ],
  });
  await database.createCollection({ name: 'keyed', fields: [{ name: 'id', type: 'Int64', primaryKey: true, autoId: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  server = await startGrpcServer({ database });
  raw = rawClient(server.address);
});

afterAll(async () => {
  raw.close();
  await server.close();
});

const ids = (...data: readonly (number | string)[]): object => ({ type: 5, field_name: 'id', scalars: { long_data: { data: data.map(String) } } });
const floats = (...data: readonly number[]): object => ({ type: 101, field_name: 'v', vectors: { dim: 2, float_vector: { data } } });
const vectorBytes = (...numbers: readonly number[]): Buffer => Buffer.from(Float32Array.from(numbers).buffer);
const placeholders = (type: number, ...values: readonly Buffer[]): Buffer => encoded('common.PlaceholderGroup', { placeholders: [{ tag: '$0', type, values }] });
const pairs = (settings: Readonly<Record<string, string>>): readonly object[] => Object.entries(settings).map(([key, value]) => ({ key, value }));

/** Procedure, request, code, older code, and what the words match. */
type Refusal = readonly [what: string, procedure: string, request: object, code: number, older: number, reason: RegExp];

const insert = (fields: readonly object[], rest: object = {}): object => ({ collection_name: 'books', num_rows: 1, fields_data: fields, ...rest });
const search = (settings: Readonly<Record<string, string>>, rest: object = {}): object => ({ collection_name: 'books', nq: 1, placeholder_group: placeholders(101, vectorBytes(1, 2)), search_params: pairs({ anns_field: 'v', topk: '2', params: '{}', ...settings }), ...rest });
const rerank = (params: Readonly<Record<string, string>>, inputs: readonly string[] = []): object => ({ function_score: { functions: [{ name: 'f', type: 3, input_field_names: inputs, params: pairs(params) }] } });
const hybrid = (rankParams: Readonly<Record<string, string>>, rest: object = {}): object => ({ collection_name: 'books', requests: [search({}), search({})], rank_params: pairs({ limit: '2', ...rankParams }), ...rest });

const REFUSALS: readonly Refusal[] = [
  ['a collection that is not there', 'Insert', { collection_name: 'films', num_rows: 1 }, 100, COLLECTION_NOT_EXISTS, /films/],
  ['no rows', 'Insert', insert([], { num_rows: 0 }), 1100, ILLEGAL_ARGUMENT, /num_rows should be greater than 0/],
  ['fewer values than rows', 'Insert', insert([ids(1), floats(1, 2)], { num_rows: 2 }), 1100, ILLEGAL_ARGUMENT, /field "id": the num_rows \(1\) of its data is not equal to passed num_rows \(2\)/],
  ['floats that divide into no rows', 'Insert', insert([ids(1), floats(1, 2, 3)]), 1100, ILLEGAL_ARGUMENT, /field "v": the length\(3\) of float_vector data should divide the dim\(2\)/],
  ['vectors of another dimension', 'Insert', insert([ids(1), { ...floats(1, 2, 3), vectors: { dim: 3, float_vector: { data: [1, 2, 3] } } }]), 1100, ILLEGAL_ARGUMENT, /the dim \(3\) of field data\(v\) is not equal to schema dim \(2\)/],
  ['a field that is not there, where it says it is no dynamic one', 'Insert', insert([ids(1), floats(1, 2), { field_name: 'pages', scalars: { int_data: { data: [1] } } }]), 1100, ILLEGAL_ARGUMENT, /field "pages" does not exist/],
  ['a field twice', 'Insert', insert([ids(1), ids(2), floats(1, 2)]), 1100, ILLEGAL_ARGUMENT, /field "id": given twice/],
  ['data of another type', 'Insert', insert([{ ...ids(1), type: 21 }, floats(1, 2)]), 1100, ILLEGAL_ARGUMENT, /field "id": expected data of type Int64 \(5\), found type 21/],
  ['data of another kind', 'Insert', insert([{ field_name: 'id', scalars: { string_data: { data: ['a'] } } }, floats(1, 2)]), 1100, ILLEGAL_ARGUMENT, /field "id": expected long data for Int64, found string data/],
  ['a valid_data of another length', 'Insert', insert([ids(1), floats(1, 2), { type: 21, field_name: 'title', scalars: { string_data: { data: [] } }, valid_data: [false, false] }]), 1100, ILLEGAL_ARGUMENT, /field "title": the length of valid_data \(2\)/],
  ['a text that is too long', 'Insert', insert([ids(1), floats(1, 2), { type: 21, field_name: 'title', scalars: { string_data: { data: ['x'.repeat(11)] } } }]), 1100, ILLEGAL_ARGUMENT, /row 0, field "title": expected at most 10 bytes/],
  ['an array that is too long', 'Insert', insert([ids(1), floats(1, 2), { type: 22, field_name: 'tags', scalars: { array_data: { data: [{ long_data: { data: ['1', '2', '3'] } }] } } }]), 1100, ILLEGAL_ARGUMENT, /row 0, field "tags": expected an array of at most 2 elements, found 3/],
  ['elements of another type', 'Insert', insert([ids(1), floats(1, 2), { type: 22, field_name: 'tags', scalars: { array_data: { data: [{ string_data: { data: ['a'] } }] } } }]), 1100, ILLEGAL_ARGUMENT, /field "tags", row 0: expected elements as long data/],
  ['a vector that is not finite', 'Insert', insert([ids(1), floats(1, Infinity)]), 1100, ILLEGAL_ARGUMENT, /row 0, field "v": expected finite/],
  ['bytes that are no pairs of a sparse vector', 'Insert', insert([ids(1), floats(1, 2), { type: 104, field_name: 's', vectors: { sparse_float_vector: { contents: [Buffer.alloc(7)] } } }]), 1100, ILLEGAL_ARGUMENT, /field "s", row 0: expected pairs/],
  ['dynamic keys that are no object', 'Insert', insert([ids(1), floats(1, 2), { type: 23, field_name: '$meta', is_dynamic: true, scalars: { json_data: { data: [Buffer.from('[1]')] } } }]), 1100, ILLEGAL_ARGUMENT, /\$meta/],
  ['dynamic keys that are no JSON', 'Insert', insert([ids(1), floats(1, 2), { type: 23, field_name: '$meta', is_dynamic: true, scalars: { json_data: { data: [Buffer.from('{')] } } }]), 1100, ILLEGAL_ARGUMENT, /\$meta/],
  ['vectors in arrays', 'Insert', insert([ids(1), { type: 106, field_name: 'v', vectors: { dim: 2, vector_array: { dim: 2, data: [] } } }]), 1100, ILLEGAL_ARGUMENT, /field "v": expected data of type FloatVector/],
  ['a key that is generated', 'Insert', { collection_name: 'keyed', num_rows: 1, fields_data: [ids(1), floats(1, 2)] }, 1100, ILLEGAL_ARGUMENT, /"id": is generated and must not be given/],
  ['a partition that is not there', 'Insert', insert([ids(1), floats(1, 2)], { partition_name: 'other' }), 200, META_FAILED, /partition not found/],
  ['an upsert without a key', 'Upsert', insert([floats(1, 2)]), 1100, ILLEGAL_ARGUMENT, /missing primary key/],
  ['appending to arrays', 'Upsert', insert([ids(1)], { partial_update: true, field_ops: [{ field_name: 'tags', op: 1 }] }), 10, UNEXPECTED, /field_ops of "tags"/],
  ['a delete of everything', 'Delete', { collection_name: 'books', expr: ' ' }, 1100, ILLEGAL_ARGUMENT, /expected a filter/],
  ['a delete by what does not parse', 'Delete', { collection_name: 'books', expr: 'id >' }, 1100, ILLEGAL_ARGUMENT, /./],
  ['a search of a collection that is not there', 'Search', { ...search({}), collection_name: 'films' }, 100, COLLECTION_NOT_EXISTS, /films/],
  ['a search without topk', 'Search', search({ topk: '' }), 1100, ILLEGAL_ARGUMENT, /topk not found in search_params/],
  ['topk that is no number', 'Search', search({ topk: 'ten' }), 1100, ILLEGAL_ARGUMENT, /topk: expected an integer, found "ten"/],
  ['topk of 0', 'Search', search({ topk: '0' }), 1100, ILLEGAL_ARGUMENT, /limit: expected 1 to 16384, found 0/],
  ['topk of 16,385', 'Search', search({ topk: '16385' }), 1100, ILLEGAL_ARGUMENT, /16384/],
  ['offset and topk of 16,385', 'Search', search({ topk: '16384', offset: '1' }), 1100, ILLEGAL_ARGUMENT, /limit \+ offset: at most 16384/],
  ['no query', 'Search', search({}, { placeholder_group: placeholders(101), nq: 0 }), 1100, ILLEGAL_ARGUMENT, /nq \[0\] is invalid/],
  ['fewer queries than nq', 'Search', search({}, { nq: 2 }), 1100, ILLEGAL_ARGUMENT, /nq: expected the number of queries in placeholder_group, 1, found 2/],
  ['a placeholder that is no message', 'Search', search({}, { placeholder_group: Buffer.from([0xff]) }), 1100, ILLEGAL_ARGUMENT, /placeholder_group/],
  ['a query of another dimension', 'Search', search({}, { placeholder_group: placeholders(101, vectorBytes(1, 2, 3)) }), 1100, ILLEGAL_ARGUMENT, /vector dimension mismatch, expected vector size\(byte\) 8, actual 12/],
  ['a query of another type', 'Search', search({}, { placeholder_group: placeholders(100, Buffer.alloc(1)) }), 1100, ILLEGAL_ARGUMENT, /vector type must be the same, field v - type FloatVector, search info type BinaryVector/],
  ['no field where there are several', 'Search', search({ anns_field: '' }), 1100, ILLEGAL_ARGUMENT, /multiple anns_fields exist/],
  ['a field that is no vector', 'Search', search({ anns_field: 'title' }), 1100, ILLEGAL_ARGUMENT, /fieldName\(title\) not found/],
  ['another metric', 'Search', search({ metric_type: 'COSINE' }), 1100, ILLEGAL_ARGUMENT, /metric type not match: invalid parameter\[expected=L2\]\[actual=COSINE\]/],
  ['params that are no JSON', 'Search', search({ params: '{' }), 1100, ILLEGAL_ARGUMENT, /params: expected a JSON object/],
  ['a parameter out of range', 'Search', search({ params: '{"ef": 0}' }), 1100, ILLEGAL_ARGUMENT, /param 'ef'/],
  ['a range that is none', 'Search', search({ params: '{"radius": 1, "range_filter": 2}' }), 1100, ILLEGAL_ARGUMENT, /range_filter\(2\) must be less than radius\(1\)/],
  ['a filter that does not parse', 'Search', search({}, { dsl: 'title ==' }), 1100, ILLEGAL_ARGUMENT, /./],
  ['a value that a filter lacks', 'Search', search({}, { dsl: 'id > {least}' }), 1100, ILLEGAL_ARGUMENT, /least/],
  ['a partition that is not there, in a search', 'Search', search({}, { partition_names: ['other'] }), 200, META_FAILED, /other/],
  ['rounding to 7 decimals', 'Search', search({ round_decimal: '7' }), 1100, ILLEGAL_ARGUMENT, /round_decimal should be between -1 and 6/],
  ['groups of 11', 'Search', search({ group_by_field: 'title', group_size: '11' }), 1100, ILLEGAL_ARGUMENT, /groupSize: expected 1 to 10/],
  ['groups by a vector', 'Search', search({ group_by_field: 'v' }), 1100, ILLEGAL_ARGUMENT, /"v" is FloatVector/],
  ['groups by two fields', 'Search', search({ group_by_fields: 'id,title' }), 10, UNEXPECTED, /group_by_fields/],
  ['an order of hits', 'Search', search({ order_by_fields: 'id:asc' }), 10, UNEXPECTED, /order_by_fields/],
  ['buckets', 'Search', search({}, { search_aggregation: { fields: ['title'], size: 3 } }), 10, UNEXPECTED, /search_aggregation/],
  ['chains of functions', 'Search', search({}, { function_chains: [{ name: 'a' }] }), 10, UNEXPECTED, /function_chains/],
  ['RRF of one search', 'Search', search({}, rerank({ reranker: 'rrf' })), 1100, ILLEGAL_ARGUMENT, /that is for a hybrid search/],
  ['a reranker that is a model', 'Search', search({}, rerank({ reranker: 'model' })), 10, UNEXPECTED, /reranker model/],
  ['a reranker that there is not', 'Search', search({}, rerank({ reranker: 'best' })), 1100, ILLEGAL_ARGUMENT, /unsupported reranker "best"/],
  ['a decay without a scale', 'Search', search({}, rerank({ reranker: 'decay', function: 'gauss', origin: '1' }, ['id'])), 1100, ILLEGAL_ARGUMENT, /decay function lost param: scale/],
  ['a decay by a text', 'Search', search({}, rerank({ reranker: 'decay', function: 'gauss', origin: '1', scale: '1' }, ['title'])), 1100, ILLEGAL_ARGUMENT, /unsupported input field type VarChar/],
  ['a boost without a weight', 'Search', search({}, rerank({ reranker: 'boost' })), 1100, ILLEGAL_ARGUMENT, /weight: missing/],
  ['a semantic highlighter', 'Search', search({}, { highlighter: { type: 1, params: [] } }), 10, UNEXPECTED, /highlighter that is not lexical/],
  ['output that is no field', 'Search', { ...search({}), collection_name: 'keyed', output_fields: ['title'] }, 1100, ILLEGAL_ARGUMENT, /unknown field "title"/],
  ['ids of rows that are not there', 'Search', { ...search({}), placeholder_group: undefined, ids: { int_id: { data: ['77'] } } }, 1100, ILLEGAL_ARGUMENT, /do not exist: 77/],
  ['an iterator with an offset', 'Search', search({ search_iter_v2: 'True', search_iter_batch_size: '2', offset: '1' }), 1100, ILLEGAL_ARGUMENT, /Not support offset/],
  ['an iterator over two queries', 'Search', search({ search_iter_v2: 'True', search_iter_batch_size: '2' }, { nq: 2, placeholder_group: placeholders(101, vectorBytes(1, 2), vectorBytes(1, 2)) }), 1100, ILLEGAL_ARGUMENT, /over multiple vectors/],
  ['an iterator over groups', 'Search', search({ search_iter_v2: 'True', search_iter_batch_size: '2', group_by_field: 'title' }), 1100, ILLEGAL_ARGUMENT, /Not allowed to do groupBy/],
  ['an iterator by an id that no answer gave', 'Search', search({ search_iter_v2: 'True', search_iter_batch_size: '2', search_iter_id: 'x'.repeat(100_000) }), 1100, ILLEGAL_ARGUMENT, /search_iter_id: expected the id/],
  ['an iterator without a size', 'Search', search({ search_iter_v2: 'True' }), 1100, ILLEGAL_ARGUMENT, /search_iter_batch_size: missing/],
  ['a hybrid search of nothing', 'HybridSearch', { collection_name: 'books', rank_params: pairs({ limit: '2' }) }, 1100, ILLEGAL_ARGUMENT, /at least one of requests/],
  ['a hybrid search without a limit', 'HybridSearch', hybrid({ limit: '' }), 1100, ILLEGAL_ARGUMENT, /limit not found in rank_params/],
  ['a rank that there is not', 'HybridSearch', hybrid({ strategy: 'best' }), 1100, ILLEGAL_ARGUMENT, /unsupported rank type best/],
  ['too few weights', 'HybridSearch', hybrid({ strategy: 'weighted', params: '{"weights":[0.5]}' }), 1100, ILLEGAL_ARGUMENT, /the length of weights param mismatch/],
  ['k of RRF out of range', 'HybridSearch', hybrid({ strategy: 'rrf', params: '{"k":0}' }), 1100, ILLEGAL_ARGUMENT, /should be in range \(0, 16384\)/],
  ['a boost of a hybrid search', 'HybridSearch', hybrid({}, rerank({ reranker: 'boost', weight: '2' })), 1100, ILLEGAL_ARGUMENT, /rrf, weighted or decay, found boost/],
  ['searches with different nq', 'HybridSearch', { ...hybrid({}), requests: [search({}), search({}, { nq: 2, placeholder_group: placeholders(101, vectorBytes(1, 2), vectorBytes(1, 2)) })] }, 1100, ILLEGAL_ARGUMENT, /nq should be the same/],
  ['a query of everything without a limit', 'Query', { collection_name: 'books', output_fields: ['id'] }, 1100, ILLEGAL_ARGUMENT, /empty expression should be used with limit/],
  ['a query by what does not parse', 'Query', { collection_name: 'books', expr: 'id ==', output_fields: ['id'] }, 1100, ILLEGAL_ARGUMENT, /./],
  ['an aggregate of a text', 'Query', { collection_name: 'books', output_fields: ['sum(title)'] }, 1100, ILLEGAL_ARGUMENT, /"title" is VarChar, expected a field of numbers/],
  ['an order that is none', 'Query', { collection_name: 'books', expr: 'id > 0', output_fields: ['id'], query_params: pairs({ limit: '1', order_by_fields: 'id:up' }) }, 1100, ILLEGAL_ARGUMENT, /expected field:asc or field:desc/],
  ['a namespace', 'Query', { collection_name: 'books', expr: 'id > 0', output_fields: ['id'], namespace: 'a' }, 10, UNEXPECTED, /namespace/],
];

const ANSWERS: Readonly<Record<string, string>> = { Insert: 'MutationResult', Upsert: 'MutationResult', Delete: 'MutationResult', Search: 'SearchResults', HybridSearch: 'SearchResults', Query: 'QueryResults' };

describe('requests about rows', () => {
  it.each(REFUSALS)('refuse %s', async (_, procedure, request, code, older, reason) => {
    const { status } = await raw.call(procedure, request, `milvus.${ANSWERS[procedure]}`);
    expect(status).toMatchObject({ code, error_code: older, reason: expect.stringMatching(reason) as string });
    expect(status.detail).toBe(status.reason);
  });

  it('refuse bytes that are no message, in-band, and go on', async () => {
    for (const procedure of Object.keys(ANSWERS)) {
      const bytes = await raw.send(procedure, Buffer.from([0x1a, 0xff]));
      const { status } = await import('./protos.js').then(({ decoded }) => decoded(`milvus.${ANSWERS[procedure]}`, bytes) as { status: object });
      expect(status).toMatchObject({ code: 1100, error_code: ILLEGAL_ARGUMENT, reason: expect.stringMatching(/invalid protobuf/) as string });
    }
    expect(server.events.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
