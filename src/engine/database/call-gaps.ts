// CallGaps: work that nobody waits for goes on in the gaps between calls, so that it takes nothing from an answer.

export class CallGaps {
  #calls = 0;
  #waiting: (() => void)[] = [];

  get isCalled(): boolean {
    return this.#calls > 0;
  }

  /** Runs a call. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.#calls++;
    try {
      return await call();
    } finally {
      if (--this.#calls === 0) this.wake();
    }
  }

  /** Resolves when no call runs, or when `isHurried` says after `wake` that somebody waits for the work after all. */
  async next(isHurried: () => boolean): Promise<void> {
    while (this.#calls > 0 && !isHurried()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
