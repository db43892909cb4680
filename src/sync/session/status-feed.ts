// StatusFeed: the newest status, and who wants to be told of it. After 'stopped' nothing follows.

import type { SessionStatus } from '../../engine/api/session.js';

export class StatusFeed implements AsyncIterable<SessionStatus> {
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<(status: SessionStatus) => void>();
  #status: SessionStatus;

  /** `warn` is told what a listener throws. */
  constructor(status: SessionStatus, warn: (message: string) => void) {
    this.#status = status;
    this.#warn = warn;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  tell(status: SessionStatus): void {
    if (this.#status.state === 'stopped') return;
    this.#status = status;
    for (const listener of [...this.#listeners]) this.#tellOne(listener);
    if (status.state === 'stopped') this.#listeners.clear();
  }

  /** `listener` is told of the status now and of every other that follows, until what is returned is called. */
  listen(listener: (status: SessionStatus) => void): () => void {
    // The same function may be given twice.
    const told = (status: SessionStatus): void => listener(status);
    if (this.#status.state !== 'stopped') this.#listeners.add(told);
    this.#tellOne(told);
    return () => void this.#listeners.delete(told);
  }

  /** The status now, then whenever it is asked for the next the newest; the last is 'stopped'. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SessionStatus> {
    for (let status = this.#status; ; ) {
      yield status;
      if (status.state === 'stopped') return;
      while (status === this.#status) await this.#next();
      status = this.#status;
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const told = (): void => {
        this.#listeners.delete(told);
        resolve();
      };
      this.#listeners.add(told);
    });
  }

  #tellOne(listener: (status: SessionStatus) => void): void {
    try {
      listener(this.#status);
    } catch (error) {
      this.#warn(`a listener of a session failed: ${String(error)}`);
    }
  }
}
