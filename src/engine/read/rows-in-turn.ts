// RowsInTurn: how many rows are dealt with before others of the thread have their turn: about a millisecond of work. It is a number of
// rows and no time, so that what is done in which turn is the same in every run.

import type { Field } from '../../model/field.js';

const TURN_VALUES = 100_000;
const TURN_ROWS_MAX = 256;

/** Of rows with these fields, of which vectors take the time. */
export function rowsInTurn(fields: readonly Field[]): number {
  const values = fields.reduce((sum, { dim = 0 }) => sum + dim, 1);
  return Math.max(1, Math.min(TURN_ROWS_MAX, Math.floor(TURN_VALUES / values)));
}
