// ByteSink: a file's bytes as they come, in one array of about the right size from the start.

/** Bytes that are copied between two pauses. */
const COPY_BYTES = 4 * 1024 * 1024;
const GROWTH = 1.25;

export class ByteSink {
  readonly #pause: () => Promise<void>;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `sizeBytes`: what is expected. */
  constructor(sizeBytes: number, pause: () => Promise<void>) {
    this.#pause = pause;
    this.#bytes = new Uint8Array(sizeBytes);
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#grow(this.#length + part.length);
      for (let from = 0; from < part.length; from += COPY_BYTES) {
        const some = part.subarray(from, from + COPY_BYTES);
        this.#bytes.set(some, this.#length);
        this.#length += some.length;
        if (some.length === COPY_BYTES) await this.#pause();
      }
    }
  }

  /** All of them: a view. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.ceil(this.#bytes.length * GROWTH)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
