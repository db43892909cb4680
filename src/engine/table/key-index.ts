// KeyIndex: primary key to the one live row that has it. A place is segment ordinal and row.

import { allocate, type Allocate } from '../../model/allocate.js';
import type { DataType } from '../../model/field.js';
import type { PrimaryKey } from '../../model/row.js';
import { Int64Places } from './int64-places.js';
import { TextPlaces } from './text-places.js';

/** A row of a table. */
export interface Place {
  readonly ordinal: number;
  readonly row: number;
}

const ROWS_PER_ORDINAL = 2 ** 31;
/** About what a Map takes for an entry, its string apart. */
const TEXT_ENTRY_BYTES = 40;

export class KeyIndex {
  readonly #allocate: Allocate;
  #numbers: Int64Places;
  readonly #texts = new TextPlaces();

  constructor(allocated: Allocate = allocate) {
    this.#allocate = allocated;
    this.#numbers = new Int64Places(allocated);
  }

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

  /** Makes room for `count` more keys: setting them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(type: DataType, count: number): void {
    if (type === 'Int64') this.#numbers.reserve(count);
  }

  get(key: PrimaryKey): Place | undefined {
    return typeof key === 'string' ? unpack(this.#texts.get(key)) : this.#numbers.get(key);
  }

  /** Sets the place of a key; gives the one it had. Errors: `OutOfMemory`, unless there is room. */
  set(key: PrimaryKey, ordinal: number, row: number): Place | undefined {
    if (typeof key !== 'string') return this.#numbers.set(key, ordinal, row);
    return unpack(this.#texts.set(key, ordinal * ROWS_PER_ORDINAL + row));
  }

  /** Sets the places of keys that are numbers, of rows `first` on; `replaced` is told of those that they had, in order. Errors: `OutOfMemory`, then nothing changed. */
  setAll(keys: BigInt64Array, ordinal: number, first: number, replaced: (ordinal: number, row: number) => void): void {
    this.#numbers.setAll(keys, ordinal, first, replaced);
  }

  /** Removes a key; gives the place it had. */
  delete(key: PrimaryKey): Place | undefined {
    if (typeof key !== 'string') return this.#numbers.delete(key);
    return unpack(this.#texts.delete(key));
  }

  clear(): void {
    this.#numbers = new Int64Places(this.#allocate);
    this.#texts.clear();
  }

  /** Removes the keys of a segment. */
  deleteAll(ordinal: number): void {
    this.#numbers.deleteAll(ordinal);
    this.#texts.deleteAll((place) => Math.floor(place / ROWS_PER_ORDINAL) === ordinal);
  }
}

function unpack(place: number | undefined): Place | undefined {
  if (place === undefined) return undefined;
  const ordinal = Math.floor(place / ROWS_PER_ORDINAL);
  return { ordinal, row: place - ordinal * ROWS_PER_ORDINAL };
}
