// Random schemas, and rows of them as plain objects and as columns.

import { bitsetOf, setBit, type Bitset } from '../../../src/model/bitset.js';
import { NUMBER_ARRAYS, numberColumn, withValid, type Column, type Columns, type NumberColumn, type NumberType, type TextColumn } from '../../../src/model/columns.js';
import { ELEMENT_TYPES } from '../../../src/model/field.js';
import { checkSchema, type Schema } from '../../../src/model/schema.js';
import { randomInteger } from '../../support/random.js';
import { anyFloat, chance, json, jsonObject, jsonText, moment, pick, several, small, text, type Next } from './draw.js';
import { INTS, type Json, type Plain, type TestField, type TestRow } from './tree.js';

export interface Data {
  readonly fields: readonly TestField[];
  readonly dynamic: boolean;
  readonly schema: Schema;
  readonly rows: readonly TestRow[];
  readonly columns: Columns;
}

const TYPES = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'Timestamptz', 'Array', 'Array', 'JSON', 'JSON', 'Geometry'] as const;
/** Some of which the language has a use for elsewhere. */
const NAMES = ['a', 'b', 'c', 'flag', 'like', 'is', 'iso', 'exists', 'doc', 'tags', 'x1', '_y', 'text_match', 'interval', 'null'];

export function drawData(next: Next): Data {
  const names = [...NAMES].sort(() => next() - 0.5);
  const key: TestField = { name: 'id', type: chance(next, 0.7) ? 'Int64' : 'VarChar', nullable: false, primaryKey: true };
  const others = Array.from({ length: 3 + randomInteger(next, 9) }, (_, at) => drawField(next, names[at] as string));
  const fields = [key, ...others];
  const dynamic = chance(next, 0.6);
  const rows = Array.from({ length: randomInteger(next, 40) }, () => drawRow(next, fields, dynamic));
  return { fields, dynamic, schema: schemaOf(fields, dynamic), rows, columns: columnsOf(fields, dynamic, rows) };
}

function drawField(next: Next, name: string): TestField {
  const type = pick(next, TYPES);
  return { name, type, ...(type === 'Array' ? { elementType: pick(next, ELEMENT_TYPES) } : {}), nullable: chance(next, 0.5), primaryKey: false };
}

function schemaOf(fields: readonly TestField[], enableDynamicField: boolean): Schema {
  return checkSchema({ enableDynamicField, fields: [...fields.map(({ primaryKey, nullable, ...field }) => ({ ...field, ...(primaryKey ? { primaryKey } : { nullable }) })), { name: 'vector', type: 'FloatVector', dim: 2 }] });
}

function drawRow(next: Next, fields: readonly TestField[], dynamic: boolean): TestRow {
  const values = fields.map((field) => [field.name, field.nullable && chance(next, 0.25) ? undefined : drawValue(next, field)] as const);
  return Object.fromEntries<Plain>([...values, ...(dynamic ? [['$meta', jsonObject(next, 3)] as const] : [])]);
}

function drawValue(next: Next, { type, elementType }: Pick<TestField, 'type' | 'elementType'>): Plain {
  switch (type) {
    case 'Bool':
      return chance(next, 0.5);
    case 'Float':
      return Math.fround(anyFloat(next));
    case 'Double':
      return anyFloat(next);
    case 'VarChar':
      return text(next);
    case 'Timestamptz':
      return moment(next);
    case 'Geometry':
      return 'POINT (1 2)';
    case 'JSON':
      return json(next, 3);
    case 'Array':
      return several(next, 4, () => drawValue(next, { type: elementType as 'Bool' }) as Json);
    default:
      return small(next, BigInt(type.slice(3)));
  }
}

function columnsOf(fields: readonly TestField[], dynamic: boolean, rows: readonly TestRow[]): Columns {
  const byName = new Map<string, Column>();
  for (const field of fields) byName.set(field.name, columnOf(field, rows.map((row) => row[field.name])));
  if (dynamic) byName.set('$meta', { type: 'JSON', values: rows.map((row) => jsonText(row['$meta'] as Json)) });
  return { rows: rows.length, byName };
}

function columnOf({ type, elementType }: TestField, values: readonly Plain[]): Column {
  const valid = validOf(values);
  if (type !== 'Array') return withValid(flatColumn(type, values), valid);
  const lists = values.map((list) => (list ?? []) as readonly Plain[]);
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, row) => (offsets[row + 1] = (offsets[row] as number) + list.length));
  return withValid({ type, offsets, values: flatColumn(elementType as string, lists.flat()) }, valid);
}

function flatColumn(type: string, values: readonly Plain[]): NumberColumn | TextColumn {
  if (type === 'JSON') return { type, values: values.map((value) => jsonText(value ?? null)) };
  if (type === 'VarChar' || type === 'Geometry') return { type, values: values.map((value) => (value ?? '') as string) };
  const numbers = new NUMBER_ARRAYS[type as NumberType](values.length);
  values.forEach((value, row) => (numbers[row] = (numbers instanceof BigInt64Array ? (value ?? 0n) : Number(value ?? 0)) as never));
  return numberColumn({ type: type as NumberType }, numbers);
}

function validOf(values: readonly Plain[]): Bitset | undefined {
  if (values.every((value) => value !== undefined)) return undefined;
  const valid = bitsetOf(values.length, false);
  values.forEach((value, row) => value !== undefined && setBit(valid, row));
  return valid;
}

export function isInt(type: string): boolean {
  return INTS.includes(type);
}
