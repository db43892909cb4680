// Nulls: which rows of a column that grows are null.

import type { Allocate } from '../../model/allocate.js';
import { bitsetBytes, countBits, hasBit, setBit, type Bitset } from '../../model/bitset.js';

const BYTES_FIRST = 64;

/** Which rows are not null; nothing is kept before the first null. */
export class Nulls {
  #valid: Bitset | undefined;
  /** A copy, since a bitset has no bits beyond its rows. */
  #snapshot: Bitset | undefined;
  readonly #allocate: Allocate;

  constructor(allocated: Allocate) {
    this.#allocate = allocated;
  }

  /** Makes room: to append them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(valid: Bitset | undefined, first: number, rows: number): void {
    if (valid !== undefined || this.#valid !== undefined) this.#grown(first, first + rows);
  }

  append(valid: Bitset | undefined, first: number, rows: number): void {
    if (valid === undefined && this.#valid === undefined) return;
    this.#snapshot = undefined;
    const bits = this.#grown(first, first + rows);
    for (let row = 0; row < rows; row++) if (valid === undefined || hasBit(valid, row)) setBit(bits, first + row);
  }

  isNull(row: number): boolean {
    return this.#valid !== undefined && !hasBit(this.#valid, row);
  }

  /** Undefined if no row is null: room may have been made for nulls that did not come. */
  valid(rows: number): Bitset | undefined {
    if (this.#snapshot !== undefined || this.#valid === undefined) return this.#snapshot;
    const bits = this.#valid.slice(0, bitsetBytes(rows));
    return countBits(bits) === rows ? undefined : (this.#snapshot = bits);
  }

  #grown(rows: number, needed: number): Bitset {
    const before = this.#valid;
    if (before !== undefined && bitsetBytes(needed) <= before.length) return before;
    const grown = this.#allocate(Uint8Array, Math.max(bitsetBytes(needed), (before?.length ?? 0) * 2, BYTES_FIRST));
    if (before !== undefined) grown.set(before);
    else for (let row = 0; row < rows; row++) setBit(grown, row);
    return (this.#valid = grown);
  }
}
