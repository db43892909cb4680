// Row batch: rows from a caller, checked against the schema and turned into columns. What does not fit is refused
// here, naming row and field, or never: nothing after this looks at a value's type again.

import type { Column, Columns } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import { DYNAMIC_FIELD, type Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import type { PrimaryKey } from '../model/row.js';
import { primaryField, storedFields, type Schema } from '../model/schema.js';
import { boolValue, floatValue, integerValue, jsonText, keyValue, textValue } from './value.js';
import { writeVector } from './vector.js';

type Given = Readonly<Record<string, unknown>>;

/** Makes the next primary key of a collection that generates them. */
export type NextId = () => PrimaryKey;

export interface RowBatch {
  readonly columns: Columns;
  readonly ids: readonly PrimaryKey[];
}

/** Errors: `InvalidArgument`. With `nextId` the primary key is generated and must not be given. */
export function rowsToBatch(rows: unknown, schema: Schema, nextId: NextId | undefined): RowBatch {
  const given = checkRows(rows, schema, nextId !== undefined);
  const key = primaryField(schema);
  const ids = given.map((row, at) => (nextId === undefined ? keyValue(key, row[key.name], place(at, key.name)) : nextId()));
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) {
    byName.set(field.name, field === key ? keyColumn(field, ids) : fieldColumn(field, schema, given));
  }
  return { columns: { rows: given.length, byName }, ids };
}

function checkRows(rows: unknown, schema: Schema, generated: boolean): readonly Given[] {
  if (!Array.isArray(rows)) throw new ElanusError('InvalidArgument', 'rows: expected an array of objects');
  if (rows.length > LIMITS.rowsPerBatchMax) throw new ElanusError('InvalidArgument', `rows: at most ${LIMITS.rowsPerBatchMax} in a batch, found ${rows.length}`);
  const names = new Set(schema.fields.map((field) => field.name));
  const key = primaryField(schema).name;
  rows.forEach((row: unknown, at) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new ElanusError('InvalidArgument', `row ${at}: expected an object`);
    if (generated && key in row) throw new ElanusError('InvalidArgument', `row ${at}: "${key}" is generated and must not be given`);
    for (const name of Object.keys(row)) {
      if (names.has(name)) continue;
      if (!schema.enableDynamicField || name === DYNAMIC_FIELD) throw new ElanusError('InvalidArgument', `row ${at}: unknown field "${name}"`);
    }
  });
  return rows as readonly Given[];
}

function place(row: number, field: string): string {
  return `row ${row}, field "${field}"`;
}

function keyColumn(field: Field, ids: readonly PrimaryKey[]): Column {
  return field.type === 'Int64' ? { type: 'Int64', values: BigInt64Array.from(ids as readonly bigint[]) } : { type: 'VarChar', values: ids as readonly string[] };
}

function fieldColumn(field: Field, schema: Schema, rows: readonly Given[]): Column {
  const { name, type } = field;
  if (name === DYNAMIC_FIELD) return { type: 'JSON', values: rows.map((row, at) => dynamicText(schema, row, at)) };
  const each = <T>(read: (value: unknown, where: string) => T): T[] => rows.map((row, at) => read(present(row, name, at), place(at, name)));
  switch (type) {
    case 'Bool':
      return { type, values: Uint8Array.from(each(boolValue)) };
    case 'Int8':
      return { type, values: Int8Array.from(each((value, where) => integerValue(value, 8, where))) };
    case 'Int16':
      return { type, values: Int16Array.from(each((value, where) => integerValue(value, 16, where))) };
    case 'Int32':
      return { type, values: Int32Array.from(each((value, where) => integerValue(value, 32, where))) };
    case 'Int64':
      return { type, values: BigInt64Array.from(each((value, where) => keyValue(field, value, where) as bigint)) };
    case 'Float':
      return { type, values: Float32Array.from(each((value, where) => floatValue(value, true, where))) };
    case 'Double':
      return { type, values: Float64Array.from(each((value, where) => floatValue(value, false, where))) };
    case 'VarChar':
      return { type, values: each((value, where) => textValue(value, field.maxLength ?? LIMITS.varCharBytesMax, where)) };
    case 'JSON':
      return { type, values: each(jsonText) };
    case 'FloatVector':
      return vectorColumn(field, rows);
  }
}

function vectorColumn(field: Field, rows: readonly Given[]): Column {
  const { name, dim = 0, metric = 'COSINE' } = field;
  const values = new Float32Array(rows.length * dim);
  rows.forEach((row, at) => writeVector(present(row, name, at), values.subarray(at * dim, (at + 1) * dim), metric, () => place(at, name)));
  return { type: 'FloatVector', dim, values };
}

function present(row: Given, name: string, at: number): unknown {
  const value = row[name];
  if (value === undefined || value === null) throw new ElanusError('InvalidArgument', `${place(at, name)}: missing`);
  return value;
}

function dynamicText(schema: Schema, row: Given, at: number): string {
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined || schema.fields.some((field) => field.name === name)) continue;
    Object.defineProperty(rest, name, { value, enumerable: true });
  }
  return jsonText(rest, `row ${at}, dynamic fields`);
}
