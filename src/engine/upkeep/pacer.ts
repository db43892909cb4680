// Pacer: work in the background that lets other work of its thread have its turn every few milliseconds, and no more often:
// where calls come without a break, each turn that is given away costs as long as a call.

import type { Ambient } from '../../ports/ambient.js';

/** With the work of a call in the same turn of a server, which has 4 ms itself, less than ten. */
const SLICE_MS = 2;

export class Pacer {
  readonly #ambient: Ambient;
  #since: number;

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
    this.#since = ambient.nowMs();
  }

  /** To be called after each small piece of the work. */
  async turn(): Promise<void> {
    if (this.#ambient.nowMs() - this.#since < SLICE_MS) return;
    await this.#ambient.pause();
    this.#since = this.#ambient.nowMs();
  }
}
