// RowsInPieces: rows that come into a segment a few at a time, with others served in between. Until the last is there they are
// dead, and their keys have the places of before; then all are shown at once.

import type { Columns } from '../../model/columns.js';
import { primaryField, vectorFields, type Schema } from '../../model/schema.js';
import { rowsInTurn } from '../read/rows-in-turn.js';
import type { KeyIndex, Place } from './key-index.js';
import type { Segment } from './segment.js';
import type { Keys } from './staged-keys.js';

/** Rows that are on their way. */
export interface ComingRows {
  readonly rows: number;
  /** Rows `first` to `end`. */
  readonly piece: (first: number, end: number) => Columns;
  /** `pause`: of the Ambient. */
  readonly pause: () => Promise<void>;
}

/**
 * Appends them. `shown` is called in the turn in which they are alive, with the places that their keys had. REQUIRES: there is room for
 * the keys; nothing else is written or deleted until then. Errors: `OutOfMemory`, then no key has changed, and what was
 * appended is dead.
 */
export async function appendInPieces(segment: Segment, keys: KeyIndex, schema: Schema, { rows, piece, pause }: ComingRows, shown: (replaced: Iterable<Place>) => void): Promise<void> {
  const { name } = primaryField(schema);
  const count = rowsInTurn(vectorFields(schema));
  const first = segment.rows;
  keys.stage(segment.ordinal, first, rows);
  try {
    for (let at = 0; at < rows; at += count) {
      if (at > 0) await pause();
      const columns = piece(at, Math.min(at + count, rows));
      segment.append(columns, false);
      keys.setStaged((columns.byName.get(name) as { readonly values: Keys }).values);
    }
  } catch (error) {
    keys.takeBack();
    throw error;
  }
  segment.revive(first);
  shown(keys.show());
}
