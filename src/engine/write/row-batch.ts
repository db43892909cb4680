// Row batch: rows from a caller, checked against the schema and turned into columns. What does not fit is refused
// here, naming row and field, or never: nothing after this looks at a value's type again. What is absent or null
// becomes the field's default, else null.

import { bitsetOf, setBit } from '../../model/bitset.js';
import { spreadColumn } from '../../model/column-rows.js';
import { elementField, isNumberType, NUMBER_ARRAYS, numberColumn, type ArrayColumn, type Column, type Columns, type NumberColumn, type TextColumn, type TextType } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { DYNAMIC_FIELD, isDenseVector, type ElementType, type Field } from '../../model/field.js';
import { fromText } from '../../model/field-check.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey } from '../../model/row.js';
import { refuseValue, scalarReader } from '../../model/scalar-value.js';
import { functionOf, primaryField, storedFields, type DenseField, type Schema } from '../../model/schema.js';
import { freshArray, type MakeArray } from './batch-room.js';
import { hiddenColumn, NO_HIDDEN, type HiddenValues } from '../collection/hidden-column.js';
import { jsonText, keyValue } from './value.js';
import { sparseColumn } from './sparse-vector.js';
import { functionColumn } from './text-vectors.js';
import { vectorColumn } from './vector.js';

type Given = Readonly<Record<string, unknown>>;

/** Makes the next primary key of a collection that generates them. */
export type NextId = () => PrimaryKey;

export interface RowBatch {
  readonly columns: Columns;
  readonly ids: readonly PrimaryKey[];
}

/**
 * Errors: `InvalidArgument`. With `nextId` the primary key is generated and must not be given. Vectors lie in what `make` gives. The
 * first row is called `firstRow`.
 */
export function rowsToBatch(rows: unknown, schema: Schema, nextId: NextId | undefined, make: MakeArray = freshArray, hidden: HiddenValues = NO_HIDDEN, firstRow = 0): RowBatch {
  const { given, areDynamic } = checkRows(rows, schema, nextId !== undefined, firstRow);
  const key = primaryField(schema);
  const ids = given.map((row, at) => (nextId === undefined ? keyValue(key, row[key.name], () => place(firstRow + at, key.name)) : nextId()));
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) {
    if (functionOf(schema, field.name) !== undefined) continue;
    if (schema.hidden?.includes(field) === true) byName.set(field.name, hiddenColumn(field, schema, given.length, byName, hidden));
    else byName.set(field.name, field === key ? keyColumn(field, ids) : field.name === DYNAMIC_FIELD ? dynamicColumn(schema, given, areDynamic, firstRow) : fieldColumn(field, given, make, firstRow));
  }
  for (const made of schema.functions ?? []) byName.set(made.outputFieldNames[0], functionColumn(schema, made, byName));
  return { columns: { rows: given.length, byName }, ids };
}

interface CheckedRows {
  readonly given: readonly Given[];
  /** Whether one of them has what is no field. */
  readonly areDynamic: boolean;
}

/** Errors: `InvalidArgument` for what is no array, or has too many rows. */
export function checkCount(rows: unknown): readonly unknown[] {
  if (!Array.isArray(rows)) throw new ElanusError('InvalidArgument', 'rows: expected an array of objects');
  if (rows.length > LIMITS.rowsPerBatchMax) throw new ElanusError('InvalidArgument', `rows: at most ${LIMITS.rowsPerBatchMax} in a batch, found ${rows.length}`);
  return rows;
}

function checkRows(all: unknown, schema: Schema, generated: boolean, firstRow: number): CheckedRows {
  const rows = checkCount(all);
  const names = new Set(schema.fields.map((field) => field.name));
  const made = (schema.functions ?? []).map(({ outputFieldNames: [name] }) => name);
  const key = primaryField(schema).name;
  let areDynamic = false;
  rows.forEach((row, i) => {
    const at = firstRow + i;
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new ElanusError('InvalidArgument', `row ${at}: expected an object`);
    if (generated && key in row) throw new ElanusError('InvalidArgument', `row ${at}: "${key}" is generated and must not be given`);
    const given = made.find((name) => name in row);
    if (given !== undefined) throw new ElanusError('InvalidArgument', `row ${at}: "${given}" is made by a function and must not be given`);
    for (const name of Object.keys(row)) {
      if (names.has(name)) continue;
      if (!schema.enableDynamicField || name === DYNAMIC_FIELD) throw new ElanusError('InvalidArgument', `row ${at}: unknown field "${name}"`);
      areDynamic = true;
    }
  });
  return { given: rows as readonly Given[], areDynamic };
}

function place(row: number, field: string): string {
  return `row ${row}, field "${field}"`;
}

/** Of keys that were checked. */
export function keyColumn(field: Field, ids: readonly PrimaryKey[]): Column {
  if (field.type !== 'Int64') return { type: 'VarChar', values: ids as readonly string[] };
  const values = new BigInt64Array(ids.length);
  for (let at = 0; at < ids.length; at++) values[at] = ids[at] as bigint;
  return { type: 'Int64', values };
}

function dynamicColumn(schema: Schema, rows: readonly Given[], areDynamic: boolean, firstRow: number): Column {
  if (!areDynamic) return { type: 'JSON', values: new Array<string>(rows.length).fill('{}') };
  const names = new Set(schema.fields.map((named) => named.name));
  return { type: 'JSON', values: rows.map((row, at) => dynamicText(names, row, firstRow + at)) };
}

/** What `rows` give for one field. Errors: `InvalidArgument`. */
export function fieldColumn(field: Field, rows: readonly Given[], make: MakeArray = freshArray, firstRow = 0): Column {
  const { name } = field;
  const values = new Array<unknown>(rows.length);
  for (let at = 0; at < rows.length; at++) values[at] = (rows[at] as Given)[name];
  return valuesColumn(field, values, make, firstRow);
}

/** The column of these values, as rows have them. Errors: `InvalidArgument`. */
export function valuesColumn(field: Field, values: readonly unknown[], make: MakeArray = freshArray, firstRow = 0): Column {
  const { name } = field;
  const given = new Array<unknown>(values.length);
  let nulls = 0;
  for (let at = 0; at < values.length; at++) {
    given[at] = values[at] ?? absentValue(field, firstRow + at);
    if (given[at] === null) nulls++;
  }
  if (nulls === 0) return definedColumn(field, given, (at) => place(firstRow + at, name), make);
  const defined = Uint32Array.from(given.keys()).filter((at) => given[at] !== null);
  const column = definedColumn(field, Array.from(defined, (at) => given[at]), (at) => place(firstRow + (defined[at] as number), name), freshArray);
  const valid = bitsetOf(given.length, false);
  for (const at of defined) setBit(valid, at);
  return spreadColumn(column, valid, given.length);
}

/** What stands for a value that is absent or null: the default, else null. Errors: `InvalidArgument` if there must be one. */
function absentValue({ name, type, elementType, nullable = false, defaultValue }: Field, row: number): unknown {
  if (Array.isArray(defaultValue)) return (defaultValue as readonly unknown[]).map((element) => fromText(elementType as ElementType, element));
  if (defaultValue !== undefined) return fromText(type, defaultValue);
  if (!nullable) throw new ElanusError('InvalidArgument', `${place(row, name)}: missing`);
  return null;
}

/** Says where value `at` of a column stands. */
export type WhereOf = (at: number) => string;

function definedColumn(field: Field, given: readonly unknown[], whereOf: WhereOf, make: MakeArray): Column {
  const { type } = field;
  if (isDenseVector(type)) return vectorColumn(field as DenseField, given, whereOf, make);
  if (type === 'SparseFloatVector') return sparseColumn(given, whereOf);
  return type === 'Array' ? arrayColumn(field, given, whereOf) : scalarColumn(field, given, whereOf);
}

function arrayColumn(field: Field, given: readonly unknown[], whereOf: WhereOf): ArrayColumn {
  const { maxCapacity = LIMITS.arrayCapacityMax } = field;
  const offsets = new Uint32Array(given.length + 1);
  const elements: unknown[] = [];
  given.forEach((value, at) => {
    if (!isList(value)) return refuseValue(() => whereOf(at), `an array of at most ${maxCapacity} elements`, value);
    if (value.length > maxCapacity) throw new ElanusError('InvalidArgument', `${whereOf(at)}: expected an array of at most ${maxCapacity} elements, found ${value.length}`);
    for (let i = 0; i < value.length; i++) elements.push(value[i]);
    offsets[at + 1] = elements.length;
  });
  const whereOfElement = (element: number): string => {
    const at = offsets.findLastIndex((offset) => offset <= element);
    return `${whereOf(at)}[${element - (offsets[at] as number)}]`;
  };
  return { type: 'Array', offsets, values: scalarColumn(elementField(field), elements, whereOfElement) };
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** REQUIRES: a field of scalars. Errors: `InvalidArgument`. */
export function scalarColumn(field: Field, given: readonly unknown[], whereOf: WhereOf): NumberColumn | TextColumn {
  const { type } = field;
  let at = 0;
  const where = (): string => whereOf(at);
  const read = type === 'JSON' ? jsonText : scalarReader(field);
  const values = isNumberType(type) ? new NUMBER_ARRAYS[type](given.length) : new Array<string>(given.length);
  for (; at < given.length; at++) values[at] = read(given[at], where) as never;
  return ArrayBuffer.isView(values) ? numberColumn({ type }, values) : { type: type as TextType, values };
}

function dynamicText(names: ReadonlySet<string>, row: Given, at: number): string {
  const others = Object.keys(row).filter((name) => !names.has(name) && row[name] !== undefined);
  if (others.length === 0) return '{}';
  const rest: Record<string, unknown> = {};
  for (const name of others) Object.defineProperty(rest, name, { value: row[name], enumerable: true });
  return jsonText(rest, () => `row ${at}, dynamic fields`);
}
