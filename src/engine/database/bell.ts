// Bell: tells whoever listens that something has happened, and nothing more.

export class Bell {
  readonly #listeners = new Set<() => void>();

  readonly ring = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };

  /** `listener` is told from now on, until what is returned is called. It must not throw. */
  listen(listener: () => void): () => void {
    const told = (): void => listener();
    this.#listeners.add(told);
    return () => void this.#listeners.delete(told);
  }
}
