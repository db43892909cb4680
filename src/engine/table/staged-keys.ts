// StagedKeys: keys that have the places of rows which nobody is to see yet. What each had before is kept, so that it is what
// is found until all of them are shown at once, and comes back if they are not.

import type { Allocate } from '../../model/allocate.js';
import type { PrimaryKey } from '../../model/row.js';
import type { Place } from './key-index.js';

/** Of a row: ordinal and 1 of the place that its key had, row. No ordinal: it had none. */
const WORDS = 2;

/** Keys of rows that follow each other. */
export type Keys = BigInt64Array | readonly string[];

export class StagedKeys {
  readonly ordinal: number;
  readonly #first: number;
  readonly #before: Int32Array;
  readonly #keys: Keys[] = [];
  #rows = 0;
  #added = 0;

  /** Of `rows` rows of a segment, which are its last, `first` on. Errors: `OutOfMemory`. */
  constructor(ordinal: number, first: number, rows: number, allocated: Allocate) {
    this.ordinal = ordinal;
    this.#first = first;
    this.#before = allocated(Int32Array, rows * WORDS);
  }

  /** How many keys there are more with them. */
  get added(): number {
    return this.#added;
  }

  /** The row that comes next. */
  get next(): number {
    return this.#first + this.#rows;
  }

  /** These are the keys of the next rows; `set` sets the place of each and says what they had. */
  add(keys: Keys, set: (had: (row: number, ordinal: number, before: number) => void) => void): void {
    let had = 0;
    set((row, ordinal, before) => {
      const at = (row - this.#first) * WORDS;
      this.#before[at] = ordinal + 1;
      this.#before[at + 1] = before;
      had++;
    });
    this.#keys.push(keys);
    this.#rows += keys.length;
    this.#added += keys.length - had;
  }

  /** What is seen of a place. */
  seen(place: Place | undefined): Place | undefined {
    let seen = place;
    while (seen?.ordinal === this.ordinal && seen.row >= this.#first) seen = this.#had(seen.row - this.#first);
    return seen;
  }

  /** The places that the keys had, in order; of two rows of one key the second has the place of the first. */
  *replaced(): Generator<Place> {
    for (let at = 0; at < this.#rows; at++) {
      const place = this.#had(at);
      if (place !== undefined) yield place;
    }
  }

  /** Each key with the place that it had, the last first. */
  *undone(): Generator<readonly [PrimaryKey, Place | undefined]> {
    let end = this.#rows;
    for (const keys of this.#keys.toReversed()) {
      for (let at = keys.length - 1; at >= 0; at--) yield [keys[at] as PrimaryKey, this.#had(--end)];
    }
  }

  #had(at: number): Place | undefined {
    const ordinal = this.#before[at * WORDS] as number;
    return ordinal === 0 ? undefined : { ordinal: ordinal - 1, row: this.#before[at * WORDS + 1] as number };
  }
}
