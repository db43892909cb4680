// Best rows: the k best of the rows offered, of equal scores those with the lower numbers: a heap whose first is the worst.

import type { ScoreRange } from '../ports/core.js';

export class BestRows {
  readonly #k: number;
  readonly #above: number;
  readonly #upTo: number;
  readonly #rows: number[] = [];
  readonly #scores: number[] = [];

  /** A score of 0 or less is none. */
  constructor(k: number, { radius = 0, rangeFilter = Number.POSITIVE_INFINITY }: ScoreRange = {}) {
    this.#k = k;
    this.#above = Math.max(0, Math.fround(radius));
    this.#upTo = Math.fround(rangeFilter);
  }

  offer(row: number, score: number): void {
    if (!(score > this.#above && score <= this.#upTo)) return;
    if (this.#rows.length === this.#k) {
      if (!this.#isWorse(0, row, score)) return;
      this.#sink(row, score);
    } else this.#rise(row, score);
  }

  /** Writes the rows and scores, best first; gives how many there are. The heap is empty after it. */
  finish(rows: Uint32Array, scores: Float32Array): number {
    const count = this.#rows.length;
    for (let at = count - 1; at >= 0; at--) {
      rows[at] = this.#rows[0] as number;
      scores[at] = this.#scores[0] as number;
      const [row, score] = [this.#rows.pop() as number, this.#scores.pop() as number];
      if (at > 0) this.#sink(row, score);
    }
    return count;
  }

  /** Whether what is at `place` is worse than the row. */
  #isWorse(place: number, row: number, score: number): boolean {
    const other = this.#scores[place] as number;
    return other < score || (other === score && (this.#rows[place] as number) > row);
  }

  #rise(row: number, score: number): void {
    let at = this.#rows.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, row, score)) break;
      this.#put(at, this.#rows[parent] as number, this.#scores[parent] as number);
      at = parent;
    }
    this.#put(at, row, score);
  }

  /** In the place of the first. */
  #sink(row: number, score: number): void {
    const count = this.#rows.length;
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && this.#isWorse(child + 1, this.#rows[child] as number, this.#scores[child] as number)) child++;
      if (!this.#isWorse(child, row, score)) break;
      this.#put(at, this.#rows[child] as number, this.#scores[child] as number);
      at = child;
    }
    this.#put(at, row, score);
  }

  #put(at: number, row: number, score: number): void {
    this.#rows[at] = row;
    this.#scores[at] = score;
  }
}
