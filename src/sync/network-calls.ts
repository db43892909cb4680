// NetworkCalls: the calls of a database that go over a network, or wait for those that do. Those of one key take turns; all
// end when the database is closed.

import { turnOf } from '../engine/database/background.js';

/** A request is given up when nothing is heard of it for so long, as proxies do. */
export const IDLE_MS = 60_000;

export class NetworkCalls {
  /** Of each key, resolves when all calls of it so far are over. */
  readonly #last: Map<string, Promise<unknown>>;
  readonly #ending = new AbortController();

  constructor(last: Map<string, Promise<unknown>>) {
    this.#last = last;
  }

  /** Runs `work` when the calls of that key before are over. Errors: those of `work`; `Closed` if it is aborted, or the database closed, before its turn. */
  inTurn<T>(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.whileOpen(signal, async (either) => {
      let leave = (): void => {};
      const before = this.#last.get(key);
      const over = Promise.all([before, new Promise<void>((resolve) => (leave = resolve))]);
      this.#last.set(key, over);
      try {
        await turnOf(before, either);
        return await work(either);
      } finally {
        leave();
        void over.then(() => this.#last.get(key) === over && this.#last.delete(key));
      }
    });
  }

  /** Runs `work` with a signal that is aborted as `signal` is, or when the database is closed. */
  async whileOpen<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return abortedBy([this.#ending.signal, signal], (either) => work(either.signal));
  }

  /** No call goes on. */
  end(): void {
    this.#ending.abort();
  }
}

/** Runs `work` with what is aborted as any of `signals` is, and by itself. */
export async function abortedBy<T>(signals: readonly (AbortSignal | undefined)[], work: (ending: AbortController) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const unlisten = signals.map((signal) => {
    const abort = (): void => ending.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    return () => signal?.removeEventListener('abort', abort);
  });
  try {
    return await work(ending);
  } finally {
    for (const end of unlisten) end();
  }
}
