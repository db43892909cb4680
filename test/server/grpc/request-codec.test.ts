// What our codecs read of requests, beside what protobufjs reads of the same bytes, over random messages; and what they do
// with bytes that are no such messages.

import { describe, expect, it } from 'vitest';
import type { FilterParam } from '../../../src/model/filter-object.js';
import { LIMITS } from '../../../src/model/limits.js';
import { readInsertRequest, readUpsertRequest, type WriteRequest } from '../../../src/server/grpc/codec/insert-request.js';
import { readPlaceholder } from '../../../src/server/grpc/codec/placeholder-group.js';
import { readDeleteRequest, readHybridSearchRequest, readQueryRequest, readSearchRequest, type SearchRequest } from '../../../src/server/grpc/codec/read-request.js';
import type { FieldData } from '../../../src/server/milvus/field-data.js';
import { RefusedRequest } from '../../../src/server/status.js';
import { random, randomInteger } from '../../support/random.js';
import { decoded, encoded } from './protos.js';
import { deleteRequest, hybridRequest, queryRequest, searchRequest, writeRequest } from './random-messages.js';

const SEED = Number(process.env['ELANUS_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 200;
const MUTATIONS = 1000;

/** In four bytes, however small. */
const varint = (value: number): Buffer => Buffer.from([value & 0x7f | 0x80, (value >>> 7) & 0x7f | 0x80, (value >>> 14) & 0x7f | 0x80, value >>> 21]);

type Members = Readonly<Record<string, any>>; // eslint-disable-line -- members as protobufjs has them

const READERS: Readonly<Record<string, readonly [(next: () => number) => object, (bytes: Buffer) => object]>> = {
  InsertRequest: [writeRequest, readInsertRequest],
  UpsertRequest: [writeRequest, readUpsertRequest],
  SearchRequest: [searchRequest, readSearchRequest],
  HybridSearchRequest: [hybridRequest, readHybridSearchRequest],
  QueryRequest: [queryRequest, readQueryRequest],
  DeleteRequest: [deleteRequest, readDeleteRequest],
};

describe(`requests, seed ${SEED}`, () => {
  for (const [name, [make, read]] of Object.entries(READERS)) {
    it(`reads of ${name} what protobufjs reads`, () => {
      const next = random(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = encoded(`milvus.${name}`, make(next));
        const oracle = decoded(`milvus.${name}`, bytes);
        const found = read(bytes);
        if ('fields' in found) expectWrite(found as WriteRequest, oracle);
        else if (name === 'SearchRequest') expectSearch(found as SearchRequest, oracle);
        else if (name === 'HybridSearchRequest') expectHybrid(found as Members, oracle);
        else expectPlain(found as Members, oracle);
      }
    });

    it(`refuses or reads ${name} with bytes changed, cut and put in, and nothing else`, () => {
      const next = random(SEED + 1);
      for (let round = 0; round < MUTATIONS; round++) {
        const bytes = mutated(encoded(`milvus.${name}`, make(next)), next);
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RefusedRequest);
          expect((error as RefusedRequest).status).toBe(1100);
        }
      }
    });
  }

  it('refuses what ends too early, has too long a length, no field, or a wrong wire type, and names message and field', () => {
    const refusal = (bytes: readonly number[]): string => {
      try {
        readSearchRequest(Buffer.from(bytes));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal([0x1a])).toMatch(/SearchRequest, field 3: expected a varint, found the end/);
    expect(refusal([0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f])).toMatch(/field 3: expected at most 0 bytes, found a length of 4294967295/);
    expect(refusal([0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])).toMatch(/varint of at most 10 bytes/);
    expect(refusal([0x00, 0x01])).toMatch(/field number above 0/);
    expect(refusal([0x18, 0x01])).toMatch(/field 3: expected wire type 2, found 0/);
    expect(refusal([0x1b, 0x01])).toMatch(/expected wire type 2, found 3/);
    expect(refusal([0xfb, 0x06, 0x01])).toMatch(/expected wire type 0, 1, 2 or 5, found 3/);
    expect(refusal([0x1a, 0x01, 0xff])).toMatch(/expected UTF-8/);
  });

  it('takes repeated numbers in several pieces and one by one, as protobuf lets them be', () => {
    const rows = Buffer.concat([Buffer.from([0x3a, 2, 1, 0]), Buffer.from([0x38, 1]), Buffer.from([0x3a, 1, 0])]);
    const field = Buffer.concat([Buffer.from([0x12, 1, 0x78]), rows]);
    const { fields } = readInsertRequest(Buffer.concat([Buffer.from([0x2a, field.length]), field]));
    expect(Array.from(fields[0]?.valid ?? [])).toEqual([1, 0, 1, 0]);
  });

  it.each(['vectors', 'doubles'])('reads long lists of numbers wherever they lie, and behind others: %s', (kind) => {
    const size = kind === 'vectors' ? 4 : 8;
    const make = (kind === 'vectors' ? Float32Array : Float64Array) as typeof Float64Array;
    const tagged = (field: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([field * 8 + 2]), varint(bytes.length), bytes]);
    const listOf = (values: Buffer): Buffer => (kind === 'vectors' ? tagged(4, Buffer.concat([Buffer.from([8, 2]), tagged(2, values)])) : tagged(3, tagged(5, values)));
    for (let before = 0; before < 9; before++) {
      const first = new make(65_536 / size).map((_, at) => at + 0.5);
      const second = first.map((value) => -value);
      const pieces = Buffer.concat([tagged(1, Buffer.from(first.buffer)), tagged(1, Buffer.from(second.buffer))]);
      for (const [values, expected] of [[tagged(1, Buffer.from(second.buffer)), [...second]], [pieces, [...first, ...second]]] as const) {
        const field = Buffer.concat([tagged(2, Buffer.alloc(before, 0x78)), listOf(values)]);
        const found = readInsertRequest(Buffer.concat([tagged(3, Buffer.from('name')), tagged(5, field), tagged(4, Buffer.from('part'))]));
        expect([found.collection_name, found.partition_name, found.fields[0]?.name]).toEqual(['name', 'part', 'x'.repeat(before)]);
        const { data } = found.fields[0] as FieldData;
        expect([...(data as { readonly values: Iterable<number> }).values]).toEqual(expected);
      }
    }
  });

  it('refuses a list of template values nested too deep', () => {
    let value: object = { long_data: { data: ['1'] } };
    for (let depth = 0; depth < 20; depth++) value = { array_data: { data: [value] } };
    const bytes = encoded('milvus.QueryRequest', { expr_template_values: { a: { array_val: value } } });
    expect(() => readQueryRequest(bytes)).toThrow(/at most 32 messages in each other/);
  });

  it('refuses lists of empty values, which are short here and long in memory', () => {
    const many = (field: number, count: number): Buffer => Buffer.alloc(count * 2, Buffer.from([field * 8 + 2, 0]));
    const within = (bytes: Buffer, ...fields: readonly number[]): Buffer => fields.reduce((inner, field) => Buffer.concat([Buffer.from([field * 8 + 2]), varint(inner.length), inner]), bytes);
    const rows = LIMITS.rowsPerBatchMax + 1;
    const refused: readonly (readonly [string, () => unknown])[] = [
      ['fields_data', () => readInsertRequest(many(5, 1025))],
      ['string_data', () => readInsertRequest(within(many(1, rows), 6, 3, 5))],
      ['array_data', () => readInsertRequest(within(many(1, rows), 8, 3, 5))],
      ['contents', () => readInsertRequest(within(many(1, rows), 6, 4, 5))],
      ['long_data', () => readInsertRequest(within(within(Buffer.alloc(rows), 1), 3, 3, 5))],
      ['valid_data', () => readInsertRequest(within(within(Buffer.alloc(rows), 7), 5))],
      ['valid_data, one by one', () => readInsertRequest(within(Buffer.alloc(16_386 * 2, Buffer.from([0x38, 1])), 5))],
      ['output_fields', () => readSearchRequest(many(8, 65_537))],
      ['partition_names', () => readQueryRequest(many(6, 65_537))],
      ['requests', () => readHybridSearchRequest(many(5, LIMITS.searchesMax + 1))],
      ['values', () => readPlaceholder(within(many(3, LIMITS.queriesMax + 1), 1))],
    ];
    for (const [what, read] of refused) expect(read, what).toThrow(/expected at most \d+ values/);
  });

  it('reads a placeholder of every kind, and refuses several', () => {
    const group = (placeholders: readonly object[]): Buffer => encoded('common.PlaceholderGroup', { placeholders });
    const one = { tag: '$0', type: 101, values: [Buffer.from([1, 2, 3, 4]), Buffer.from([5, 6, 7, 8])] };
    expect(readPlaceholder(group([one]))).toEqual({ type: 101, values: one.values, elementLevel: false });
    expect(readPlaceholder(group([]))).toBeUndefined();
    expect(() => readPlaceholder(group([one, one]))).toThrow(/expected one placeholder, found several/);
  });
});

function mutated(bytes: Buffer, next: () => number): Buffer {
  const changed = Buffer.from(bytes);
  const kind = randomInteger(next, 4);
  const at = randomInteger(next, changed.length + 1);
  if (kind === 0) return changed.subarray(0, at);
  if (kind === 1) return Buffer.concat([changed.subarray(0, at), Buffer.from([randomInteger(next, 256)]), changed.subarray(at)]);
  for (let count = 1 + randomInteger(next, 4); count > 0 && changed.length > 0; count--) changed[randomInteger(next, changed.length)] = randomInteger(next, 256);
  return changed;
}

function expectWrite(found: WriteRequest, oracle: Members): void {
  expect([found.db_name, found.collection_name, found.partition_name, found.rows, String(found.schemaTimestamp)]).toEqual([oracle['db_name'], oracle['collection_name'], oracle['partition_name'], oracle['num_rows'], oracle['schema_timestamp']]);
  if (oracle['field_ops'] !== undefined) {
    expect(found.partialUpdate).toBe(oracle['partial_update']);
    expect([...found.fieldOps]).toEqual([...new Map(oracle['field_ops'].map((op: Members) => [op['field_name'], op['op']]))]);
  }
  expect(found.fields.map(plainField)).toEqual(oracle['fields_data'].map(oracleField));
}

// Ours, in the words of protobufjs.
function plainField({ name, type, isDynamic, valid, data }: FieldData): object {
  return { name, type, isDynamic, valid: Array.from(valid ?? []), data: plainData(data) };
}

function plainData(data: FieldData['data']): unknown {
  if (data === undefined || data.kind === 'other') return data;
  if (data.kind === 'array') return { kind: 'array', values: data.values.map(plainData) };
  const values = data.kind.endsWith('_vector') && data.kind !== 'float_vector' && data.kind !== 'sparse_float_vector' ? Buffer.from(data.values as Uint8Array).toString('hex') : Array.from(data.values as ArrayLike<unknown>, (value) => (typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value));
  return { kind: data.kind, values, ...('dim' in data ? { dim: data.dim } : {}) };
}

const KINDS: Readonly<Record<string, string>> = { bool_data: 'bool', int_data: 'int', long_data: 'long', float_data: 'float', double_data: 'double', string_data: 'string', json_data: 'json', geometry_wkt_data: 'wkt', timestamptz_data: 'timestamptz' };

function oracleField(field: Members): object {
  const { vectors, scalars } = field;
  return { name: field['field_name'], type: field['type'], isDynamic: field['is_dynamic'], valid: field['valid_data'].map(Number), data: vectors != null ? oracleVectors(vectors) : scalars != null ? oracleScalars(scalars) : undefined };
}

function oracleScalars(scalars: Members): unknown {
  if (scalars['array_data'] != null) return { kind: 'array', values: scalars['array_data'].data.map(oracleScalars) };
  const [name] = Object.keys(KINDS).filter((member) => scalars[member] != null);
  if (name === undefined) return undefined;
  const values = scalars[name].data.map((value: unknown) => (name === 'bool_data' ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString() : value));
  return { kind: KINDS[name], values };
}

function oracleVectors(vectors: Members): unknown {
  const dim = Number(vectors['dim']);
  if (vectors['float_vector'] != null) return { kind: 'float_vector', values: vectors['float_vector'].data, dim };
  if (vectors['sparse_float_vector'] != null) return { kind: 'sparse_float_vector', values: vectors['sparse_float_vector'].contents.map((bytes: Uint8Array) => Buffer.from(bytes).toString('hex')) };
  const name = ['binary_vector', 'float16_vector', 'bfloat16_vector', 'int8_vector'].find((member) => Object.hasOwn(vectors, member)) as string;
  return { kind: name, values: Buffer.from(vectors[name]).toString('hex'), dim };
}

function expectSearch(found: SearchRequest, oracle: Members): void {
  expectPlain(found, oracle);
  expect(found.nq).toBe(Number(oracle['nq']));
  expect(found.placeholderGroup?.toString('hex')).toBe(Object.hasOwn(oracle, 'placeholder_group') ? Buffer.from(oracle['placeholder_group']).toString('hex') : undefined);
  expect(found.ids?.map(String)).toEqual(oracle['ids'] == null ? undefined : (oracle['ids'].int_id?.data ?? []));
  expect(plainScore(found.functionScore)).toEqual(oracleScore(oracle['function_score']));
  expect(found.highlighter === undefined ? undefined : [...found.highlighter.params]).toEqual(oracle['highlighter'] == null ? undefined : [...pairs(oracle['highlighter'].params)]);
}

function expectHybrid(found: Members, oracle: Members): void {
  expect([found['db_name'], found['collection_name'], found['partitionNames'], found['outputFields'], [...found['rankParams']]]).toEqual([oracle['db_name'], oracle['collection_name'], oracle['partition_names'], oracle['output_fields'], [...pairs(oracle['rank_params'])]]);
  found['requests'].forEach((request: SearchRequest, at: number) => expectSearch(request, oracle['requests'][at]));
  expect(found['requests']).toHaveLength(oracle['requests'].length);
  expect(plainScore(found['functionScore'])).toEqual(oracleScore(oracle['function_score']));
}

function expectPlain(found: Members, oracle: Members): void {
  expect([found['db_name'], found['collection_name'], found['expr']]).toEqual([oracle['db_name'], oracle['collection_name'], oracle['dsl'] ?? oracle['expr']]);
  expect(found['partitionNames'] ?? found['partitionName']).toEqual(oracle['partition_names'] ?? oracle['partition_name']);
  expect(found['outputFields']).toEqual(oracle['output_fields']);
  if (found['params'] !== undefined) expect([...found['params']]).toEqual([...pairs(oracle['search_params'] ?? oracle['query_params'])]);
  expect(found['exprValues']).toEqual(Object.fromEntries(Object.entries(oracle['expr_template_values'] as Members).map(([name, value]) => [name, oracleTemplate(value)])));
}

function pairs(given: readonly Members[]): ReadonlyMap<string, string> {
  return new Map(given.map(({ key, value }) => [key, value]));
}

function plainScore(score: SearchRequest['functionScore']): unknown {
  return score === undefined ? undefined : { functions: score.functions.map(({ params, ...rest }) => ({ ...rest, params: [...params] })), params: [...score.params] };
}

function oracleScore(score: Members | null | undefined): unknown {
  if (score == null) return undefined;
  return { functions: score['functions'].map((one: Members) => ({ name: one['name'], type: one['type'], inputFieldNames: one['input_field_names'], params: [...pairs(one['params'])] })), params: [...pairs(score['params'])] };
}

function exact(text: string): number | bigint {
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function oracleTemplate(value: Members): FilterParam {
  if (Object.hasOwn(value, 'int64_val')) return exact(value['int64_val']);
  if (Object.hasOwn(value, 'array_val')) return oracleArray(value['array_val']);
  return Object.values(value)[0] as FilterParam;
}

function oracleArray(value: Members): FilterParam {
  if (value['long_data'] != null) return value['long_data'].data.map(exact);
  if (value['string_data'] != null) return value['string_data'].data;
  if (value['double_data'] != null) return value['double_data'].data;
  if (value['array_data'] != null) return value['array_data'].data.map(oracleArray);
  return value['json_data'].data.map((bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()));
}
