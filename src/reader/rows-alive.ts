// RowsAlive: which rows of a segment are not deleted. Apart, as few segments have deletions.

import { decodeDeletions } from '../format/deletion-vector.js';
import { bitsetOf, clearBit, type Bitset } from '../model/bitset.js';
import { requireIntact } from '../model/errors.js';

/** By the bytes of the deletions file `name`, which names `count` of the rows. Errors: `Corrupt`. */
export function rowsAlive(bytes: Uint8Array, rows: number, { name, count }: { readonly name: string; readonly count: number }): Bitset {
  const dead = decodeDeletions(bytes, rows, name);
  requireIntact(dead.length === count, name, `expected ${count} rows, found ${dead.length}`);
  const alive = bitsetOf(rows, true);
  for (const row of dead) clearBit(alive, row);
  return alive;
}
