// RowGroups: rows on their way into a file of row groups, which are held whole: a group is full by what its rows take, texts and
// lists as well as vectors.

import type { Row } from '../model/row.js';

const NUMBER_BYTES = 8;

export class RowGroups {
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  #held: Row[] = [];
  #bytes = 0;

  constructor(rowsMax: number, bytesMax: number) {
    this.#rowsMax = rowsMax;
    this.#bytesMax = bytesMax;
  }

  /** Adds a row; gives the group that is full with it. */
  add(row: Row): readonly Row[] | undefined {
    this.#held.push(row);
    this.#bytes += valueBytes(row);
    return this.#held.length >= this.#rowsMax || this.#bytes >= this.#bytesMax ? this.rest() : undefined;
  }

  /** What is in no group yet. */
  rest(): readonly Row[] {
    const rows = this.#held;
    this.#held = [];
    this.#bytes = 0;
    return rows;
  }
}

/** About what a value takes. */
export function valueBytes(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  return Object.values(value).reduce((sum: number, member) => sum + valueBytes(member), 0);
}
