// A schema with a field of every scalar type and dynamic keys, and rows of it as columns, for the query tests.

import { rowsOf, type Column, type Columns } from '../../src/model/columns.js';
import { DYNAMIC_FIELD } from '../../src/model/field.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';

export const schema: Schema = checkSchema({
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'flag', type: 'Bool' },
    { name: 'i8', type: 'Int8' },
    { name: 'i16', type: 'Int16' },
    { name: 'i32', type: 'Int32' },
    { name: 'i64', type: 'Int64' },
    { name: 'f32', type: 'Float' },
    { name: 'f64', type: 'Double' },
    { name: 'name', type: 'VarChar' },
    { name: 'doc', type: 'JSON' },
    { name: 'tags', type: 'Array', elementType: 'Int8' },
    { name: 'place', type: 'Geometry' },
    { name: 'moment', type: 'Timestamptz' },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});

export const strictSchema: Schema = { ...schema, enableDynamicField: false };

/** Columns of equal length; `rows` is that of the first. */
export function table(columns: Readonly<Record<string, Column>>): Columns {
  const byName = new Map(Object.entries(columns));
  const [first] = byName.values();
  return { rows: first === undefined ? 0 : rowsOf(first), byName };
}

/** One dynamic object a row, as JSON text. */
export function dynamicTable(...texts: readonly string[]): Columns {
  return table({ [DYNAMIC_FIELD]: { type: 'JSON', values: texts } });
}
