// Backoff: how long to wait after each failure in a row: twice as long as the time before, less a random part, so that those
// who failed together do not come back together.

import type { Ambient } from '../../ports/ambient.js';

const FIRST_MS = 1000;
const MS_MAX = 300_000;
const DOUBLINGS_MAX = 16;

export class Backoff {
  readonly #ambient: Pick<Ambient, 'randomBytes'>;
  #failures = 0;

  constructor(ambient: Pick<Ambient, 'randomBytes'>) {
    this.#ambient = ambient;
  }

  /** Milliseconds to wait now, at least `leastMs`. */
  next(leastMs = 0): number {
    const wholeMs = Math.min(MS_MAX, FIRST_MS * 2 ** Math.min(this.#failures++, DOUBLINGS_MAX));
    return Math.max(wholeMs / 2, leastMs) + Math.floor((this.#random() * wholeMs) / 2);
  }

  reset(): void {
    this.#failures = 0;
  }

  /** From 0 to 1. */
  #random(): number {
    const [low = 0, high = 0] = this.#ambient.randomBytes(2);
    return (high * 256 + low) / 65_536;
  }
}
