// Rows: JSON values to the engine's and back. The schema decides what a value means: an Int64 may come as a number
// or as text, a vector as numbers or as base64 of its bytes. What fits no field is passed on as it is, for the engine to refuse.

import { ElanusError } from '../../model/errors.js';
import { isDenseVector, isVector, type DataType, type Field } from '../../model/field.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey, RowInput, SparseInput, Vector } from '../../model/row.js';
import { functionOf, primaryField, type Schema } from '../../model/schema.js';
import { isObject, type JsonInput, type JsonObject } from '../json.js';
import { slices } from '../slices.js';
import { asArray, asObject, kindOf, wrongType } from './parameters.js';

const INT64_TEXT = /^-?\d{1,19}$/;
const SPARSE_INDEX = /^(?:0|[1-9]\d{0,9})$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Vectors that Milvus takes as bytes, which JSON writes as base64. */
const BYTES: ReadonlySet<DataType> = new Set(['BinaryVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector']);

type FromJson = (value: JsonInput, key: string) => JsonInput | Vector;

/** One row, or several; of many others are answered meanwhile. Errors: 1801 for what is no object. */
export async function rowsFrom(schema: Schema, data: JsonInput): Promise<readonly RowInput[]> {
  const given = Array.isArray(data) ? (data as readonly JsonInput[]) : [data];
  const readers = new Map(schema.fields.flatMap((field) => readerOf(field.elementType ?? field.type, field.name)));
  const pause = slices();
  const rows: RowInput[] = [];
  for (let i = 0; i < given.length; i++) {
    rows.push(rowFrom(asObject(given[i] as JsonInput, `data[${i}]`), readers));
    const turn = pause();
    if (turn !== undefined) await turn;
  }
  return rows;
}

function rowFrom(row: JsonObject, readers: ReadonlyMap<string, FromJson>): RowInput {
  const read: Record<string, JsonInput | Vector> = {};
  for (const key in row) {
    const value = row[key] as JsonInput;
    const reader = readers.get(key);
    const meant = reader === undefined || value === null ? value : reader(value, key);
    if (key === '__proto__') Object.defineProperty(read, key, { value: meant, enumerable: true, configurable: true, writable: true });
    else read[key] = meant;
  }
  return read as RowInput;
}

/** By field; of a type whose values are as JSON has them, none. */
function readerOf(type: DataType, name: string): readonly (readonly [string, FromJson])[] {
  if (type === 'Int64') return [[name, (value) => (Array.isArray(value) ? (value as readonly JsonInput[]).map(int64From) : int64From(value))]];
  if (!isVector(type)) return [];
  return [[name, (value, key) => (Array.isArray(value) || isObject(value) || BYTES.has(type) ? vectorFrom(type, value, key) : value)]];
}

function int64From(value: JsonInput): JsonInput {
  return typeof value === 'string' && INT64_TEXT.test(value) ? BigInt(value) : value;
}

/** A vector of that type. Errors: `InvalidArgument`; what has another form is for the engine to refuse. */
function vectorFrom(type: DataType, value: JsonInput, where: string): Vector {
  if (type === 'SparseFloatVector' && isObject(value)) return sparseFrom(value, where);
  if (typeof value === 'string' && BYTES.has(type)) return bytesFrom(type, value, where);
  if (!Array.isArray(value) || !isDenseVector(type)) throw new ElanusError('InvalidArgument', `${where}: expected ${formOf(type)}, found ${kindOf(value)}`);
  const items = value as readonly JsonInput[];
  return type === 'FloatVector' ? floatsFrom(items, where) : items.map((item, at) => numberFrom(item, where, at));
}

function formOf(type: DataType): string {
  if (type === 'SparseFloatVector') return 'an object of values by their indices';
  return BYTES.has(type) ? 'an array of numbers or base64' : 'an array of numbers';
}

function floatsFrom(items: readonly JsonInput[], where: string): Float32Array {
  const floats = new Float32Array(items.length);
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    floats[at] = typeof item === 'number' ? item : numberFrom(item, where, at);
  }
  return floats;
}

function numberFrom(item: JsonInput | undefined, where: string, at: number): number {
  if (typeof item === 'number' || typeof item === 'bigint') return Number(item);
  throw new ElanusError('InvalidArgument', `${where}[${at}]: expected a number, found ${kindOf(item)}`);
}

function bytesFrom(type: DataType, text: string, where: string): Uint8Array | Int8Array {
  if (!BASE64.test(text) || text.length % 4 !== 0) throw new ElanusError('InvalidArgument', `${where}: expected base64, found other characters or a length that is no multiple of 4`);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return type === 'Int8Vector' ? new Int8Array(bytes.buffer) : bytes;
}

function sparseFrom(object: JsonObject, where: string): SparseInput {
  const { indices, values } = object;
  if (Array.isArray(indices) && Array.isArray(values)) return { indices: numbersFrom(indices, `${where}.indices`), values: numbersFrom(values, `${where}.values`) };
  const read = { indices: [] as number[], values: [] as number[] };
  for (const index in object) {
    const value = object[index];
    if (typeof value !== 'number' && typeof value !== 'bigint') throw new ElanusError('InvalidArgument', `${where}[${index}]: expected a number, found ${kindOf(value)}`);
    // What is no index is for the engine to refuse, as it was given.
    read.indices.push(SPARSE_INDEX.test(index) ? Number(index) : (index as never));
    read.values.push(Number(value));
  }
  return read;
}

function numbersFrom(items: readonly JsonInput[], where: string): readonly number[] {
  return items.map((item, at) => numberFrom(item, where, at));
}

/** What is searched for in that field: vectors, or texts where a function makes the vectors; of many others are answered meanwhile. */
export async function queriesFrom(schema: Schema, field: Field, data: readonly JsonInput[], pause = slices()): Promise<readonly Vector[] | readonly string[]> {
  if (functionOf(schema, field.name) !== undefined && data.every((query) => typeof query === 'string')) return data as readonly string[];
  const queries: Vector[] = [];
  for (let i = 0; i < data.length; i++) {
    queries.push(queryFrom(field.type, data[i] as JsonInput, `data[${i}]`));
    const turn = pause();
    if (turn !== undefined) await turn;
  }
  return queries;
}

function queryFrom(type: DataType, query: JsonInput, where: string): Vector {
  if (typeof query !== 'object' && !(typeof query === 'string' && BYTES.has(type))) throw wrongType(where, formOf(type), query);
  return vectorFrom(type, query, where);
}

/** Keys of rows to get or delete: one, or an array of them. */
export function keysFrom(schema: Schema, given: JsonInput, name: string): readonly (PrimaryKey | number)[] {
  const { type } = primaryField(schema);
  const keys = Array.isArray(given) ? asArray(given, name) : [given];
  return keys.map((key, i) => {
    const value = type === 'Int64' ? int64From(key) : key;
    if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number') return value;
    throw new ElanusError('InvalidArgument', `${name}[${i}]: expected ${type}, found ${kindOf(value)}`);
  });
}

/** A hit as REST clients read it: its fields, its key under the key's own name, and its score as `distance`. */
export function rowOfHit(key: string, { id, score, fields, highlight }: Hit, decimals: number | undefined): object {
  const distance = decimals === undefined ? score : Math.floor(score * 10 ** decimals + 0.5) / 10 ** decimals;
  return { ...fields, [key]: id, distance, ...(highlight === undefined ? {} : { highlight }) };
}
