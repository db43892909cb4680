// WorkerLine: a page's line to its own worker, which is asked to begin and to end having the database, and for the
// database's answers while it has it.

import { ElanusError } from '../model/errors.js';
import { Pending, type Line } from './pending.js';
import type { Reply, Request, WorkerVerbs } from './wire.js';

export class WorkerLine {
  readonly #worker: Worker;
  readonly #pending = new Pending(-1);
  #broken: ElanusError | undefined;
  /** Takes the replies of the database. */
  onReply: (reply: Reply) => void = () => undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    let started = false;
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      started = true;
      if (data.id < 0) this.#pending.take(data);
      else this.onReply(data);
    });
    // A worker whose script does not load says so by an event only.
    worker.addEventListener('error', (event) => {
      if (started) return;
      this.#broken = new ElanusError('Unsupported', `the database worker did not start: ${event.message || 'its script did not load'}`);
      for (const call of this.#pending.all) call.fail(this.#broken);
    });
  }

  readonly post = (request: Request, moved: readonly ArrayBuffer[] = []): void => this.#worker.postMessage(request, [...moved]);

  async call<V extends keyof WorkerVerbs>(verb: V, ...args: Parameters<WorkerVerbs[V]>): Promise<Awaited<ReturnType<WorkerVerbs[V]>>> {
    if (this.#broken !== undefined) throw this.#broken;
    const call = this.#pending.make(verb, args, 'write');
    call.send(this.to(''));
    return (await call.result) as Awaited<ReturnType<WorkerVerbs[V]>>;
  }

  /** As the line to the database while this worker owns it. */
  to(owner: string): Line {
    return { to: owner, post: this.post, moves: true };
  }

  terminate(): void {
    this.#worker.terminate();
  }
}
