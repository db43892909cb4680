// Mapping: a row by the names of a file, as a row of a collection. What the file calls its key and its vector may be
// called otherwise; a column that no field names is a dynamic field, and is refused where there are none.

import { ElanusError } from '../model/errors.js';
import { DYNAMIC_FIELD, type Field } from '../model/field.js';
import type { RowInput } from '../model/row.js';
import { firstVector, functionOf, primaryField, type Schema } from '../model/schema.js';
import type { Reader, SourceValues } from './reader.js';
import { jsonOfText, typedValue, valueOfText } from './typed.js';

export interface ColumnNames {
  /** The file's column of primary keys. Default: the one named as the collection's; of npy, fvecs and bvecs: the row's number. */
  readonly key?: string | undefined;
  /** The file's column of vectors. Default: the one named as the collection's. */
  readonly vector?: string | undefined;
}

/** Errors of what it returns: `InvalidArgument`. The result is still to be checked by the collection. */
export type MapRow = (values: SourceValues) => RowInput;

export function mappingOf(schema: Schema, reader: Pick<Reader, 'untyped' | 'numbered' | 'vectorColumn'>, { key, vector }: ColumnNames): MapRow {
  const keyField = primaryField(schema);
  const fields = new Map<string, Field>(schema.fields.map((field) => [field.name, field]));
  const rename = (from: string | undefined, field: Field): void => {
    if (from === undefined || from === field.name) return;
    fields.delete(field.name);
    fields.set(from, field);
  };
  rename(vector ?? reader.vectorColumn, firstVector(schema));
  rename(key ?? reader.numbered, keyField);
  // A row's number is no key that anyone gave.
  const passedOver = reader.numbered !== undefined && key === undefined && keyField.autoId === true ? reader.numbered : undefined;
  return (values) => {
    const row: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      // What a function makes is made anew.
      if (name === passedOver || functionOf(schema, name) !== undefined) continue;
      if (name === DYNAMIC_FIELD) addDynamic(row, value);
      else put(row, fields, name, value, reader.untyped === true);
    }
    return row as RowInput;
  };
}

function put(row: Record<string, unknown>, fields: ReadonlyMap<string, Field>, name: string, value: unknown, untyped: boolean): void {
  const field = fields.get(name);
  if (field === undefined) {
    if (value !== null) set(row, name, typedValue(value, { name, type: 'JSON' }));
    return;
  }
  const typed = untyped ? valueOfText(value as string | null, field) : value === null ? null : typedValue(value, field);
  if (typed !== null) set(row, field.name, typed);
}

/** The dynamic fields in one column, as rows files have them. */
function addDynamic(row: Record<string, unknown>, value: unknown): void {
  const dynamic = typeof value === 'string' ? jsonOfText(value) : value;
  if (dynamic === null) return;
  if (typeof dynamic !== 'object' || Array.isArray(dynamic)) throw new ElanusError('InvalidArgument', `column "${DYNAMIC_FIELD}": expected a JSON object`);
  for (const [key, item] of Object.entries(dynamic as object)) set(row, key, typedValue(item, { name: key, type: 'JSON' }));
}

/** Also a key that objects have of themselves, such as `__proto__`. */
function set(row: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true });
}
