// Verified: credentials that were found right a short while ago, so that not every call of a client pays for scrypt or a
// signature. What is kept of them is an HMAC under a key that lives as long as the process. An entry says what it was found right
// against, and counts only while that is the same: a changed password is forgotten at once.

import { createHmac, randomBytes } from 'node:crypto';

const ENTRIES_MAX = 10_000;

interface Entry<T> {
  readonly value: T;
  readonly untilMs: number;
}

export class Verified<T> {
  readonly #key = randomBytes(32);
  readonly #nowMs: () => number;
  /** In order of their last use. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** By which the credentials are known from then on; parts are kept apart. */
  markOf(...parts: readonly string[]): string {
    const mac = createHmac('sha256', this.#key);
    for (const part of parts) mac.update(`${part.length}:`).update(part);
    return mac.digest('base64');
  }

  get(mark: string): T | undefined {
    const entry = this.#entries.get(mark);
    if (entry === undefined) return undefined;
    this.#entries.delete(mark);
    if (entry.untilMs <= this.#nowMs()) return undefined;
    this.#entries.set(mark, entry);
    return entry.value;
  }

  keep(mark: string, value: T, forMs: number): void {
    if (this.#entries.size >= ENTRIES_MAX) for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
    this.#entries.set(mark, { value, untilMs: this.#nowMs() + forMs });
  }

  forget(mark: string): void {
    this.#entries.delete(mark);
  }
}
