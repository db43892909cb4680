// Admission: how many requests run at once, whatever protocol they came by. A few more wait for their turn, each for a
// while; whoever comes beyond that is refused at once, with the code that clients of Milvus know to wait and try again on.

import { RefusedRequest, STATUS } from './status.js';

export interface AdmissionLimits {
  /** Requests that run at once. */
  readonly runningMax: number;
  /** Requests that wait for their turn. */
  readonly waitingMax: number;
  /** How long one waits at most. */
  readonly waitMs: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = { runningMax: 128, waitingMax: 1024, waitMs: 10_000 };

interface Waiting {
  enter(): void;
  refuse(error: RefusedRequest): void;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #waiting = new Set<Waiting>();
  #running = 0;
  #refused = 0;
  #isStopping = false;

  constructor(limits: AdmissionLimits = ADMISSION_LIMITS) {
    this.#limits = limits;
  }

  counts(): { readonly running: number; readonly waiting: number; readonly refused: number } {
    return { running: this.#running, waiting: this.#waiting.size, refused: this.#refused };
  }

  /** Runs `work` when it is its turn. Errors: those of `work`; code 8 with HTTP 429 if it is too much; code 1 with HTTP 503 once the server is stopping. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** From now on nothing is begun any more; what runs goes on. */
  stop(): void {
    this.#isStopping = true;
    for (const waiting of [...this.#waiting]) waiting.refuse(stopping());
  }

  async #enter(): Promise<void> {
    if (this.#isStopping) throw stopping();
    if (this.#running < this.#limits.runningMax) {
      this.#running++;
      return;
    }
    if (this.#waiting.size >= this.#limits.waitingMax) {
      this.#refused++;
      throw tooMany(`${this.#running} run and ${this.#waiting.size} wait`);
    }
    await this.#wait();
  }

  // Whose turn it is takes over the place of the one that leaves.
  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        enter: () => (end(), resolve()),
        refuse: (error) => (end(), this.#refused++, reject(error)),
      };
      const timer = setTimeout(() => waiting.refuse(tooMany(`it waited for ${this.#limits.waitMs} ms`)), this.#limits.waitMs);
      this.#waiting.add(waiting);
    });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else next.enter();
  }
}

function tooMany(why: string): RefusedRequest {
  return new RefusedRequest(STATUS.rateLimited, `request is rejected by the rate limiter: too many requests at once: ${why}; try again later`, 429);
}

function stopping(): RefusedRequest {
  return new RefusedRequest(STATUS.notReady, 'the server is stopping', 503);
}
