// LoneTab: a database that this page has for itself.

import { ElanusError } from '../model/errors.js';
import { Pending, type Caller, type CallOptions } from './pending.js';
import { REPEATS, type HostOptions, type Verbs } from './wire.js';
import type { WorkerLine } from './worker-line.js';

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
