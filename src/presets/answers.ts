// Answers: the worker's end of one line to a page: takes its requests, sends back what becomes of them.

import { errorOnWire, type Call, type CallControl, type Reply, type Request } from './wire.js';

/** Thrown for a call that was not begun because the owner is leaving. */
export const GONE = Symbol('gone');

export type RunCall = (call: Call, control: CallControl) => Promise<unknown>;

export class Answers {
  readonly #post: (reply: Reply) => void;
  readonly #run: RunCall;
  readonly #underWay = new Map<number, AbortController>();

  constructor(post: (reply: Reply) => void, run: RunCall) {
    this.#post = post;
    this.#run = run;
  }

  take(request: Request): void {
    if (request.kind === 'call') void this.#answer(request);
    else if (request.kind === 'abort') this.#underWay.get(request.id)?.abort();
  }

  /** The page is gone: what it asked for and can be aborted is. */
  drop(): void {
    for (const abort of this.#underWay.values()) abort.abort();
  }

  async #answer(call: Call): Promise<void> {
    const { id } = call;
    const abort = new AbortController();
    this.#underWay.set(id, abort);
    const onProgress = call.progress ? (progress: unknown): void => this.#post({ kind: 'progress', id, progress }) : undefined;
    try {
      this.#post({ kind: 'answer', id, value: await this.#run(call, { signal: abort.signal, onProgress }) });
    } catch (error) {
      this.#post(error === GONE ? { kind: 'gone', id, from: call.to } : { kind: 'failure', id, error: errorOnWire(error) });
    } finally {
      this.#underWay.delete(id);
    }
  }
}
