// Written models: vectors on their way in are what the model of their field makes.

import type { Columns } from '../model/columns.js';
import type { Schema } from '../model/schema.js';
import { requireModel, requireNormalized, type DeclaredModel } from '../model/vector-model.js';

/** Errors: `InvalidArgument` if `declared` is another model than a field records, or a vector has not the length that its model gives. */
export function checkWrittenModels({ fields }: Schema, { byName }: Columns, declared: DeclaredModel | undefined): void {
  requireModel(fields, declared);
  for (const field of fields) {
    const column = byName.get(field.name);
    if (field.model?.normalized === true && column?.type === 'FloatVector') requireNormalized(field, column.values, (row) => `row ${row}, field "${field.name}"`);
  }
}
