// Background: heavy work off the path of calls, of all collections of a database: one job at a time, so that what it takes
// in memory is bounded, in the order in which it was asked for; what it took is given back after each.

import { ElanusError } from '../../model/errors.js';
import type { Core } from '../../ports/core.js';

export class Background {
  readonly #core: Pick<Core, 'trim'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(core: Pick<Core, 'trim'>) {
    this.#core = core;
  }

  /** Runs `job` when those before are over. Errors: those of `job`; `Closed` if `signal` is aborted before its turn. */
  async run<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    let leave = (): void => {};
    const before = this.#last;
    const over = new Promise<void>((resolve) => (leave = resolve));
    this.#last = before.then(() => over);
    try {
      await turnOf(before, signal);
      try {
        return await job();
      } finally {
        this.#core.trim?.();
      }
    } finally {
      leave();
    }
  }
}

/** Resolves when `before` has. Errors: `Closed` if `signal` is aborted first. */
export async function turnOf(before: Promise<unknown> | undefined, signal: AbortSignal): Promise<void> {
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop);
  try {
    if (!signal.aborted) await Promise.race([before, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  throwIfAborted(signal);
}

/** Errors: `Closed`. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ElanusError('Closed', 'the work was aborted', { cause: signal.reason });
}
