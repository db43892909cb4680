// Warnings: what is wrong with a database, in words: the newest of them, as `health()` tells them.

import type { Ambient } from '../../ports/ambient.js';

const WARNINGS_MAX = 100;

export class Warnings {
  readonly #ambient: Ambient;
  readonly #messages: string[] = [];

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  add(message: string): void {
    this.#ambient.log('warn', message);
    if (this.#messages.length === WARNINGS_MAX) this.#messages.shift();
    this.#messages.push(message);
  }

  /** The oldest first. */
  get all(): readonly string[] {
    return this.#messages;
  }
}
