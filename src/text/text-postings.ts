// Text postings: texts by their terms, in memory, to which rows are appended: the TextIndex of a segment that grows. Its
// answers are those of a SparseIndex of the same rows to the bit: sums in f32, in ascending order of terms.

import { allocate, type Allocate } from '../model/allocate.js';
import { hasBit, type Bitset } from '../model/bitset.js';
import { require } from '../model/errors.js';
import type { Bm25Scoring, Candidates, ScoreRange, SparseOptions, SparseRows, SparseTotals } from '../ports/core.js';
import { BestRows } from './best-rows.js';
import type { TextVector } from './frequencies.js';
import { POSTING_BYTES, postingBytesToAdd, POSTINGS_FIRST, TERM_BYTES } from './posting-growth.js';
import type { TextIndex } from './text-index.js';

/** The rows that have a term, ascending, with how often. */
interface Postings {
  rows: Uint32Array<ArrayBuffer>;
  frequencies: Float32Array<ArrayBuffer>;
  count: number;
}

export class TextPostings implements TextIndex {
  readonly #terms = new Map<number, Postings>();
  #lengths = new Uint32Array(64);
  #size = 0;
  #capacity = 0;
  /** Of the query under way, by row; else 0. */
  #sums = new Float32Array(64);
  readonly #allocate: Allocate;

  constructor(allocated: Allocate = allocate) {
    this.#allocate = allocated;
  }

  get size(): number {
    return this.#size;
  }

  get memoryBytes(): number {
    return this.#terms.size * TERM_BYTES + this.#capacity * POSTING_BYTES + this.#lengths.byteLength + this.#sums.byteLength;
  }

  /** What so many texts take more in memory that have these terms, one behind the other. */
  bytesToAppend(count: number, terms: Uint32Array): number {
    let rows = this.#lengths.length;
    while (rows < this.#size + count) rows *= 2;
    return (rows - this.#lengths.length) * (Uint32Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT) + postingBytesToAdd(terms, this.#terms);
  }

  append(texts: readonly TextVector[]): void {
    for (const { terms, frequencies, length } of texts) {
      const row = this.#size++;
      if (row === this.#lengths.length) [this.#lengths, this.#sums] = [this.#grown(this.#lengths), this.#allocate(Float32Array, row * 2)];
      this.#lengths[row] = length;
      terms.forEach((term, i) => this.#add(term, row, frequencies[i] as number));
    }
  }

  /** Back to so many rows. */
  cut(rows: number): void {
    for (const [term, list] of this.#terms) {
      while (list.count > 0 && (list.rows[list.count - 1] as number) >= rows) list.count--;
      if (list.count === 0) this.#terms.delete(term);
    }
    this.#size = rows;
  }

  having(terms: Uint32Array, alive?: Bitset): Uint32Array {
    return terms.map((term) => {
      const list = this.#terms.get(term);
      if (list === undefined || alive === undefined) return list?.count ?? 0;
      let count = 0;
      for (let i = 0; i < list.count; i++) if (hasBit(alive, list.rows[i] as number)) count++;
      return count;
    });
  }

  totals(alive?: Bitset): SparseTotals {
    let [rows, lengthTotal] = [0, 0];
    for (let row = 0; row < this.#size; row++) {
      const length = alive === undefined || hasBit(alive, row) ? (this.#lengths[row] as number) : 0;
      if (length > 0) rows++;
      lengthTotal += length;
    }
    return { rows, lengthTotal };
  }

  search(queries: SparseRows, k: number, { bm25 }: SparseOptions = {}, alive?: Bitset, range?: ScoreRange): Candidates {
    require(bm25 !== undefined, () => 'bm25: expected one for frequencies');
    const count = queries.indptr.length - 1;
    const found = { k, counts: new Uint32Array(count), rows: new Uint32Array(count * k), scores: new Float32Array(count * k) };
    for (let q = 0; q < count; q++) {
      const best = new BestRows(k, range);
      for (const row of this.#meet(queries, q, bm25)) {
        const score = this.#sums[row] as number;
        this.#sums[row] = 0;
        if (alive === undefined || hasBit(alive, row)) best.offer(row, score);
      }
      found.counts[q] = best.finish(found.rows.subarray(q * k), found.scores.subarray(q * k));
    }
    return found;
  }

  /** Adds up the scores of the rows that have a term of the query; gives these rows. */
  #meet({ indptr, indices, values }: SparseRows, query: number, { k1, b, averageLength }: Bm25Scoring): readonly number[] {
    const { fround } = Math;
    const [k, share] = [fround(k1), fround(b)];
    const [base, slope, factor] = [fround(k * fround(1 - share)), fround(fround(k * share) / fround(averageLength)), fround(k + 1)];
    const met: number[] = [];
    const [sums, lengths] = [this.#sums, this.#lengths];
    for (let i = indptr[query] as number; i < (indptr[query + 1] as number); i++) {
      const list = this.#terms.get(indices[i] as number);
      const weight = fround((values[i] as number) * factor);
      if (list === undefined || weight === 0) continue;
      const { rows, frequencies, count } = list;
      for (let at = 0; at < count; at++) {
        const row = rows[at] as number;
        const frequency = frequencies[at] as number;
        const part = fround(base + fround(slope * (lengths[row] as number)));
        if (sums[row] === 0) met.push(row);
        // The array rounds the sum to f32.
        sums[row] = (sums[row] as number) + fround(weight * fround(frequency / fround(frequency + part)));
      }
    }
    return met;
  }

  #add(term: number, row: number, frequency: number): void {
    let list = this.#terms.get(term);
    if (list === undefined) {
      this.#terms.set(term, (list = { rows: new Uint32Array(POSTINGS_FIRST), frequencies: new Float32Array(POSTINGS_FIRST), count: 0 }));
      this.#capacity += POSTINGS_FIRST;
    }
    if (list.count === list.rows.length) {
      [list.rows, list.frequencies] = [this.#grown(list.rows), this.#grown(list.frequencies)];
      this.#capacity += list.count;
    }
    list.rows[list.count] = row;
    list.frequencies[list.count++] = frequency;
  }

  /** A copy with room for twice as many. */
  #grown<Values extends Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(values: Values): Values {
    const larger = this.#allocate(values.constructor as new (length: number) => Values, values.length * 2);
    larger.set(values);
    return larger;
  }
}
