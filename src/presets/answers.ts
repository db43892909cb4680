// Answers: the worker's end of one line to a page: takes its requests, sends back what becomes of them.

import type { Call, CallControl, Reply, Request } from './wire.js';
import { errorOnWire } from './wire-error.js';

/** Thrown for a call that was not begun because the owner is leaving. */
export const GONE = Symbol('gone');

export type RunCall = (call: Call, control: CallControl) => Promise<unknown>;

export class Answers {
  readonly #post: (reply: Reply) => void;
  readonly #run: RunCall;
  readonly #underWay = new Map<number, AbortController>();
  readonly #running = new Set<Promise<void>>();
  #dropped = false;

  constructor(post: (reply: Reply) => void, run: RunCall) {
    this.#post = post;
    this.#run = run;
  }

  take(request: Request): void {
    if (request.kind === 'abort') return this.#underWay.get(request.id)?.abort();
    if (request.kind !== 'call') return;
    const running = this.#answer(request).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when what was taken in up to now is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** The page is gone: it gets no answers, and what it asked for and can be aborted is. */
  drop(): void {
    this.#dropped = true;
    this.abort();
  }

  abort(): void {
    for (const abort of this.#underWay.values()) abort.abort();
  }

  async #answer(call: Call): Promise<void> {
    const { id } = call;
    const abort = new AbortController();
    this.#underWay.set(id, abort);
    const onProgress = call.progress ? (progress: unknown): void => this.#send({ kind: 'progress', id, progress }) : undefined;
    try {
      this.#send({ kind: 'answer', id, value: await this.#run(call, { signal: abort.signal, onProgress }) });
    } catch (error) {
      this.#send(error === GONE ? { kind: 'gone', id, from: call.to } : { kind: 'failure', id, error: errorOnWire(error) });
    } finally {
      this.#underWay.delete(id);
    }
  }

  #send(reply: Reply): void {
    if (!this.#dropped) this.#post(reply);
  }
}
