// Ledger: what a client knows of the rows that it alone writes: the version that was last acknowledged, and, while a write is
// on its way or nobody knows how it ended, the one that may be there as well.

/** Of a row that is not there. */
export const ABSENT = 0;

export class Ledger {
  readonly #acknowledged = new Map<number, number>();
  readonly #unsure = new Map<number, Set<number>>();

  /** Before a write of these versions is sent. */
  begin(writes: ReadonlyMap<number, number>): void {
    for (const [key, version] of writes) this.#unsure.set(key, (this.#unsure.get(key) ?? new Set()).add(version));
  }

  /** After it was acknowledged. */
  done(writes: ReadonlyMap<number, number>): void {
    for (const [key, version] of writes) {
      this.#acknowledged.set(key, version);
      this.#unsure.delete(key);
    }
  }

  /** Whether nothing of the row is on its way. */
  sure(key: number): boolean {
    return !this.#unsure.has(key);
  }

  version(key: number): number {
    return this.#acknowledged.get(key) ?? ABSENT;
  }

  keys(): readonly number[] {
    return [...new Set([...this.#acknowledged.keys(), ...this.#unsure.keys()])];
  }

  /** The keys of rows that should be there, for sure. */
  present(): readonly number[] {
    return [...this.#acknowledged].filter(([key, version]) => version !== ABSENT && this.sure(key)).map(([key]) => key);
  }

  /** What is wrong with having found `version` of the row; undefined if nothing is. What was found is taken for true from then on. */
  wrong(key: number, version: number): string | undefined {
    const expected = [this.version(key), ...(this.#unsure.get(key) ?? [])];
    if (!expected.includes(version)) return `row ${key}: expected version ${expected.join(' or ')}, found ${version === ABSENT ? 'none' : version}`;
    this.done(new Map([[key, version]]));
    return undefined;
  }
}
