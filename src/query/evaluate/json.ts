// JSON: what lies at the paths of a filter, as columns of values. The text of a row is parsed once, whatever the number
// of paths. null, and what is not there, is undefined; whole numbers are exact as far as 64 bits hold them, beyond that
// they are doubles.

import { readExactJson } from '../../format/exact-json.js';
import { hasBit } from '../../model/bitset.js';
import type { Columns } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { DYNAMIC_FIELD } from '../../model/field.js';
import type { PathStep } from '../../model/filter.js';
import type { CheckedFilter, JsonValue } from '../checked.js';
import { textColumn } from '../column.js';
import { columnsOf, leavesOf, valuesOf } from '../fields.js';
import { canonical, type Scalar } from '../scalar.js';

/** A value of a row that a filter can meet; an object has none that could be compared. */
export type Found = Scalar | FoundList | typeof OBJECT;
export type FoundList = readonly (Found | undefined)[];
/** Stands for every object: it is there, and is equal to nothing. */
export const OBJECT = Symbol('object');

export type FoundColumn = readonly (Found | undefined)[];

/** By field and path, as far as `filter` names them. */
export interface JsonColumns {
  /** Errors: `Corrupt` if a row's text is no JSON. */
  get(key: string): FoundColumn | undefined;
}

export function jsonKey({ field, path }: JsonValue): string {
  return JSON.stringify([field, path]);
}

/** The columns of all JSON values that `filter` names, read when the first of them is asked for: indexes may answer for all. */
export function jsonColumns(filter: CheckedFilter, columns: Columns): JsonColumns {
  let read: ReadonlyMap<string, FoundColumn> | undefined;
  return { get: (key) => (read ??= readJson(filter, columns)).get(key) };
}

/** What lies at one path. A step takes a few milliseconds. Errors: `Corrupt`. */
export function* readPath(field: string, path: readonly PathStep[], columns: Columns): Generator<void, FoundColumn> {
  const values: (Found | undefined)[] = [];
  for (let first = 0; first < columns.rows; first += STEP_ROWS) {
    readField(field, [{ path, values }], columns, first, Math.min(columns.rows, first + STEP_ROWS));
    yield;
  }
  return values;
}

function readJson(filter: CheckedFilter, columns: Columns): ReadonlyMap<string, FoundColumn> {
  const read = new Map<string, (Found | undefined)[]>();
  const byField = new Map<string, { readonly path: readonly PathStep[]; readonly values: (Found | undefined)[] }[]>();
  for (const value of jsonValues(filter)) {
    const key = jsonKey(value);
    if (read.has(key)) continue;
    const values: (Found | undefined)[] = [];
    read.set(key, values);
    byField.set(value.field, [...(byField.get(value.field) ?? []), { path: value.path, values }]);
  }
  for (const [field, wanted] of byField) readField(field, wanted, columns, 0, columns.rows);
  return read;
}

function jsonValues(filter: CheckedFilter): readonly JsonValue[] {
  return leavesOf(filter).flatMap(valuesOf).flatMap(columnsOf).filter((value) => value.kind === 'json');
}

function readField(field: string, wanted: readonly { readonly path: readonly PathStep[]; readonly values: (Found | undefined)[] }[], columns: Columns, first: number, end: number): void {
  const valid = columns.byName.get(field)?.valid;
  const texts = textColumn(columns, field);
  for (let row = first; row < end; row++) {
    const root = valid === undefined || hasBit(valid, row) ? parsed(texts[row] as string, field, row) : null;
    for (const { path, values } of wanted) values.push(foundAt(root, path));
  }
}

/** Rows that are parsed between two steps. */
const STEP_ROWS = 4096;

function parsed(text: string, field: string, row: number): unknown {
  const value = parsedText(text, field, row);
  if (field === DYNAMIC_FIELD && (typeof value !== 'object' || value === null || Array.isArray(value))) throw corrupt(field, row, text.slice(0, 40));
  return value;
}

function parsedText(text: string, field: string, row: number): unknown {
  try {
    return readExactJson(text);
  } catch (cause) {
    throw corrupt(field, row, 'text that is not JSON', cause);
  }
}

function corrupt(field: string, row: number, found: string, cause?: unknown): ElanusError {
  return new ElanusError('Corrupt', `${field} of row ${row}: expected ${field === DYNAMIC_FIELD ? 'a JSON object' : 'JSON'}, found ${found}`, { cause });
}

/** A string is a key of an object, a number that of an element. */
function foundAt(root: unknown, path: readonly PathStep[]): Found | undefined {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (typeof step === 'number') value = Array.isArray(value) ? (value[step] as unknown) : undefined;
    else value = !Array.isArray(value) && Object.hasOwn(value, step) ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
  }
  return foundOf(value);
}

function foundOf(value: unknown): Found | undefined {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return canonical(value);
    case 'bigint':
      return canonical(BigInt.asIntN(64, value) === value ? value : Number(value));
    default:
      return value === null || value === undefined ? undefined : Array.isArray(value) ? value.map(foundOf) : OBJECT;
  }
}
