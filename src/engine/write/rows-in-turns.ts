// RowsInTurns: many rows checked and turned into columns a few at a time, with others served in between. What comes of it is what
// `rowsToBatch` makes of all of them at once, but for which of several errors is told: that of the first rows.

import { joinedColumn } from '../../model/column-rows.js';
import { isNumbers, numberColumn, type Column, type NumberColumn } from '../../model/columns.js';
import type { Field } from '../../model/field.js';
import { storedFields, vectorFields, type Schema } from '../../model/schema.js';
import type { HiddenValues } from '../collection/hidden-column.js';
import { rowsInTurn } from '../read/rows-in-turn.js';
import type { MakeArray } from './batch-room.js';
import { PartedMemory } from './parted-memory.js';
import { checkCount, rowsToBatch, type NextId, type RowBatch } from './row-batch.js';

/** Whether all of it is one turn. */
export function isOneTurn(rows: unknown, schema: Schema): boolean {
  return !Array.isArray(rows) || rows.length <= rowsInTurn(vectorFields(schema));
}

/** Vectors lie in what `make` gives; `pause`: of the Ambient. REQUIRES: the rows do not change until then. Errors: as `rowsToBatch`. */
export async function rowsToBatchInTurns(rows: unknown, schema: Schema, nextId: NextId | undefined, make: MakeArray, hidden: HiddenValues, pause: () => Promise<void>): Promise<RowBatch> {
  const all = checkCount(rows);
  const count = rowsInTurn(vectorFields(schema));
  const parts: RowBatch[] = [];
  const memory = new PartedMemory(all.length, make);
  for (let first = 0; first < all.length; first += count) {
    const some = all.slice(first, first + count);
    parts.push(rowsToBatch(some, schema, nextId, memory.part(first, some.length), hidden, first));
    await pause();
  }
  return joinedBatch(parts, schema, memory, pause);
}

/** The rows of one behind those of the other, a field in each turn. Vectors of `memory` stay where they are. */
export async function joinedBatch(parts: readonly RowBatch[], schema: Schema, memory: PartedMemory, pause: () => Promise<void>): Promise<RowBatch> {
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) {
    byName.set(field.name, joined(parts.map(({ columns }) => columns.byName.get(field.name) as Column), field, memory));
    await pause();
  }
  return { columns: { rows: parts.reduce((sum, { columns }) => sum + columns.rows, 0), byName }, ids: parts.flatMap(({ ids }) => ids) };
}

function joined(parts: readonly Column[], field: Field, memory: PartedMemory): Column {
  const values = parts.every((part): part is NumberColumn => isNumbers(part) && part.valid === undefined) ? memory.joined(parts.map((part) => part.values)) : undefined;
  return values === undefined ? joinedColumn(parts, field) : numberColumn(field, values);
}
