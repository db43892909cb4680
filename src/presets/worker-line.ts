// WorkerLine: a page's line to its own worker, which is asked to begin and to end having the database, and for the
// database's answers while it has it.

import { ElanusError } from '../model/errors.js';
import { Pending, type Caller, type CallOptions, type Line } from './pending.js';
import { REPEATS, type HostOptions, type Reply, type Request, type Verbs, type WorkerVerbs } from './wire.js';

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

/** A database that this page has for itself. */
export class LoneTab implements Caller {
  readonly role = 'owner';
  readonly storage: string;
  readonly #worker: WorkerLine;
  readonly #pending = new Pending(1);
  #closing: Promise<void> | undefined;

  private constructor(worker: WorkerLine, storage: string) {
    this.#worker = worker;
    this.storage = storage;
    worker.onReply = (reply) => void this.#pending.take(reply);
    addEventListener('pagehide', this.#suspend);
    document.addEventListener('freeze', this.#suspend);
  }

  /** Errors: as of `open`; the worker then lives on. */
  static async open(worker: WorkerLine, name: string, options: HostOptions): Promise<LoneTab> {
    return new LoneTab(worker, await worker.call('open', name, options));
  }

  // What fails here fails again, and is told, at the next call.
  readonly #suspend = (): void => void this.#worker.call('suspend').catch(() => undefined);

  async call<V extends keyof Verbs>(verb: V, args: Parameters<Verbs[V]>, options: CallOptions = {}): Promise<Awaited<ReturnType<Verbs[V]>>> {
    const call = this.#pending.make(verb, args, REPEATS[verb], options);
    call.send(this.#worker.to(''));
    return (await call.result) as Awaited<ReturnType<Verbs[V]>>;
  }

  // It is open, and stays so with the key that it has.
  async useKey(): Promise<void> {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    removeEventListener('pagehide', this.#suspend);
    document.removeEventListener('freeze', this.#suspend);
    try {
      await this.#worker.call('close');
    } finally {
      this.#worker.terminate();
      for (const call of this.#pending.all) call.fail(new ElanusError('Closed', `${call.verb}: the database was closed`));
    }
  }
}
