// Column look-up for the evaluator. A filter is checked against the Schema that the columns were made for, so
// a column that is missing or of another type is the caller's fault.

import type { Column, Columns } from '../model/columns.js';
import { require } from '../model/errors.js';
import type { NumericColumn } from '../ports/core.js';

/** The values of a VarChar column, or the texts of a JSON column. */
export function textColumn(columns: Columns, name: string): readonly string[] {
  const column = columns.byName.get(name);
  require(column?.type === 'VarChar' || column?.type === 'JSON', () => `column "${name}": expected VarChar or JSON, found ${column?.type ?? 'none'}`);
  return column.values;
}

/** A column that the kernels take. */
export function numericColumn(columns: Columns, name: string): NumericColumn {
  const column = columns.byName.get(name);
  const values = column === undefined ? undefined : kernelColumn(column);
  require(values !== undefined, () => `column "${name}": expected a numeric type, found ${column?.type ?? 'none'}`);
  return values;
}

/** As the kernels take it; Bool as 0 and 1. Undefined for what is no numbers. */
export function kernelColumn(column: Column): NumericColumn | undefined {
  switch (column.type) {
    case 'Bool':
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'Int64':
    case 'Timestamptz':
    case 'Float':
    case 'Double':
      return column.values;
    default:
      return undefined;
  }
}
