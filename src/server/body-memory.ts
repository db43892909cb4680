// BodyMemory: how many bytes of request bodies are in memory at once, counted as they come, not as they are announced: who announces
// much and sends little takes nothing from others. Beyond the maximum a request is refused with the code that clients wait on.

import { RefusedRequest, STATUS } from './status.js';

/** Of one request. */
export interface HeldBody {
  /** Errors: code 8 with HTTP 429 if it is too much. */
  add(bytes: number): void;
  release(): void;
}

export const BODY_MEMORY_MAX = 512 * 1024 * 1024;

export class BodyMemory {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = BODY_MEMORY_MAX) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  hold(): HeldBody {
    let own = 0;
    return {
      add: (bytes) => {
        // One alone may be as long as any may be.
        if (this.#bytes > own && this.#bytes + bytes > this.#bytesMax) throw new RefusedRequest(STATUS.rateLimited, `request is rejected by the rate limiter: the bodies of requests take ${this.#bytes} bytes already; try again later`, 429);
        own += bytes;
        this.#bytes += bytes;
      },
      release: () => {
        this.#bytes -= own;
        own = 0;
      },
    };
  }
}
