// Places: which row each vector of a field belongs to, where some rows have none. Vectors are numbered without a gap, so
// that indexes over them know nothing of nulls; rows are what the rest of the house counts in.

import { allocate, type Allocate } from '../../model/allocate.js';
import { bitsetOf, hasBit, setBit, type Bitset } from '../../model/bitset.js';
import { pickColumn, spreadColumn } from '../../model/column-rows.js';
import type { NumberColumn } from '../../model/columns.js';
import type { Candidates } from '../../ports/core.js';

/** Of a row without a vector, and of a vector without a row. */
const NONE = 0xffff_ffff;
const FIRST = 64;

export class Places {
  /** By row; by place. */
  #placeOf = new Uint32Array(FIRST);
  #rowOf = new Uint32Array(FIRST);
  #rows = 0;
  #size = 0;

  /** Of so many rows, each with the vector of its number. */
  static whole(rows: number): Places {
    const places = new Places();
    places.append(rows, undefined);
    return places;
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#placeOf.byteLength + this.#rowOf.byteLength;
  }

  /** What `whole` and so many rows more take. */
  static bytesWithMore(rows: number, more: number): number {
    return 2 * grownLength(grownLength(FIRST, rows), rows + more) * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** What so many rows more take, at most. */
  bytesToAppend(rows: number): number {
    return (grownLength(this.#placeOf.length, this.#rows + rows) + grownLength(this.#rowOf.length, this.#size + rows)) * Uint32Array.BYTES_PER_ELEMENT - this.bytes;
  }

  /** Makes room for so many rows more: to append them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(rows: number, allocated: Allocate): void {
    this.#placeOf = grown(this.#placeOf, this.#rows + rows, allocated);
    this.#rowOf = grown(this.#rowOf, this.#size + rows, allocated);
  }

  /** So many rows more, of which those in `valid`, or all, have a vector each. */
  append(rows: number, valid: Bitset | undefined): void {
    this.reserve(rows, allocate);
    for (let at = 0; at < rows; at++) {
      const row = this.#rows++;
      const isThere = valid === undefined || hasBit(valid, at);
      this.#placeOf[row] = isThere ? this.#size : NONE;
      if (isThere) this.#rowOf[this.#size++] = row;
    }
  }

  /** Back to so many rows: vectors of those behind are of no row from now on. */
  cut(rows: number): void {
    for (let row = rows; row < this.#rows; row++) {
      const place = this.of(row);
      if (place !== undefined) this.#rowOf[place] = NONE;
    }
    this.#rows = rows;
  }

  /** The number of a row's vector; undefined if it has none. */
  of(row: number): number | undefined {
    const place = this.#placeOf[row] as number;
    return place === NONE ? undefined : place;
  }

  /** Of these rows, or of all, those that have a vector. */
  defined(rows: Bitset | undefined): Bitset {
    const bits = bitsetOf(this.#rows, false);
    for (let row = 0; row < this.#rows; row++) if (this.#placeOf[row] !== NONE && (rows === undefined || hasBit(rows, row))) setBit(bits, row);
    return bits;
  }

  /** The vectors of these rows, or of all; undefined if that is every vector. */
  select(rows: Bitset | undefined): Bitset | undefined {
    const bits = bitsetOf(this.#size, false);
    let count = 0;
    for (let place = 0; place < this.#size; place++) {
      const row = this.#rowOf[place] as number;
      if (row === NONE || (rows !== undefined && !hasBit(rows, row))) continue;
      setBit(bits, place);
      count++;
    }
    return count === this.#size ? undefined : bits;
  }

  /** All vectors as a column of the rows. */
  spread(vectors: NumberColumn): NumberColumn {
    const places = this.#placeOf.subarray(0, this.#rows).filter((place) => place !== NONE);
    return spreadColumn(pickColumn(vectors, places), this.defined(undefined), this.#rows);
  }

  /** What was found among the vectors, by rows. */
  toRows(found: Candidates): Candidates {
    const { k, counts, rows } = found;
    const named = new Uint32Array(rows.length);
    counts.forEach((count, q) => {
      for (let at = q * k; at < q * k + count; at++) named[at] = this.#rowOf[rows[at] as number] as number;
    });
    return { ...found, rows: named };
  }
}

function grown(values: Uint32Array<ArrayBuffer>, needed: number, allocated: Allocate): Uint32Array<ArrayBuffer> {
  if (needed <= values.length) return values;
  const more = allocated(Uint32Array, grownLength(values.length, needed));
  more.set(values);
  return more;
}

function grownLength(length: number, needed: number): number {
  return needed <= length ? length : Math.max(needed, length * 2);
}
