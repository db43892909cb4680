// Rows: JSON values to the engine's and back. The schema decides what a value means: an Int64 may come as a number
// or as text, a vector as numbers. What fits no field is passed on as it is, for the engine to refuse.

import { ElanusError } from '../../model/errors.js';
import { isDenseVector, type DataType } from '../../model/field.js';
import type { Hit } from '../../model/hit.js';
import type { PrimaryKey, RowInput, SparseVector, Vector } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import { isObject, type JsonInput, type JsonObject } from '../json.js';
import { asArray, kindOf } from './parameters.js';

const INT64_TEXT = /^-?\d{1,19}$/;

export function rowsFrom(schema: Schema, given: readonly JsonObject[]): readonly RowInput[] {
  const types = new Map(schema.fields.map(({ name, type, elementType }) => [name, elementType ?? type]));
  return given.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, valueFrom(types.get(key), key, value)])) as RowInput);
}

function valueFrom(type: DataType | undefined, key: string, value: JsonInput): JsonInput | Float32Array | readonly number[] | SparseVector {
  if (type === 'Int64') return Array.isArray(value) ? (value as readonly JsonInput[]).map(int64From) : int64From(value);
  if (type === 'SparseFloatVector' && isObject(value)) return sparseFrom(value, key);
  return type !== undefined && isDenseVector(type) && Array.isArray(value) ? vectorFrom(type, value as readonly JsonInput[], key) : value;
}

function int64From(value: JsonInput): JsonInput {
  return typeof value === 'string' && INT64_TEXT.test(value) ? BigInt(value) : value;
}

function vectorFrom(type: DataType, items: readonly JsonInput[], where: string): Float32Array | readonly number[] {
  const number = (item: JsonInput, at: number): number => {
    if (typeof item === 'number' || typeof item === 'bigint') return Number(item);
    throw new ElanusError('InvalidArgument', `${where}[${at}]: expected a number, found ${kindOf(item)}`);
  };
  return type === 'FloatVector' ? Float32Array.from(items, number) : items.map(number);
}

function sparseFrom(object: JsonObject, where: string): SparseVector {
  return Object.fromEntries(Object.entries(object).map(([index, value]) => {
    if (typeof value === 'number' || typeof value === 'bigint') return [index, Number(value)];
    throw new ElanusError('InvalidArgument', `${where}[${index}]: expected a number, found ${kindOf(value)}`);
  }));
}

/** Query vectors for a field of that type: an array of arrays of numbers, or of objects of indices and values. */
export function vectorsFrom(type: DataType, given: JsonInput): readonly Vector[] {
  return asArray(given, 'data').map((vector, i) => {
    if (type === 'SparseFloatVector' && isObject(vector)) return sparseFrom(vector, `data[${i}]`);
    return vectorFrom(type, asArray(vector, `data[${i}]`), `data[${i}]`);
  });
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
export function rowOfHit(schema: Schema, { id, score, fields }: Hit): object {
  return { ...fields, [primaryField(schema).name]: id, distance: score };
}
