// KeyIndex: primary key to the one live row that has it. A place is segment ordinal and row.

import { allocate, type Allocate } from '../../model/allocate.js';
import type { DataType } from '../../model/field.js';
import type { PrimaryKey } from '../../model/row.js';
import { Int64Places } from './int64-places.js';
import { StagedKeys, type Keys } from './staged-keys.js';
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
  /** Of rows that are not shown yet. */
  #staged: StagedKeys | undefined;

  constructor(allocated: Allocate = allocate) {
    this.#allocate = allocated;
    this.#numbers = new Int64Places(allocated);
  }

  get size(): number {
    return this.#numbers.size + this.#texts.size - (this.#staged?.added ?? 0);
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

  /** The same, with a `pause` after each part of what takes long. REQUIRES: nothing is set or deleted until then. */
  async reserveInTurns(type: DataType, count: number, pause: () => Promise<void>): Promise<void> {
    if (type === 'Int64') await this.#numbers.reserveInTurns(count, pause);
  }

  get(key: PrimaryKey): Place | undefined {
    const place = typeof key === 'string' ? unpack(this.#texts.get(key)) : this.#numbers.get(key);
    return this.#staged === undefined ? place : this.#staged.seen(place);
  }

  /** Begins with keys of rows that nobody is to see before `show`: until then each has the place that it had. REQUIRES: no other key is set or deleted until then, or `takeBack`. Errors: `OutOfMemory`. */
  stage(ordinal: number, first: number, rows: number): void {
    this.#staged = new StagedKeys(ordinal, first, rows, this.#allocate);
  }

  /** Sets the places of the keys of the next rows. REQUIRES: `stage`; room for those that are new. */
  setStaged(keys: Keys): void {
    const staged = this.#staged as StagedKeys;
    const { ordinal, next } = staged;
    staged.add(keys, (had) => {
      if (keys instanceof BigInt64Array) return this.#numbers.setAll(keys, ordinal, next, (other, before, row) => had(row, other, before));
      keys.forEach((key, at) => {
        const before = this.set(key, ordinal, next + at);
        if (before !== undefined) had(next + at, before.ordinal, before.row);
      });
    });
  }

  /** What was staged is seen from now on; gives the places that the keys had, in order. */
  show(): Iterable<Place> {
    const staged = this.#staged as StagedKeys;
    this.#staged = undefined;
    return staged.replaced();
  }

  /** Nothing of what was staged is there any more. */
  takeBack(): void {
    const staged = this.#staged as StagedKeys;
    this.#staged = undefined;
    for (const [key, place] of staged.undone()) {
      if (place === undefined) this.delete(key);
      // Its key is there: no room is needed.
      else if (typeof key === 'bigint') this.#numbers.setAll(BigInt64Array.of(key), place.ordinal, place.row, () => undefined);
      else this.set(key, place.ordinal, place.row);
    }
  }

  /** Sets the place of a key; gives the one it had. Errors: `OutOfMemory`, unless there is room. */
  set(key: PrimaryKey, ordinal: number, row: number): Place | undefined {
    if (typeof key !== 'string') return this.#numbers.set(key, ordinal, row);
    return unpack(this.#texts.set(key, ordinal * ROWS_PER_ORDINAL + row));
  }

  /** Sets the places of keys that are numbers, of rows `first` on; `replaced` is told of those that they had, in order. Errors: `OutOfMemory`, then nothing changed. */
  setAll(keys: BigInt64Array, ordinal: number, first: number, replaced: (ordinal: number, row: number) => void): void {
    this.#numbers.reserve(keys.length);
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
