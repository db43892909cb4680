// Output: which fields a caller asked for, and one row of a segment as the caller gets it.

import { readExactJson } from '../../format/exact-json.js';
import { ElanusError, require } from '../../model/errors.js';
import { DYNAMIC_FIELD, isDenseVector, type DataType, type DenseVectorType, type Field } from '../../model/field.js';
import type { ArrayValue, FieldValue, PrimaryKey, Row } from '../../model/row.js';
import type { StoredScalar } from '../../model/scalar-value.js';
import { floatsOf } from '../../model/half.js';
import { functionOf, primaryField, type DenseField, type Schema } from '../../model/schema.js';
import { timestampText } from '../../model/timestamp.js';
import type { VectorElement, VectorValues } from '../../ports/core.js';
import type { Segment } from '../table/segment.js';
import type { StoredSparse } from '../table/segment-columns.js';

export interface Output {
  readonly fields: readonly Field[];
  /** Keys to take from the dynamic field: these, all, or none. */
  readonly dynamic: readonly string[] | 'all';
}

/** Errors: `InvalidArgument` for a name that is no field, unless rows may carry dynamic fields. */
export function planOutput(schema: Schema, names: unknown, withKey: boolean): Output {
  require(Array.isArray(names) && names.every((name) => typeof name === 'string'), () => 'outputFields: expected an array of field names');
  const asked = new Set(names as readonly string[]);
  const all = asked.delete('*');
  const made = schema.fields.find(({ name }) => asked.has(name) && functionOf(schema, name) !== undefined);
  require(made === undefined, () => `outputFields: not allowed to retrieve raw data of field ${String(made?.name)}, which a function makes`);
  const fields = schema.fields.filter((field) => (all && functionOf(schema, field.name) === undefined) || asked.has(field.name) || (withKey && field.primaryKey === true));
  const rest = [...asked].filter((name) => !schema.fields.some((field) => field.name === name));
  if (rest.length > 0 && !schema.enableDynamicField) {
    throw new ElanusError('InvalidArgument', `outputFields: unknown field "${rest[0]}", expected some of ${schema.fields.map((f) => f.name).join(', ')}`);
  }
  return { fields, dynamic: schema.enableDynamicField && all ? 'all' : rest };
}

/** Where the values of a row are. */
export type RowSource = Pick<Segment, 'columns' | 'part'>;

/** A row whose columns are in memory. `vectors` has those of fields whose vectors are not. */
export function rowOf(segment: RowSource, row: number, output: Output, vectors?: ReadonlyMap<string, FieldValue>): Row {
  const result: Record<string, FieldValue> = {};
  for (const field of output.fields) result[field.name] = isDenseVector(field.type) ? (vectors?.has(field.name) ? (vectors.get(field.name) as FieldValue) : vectorAt(segment, row, field as DenseField)) : valueOf(segment, row, field);
  if (output.dynamic === 'all' || output.dynamic.length > 0) addDynamic(result, segment, row, output.dynamic);
  return result;
}

export function keyOf(segment: Segment, row: number, schema: Schema): PrimaryKey {
  return segment.columns.value(primaryField(schema).name, row) as PrimaryKey;
}

function valueOf(segment: RowSource, row: number, { name, type, elementType }: Field): FieldValue {
  const value = segment.columns.value(name, row);
  if (value === null) return null;
  if (type === 'SparseFloatVector') return sparseValue(value as StoredSparse);
  if (elementType !== undefined) return (value as readonly StoredScalar[]).map((element) => scalarOf(elementType, element)) as ArrayValue;
  return scalarOf(type, value as StoredScalar);
}

/** `{ [index]: value }`, indices ascending. */
function sparseValue({ indices, values }: StoredSparse): FieldValue {
  return Object.fromEntries(Array.from(indices, (index, i) => [index, values[i] as number]));
}

function scalarOf(type: DataType, value: StoredScalar): FieldValue {
  if (type === 'Bool') return value === 1;
  if (type === 'Timestamptz') return timestampText(value as bigint);
  return type === 'JSON' ? (readExactJson(value as string) as FieldValue) : value;
}

function vectorAt(segment: RowSource, row: number, { name, type }: DenseField): FieldValue {
  const vector = segment.part(name).read(row);
  return vector === undefined ? null : vectorValue(type, vector);
}

/** A vector as the caller gets it: f16 and bf16 as the numbers that they stand for. */
export function vectorValue(type: DenseVectorType, stored: VectorValues<VectorElement>): FieldValue {
  return type === 'BinaryVector' ? (stored as Uint8Array) : type === 'Int8Vector' ? (stored as Int8Array) : floatsOf(type, stored as Float32Array);
}

function addDynamic(result: Record<string, FieldValue>, segment: RowSource, row: number, keys: readonly string[] | 'all'): void {
  const values = readExactJson(segment.columns.value(DYNAMIC_FIELD, row) as string) as Record<string, FieldValue>;
  for (const [key, value] of Object.entries(values)) {
    // What was a dynamic key until a field of that name was added.
    if (Object.hasOwn(result, key) || (keys !== 'all' && !keys.includes(key))) continue;
    Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
  }
}
