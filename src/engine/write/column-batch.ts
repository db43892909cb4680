// Column batch: columns from a caller, checked against the schema and made those of a batch. It gives, byte for byte, what
// rows of the same values give, and refuses what they are refused for, in the same words, without an object for each row.

import type { JsonInput } from '../../format/json-parser.js';
import type { Bitset } from '../../model/bitset.js';
import { setRowsOf, spreadColumn } from '../../model/column-rows.js';
import type { Column } from '../../model/columns.js';
import { ElanusError, require } from '../../model/errors.js';
import { DYNAMIC_FIELD, type Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey } from '../../model/row.js';
import { functionOf, primaryField, storedFields, type Schema } from '../../model/schema.js';
import { hiddenColumn, NO_HIDDEN, type HiddenValues } from '../collection/hidden-column.js';
import { freshArray, type MakeArray } from './batch-room.js';
import { definedColumn, givenColumn, parsedText, placeOf, requireRows, rowValues, type GivenColumn } from './given-column.js';
import { keyColumn, valuesColumn, type NextId, type RowBatch } from './row-batch.js';
import { functionColumn } from './text-vectors.js';
import { jsonText, keyValue } from './value.js';
import { wholeColumn } from './whole-column.js';

interface CheckedColumns {
  readonly rows: number;
  /** Of the fields that are given. */
  readonly fields: ReadonlyMap<string, GivenColumn>;
  /** `$meta`, and keys that no field names. */
  readonly meta: GivenColumn | undefined;
  readonly dynamic: readonly GivenColumn[];
}

/** Errors: `InvalidArgument`, naming field and row. With `nextId` the primary key is generated and must not be given. Vectors lie in what `make` gives. */
export function columnsToBatch(input: unknown, schema: Schema, nextId: NextId | undefined, make: MakeArray = freshArray, hidden: HiddenValues = NO_HIDDEN): RowBatch {
  const given = checkColumns(input, schema, nextId !== undefined);
  const { rows, fields } = given;
  const key = primaryField(schema);
  const keys = keysOf(key, fields.get(key.name), rows, nextId);
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) {
    if (functionOf(schema, field.name) !== undefined) continue;
    if (schema.hidden?.includes(field) === true) byName.set(field.name, hiddenColumn(field, schema, rows, byName, hidden));
    else byName.set(field.name, field === key ? keys.column : field.name === DYNAMIC_FIELD ? dynamicColumn(schema, given) : columnOf(field, fields.get(field.name), rows, make));
  }
  for (const made of schema.functions ?? []) byName.set(made.outputFieldNames[0], functionColumn(schema, made, byName));
  return { columns: { rows, byName }, ids: keys.ids };
}

/** The rows that the columns stand for, with the fields that are given. Errors: `InvalidArgument`, of names and lengths. */
export function columnsToRows(input: unknown, schema: Schema): readonly Readonly<Record<string, unknown>>[] {
  const given = checkColumns(input, schema, false);
  const key = primaryField(schema);
  const rows = Array.from({ length: given.rows }, (): Record<string, unknown> => ({}));
  for (const [name, column] of given.fields) rowValues(column, name === key.name ? undefined : null).forEach((value, row) => put(rows[row] as object, name, value));
  dynamicRows(schema, given).forEach((keys, row) => Object.entries(keys).forEach(([name, value]) => put(rows[row] as object, name, value)));
  return rows;
}

function checkColumns(input: unknown, schema: Schema, generated: boolean): CheckedColumns {
  const columns = (input as { readonly columns?: unknown }).columns;
  require(typeof columns === 'object' && columns !== null && !Array.isArray(columns) && !ArrayBuffer.isView(columns), () => 'columns: expected an object of columns by the names of fields');
  const other = Object.keys(input as object).find((name) => name !== 'columns');
  require(other === undefined, () => `rows as columns: expected nothing but columns, found "${other}"`);
  const known = new Map(schema.fields.map((field) => [field.name, field]));
  const fields = new Map<string, GivenColumn>();
  const dynamic: GivenColumn[] = [];
  let meta: GivenColumn | undefined;
  for (const [name, values] of Object.entries(columns)) {
    if (values === undefined) continue;
    const field = known.get(name);
    if (field?.primaryKey === true) require(!generated, () => `field "${name}": is generated and must not be given`);
    require(functionOf(schema, name) === undefined, () => `field "${name}": is made by a function and must not be given`);
    require(field !== undefined || schema.enableDynamicField, () => `unknown field "${name}"`);
    if (name === DYNAMIC_FIELD) meta = givenColumn({ name, type: 'JSON' }, values);
    else if (field === undefined) dynamic.push(givenColumn(dynamicField(name, values), values));
    else fields.set(name, givenColumn(field, values));
  }
  const all = [...schema.fields.flatMap(({ name }) => fields.get(name) ?? []), ...(meta === undefined ? [] : [meta]), ...dynamic];
  const rows = all[0]?.rows ?? 0;
  for (const column of all) requireRows(column, rows, (all[0] as GivenColumn).field.name);
  require(rows <= LIMITS.rowsPerBatchMax, () => `rows: at most ${LIMITS.rowsPerBatchMax} in a batch, found ${rows}`);
  return { rows, fields, meta, dynamic };
}

/** Numbers in a typed array are numbers of JSON. */
function dynamicField(name: string, values: unknown): Field {
  const inner = Array.isArray(values) || ArrayBuffer.isView(values) ? values : (values as { readonly values?: unknown } | null)?.values;
  return { name, type: ArrayBuffer.isView(inner) ? 'Double' : 'JSON' };
}

function keysOf(key: Field, given: GivenColumn | undefined, rows: number, nextId: NextId | undefined): { readonly column: Column; readonly ids: readonly PrimaryKey[] } {
  if (given === undefined) {
    require(nextId !== undefined || rows === 0, () => `${placeOf(0, key.name)}: missing primary key`);
    const ids = Array.from({ length: rows }, () => (nextId as NextId)());
    return { column: keyColumn(key, ids), ids };
  }
  const values: unknown = given.values;
  if (key.type === 'Int64' && values instanceof BigInt64Array && given.valid === undefined) return { column: { type: 'Int64', values: values.slice() }, ids: Array.from(values) };
  const ids = rowValues(given, undefined).map((value, row) => keyValue(key, value, () => placeOf(row, key.name)));
  return { column: keyColumn(key, ids), ids };
}

function columnOf(field: Field, given: GivenColumn | undefined, rows: number, make: MakeArray): Column {
  if (given === undefined) return valuesColumn(field, new Array<unknown>(rows), make);
  const { values, offsets, valid } = given;
  const isWhole = ArrayBuffer.isView(values) || offsets !== undefined;
  if (!isWhole && valid === undefined) return valuesColumn(field, values as readonly unknown[], make);
  if (isWhole && valid === undefined) return wholeColumn(given, (at) => placeOf(at, field.name), make);
  // What stands for a null is for what reads rows to say.
  if (!isWhole || field.nullable !== true || field.defaultValue !== undefined) return valuesColumn(field, rowValues(given, null), make);
  const places = setRowsOf(valid as Bitset, rows);
  return spreadColumn(wholeColumn(definedColumn(given), (at) => placeOf(places[at] as number, field.name)), valid as Bitset, rows);
}

function dynamicColumn(schema: Schema, given: CheckedColumns): Column {
  const { rows, meta, dynamic } = given;
  if (meta === undefined && dynamic.length === 0) return { type: 'JSON', values: new Array<string>(rows).fill('{}') };
  return { type: 'JSON', values: dynamicRows(schema, given).map((keys, row) => (isEmpty(keys) ? '{}' : jsonText(keys, () => `row ${row}, dynamic fields`))) };
}

/** What each row has beside its fields. */
function dynamicRows(schema: Schema, { rows, meta, dynamic }: CheckedColumns): readonly Readonly<Record<string, unknown>>[] {
  const names = new Set(schema.fields.map(({ name }) => name));
  const objects = meta === undefined ? undefined : rowValues(meta, undefined);
  const columns = dynamic.map((column) => ({ name: column.field.name, column, values: rowValues(column, undefined) }));
  return Array.from({ length: rows }, (_, row) => {
    const keys = metaAt(objects?.[row], names, row);
    for (const { name, values } of columns) if (values[row] !== undefined) put(keys, name, values[row]);
    return keys;
  });
}

/** A new object with what `$meta` has in one row. Errors: `InvalidArgument`. */
function metaAt(value: unknown, names: ReadonlySet<string>, row: number): Record<string, unknown> {
  const keys: Record<string, unknown> = {};
  if (value === undefined || value === null || value === '{}') return keys;
  const where = (): string => placeOf(row, DYNAMIC_FIELD);
  const object = typeof value === 'string' ? (parsedText(value, where) as JsonInput) : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object) || ArrayBuffer.isView(object)) throw new ElanusError('InvalidArgument', `${where()}: expected an object, or its text as JSON`);
  for (const [name, item] of Object.entries(object)) {
    if (names.has(name) || name === DYNAMIC_FIELD) throw new ElanusError('InvalidArgument', `${where()}: "${name}" is a field, and no dynamic one`);
    if (item !== undefined) put(keys, name, item);
  }
  return keys;
}

function isEmpty(keys: object): boolean {
  for (const _ in keys) return false;
  return true;
}

/** Also a key that objects have of themselves, such as `__proto__`. */
function put(object: object, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else (object as Record<string, unknown>)[name] = value;
}
