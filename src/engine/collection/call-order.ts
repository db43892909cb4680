// CallOrder: calls go on in the order in which they were made, whatever each has to wait for first.

export class CallOrder {
  #last: Promise<void> | undefined;

  /** Runs `begin` with what `prepared` gives, after every call before has begun; at once where nothing is waited for. */
  enter<P, T>(prepared: P | Promise<P>, begin: (prepared: P) => Promise<T>): Promise<T> {
    if (this.#last === undefined && !(prepared instanceof Promise)) return begin(prepared);
    return this.#wait(prepared, begin, this.#last);
  }

  /** As `enter`, where what is prepared depends on the calls before: `prepare` runs when they have begun. */
  enterAfter<P, T>(prepare: () => Promise<P>, begin: (prepared: P) => Promise<T>): Promise<T> {
    const before = this.#last;
    return this.#wait(before === undefined ? prepare() : before.then(prepare), begin, before);
  }

  async #wait<P, T>(prepared: P | Promise<P>, begin: (prepared: P) => Promise<T>, before: Promise<void> | undefined): Promise<T> {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    this.#last = gate;
    let begun: Promise<T>;
    try {
      // Who fails is waited for in its turn, too.
      const [value] = await Promise.allSettled([prepared, before]);
      if (value.status === 'rejected') throw value.reason;
      begun = begin(value.value);
    } finally {
      if (this.#last === gate) this.#last = undefined;
      open();
    }
    return begun;
  }
}
