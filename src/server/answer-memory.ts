// AnswerMemory: how many bytes of answers are in memory that their clients have not taken yet. Nothing that was done is refused for it:
// beyond the maximum those that were not taken for the longest are ended.

/** Of one answer. */
export interface UntakenAnswer {
  /** That the client has taken so many bytes more. */
  taken(bytes: number): void;
  release(): void;
}

export const ANSWER_MEMORY_MAX = 512 * 1024 * 1024;

interface Held {
  bytes: number;
  readonly end: () => void;
}

export class AnswerMemory {
  readonly #bytesMax: number;
  /** Those of which something was taken last come last. */
  readonly #held = new Set<Held>();
  #bytes = 0;

  constructor(bytesMax = ANSWER_MEMORY_MAX) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `end` must end its sending, and is asked for it at most once. */
  hold(bytes: number, end: () => void): UntakenAnswer {
    const held: Held = { bytes, end };
    this.#held.add(held);
    this.#bytes += bytes;
    this.#makeRoom(held);
    return {
      taken: (count) => {
        if (!this.#held.delete(held)) return;
        this.#held.add(held);
        held.bytes -= count;
        this.#bytes -= count;
      },
      release: () => this.#release(held),
    };
  }

  /** One alone may be as long as any may be. */
  #makeRoom(newest: Held): void {
    for (const held of this.#held) {
      if (this.#bytes <= this.#bytesMax || held === newest) return;
      this.#release(held);
      held.end();
    }
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) this.#bytes -= held.bytes;
  }
}
