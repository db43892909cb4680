// KeyIndex: primary key to the one live row that has it. A place is segment ordinal and row.

import type { DataType } from '../../model/field.js';
import type { PrimaryKey } from '../../model/row.js';
import { Int64Places } from './int64-places.js';

/** A row of a table. */
export interface Place {
  readonly ordinal: number;
  readonly row: number;
}

const ROWS_PER_ORDINAL = 2 ** 31;
/** About what a Map takes for an entry, its string apart. */
const TEXT_ENTRY_BYTES = 40;

export class KeyIndex {
  #numbers = new Int64Places();
  /** Places as one safe integer. */
  readonly #texts = new Map<string, number>();

  get size(): number {
    return this.#numbers.size + this.#texts.size;
  }

  /** About what it takes in memory. The texts are those of the columns. */
  get bytes(): number {
    return this.#numbers.bytes + this.#texts.size * TEXT_ENTRY_BYTES;
  }

  /** What `count` more keys take, at most. */
  bytesToAdd(type: DataType, count: number): number {
    return type === 'Int64' ? this.#numbers.bytesToAdd(count) : count * TEXT_ENTRY_BYTES;
  }

  /** Makes room for `count` more keys that are numbers. Errors: `OutOfMemory`. */
  reserve(count: number): void {
    this.#numbers.reserve(count);
  }

  get(key: PrimaryKey): Place | undefined {
    return typeof key === 'string' ? unpack(this.#texts.get(key)) : this.#numbers.get(key);
  }

  /** Sets the place of a key; gives the one it had. Errors: `OutOfMemory`, unless there is room. */
  set(key: PrimaryKey, ordinal: number, row: number): Place | undefined {
    if (typeof key !== 'string') return this.#numbers.set(key, ordinal, row);
    const before = this.#texts.get(key);
    this.#texts.set(key, ordinal * ROWS_PER_ORDINAL + row);
    return unpack(before);
  }

  /** Sets the places of keys that are numbers, of rows `first` on; `replaced` is told of those that they had, in order. Errors: `OutOfMemory`, then nothing changed. */
  setAll(keys: BigInt64Array, ordinal: number, first: number, replaced: (ordinal: number, row: number) => void): void {
    this.#numbers.setAll(keys, ordinal, first, replaced);
  }

  /** Removes a key; gives the place it had. */
  delete(key: PrimaryKey): Place | undefined {
    if (typeof key !== 'string') return this.#numbers.delete(key);
    const before = this.#texts.get(key);
    if (before !== undefined) this.#texts.delete(key);
    return unpack(before);
  }

  clear(): void {
    this.#numbers = new Int64Places();
    this.#texts.clear();
  }

  /** Removes the keys of a segment. */
  deleteAll(ordinal: number): void {
    this.#numbers.deleteAll(ordinal);
    for (const [key, place] of this.#texts) if (Math.floor(place / ROWS_PER_ORDINAL) === ordinal) this.#texts.delete(key);
  }
}

function unpack(place: number | undefined): Place | undefined {
  if (place === undefined) return undefined;
  const ordinal = Math.floor(place / ROWS_PER_ORDINAL);
  return { ordinal, row: place - ordinal * ROWS_PER_ORDINAL };
}
