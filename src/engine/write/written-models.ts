// Written models: vectors on their way in are what the model of their field makes.

import type { Columns } from '../../model/columns.js';
import { definedRows, setRowsOf } from '../../model/column-rows.js';
import { isDenseVector } from '../../model/field.js';
import { floatsOf } from '../../model/half.js';
import type { Schema } from '../../model/schema.js';
import { requireModel, requireNormalized, type DeclaredModel } from '../../model/vector-model.js';

/** Errors: `InvalidArgument` if `declared` is another model than a field records, or a vector has not the length that its model gives. */
export function checkWrittenModels({ fields }: Schema, { byName, rows }: Columns, declared: DeclaredModel | undefined): void {
  requireModel(fields, declared);
  for (const field of fields) {
    const column = byName.get(field.name);
    if (field.model?.normalized !== true || column === undefined || !isDenseVector(column.type) || column.type === 'BinaryVector') continue;
    const valid = column.valid;
    const places = valid === undefined ? undefined : setRowsOf(valid, rows);
    const values = floatsOf(column.type, definedRows(column).values as Float32Array);
    requireNormalized(field, values, (at) => `row ${places?.[at] ?? at}, field "${field.name}"`);
  }
}
