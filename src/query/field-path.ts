// Field path: what of a row a name means to an order, a group or an aggregate: a scalar field, a place in a JSON field
// (`info["maker"]["id"]`), or a key of the dynamic field, by itself (`colour`) or within it (`$meta["colour"]`).

import { readExactJson } from '../format/exact-json.js';
import type { JsonInput } from '../format/json-parser.js';
import { hasBit } from '../model/bitset.js';
import { isTexts, type Column, type Columns } from '../model/columns.js';
import { ElanusError, require } from '../model/errors.js';
import { DYNAMIC_FIELD, type DataType } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import type { FieldValue } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import { timestampText } from '../model/timestamp.js';
import { canonical, type Scalar } from './scalar.js';

export interface FieldPath {
  /** As it was given: what an answer calls it. */
  readonly name: string;
  /** The stored column that it is read from. */
  readonly column: string;
  /** Of the column. */
  readonly type: DataType;
  /** The way into a JSON value. */
  readonly keys: readonly (string | number)[];
}

/** A value that can be compared; null where a row has none. Bool as boolean, Timestamptz in microseconds. */
export type PathValue = Scalar | null;

const PATH = /^([A-Za-z_$][\w$]*)((?:\[(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d{1,9})\])*)$/;
const STEP = /\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\d+))\]/g;
const SCALARS: ReadonlySet<DataType> = new Set<DataType>(['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'Timestamptz']);

/** `what` names the option that gave it. Errors: `InvalidArgument`. */
export function parsePath(text: unknown, schema: Schema, what: string): FieldPath {
  require(typeof text === 'string' && text.length <= LIMITS.filterLengthMax, () => `${what}: expected the name of a field, found ${typeof text}`);
  const exact = schema.fields.find(({ name }) => name === text);
  const match = exact === undefined ? PATH.exec(text) : null;
  require(exact !== undefined || match !== null, () => `${what}: expected a field, a dynamic key or a JSON path such as info["a"], found ${JSON.stringify(text.slice(0, 80))}`);
  const base = exact?.name ?? (match?.[1] as string);
  const keys = exact === undefined ? steps(match?.[2] ?? '') : [];
  const field = schema.fields.find(({ name }) => name === base);
  if (field === undefined) return dynamicPath(text, base, keys, schema, what);
  if (field.type === 'JSON') {
    require(keys.length > 0, () => `${what}: "${base}" is JSON, expected a path into it such as ${base}["a"]`);
    return { name: text, column: base, type: 'JSON', keys };
  }
  require(SCALARS.has(field.type) && keys.length === 0, () => `${what}: "${text}" is ${field.type}${keys.length > 0 ? ' with a path' : ''}, expected a scalar field`);
  return { name: text, column: base, type: field.type, keys };
}

function dynamicPath(text: string, base: string, keys: FieldPath['keys'], schema: Schema, what: string): FieldPath {
  if (!schema.enableDynamicField) throw new ElanusError('InvalidArgument', `${what}: field ${base} not exist: expected one of ${schema.fields.map(({ name }) => name).join(', ')}`);
  const path = base === DYNAMIC_FIELD ? keys : [base, ...keys];
  require(path.length > 0, () => `${what}: expected a key of ${DYNAMIC_FIELD}, found all of it`);
  return { name: text, column: DYNAMIC_FIELD, type: 'JSON', keys: path };
}

function steps(text: string): readonly (string | number)[] {
  return Array.from(text.matchAll(STEP), ([, double, single, index]) => (index !== undefined ? Number(index) : (double ?? (single as string)).replace(/\\(.)/g, '$1')));
}

/** Reads the values of a path in the rows of `columns`, which has its column. */
export function pathReader(columns: Columns, { column: name, type, keys }: FieldPath): (row: number) => PathValue {
  const column = columns.byName.get(name) as Column;
  const { valid } = column;
  const values = column.values as ArrayLike<number | bigint | string>;
  if (type === 'JSON' && isTexts(column)) return (row) => (valid !== undefined && !hasBit(valid, row) ? null : scalarAt(readExactJson(values[row] as string), keys));
  if (type === 'Bool') return (row) => (valid !== undefined && !hasBit(valid, row) ? null : values[row] === 1);
  return (row) => (valid !== undefined && !hasBit(valid, row) ? null : (values[row] as Scalar));
}

// What is missing, or no scalar, is as null.
function scalarAt(json: JsonInput, keys: readonly (string | number)[]): PathValue {
  let value: JsonInput | undefined = json;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return null;
    if (typeof key === 'number') value = Array.isArray(value) ? (value[key] as JsonInput | undefined) : undefined;
    else value = !Array.isArray(value) && Object.hasOwn(value, key) ? (value as { readonly [name: string]: JsonInput })[key] : undefined;
  }
  return value === undefined || value === null || typeof value === 'object' ? null : canonical(value);
}

/** The value as rows have it. */
export function shownValue({ type }: FieldPath, value: PathValue): FieldValue {
  return type === 'Timestamptz' && typeof value === 'bigint' ? timestampText(value) : value;
}

/** One text for equal lists of values, and only for these. */
export function keyOfValues(values: readonly PathValue[]): string {
  return values.map((value) => (value === null ? 'n' : typeof value === 'string' ? `s${value.length}:${value}` : typeof value === 'boolean' ? `b${String(value)}` : `d${String(canonical(value))}`)).join('|');
}
