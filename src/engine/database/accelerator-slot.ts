// AcceleratorSlot: the device that a database searches batches on, if it was offered one and as long as it works.

import type { Accelerator } from '../../ports/core.js';

type Open = () => Promise<Accelerator | undefined>;

export class AcceleratorSlot {
  readonly #warn: (message: string) => void;
  // Undefined until the first batch, and again once it failed.
  #accelerator: Accelerator | undefined;
  #open: Open | undefined;
  #closed = false;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  get accelerator(): Accelerator | undefined {
    return this.#accelerator;
  }

  offer(open: Open): void {
    this.#open = open;
  }

  /** Opens what was offered, once. Never rejects. */
  async use(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    try {
      const accelerator = await open?.();
      if (this.#closed) accelerator?.close();
      else this.#accelerator = accelerator;
    } catch (error) {
      this.#warn(`the GPU is not used: ${String(error)}`);
    }
  }

  failed(error: unknown): void {
    this.#accelerator?.close();
    this.#accelerator = undefined;
    this.#warn(`the GPU failed and is no longer used: ${String(error)}`);
  }

  close(): void {
    this.#closed = true;
    this.#accelerator?.close();
  }
}
