// Random requests of Milvus' clients, as plain objects that protobufjs encodes: every member of what is inserted and searched.

import { randomInteger } from '../../support/random.js';

type Next = () => number;

const TEXTS = ['', 'a', 'naïve café', 'x'.repeat(200), '\u{1f985}', 'id > 1'];

export function pick<T>(next: Next, items: readonly T[]): T {
  return items[randomInteger(next, items.length)] as T;
}

function list<T>(next: Next, max: number, make: () => T): T[] {
  return Array.from({ length: randomInteger(next, max) }, make);
}

function int64(next: Next): string {
  const high = BigInt(randomInteger(next, 2 ** 32)) - 2n ** 31n;
  return pick(next, ['0', '-1', '9223372036854775807', '-9223372036854775808', '9007199254740993', String((high << 32n) + BigInt(randomInteger(next, 2 ** 32)))]);
}

const float = (next: Next): number => Math.fround((next() - 0.5) * 10 ** randomInteger(next, 10));
const int32 = (next: Next): number => pick(next, [0, 1, 127, 128, -1, -(2 ** 31), 2 ** 31 - 1, randomInteger(next, 70_000)]);
const text = (next: Next): string => pick(next, TEXTS);
const bytes = (next: Next, length: number): Buffer => Buffer.from(Array.from({ length }, () => randomInteger(next, 256)));

function scalars(next: Next, depth = 0): object {
  const members: readonly (() => object)[] = [
    () => ({ bool_data: { data: list(next, 9, () => next() < 0.5) } }),
    () => ({ int_data: { data: list(next, 9, () => int32(next)) } }),
    () => ({ long_data: { data: list(next, 9, () => int64(next)) } }),
    () => ({ float_data: { data: list(next, 9, () => float(next)) } }),
    () => ({ double_data: { data: list(next, 9, () => next() * 1e9) } }),
    () => ({ string_data: { data: list(next, 9, () => text(next)) } }),
    () => ({ json_data: { data: list(next, 9, () => Buffer.from(JSON.stringify({ a: text(next) }))) } }),
    () => ({ geometry_wkt_data: { data: list(next, 9, () => 'POINT (1 2)') } }),
    () => ({ timestamptz_data: { data: list(next, 9, () => int64(next)) } }),
    () => ({ array_data: { data: list(next, 5, () => scalars(next, 1)), element_type: 5 } }),
  ];
  return pick(next, depth === 0 ? members : members.slice(0, 6))();
}

function vectors(next: Next): object {
  const dim = 8 * (1 + randomInteger(next, 4));
  const rows = randomInteger(next, 4);
  const members: readonly (() => object)[] = [
    () => ({ float_vector: { data: Array.from({ length: dim * rows }, () => float(next)) } }),
    () => ({ binary_vector: bytes(next, (dim / 8) * rows) }),
    () => ({ float16_vector: bytes(next, dim * 2 * rows) }),
    () => ({ bfloat16_vector: bytes(next, dim * 2 * rows) }),
    () => ({ int8_vector: bytes(next, dim * rows) }),
    () => ({ sparse_float_vector: { dim, contents: Array.from({ length: rows }, () => bytes(next, 8 * randomInteger(next, 4))) } }),
  ];
  return { dim, ...pick(next, members)() };
}

function fieldData(next: Next): object {
  const data = next() < 0.6 ? { scalars: scalars(next) } : { vectors: vectors(next) };
  return { type: pick(next, [1, 5, 21, 23, 101]), field_name: text(next), field_id: int64(next), is_dynamic: next() < 0.2, valid_data: next() < 0.3 ? list(next, 9, () => next() < 0.5) : [], ...data };
}

export function writeRequest(next: Next): object {
  return {
    base: { msg_type: 400, timestamp: '5' },
    db_name: text(next),
    collection_name: text(next),
    partition_name: text(next),
    fields_data: list(next, 6, () => fieldData(next)),
    hash_keys: list(next, 5, () => randomInteger(next, 2 ** 32)),
    num_rows: randomInteger(next, 1000),
    schema_timestamp: String(randomInteger(next, 2 ** 32)),
    partial_update: next() < 0.5,
    field_ops: list(next, 3, () => ({ field_name: text(next), op: randomInteger(next, 3) })),
  };
}

function keyValues(next: Next): object[] {
  return list(next, 5, () => ({ key: pick(next, ['topk', 'params', 'anns_field', 'metric_type', 'limit']), value: text(next) }));
}

function templates(next: Next): object {
  const values: readonly (() => object)[] = [
    () => ({ bool_val: next() < 0.5 }),
    () => ({ int64_val: int64(next) }),
    () => ({ float_val: next() }),
    () => ({ string_val: text(next) }),
    () => ({ array_val: { long_data: { data: list(next, 5, () => int64(next)) } } }),
    () => ({ array_val: { string_data: { data: list(next, 5, () => text(next)) } } }),
    () => ({ array_val: { array_data: { data: list(next, 3, () => ({ double_data: { data: list(next, 3, next) } })) } } }),
    () => ({ array_val: { json_data: { data: list(next, 3, () => Buffer.from(JSON.stringify(text(next)))) } } }),
  ];
  return Object.fromEntries(list(next, 4, () => [pick(next, ['a', 'b', 'c']), pick(next, values)()]));
}

function functionScore(next: Next): object {
  return { functions: list(next, 3, () => ({ name: text(next), type: 3, input_field_names: list(next, 2, () => text(next)), params: keyValues(next) })), params: keyValues(next) };
}

export function searchRequest(next: Next): object {
  return {
    db_name: text(next),
    collection_name: text(next),
    partition_names: list(next, 3, () => text(next)),
    dsl: text(next),
    ...(next() < 0.5 ? { placeholder_group: bytes(next, randomInteger(next, 40)) } : { ids: { int_id: { data: list(next, 5, () => int64(next)) } } }),
    dsl_type: 1,
    output_fields: list(next, 4, () => text(next)),
    search_params: keyValues(next),
    guarantee_timestamp: String(randomInteger(next, 2 ** 40)),
    nq: randomInteger(next, 100),
    consistency_level: randomInteger(next, 4),
    use_default_consistency: next() < 0.5,
    expr_template_values: templates(next),
    ...(next() < 0.5 ? { function_score: functionScore(next) } : {}),
    ...(next() < 0.5 ? { highlighter: { type: 0, params: keyValues(next) } } : {}),
  };
}

export function hybridRequest(next: Next): object {
  return { db_name: text(next), collection_name: text(next), partition_names: list(next, 3, () => text(next)), requests: list(next, 3, () => searchRequest(next)), rank_params: keyValues(next), output_fields: list(next, 3, () => text(next)), function_score: functionScore(next) };
}

export function queryRequest(next: Next): object {
  return { db_name: text(next), collection_name: text(next), expr: text(next), output_fields: list(next, 3, () => text(next)), partition_names: list(next, 3, () => text(next)), guarantee_timestamp: '7', query_params: keyValues(next), consistency_level: 2, expr_template_values: templates(next) };
}

export function deleteRequest(next: Next): object {
  return { db_name: text(next), collection_name: text(next), partition_name: text(next), expr: text(next), consistency_level: 1, expr_template_values: templates(next) };
}
