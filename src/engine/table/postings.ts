// Postings: sparse rows by their terms, in memory, to which rows are appended: search of a segment that has no index file.
// Rows are scored exactly, term by term; what a search takes is the length of its terms' lists.

import { allocate, type Allocate } from '../../model/allocate.js';
import { hasBit, type Bitset } from '../../model/bitset.js';
import type { SparseColumn } from '../../model/columns.js';
import type { Candidates, ScoreRange, SparseRows } from '../../ports/core.js';
import { BestRows } from '../../text/best-rows.js';
import { POSTING_BYTES, postingBytesToAdd, POSTINGS_FIRST, TERM_BYTES } from '../../text/posting-growth.js';

/** The rows that have a term, ascending, with their values. */
interface Postings {
  rows: Uint32Array<ArrayBuffer>;
  values: Float32Array<ArrayBuffer>;
  count: number;
}

export class SparsePostings {
  readonly #terms = new Map<number, Postings>();
  #rows = 0;
  #capacity = 0;
  /** Scores of the rows met by the query under way, else zero; a row that was met is in `#isMet`. */
  #scores = new Float32Array(0);
  #isMet = new Uint8Array(0);
  #met = new Uint32Array(0);
  readonly #allocate: Allocate;

  constructor(allocated: Allocate = allocate) {
    this.#allocate = allocated;
  }

  get bytes(): number {
    return this.#terms.size * TERM_BYTES + this.#capacity * POSTING_BYTES + this.#scores.byteLength + this.#isMet.byteLength + this.#met.byteLength;
  }

  /** What rows of these terms, one behind the other, take more in memory, at most: a term whose value is 0 is not kept. */
  bytesToAppend(terms: Uint32Array): number {
    return postingBytesToAdd(terms, this.#terms);
  }

  append({ offsets, indices, values }: SparseColumn): void {
    for (let at = 0; at + 1 < offsets.length; at++) {
      const row = this.#rows++;
      for (let i = offsets[at] as number; i < (offsets[at + 1] as number); i++) if (values[i] !== 0) this.#add(indices[i] as number, row, values[i] as number);
    }
  }

  /** Back to so many rows. */
  cut(rows: number): void {
    for (const [term, list] of this.#terms) {
      while (list.count > 0 && (list.rows[list.count - 1] as number) >= rows) list.count--;
      if (list.count === 0) this.#terms.delete(term);
    }
    this.#rows = rows;
  }

  /** As SparseIndex.search, to the bit: sums in f32, in ascending order of terms. A row without a term of the query is no hit. */
  search(queries: SparseRows, k: number, alive: Bitset | undefined, range: ScoreRange | undefined): Candidates {
    const count = queries.indptr.length - 1;
    const found = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    for (let q = 0; q < count; q++) {
      const best = new BestRows(k, range);
      for (const row of this.#meet(queries, q)) {
        const score = this.#scores[row] as number;
        this.#scores[row] = 0;
        this.#isMet[row] = 0;
        if (alive === undefined || hasBit(alive, row)) best.offer(row, score);
      }
      found.counts[q] = best.finish(found.rows.subarray(q * k), found.scores.subarray(q * k));
    }
    return found;
  }

  /** Adds up the scores of the rows that have a term of the query; gives these rows, until the next call. */
  #meet({ indptr, indices, values }: SparseRows, query: number): Uint32Array {
    if (this.#scores.length < this.#rows) this.#widen();
    const [scores, isMet, met] = [this.#scores, this.#isMet, this.#met];
    let count = 0;
    for (let i = indptr[query] as number; i < (indptr[query + 1] as number); i++) {
      const weight = values[i] as number;
      const list = weight === 0 ? undefined : this.#terms.get(indices[i] as number);
      if (list === undefined) continue;
      const { rows: listed, values: weights, count: length } = list;
      for (let at = 0; at < length; at++) {
        const row = listed[at] as number;
        if (isMet[row] === 0) {
          isMet[row] = 1;
          met[count++] = row;
        }
        scores[row] = (scores[row] as number) + Math.fround(weight * (weights[at] as number));
      }
    }
    return met.subarray(0, count);
  }

  #widen(): void {
    this.#scores = new Float32Array(this.#rows * 2);
    this.#isMet = new Uint8Array(this.#rows * 2);
    this.#met = new Uint32Array(this.#rows * 2);
  }

  #add(term: number, row: number, value: number): void {
    let list = this.#terms.get(term);
    if (list === undefined) {
      this.#terms.set(term, (list = { rows: new Uint32Array(POSTINGS_FIRST), values: new Float32Array(POSTINGS_FIRST), count: 0 }));
      this.#capacity += POSTINGS_FIRST;
    }
    if (list.count === list.rows.length) {
      const rows = this.#allocate(Uint32Array, list.count * 2);
      const values = this.#allocate(Float32Array, list.count * 2);
      this.#capacity += list.count;
      rows.set(list.rows);
      values.set(list.values);
      list.rows = rows;
      list.values = values;
    }
    list.rows[list.count] = row;
    list.values[list.count++] = value;
  }
}
