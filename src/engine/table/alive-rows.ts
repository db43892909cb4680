// AliveRows: which rows of a segment are alive, now and as of earlier epochs of its table. An epoch ends when what was
// written is frozen, to be sealed; a manifest says what is gone as of the end of one, while later batches, which are in the
// log alone, go on deleting.

import { allocate, type Allocate } from '../../model/allocate.js';
import { bitsetBytes, bitsetOf, clearBit, hasBit, setBit, type Bitset } from '../../model/bitset.js';

/** Rows as they were when `epoch` began. */
interface Past {
  readonly epoch: number;
  readonly alive: Bitset;
  deadRows: number;
}

export class AliveRows {
  #rows: number;
  #alive: Bitset;
  #deadRows = 0;
  /** The last in which a row died. */
  #epoch: number;
  /** Ascending; one for each epoch in which rows died that were there before, until that is in the manifest. */
  #past: readonly Past[] = [];
  /** What the rows of before are copied into when one dies in another epoch. */
  #spare: Bitset | undefined;
  readonly #allocate: Allocate;

  /** `rows` that are all alive; nobody asks for what was before the end of `epoch`. */
  constructor(rows: number, epoch: number, allocated: Allocate = allocate) {
    this.#allocate = allocated;
    this.#rows = rows;
    this.#alive = bitsetOf(rows, true);
    this.#epoch = epoch;
  }

  get deadRows(): number {
    return this.#deadRows;
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#past.reduce((sum, { alive }) => sum + alive.length, this.#alive.length + (this.#spare?.length ?? 0));
  }

  has(row: number): boolean {
    return hasBit(this.#alive, row);
  }

  /** A view that later deaths change. Undefined if every row is alive. */
  view(): Bitset | undefined {
    return this.#deadRows === 0 ? undefined : this.#alive.subarray(0, bitsetBytes(this.#rows));
  }

  /** Makes room for as many rows: to append them cannot fail. Errors: `OutOfMemory`, then nothing changed. */
  reserve(rows: number): void {
    const bytes = this.#bytesFor(rows);
    if (bytes === this.#alive.length) return;
    const grown = this.#allocate(Uint8Array, bytes);
    grown.set(this.#alive);
    this.#alive = grown;
  }

  /** Makes room for what is kept when rows die in `epoch`: that cannot fail then. Errors: `OutOfMemory`, then nothing changed. */
  reserveDeaths(epoch: number): void {
    if (epoch > this.#epoch && this.#spare === undefined) this.#spare = this.#allocate(Uint8Array, this.#alive.length);
  }

  /** More rows, until there are `rows`, all alive, or dead until `revive`. */
  append(rows: number, areAlive = true): void {
    this.reserve(rows);
    const first = this.#rows;
    this.#rows = rows;
    this.#deadRows += rows - first;
    if (areAlive) this.revive(first);
  }

  /** Rows from `first` on, which are dead, are alive. */
  revive(first: number): void {
    for (let row = first; row < this.#rows; row++) setBit(this.#alive, row);
    this.#deadRows -= this.#rows - first;
  }

  /** What so many rows more take, at most. */
  bytesToAppend(count: number): number {
    return this.#bytesFor(this.#rows + count) - this.#alive.length;
  }

  /** It died in `epoch`, the current one or one before. */
  kill(row: number, epoch: number): void {
    for (const past of this.#past) {
      if (past.epoch <= epoch || !hasBit(past.alive, row)) continue;
      clearBit(past.alive, row);
      past.deadRows++;
    }
    if (!hasBit(this.#alive, row)) return;
    if (epoch > this.#epoch) this.#begin(epoch);
    clearBit(this.#alive, row);
    this.#deadRows++;
  }

  /** Dead rows as of the end of `epoch`. */
  deadAsOf(epoch: number): number {
    return this.#asOf(epoch)?.deadRows ?? this.#deadRows;
  }

  /** Row numbers, ascending, that were alive, or dead, at the end of `epoch`; by default now. */
  where(alive: boolean, epoch = Number.POSITIVE_INFINITY): Uint32Array {
    const bits = this.#asOf(epoch)?.alive ?? this.#alive;
    const dead = this.deadAsOf(epoch);
    const found = new Uint32Array(alive ? this.#rows - dead : dead);
    let count = 0;
    for (let row = 0; row < this.#rows; row++) if (hasBit(bits, row) === alive) found[count++] = row;
    return found;
  }

  /** The manifest says what died until the end of `epoch`: nobody asks for what was before. */
  settle(epoch: number): void {
    if (this.#past.length > 0) this.#past = this.#past.filter((past) => past.epoch > epoch);
  }

  #begin(epoch: number): void {
    this.reserveDeaths(epoch);
    const alive = this.#spare as Bitset;
    alive.set(this.#alive);
    this.#spare = undefined;
    this.#epoch = epoch;
    this.#past = [...this.#past, { epoch, alive, deadRows: this.#deadRows }];
  }

  #asOf(epoch: number): Past | undefined {
    return this.#past.find((past) => past.epoch > epoch);
  }

  #bytesFor(rows: number): number {
    const needed = bitsetBytes(rows);
    return needed <= this.#alive.length ? this.#alive.length : Math.max(needed, this.#alive.length * 2);
  }
}
