// SortedIndex: the rows of a column of numbers in order of their values. What lies between two bounds is a run of it, found
// by halving; a run that is long is left to who reads the column.

import type { Bitset } from '../../model/bitset.js';
import type { NumericColumn } from '../../ports/core.js';
import type { ColumnIndex, IndexAnswer, IndexQuestion } from '../column-indexes.js';
import { addRows, bitsOfRows, bitsWithoutRows, LISTED_SHARE } from './rows.js';
import { valueOrder } from './value-order.js';

type Run = readonly [from: number, end: number];

export class SortedIndex implements ColumnIndex {
  readonly form = 'sorted';
  readonly #values: NumericColumn;
  readonly #order: Uint32Array;
  /** Values that are not NaN. */
  readonly #ordered: number;

  private constructor(values: NumericColumn, order: Uint32Array) {
    this.#values = values;
    this.#order = order;
    let ordered = values.length;
    while (ordered > 0 && values[ordered - 1] !== values[ordered - 1]) ordered--;
    this.#ordered = ordered;
  }

  static *build(column: NumericColumn): Generator<void, SortedIndex> {
    const order = yield* valueOrder(column);
    const values = new (column.constructor as typeof Float64Array)(column.length);
    for (let at = 0; at < order.length; at++) values[at] = column[order[at] as number] as number;
    return new SortedIndex(values, order);
  }

  /** What building one of so many bytes of values takes and holds, about. */
  static bytesFor(column: NumericColumn): number {
    return column.byteLength + column.length * Uint32Array.BYTES_PER_ELEMENT;
  }

  get bytes(): number {
    return this.#values.byteLength + this.#order.byteLength;
  }

  answer(question: IndexQuestion): IndexAnswer | undefined {
    switch (question.kind) {
      case 'compare':
        return question.op === 'ne' ? this.#without(this.#equal(question.value as number | bigint)) : this.#listed([this.#compared(question.op, question.value as number | bigint)]);
      case 'range': {
        const from = this.#compared(question.low.exclusive ? 'gt' : 'ge', question.low.value as number | bigint)[0];
        const end = this.#compared(question.high.exclusive ? 'lt' : 'le', question.high.value as number | bigint)[1];
        return this.#listed([[from, Math.max(from, end)]]);
      }
      case 'inSet':
        return this.#listed(question.values.map((value) => this.#equal(value as number | bigint)));
      default:
        return undefined;
    }
  }

  #compared(op: 'eq' | 'lt' | 'le' | 'gt' | 'ge', value: number | bigint): Run {
    switch (op) {
      case 'eq':
        return this.#equal(value);
      case 'lt':
        return [0, this.#firstAtLeast(value)];
      case 'le':
        return [0, this.#firstAbove(value)];
      case 'gt':
        return [this.#firstAbove(value), this.#ordered];
      case 'ge':
        return [this.#firstAtLeast(value), this.#ordered];
    }
  }

  #equal(value: number | bigint): Run {
    return [this.#firstAtLeast(value), this.#firstAbove(value)];
  }

  #firstAtLeast(value: number | bigint): number {
    return this.#first((of) => of >= value);
  }

  #firstAbove(value: number | bigint): number {
    return this.#first((of) => of > value);
  }

  /** Where the values begin for which it holds; it holds for all behind. */
  #first(holds: (value: number | bigint) => boolean): number {
    let low = 0;
    for (let high = this.#ordered; low < high; ) {
      const middle = (low + high) >>> 1;
      if (holds(this.#values[middle] as number | bigint)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #listed(runs: readonly Run[]): IndexAnswer | undefined {
    if (!this.#isFew(runs)) return undefined;
    const [first = [0, 0] as const, ...rest] = runs;
    const rows: Bitset = bitsOfRows(this.#order, first[0], first[1], this.#order.length);
    for (const [from, end] of rest) addRows(rows, this.#order, from, end);
    return { rows };
  }

  #without(run: Run): IndexAnswer | undefined {
    return this.#isFew([run]) ? { rows: bitsWithoutRows(this.#order, run[0], run[1], this.#order.length) } : undefined;
  }

  #isFew(runs: readonly Run[]): boolean {
    return runs.reduce((count, [from, end]) => count + end - from, 0) <= this.#order.length * LISTED_SHARE;
  }
}
