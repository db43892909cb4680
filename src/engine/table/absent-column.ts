// AbsentColumn: what rows have of a field that was added after they were written: its default value, else null.

import { pickColumn } from '../../model/column-rows.js';
import type { Column, Columns } from '../../model/columns.js';
import type { Field } from '../../model/field.js';
import { storedFields, type Schema } from '../../model/schema.js';
import { fieldColumn } from '../write/row-batch.js';

/** Of a number, and of a text or list; beside its characters. */
const NUMBER_BYTES = 8;
const OBJECT_BYTES = 24;

/** REQUIRES: a field that is nullable or has a default value. */
export function absentColumn(field: Field, rows: number): Column {
  return pickColumn(fieldColumn(field, [{}]), new Uint32Array(rows));
}

/** About what it takes in memory. */
export function absentBytes(field: Field, rows: number): number {
  const { defaultValue } = field;
  const isText = field.type === 'VarChar' || field.type === 'JSON' || field.type === 'Geometry' || field.type === 'Array';
  return rows * (isText ? OBJECT_BYTES + (Array.isArray(defaultValue) ? defaultValue.length * NUMBER_BYTES : 0) : NUMBER_BYTES);
}

/** `columns` with what they lack of `schema`, to which fields were added since they were made. */
export function completedColumns(columns: Columns, schema: Schema): Columns {
  const added = storedFields(schema).filter(({ name }) => !columns.byName.has(name));
  if (added.length === 0) return columns;
  return { rows: columns.rows, byName: new Map([...columns.byName, ...added.map((field) => [field.name, absentColumn(field, columns.rows)] as const)]) };
}
