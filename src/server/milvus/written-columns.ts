// WrittenColumns: what a client inserts, column by column, as the engine takes it. Numbers, texts and vectors are handed on
// as they came: what the engine checks is not checked twice. What is checked here is what the engine cannot see: that each
// column is of its field's type, and has a value for each row, or for each that its valid_data says is not null.

import type { ColumnInput, ColumnsInput } from '../../model/column-input.js';
import { DYNAMIC_FIELD, isVector, type DataType, type Field } from '../../model/field.js';
import type { Schema } from '../../model/schema.js';
import type { FieldData, ScalarValues, VectorValues } from './field-data.js';
import { invalid, unsupported } from './key-values.js';
import { sparseOf } from './placeholder.js';
import { typeNumber } from './result-columns.js';

type Data = ScalarValues | VectorValues;

/** Kinds of data that each type may come as. */
const KINDS: { readonly [T in DataType]: readonly Data['kind'][] } = {
  Bool: ['bool'],
  Int8: ['int'],
  Int16: ['int'],
  Int32: ['int'],
  Int64: ['long'],
  Float: ['float'],
  Double: ['double'],
  VarChar: ['string'],
  Timestamptz: ['string', 'timestamptz'],
  Geometry: ['wkt', 'string'],
  JSON: ['json'],
  Array: ['array'],
  FloatVector: ['float_vector'],
  BinaryVector: ['binary_vector'],
  Float16Vector: ['float16_vector'],
  BFloat16Vector: ['bfloat16_vector'],
  Int8Vector: ['int8_vector'],
  SparseFloatVector: ['sparse_float_vector'],
};
/** Milvus' older name of VarChar. */
const STRING = 20;
const EMPTY = new Uint8Array(0);

/** `rows` is what the request says. Errors: 1100, naming the field; 10 for data of a kind that there is not here. */
export function writtenColumns(schema: Schema, fields: readonly FieldData[], rows: number): ColumnsInput {
  if (rows === 0) throw invalid('num_rows should be greater than 0');
  const columns: Record<string, ColumnInput> = {};
  for (const data of fields) {
    const name = data.isDynamic ? DYNAMIC_FIELD : data.name;
    if (Object.hasOwn(columns, name)) throw invalid(`field "${name}": given twice`);
    const field = name === DYNAMIC_FIELD ? metaField(schema) : schema.fields.find((known) => known.name === name);
    if (field === undefined) throw invalid(`field "${name}" does not exist in the collection, expected one of ${schema.fields.map((known) => known.name).join(', ')}`);
    Object.defineProperty(columns, name, { value: columnOf(field, data, rows), enumerable: true });
  }
  return { columns };
}

function metaField(schema: Schema): Field {
  if (!schema.enableDynamicField) throw invalid(`field "${DYNAMIC_FIELD}": the collection has no dynamic field`);
  return { name: DYNAMIC_FIELD, type: 'JSON' };
}

function columnOf(field: Field, { type, valid: sent, data }: FieldData, rows: number): ColumnInput {
  const { name } = field;
  if (type !== 0 && type !== typeNumber(field.type) && !(type === STRING && field.type === 'VarChar')) throw invalid(`field "${name}": expected data of type ${field.type} (${typeNumber(field.type)}), found type ${type}`);
  if (data?.kind === 'other') throw unsupported(`field "${name}": ${data.member}`);
  const valid = validOf(name, sent, rows);
  const given = valid === undefined ? rows : countOf(valid);
  if (data === undefined) {
    if (given > 0) throw invalid(`field "${name}": expected ${given} values, found none`);
    return { values: [], valid: valid ?? EMPTY };
  }
  if (!KINDS[field.type].includes(data.kind)) throw invalid(`field "${name}": expected ${KINDS[field.type].join(' or ')} data for ${field.type}, found ${data.kind} data`);
  const count = countIn(field, data);
  if (count !== given && (count !== rows || valid === undefined || isVector(field.type))) throw invalid(`field "${name}": the num_rows (${count}) of its data is not equal to passed num_rows (${rows})${valid === undefined ? '' : `, nor to the ${given} that valid_data has`}`);
  return inputOf(field, data, valid);
}

/** Undefined if every row has a value. */
function validOf(name: string, valid: Uint8Array | undefined, rows: number): Uint8Array | undefined {
  if (valid === undefined || valid.length === 0) return undefined;
  if (valid.length !== rows) throw invalid(`field "${name}": the length of valid_data (${valid.length}) is not equal to passed num_rows (${rows})`);
  return valid.includes(0) ? valid : undefined;
}

function countOf(valid: Uint8Array): number {
  let count = 0;
  for (const one of valid) count += one;
  return count;
}

/** Values that the data has. */
function countIn({ name, type, dim = 0 }: Field, data: Data): number {
  if (!('dim' in data)) return data.values.length;
  // A client that has no row of it may not know its dimension.
  if (data.dim !== dim && data.values.length > 0) throw invalid(`the dim (${data.dim}) of field data(${name}) is not equal to schema dim (${dim})`);
  const width = type === 'BinaryVector' ? dim / 8 : type === 'Float16Vector' || type === 'BFloat16Vector' ? dim * 2 : dim;
  if (data.values.length % width !== 0) throw invalid(`field "${name}": the length(${data.values.length}) of ${data.kind} data should divide the dim(${dim})`);
  return data.values.length / width;
}

function inputOf(field: Field, data: Data, valid: Uint8Array | undefined): ColumnInput {
  const rest = valid === undefined ? {} : { valid };
  if (data.kind === 'json') return { texts: data.values, ...rest };
  if (data.kind === 'array') return { ...elementsOf(field, data.values), ...rest };
  if (data.kind === 'sparse_float_vector') return { ...termsOf(field, data.values), ...rest };
  if (data.kind === 'int8_vector') return { values: new Int8Array(data.values.buffer, data.values.byteOffset, data.values.length), ...rest };
  return { values: data.values, ...rest };
}

type ElementValues = Exclude<ScalarValues, { readonly kind: 'array' }>['values'];

/** The elements of all rows, one behind the other. */
function elementsOf({ name, elementType = 'Bool' }: Field, rows: readonly (ScalarValues | undefined)[]): { readonly values: ElementValues; readonly offsets: Uint32Array } {
  const offsets = new Uint32Array(rows.length + 1);
  const kinds = KINDS[elementType];
  rows.forEach((row, at) => {
    if (row !== undefined && row.values.length > 0 && !kinds.includes(row.kind)) throw invalid(`field "${name}", row ${at}: expected elements as ${kinds.join(' or ')} data for ${elementType}, found ${row.kind} data`);
    offsets[at + 1] = (offsets[at] as number) + (row?.values.length ?? 0);
  });
  return { values: joined(rows.flatMap((row) => (row === undefined || row.values.length === 0 ? [] : [row.values as ElementValues])), offsets[rows.length] as number), offsets };
}

function joined(parts: readonly ElementValues[], count: number): ElementValues {
  const [first] = parts;
  if (first === undefined || !ArrayBuffer.isView(first)) return (parts as readonly (readonly string[])[]).flat();
  const all = new (first.constructor as new (length: number) => Float64Array)(count);
  parts.reduce((at, part) => (all.set(part as Float64Array, at), at + part.length), 0);
  return all;
}

function termsOf({ name }: Field, rows: readonly Uint8Array[]): { readonly values: Float32Array; readonly indices: Uint32Array; readonly offsets: Uint32Array } {
  const parts = rows.map((bytes, at) => sparseOf(bytes, `field "${name}", row ${at}`));
  const offsets = new Uint32Array(rows.length + 1);
  parts.forEach(({ indices }, at) => (offsets[at + 1] = (offsets[at] as number) + indices.length));
  const count = offsets[rows.length] as number;
  const all = { values: new Float32Array(count), indices: new Uint32Array(count), offsets };
  parts.forEach(({ indices, values }, at) => {
    all.indices.set(indices, offsets[at] as number);
    all.values.set(values, offsets[at] as number);
  });
  return all;
}
