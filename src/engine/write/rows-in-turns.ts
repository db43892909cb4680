// RowsInTurns: many rows checked and turned into columns a few at a time, with others served in between. What comes of it is what
// `rowsToBatch` makes of all of them at once, but for which of several errors is told: that of the first rows.

import { joinedColumn } from '../../model/column-rows.js';
import type { Column } from '../../model/columns.js';
import { storedFields, vectorFields, type Schema } from '../../model/schema.js';
import { freshArray } from './batch-room.js';
import type { HiddenValues } from '../collection/hidden-column.js';
import { rowsInTurn } from '../read/rows-in-turn.js';
import { checkCount, rowsToBatch, type NextId, type RowBatch } from './row-batch.js';

/** Whether all of it is one turn. */
export function isOneTurn(rows: unknown, schema: Schema): boolean {
  return !Array.isArray(rows) || rows.length <= rowsInTurn(vectorFields(schema));
}

/** `pause`: of the Ambient. REQUIRES: the rows do not change until then. Errors: as `rowsToBatch`. */
export async function rowsToBatchInTurns(rows: unknown, schema: Schema, nextId: NextId | undefined, hidden: HiddenValues, pause: () => Promise<void>): Promise<RowBatch> {
  const all = checkCount(rows);
  const count = rowsInTurn(vectorFields(schema));
  const parts: RowBatch[] = [];
  for (let first = 0; first < all.length; first += count) {
    parts.push(rowsToBatch(all.slice(first, first + count), schema, nextId, freshArray, hidden, first));
    await pause();
  }
  return joinedBatch(parts, schema);
}

/** The rows of one behind those of the other. */
export function joinedBatch(parts: readonly RowBatch[], schema: Schema): RowBatch {
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) byName.set(field.name, joinedColumn(parts.map(({ columns }) => columns.byName.get(field.name) as Column), field));
  return { columns: { rows: parts.reduce((sum, { columns }) => sum + columns.rows, 0), byName }, ids: parts.flatMap(({ ids }) => ids) };
}
