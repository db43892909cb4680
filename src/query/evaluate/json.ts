// JSON: what lies at the paths of a filter, as columns of values. The text of a row is parsed once, whatever the number
// of paths. null, and what is not there, is undefined; whole numbers are exact as far as 64 bits hold them, beyond that
// they are doubles.

import { readExactJson } from '../../format/exact-json.js';
import { bitsetOf, hasBit, setBit, type Bitset } from '../../model/bitset.js';
import type { Columns } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { DYNAMIC_FIELD } from '../../model/field.js';
import type { PathStep } from '../../model/filter.js';
import type { CheckedFilter, JsonValue } from '../checked.js';
import { textColumn } from '../column.js';
import { columnsOf, leavesOf, valuesOf } from '../fields.js';
import { canonical, type Scalar } from '../scalar.js';
import { eachRow } from './truth.js';

/** A value of a row that a filter can meet; an object has none that could be compared. */
export type Found = Scalar | FoundList | typeof OBJECT;
export type FoundList = readonly (Found | undefined)[];
/** Stands for every object: it is there, and is equal to nothing. */
export const OBJECT = Symbol('object');

export type FoundColumn = readonly (Found | undefined)[];

/** By field and path, as far as a filter names them. */
export interface JsonColumns {
  /** What lies there in the rows of `among`, or in every row if that is undefined; other rows may have nothing. Errors: `Corrupt` if a row's text is no JSON. */
  get(key: string, among: Bitset | undefined): FoundColumn;
}

export function jsonKey({ field, path }: JsonValue): string {
  return JSON.stringify([field, path]);
}

/** The columns of all JSON values that `filter` names. A row is read, once for all paths of a field, when it is asked for: indexes may answer for all, other conditions for most. */
export function jsonColumns(filter: CheckedFilter, columns: Columns): JsonColumns {
  let fields: ReadonlyMap<string, PathReader> | undefined;
  return {
    get: (key, among) => {
      fields ??= readersOf(filter, columns);
      return fields.get(key)?.read(key, among) ?? [];
    },
  };
}

/** What lies at one path. A step takes a few milliseconds. Errors: `Corrupt`. */
export function* readPath(field: string, path: readonly PathStep[], columns: Columns): Generator<void, FoundColumn> {
  const values: (Found | undefined)[] = [];
  const read = rowReader(field, [{ path, values }], columns);
  for (let row = 0; row < columns.rows; row++) {
    read(row);
    if (row % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  return values;
}

/** By key; paths into one field share one. */
function readersOf(filter: CheckedFilter, columns: Columns): ReadonlyMap<string, PathReader> {
  const byKey = new Map<string, PathReader>();
  const byField = new Map<string, PathReader>();
  for (const value of jsonValues(filter)) {
    const reader = byField.get(value.field) ?? new PathReader(value.field, columns);
    byField.set(value.field, reader);
    reader.add(value);
    byKey.set(jsonKey(value), reader);
  }
  return byKey;
}

interface PathValues {
  readonly path: readonly PathStep[];
  readonly values: (Found | undefined)[];
}

class PathReader {
  readonly #field: string;
  readonly #columns: Columns;
  readonly #paths = new Map<string, PathValues>();
  readonly #isRead: Bitset;

  constructor(field: string, columns: Columns) {
    this.#field = field;
    this.#columns = columns;
    this.#isRead = bitsetOf(columns.rows, false);
  }

  add(value: JsonValue): void {
    const key = jsonKey(value);
    if (!this.#paths.has(key)) this.#paths.set(key, { path: value.path, values: new Array<Found | undefined>(this.#columns.rows).fill(undefined) });
  }

  read(key: string, among: Bitset | undefined): FoundColumn | undefined {
    const read = rowReader(this.#field, [...this.#paths.values()], this.#columns);
    eachRow(this.#columns.rows, among, (row) => {
      if (hasBit(this.#isRead, row)) return;
      setBit(this.#isRead, row);
      read(row);
    });
    return this.#paths.get(key)?.values;
  }
}

function jsonValues(filter: CheckedFilter): readonly JsonValue[] {
  return leavesOf(filter).flatMap(valuesOf).flatMap(columnsOf).filter((value) => value.kind === 'json');
}

function rowReader(field: string, paths: readonly PathValues[], columns: Columns): (row: number) => void {
  const valid = columns.byName.get(field)?.valid;
  const texts = textColumn(columns, field);
  return (row) => {
    const root = valid === undefined || hasBit(valid, row) ? parsed(texts[row] as string, field, row) : null;
    for (const { path, values } of paths) values[row] = foundAt(root, path);
  };
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
