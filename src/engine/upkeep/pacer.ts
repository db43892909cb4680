// Pacer: work in the background that lets other work of its thread have its turn every few milliseconds, and no more often:
// where calls come without a break, each turn that is given away costs as long as a call.

import type { Ambient } from '../../ports/ambient.js';

/** Shorter than what anybody notices of an answer. */
const SLICE_MS = 4;

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
