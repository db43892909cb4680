// KeyIndex: primary key to the one live row that has it. A place is segment ordinal and row in one safe integer.

import type { PrimaryKey } from '../model/row.js';

/** A row of a table. */
export interface Place {
  readonly ordinal: number;
  readonly row: number;
}

const ROWS_PER_ORDINAL = 2 ** 31;
const BYTES_PER_KEY = 64;

export class KeyIndex {
  // Safe integers are kept as numbers: they take less memory and hash faster than bigint.
  readonly #places = new Map<number | bigint | string, number>();

  get size(): number {
    return this.#places.size;
  }

  /** About what it takes in memory. */
  get bytes(): number {
    return this.#places.size * BYTES_PER_KEY;
  }

  get(key: PrimaryKey): Place | undefined {
    return unpack(this.#places.get(compact(key)));
  }

  /** Sets the place of a key; gives the one it had. */
  set(key: PrimaryKey, ordinal: number, row: number): Place | undefined {
    const short = compact(key);
    const before = this.#places.get(short);
    this.#places.set(short, ordinal * ROWS_PER_ORDINAL + row);
    return unpack(before);
  }

  /** Removes a key; gives the place it had. */
  delete(key: PrimaryKey): Place | undefined {
    const short = compact(key);
    const before = this.#places.get(short);
    if (before !== undefined) this.#places.delete(short);
    return unpack(before);
  }

  /** Removes the keys of a segment. */
  deleteAll(ordinal: number): void {
    for (const [key, place] of this.#places) if (Math.floor(place / ROWS_PER_ORDINAL) === ordinal) this.#places.delete(key);
  }
}

function compact(key: PrimaryKey): number | bigint | string {
  if (typeof key === 'string') return key;
  return key >= Number.MIN_SAFE_INTEGER && key <= Number.MAX_SAFE_INTEGER ? Number(key) : key;
}

function unpack(place: number | undefined): Place | undefined {
  if (place === undefined) return undefined;
  const ordinal = Math.floor(place / ROWS_PER_ORDINAL);
  return { ordinal, row: place - ordinal * ROWS_PER_ORDINAL };
}
