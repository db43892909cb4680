// EachInTurns: the rows of a segment that an answer looks at, one after the other, with others served in between.

import { setRows, type Bitset } from '../../model/bitset.js';
import type { FieldPath } from '../../query/field-path.js';

/** Of rows whose values lie in columns, and of those with one that is read from JSON. */
const LOOKED_IN_TURN = 2048;
const PARSED_IN_TURN = 256;

/** Rows that are looked at in one turn, of each the values of these paths. */
export function lookedInTurn(paths: readonly FieldPath[]): number {
  return paths.some(({ type }) => type === 'JSON') ? PARSED_IN_TURN : LOOKED_IN_TURN;
}

/** Does `work` for each row of `rows`, ascending, and waits for `pause` after each `count` of them that are not the last. */
export async function eachInTurns(rows: Bitset, count: number, pause: () => Promise<void>, work: (row: number) => void): Promise<void> {
  let left = count;
  for (const row of setRows(rows)) {
    if (left === 0) {
      await pause();
      left = count;
    }
    work(row);
    left--;
  }
}
