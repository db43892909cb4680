// Pieces: work that goes on piece by piece, and who waits for some of them to be done.

export class Pieces {
  #isUnderWay = false;
  #next: Promise<void> | undefined;
  #tell = (): void => {};

  /** Resolves when the piece under way is done, or the work has ended; undefined if none is under way. */
  get next(): Promise<void> | undefined {
    if (!this.#isUnderWay) return undefined;
    return (this.#next ??= new Promise((resolve) => (this.#tell = resolve)));
  }

  /** Runs `work`, which calls `done` after each piece. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#isUnderWay = true;
    try {
      return await work();
    } finally {
      this.#isUnderWay = false;
      this.done();
    }
  }

  done(): void {
    this.#next = undefined;
    this.#tell();
  }
}
