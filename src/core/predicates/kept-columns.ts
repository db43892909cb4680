// KeptColumns: which columns lie in the kernels' memory, and where. A column that is asked about for the second time is
// given a place; where there is none, those that were used longest ago lose theirs. Columns are known by their arrays.

import type { NumericColumn } from '../../ports/core.js';

interface Place {
  readonly at: number;
  readonly sizeBytes: number;
  lastUse: number;
}

/** Smaller ones are copied as fast as they are found. */
const SIZE_BYTES_MIN = 32 * 1024;
const ALIGNMENT = 64;
/** Kernels read whole blocks of so many rows. */
const BLOCK_ROWS = 64;

export class KeptColumns {
  readonly #start: number;
  #bytesMax: number;
  /** Of columns that were asked about; undefined: once. */
  readonly #known = new WeakMap<NumericColumn, Place | undefined>();
  /** In order of address. */
  #places: Place[] = [];
  #uses = 0;

  /** Addresses from `start` on are for columns. */
  constructor(start: number, bytesMax: number) {
    this.#start = start;
    this.#bytesMax = bytesMax;
  }

  /** Bytes of memory that kept columns may take, from the start on; fewer evict some. */
  limit(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#places = this.#places.filter(({ at, sizeBytes }) => at + sizeBytes <= this.#start + bytesMax);
  }

  /** Where the column lies; `isNew` if it is to be copied there. Undefined if it has no place. */
  find(column: NumericColumn): { readonly at: number; readonly isNew: boolean } | undefined {
    if (column.byteLength < SIZE_BYTES_MIN) return undefined;
    const before = this.#known.get(column);
    if (before !== undefined && this.#places.includes(before)) {
      before.lastUse = ++this.#uses;
      return { at: before.at, isNew: false };
    }
    const isFirst = !this.#known.has(column);
    const place = isFirst ? undefined : this.#make(sizeOf(column));
    this.#known.set(column, place);
    return place && { at: place.at, isNew: true };
  }

  /** Nothing lies there: it could not be made. */
  forget(column: NumericColumn): void {
    const place = this.#known.get(column);
    this.#known.delete(column);
    this.#places = this.#places.filter((other) => other !== place);
  }

  #make(sizeBytes: number): Place | undefined {
    if (sizeBytes > this.#bytesMax) return undefined;
    for (let gap = this.#gap(sizeBytes); ; gap = this.#gap(sizeBytes)) {
      if (gap === undefined) {
        const oldest = this.#places.reduce((least, place) => (place.lastUse < least.lastUse ? place : least));
        this.#places = this.#places.filter((place) => place !== oldest);
        continue;
      }
      const place = { at: gap.at, sizeBytes, lastUse: ++this.#uses };
      this.#places = [...this.#places.slice(0, gap.index), place, ...this.#places.slice(gap.index)];
      return place;
    }
  }

  /** The first that is large enough, and which place comes after it. */
  #gap(sizeBytes: number): { readonly at: number; readonly index: number } | undefined {
    let at = this.#start;
    for (const [index, place] of this.#places.entries()) {
      if (place.at - at >= sizeBytes) return { at, index };
      at = place.at + place.sizeBytes;
    }
    return at + sizeBytes <= this.#start + this.#bytesMax ? { at, index: this.#places.length } : undefined;
  }
}

function sizeOf(column: NumericColumn): number {
  const rows = Math.ceil(column.length / BLOCK_ROWS) * BLOCK_ROWS;
  return Math.ceil((rows * column.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
}
