// Evictions: the files that a database removed after its storage had told it that it is full, until they are there again.
// These alone may be missing: an index, of which no answer depends, or a file of a copy, whose rows then are (decision 26).

interface Eviction {
  readonly name: string;
  readonly from: number;
  until: number;
}

export class Evictions {
  readonly #evictions: Eviction[] = [];
  #isFull = false;

  /** Those of `others` that hold at their end, from the beginning of another history on. */
  goOn(others: Evictions): void {
    for (const { name, until } of others.#evictions) if (until === Infinity) this.#evictions.push({ name, from: 0, until });
  }

  /** A call was refused for lack of room. */
  noteFull(): void {
    this.#isFull = true;
  }

  noteRemoved(key: string, time: number): void {
    if (this.#isFull) this.#evictions.push({ name: nameOf(key), from: time, until: Infinity });
  }

  noteCreated(key: string, time: number): void {
    for (const eviction of this.#evictions) if (eviction.name === nameOf(key) && eviction.until === Infinity) eviction.until = time;
  }

  /** Whether the file that this key, path or sentence names may be missing at `time`. */
  explain(text: string, time: number): boolean {
    return this.#evictions.some(({ name, from, until }) => from <= time && time <= until && text.includes(name));
  }
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
