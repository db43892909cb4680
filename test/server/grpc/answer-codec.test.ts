// What protobufjs reads of the answers that our codecs write: every type of field, with nulls and without.

import { describe, expect, it } from 'vitest';
import { DATA_TYPES } from '../../../src/model/field.js';
import { bfloatBits, halfBits } from '../../../src/model/half.js';
import { encodeMutationAnswer, encodeQueryAnswer, encodeSearchAnswer, type SearchAnswer } from '../../../src/server/grpc/codec/answers.js';
import { writeFieldData } from '../../../src/server/grpc/codec/field-data-writer.js';
import { ANSWER_BYTES_MAX, ProtoWriter } from '../../../src/server/grpc/codec/proto-writer.js';
import { FIELD_ID_FIRST, type ResultColumn } from '../../../src/server/milvus/result-columns.js';
import { decoded } from './protos.js';

type Members = { readonly [name: string]: Members } & readonly Members[];

const PLAIN = { fieldId: FIELD_ID_FIRST, nullable: false, isDynamic: false } as const;
const LONG = 'é'.repeat(3000);

function column(given: Partial<ResultColumn> & Pick<ResultColumn, 'type' | 'values'>): ResultColumn {
  return { ...PLAIN, name: given.type, ...given };
}

/** A column, and what an answer must say of it. */
const COLUMNS: readonly (readonly [ResultColumn, object])[] = [
  [column({ type: 'Bool', values: [true, false, true] }), { scalars: { bool_data: { data: [true, false, true] } } }],
  [column({ type: 'Int8', values: [1, -1, -128] }), { scalars: { int_data: { data: [1, -1, -128] } } }],
  [column({ type: 'Int32', values: [2 ** 31 - 1, -(2 ** 31), 300] }), { scalars: { int_data: { data: [2 ** 31 - 1, -(2 ** 31), 300] } } }],
  [column({ type: 'Int64', values: [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n] }), { scalars: { long_data: { data: ['9223372036854775807', '-9223372036854775808', '9007199254740993'] } } }],
  [column({ type: 'Float', values: [0.5, -1.25, 3] }), { scalars: { float_data: { data: [0.5, -1.25, 3] } } }],
  [column({ type: 'Double', values: [0.1, -1e300, 3] }), { scalars: { double_data: { data: [0.1, -1e300, 3] } } }],
  [column({ type: 'VarChar', values: ['', 'kite', LONG] }), { scalars: { string_data: { data: ['', 'kite', LONG] } } }],
  [column({ type: 'VarChar', nullable: true, values: ['a', null, 'c'] }), { scalars: { string_data: { data: ['a', '', 'c'] } }, valid_data: [true, false, true] }],
  [column({ type: 'Int64', nullable: true, values: [null, 5n, null] }), { scalars: { long_data: { data: ['0', '5', '0'] } }, valid_data: [false, true, false] }],
  [column({ type: 'Timestamptz', values: ['2025-01-01T00:00:00Z', '1969-01-01T00:00:00Z', ''] }), { scalars: { string_data: { data: ['2025-01-01T00:00:00Z', '1969-01-01T00:00:00Z', ''] } } }],
  [column({ type: 'Geometry', values: ['POINT (1 2)', 'POINT EMPTY', ''] }), { scalars: { geometry_wkt_data: { data: ['POINT (1 2)', 'POINT EMPTY', ''] } } }],
  [column({ type: 'JSON', nullable: true, values: [{ a: [1, 'b'], n: 2n ** 60n }, null, 'text'] }), { scalars: { json_data: { data: [Buffer.from('{"a":[1,"b"],"n":1152921504606846976}'), Buffer.alloc(0), Buffer.from('"text"')] } }, valid_data: [true, false, true] }],
  [column({ type: 'JSON', name: '$meta', isDynamic: true, values: ['{"a":1}', '{}', '{"b":"c"}'] }), { scalars: { json_data: { data: [Buffer.from('{"a":1}'), Buffer.from('{}'), Buffer.from('{"b":"c"}')] } }, is_dynamic: true }],
  [column({ type: 'Array', elementType: 'Int64', values: [[1n, 2n], [], [3n]] }), { scalars: { array_data: { element_type: 5, data: [{ long_data: { data: ['1', '2'] } }, { long_data: { data: [] } }, { long_data: { data: ['3'] } }] } } }],
  [column({ type: 'Array', elementType: 'VarChar', nullable: true, values: [['a'], null, ['b', 'c']] }), { scalars: { array_data: { element_type: 21, data: [{ string_data: { data: ['a'] } }, { string_data: { data: [] } }, { string_data: { data: ['b', 'c'] } }] } }, valid_data: [true, false, true] }],
  [column({ type: 'FloatVector', dim: 2, values: [Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)] }), { vectors: { dim: '2', float_vector: { data: [1, 2, 3, 4, 5, 6] } } }],
  [column({ type: 'FloatVector', dim: 2, nullable: true, values: [null, Float32Array.of(3, 4), null] }), { vectors: { dim: '2', float_vector: { data: [3, 4] } }, valid_data: [false, true, false] }],
  [column({ type: 'BinaryVector', dim: 16, values: [Uint8Array.of(1, 2), Uint8Array.of(255, 0), Uint8Array.of(3, 4)] }), { vectors: { dim: '16', binary_vector: Buffer.from([1, 2, 255, 0, 3, 4]) } }],
  [column({ type: 'Int8Vector', dim: 2, values: [Int8Array.of(-1, 2), Int8Array.of(127, -128), Int8Array.of(0, 4)] }), { vectors: { dim: '2', int8_vector: Buffer.from([255, 2, 127, 128, 0, 4]) } }],
  [column({ type: 'Float16Vector', dim: 2, values: [Float32Array.of(1, -2), Float32Array.of(0.1, 0), Float32Array.of(65504, 1)] }), { vectors: { dim: '2', float16_vector: halves(halfBits, [1, -2, 0.1, 0, 65504, 1]) } }],
  [column({ type: 'BFloat16Vector', dim: 2, nullable: true, values: [Float32Array.of(1, -2), null, Float32Array.of(3, 1)] }), { vectors: { dim: '2', bfloat16_vector: halves(bfloatBits, [1, -2, 3, 1]) }, valid_data: [true, false, true] }],
  [column({ type: 'SparseFloatVector', nullable: true, values: [{ 3: 0.5, 4294967294: 2 }, {}, null] }), { vectors: { dim: '4294967295', sparse_float_vector: { dim: '4294967295', contents: [terms([3, 0.5], [4294967294, 2]), Buffer.alloc(0)] } }, valid_data: [true, true, false] }],
];

function halves(bitsOf: (value: number) => number, values: readonly number[]): Buffer {
  return Buffer.from(Uint16Array.from(values, bitsOf).buffer);
}

function terms(...pairs: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.alloc(pairs.length * 8);
  pairs.forEach(([index, value], at) => bytes.writeFloatLE(value, bytes.writeUInt32LE(index, at * 8)));
  return bytes;
}

const SEARCH: SearchAnswer = {
  collectionName: 'books',
  topK: 2,
  topks: [2, 1],
  scores: Float32Array.of(0.9, 0.5, -1),
  ids: [2n ** 53n + 1n, -5n, 7n],
  columns: COLUMNS.map(([one]) => one),
  outputFields: ['a', '$meta'],
  primaryFieldName: 'id',
  recalls: Float32Array.of(0.5, 0.5),
  sessionTs: 2n ** 60n,
  allSearchCount: 300,
};

describe('answers', () => {
  it('tell a search with every type of field, with nulls and without', async () => {
    const { status, results, collection_name, session_ts } = decoded('milvus.SearchResults', await encodeSearchAnswer(SEARCH)) as unknown as Members;
    expect(status).toMatchObject({ code: 0, error_code: 0, reason: '' });
    expect([collection_name, session_ts]).toEqual(['books', String(2n ** 60n)]);
    expect(results).toMatchObject({ num_queries: '2', top_k: '2', topks: ['2', '1'], ids: { int_id: { data: ['9007199254740993', '-5', '7'] } }, output_fields: ['a', '$meta'], primary_field_name: 'id', all_search_count: '300', recalls: [0.5, 0.5] });
    expect(Array.from(results?.['scores'] as unknown as number[], Math.fround)).toEqual([0.9, 0.5, -1].map(Math.fround));
    COLUMNS.forEach(([{ name, type, isDynamic }, expected], at) => {
      const found = results?.['fields_data']?.[at] as Members;
      expect(found, `column ${at}, ${type}`).toMatchObject({ type: DATA_TYPES[type], field_name: name, field_id: String(FIELD_ID_FIRST), is_dynamic: isDynamic, valid_data: [], ...expected });
    });
  });

  it('tell groups, an iterator and highlights', async () => {
    const group = column({ type: 'VarChar', name: 'author', values: ['x', 'y', 'z'] });
    const answer = { ...SEARCH, columns: [], ids: ['a', 'b', 'c'], group, iterator: { token: 'walk', lastBound: 0.25 }, highlights: new Map([['text', [['<em>a</em>'], [], ['b', 'c']]]]) };
    const { results } = decoded('milvus.SearchResults', await encodeSearchAnswer(answer)) as unknown as Members;
    expect(results).toMatchObject({
      ids: { str_id: { data: ['a', 'b', 'c'] } },
      group_by_field_value: { field_name: 'author', scalars: { string_data: { data: ['x', 'y', 'z'] } } },
      group_by_field_values: [{ field_name: 'author' }],
      search_iterator_v2_results: { token: 'walk', last_bound: 0.25 },
      highlight_results: [{ field_name: 'text', datas: [{ fragments: ['<em>a</em>'] }, { fragments: [] }, { fragments: ['b', 'c'] }] }],
    });
  });

  it('tell a query and a mutation', async () => {
    const [ids] = COLUMNS[3] as readonly [ResultColumn, object];
    expect(decoded('milvus.QueryResults', await encodeQueryAnswer({ collectionName: 'books', columns: [ids], outputFields: ['Int64'], primaryFieldName: 'Int64', sessionTs: 5n }))).toMatchObject({ collection_name: 'books', output_fields: ['Int64'], primary_field_name: 'Int64', session_ts: '5', fields_data: [{ scalars: { long_data: { data: ['9223372036854775807', '-9223372036854775808', '9007199254740993'] } } }] });
    const mutation = { ids: Array.from({ length: 300 }, (_, at) => `key ${at}`), succeeded: 300, inserted: 300, deleted: 1, upserted: 2, timestamp: 2n ** 63n };
    expect(decoded('milvus.MutationResult', encodeMutationAnswer(mutation))).toMatchObject({ IDs: { str_id: { data: mutation.ids } }, succ_index: Array.from({ length: 300 }, (_, at) => at), err_index: [], insert_cnt: '300', delete_cnt: '1', upsert_cnt: '2', timestamp: String(2n ** 63n) });
  });

  it('are written a megabyte at a time if they are long, in the bytes that they have at once', async () => {
    const vectors = Array.from({ length: 3000 }, (_, row) => Float32Array.from({ length: 256 }, (__, at) => row + at / 256));
    const long = column({ type: 'FloatVector', name: 'v', dim: 256, values: vectors });
    const answer = (columns: readonly ResultColumn[]) => ({ collectionName: 'books', columns, outputFields: ['v'], primaryFieldName: 'id', sessionTs: 5n });
    let turns = 0;
    let isDone = false;
    const count = (): void => void (turns++, isDone || setImmediate(count));
    setImmediate(count);
    const bytes = await encodeQueryAnswer(answer([long]));
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(4);
    const writer = new ProtoWriter();
    writeFieldData(writer, 2, long);
    expect(bytes.includes(writer.finish())).toBe(true);
    expect(encodeQueryAnswer(answer([{ ...long, values: vectors.slice(0, 10) }]))).toBeInstanceOf(Buffer);
  });

  it('refuse to take more than an answer may', () => {
    const writer = new ProtoWriter();
    const piece = new Uint8Array(ANSWER_BYTES_MAX / 4);
    for (let count = 0; count < 3; count++) writer.bytes(1, piece);
    expect(() => writer.bytes(1, piece)).toThrow(/the answer takes more than 104857600 bytes/);
  });
});
