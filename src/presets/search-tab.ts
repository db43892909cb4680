// SearchTab: a page's line to a published folder. A small worker answers its searches; from the first call that is beyond
// that one a worker with the whole engine answers all of them. Nothing is written, so nobody else need know.

import { ElanusError } from '../model/errors.js';
import { Pending, type Caller, type CallOptions } from './pending.js';
import type { HostOptions, Verb, Verbs } from './wire.js';
import type { WorkerLine } from './worker-line.js';

/** What the search worker may answer. */
const SEARCHES: ReadonlySet<Verb> = new Set(['collection', 'search']);
const BEYOND = Symbol('beyond the search worker');

export class SearchTab implements Caller {
  readonly role = 'owner';
  readonly storage = 'http';
  readonly #searcher: WorkerLine;
  readonly #openEngine: () => Promise<Caller>;
  readonly #pending = new Pending(1);
  #engine: Promise<Caller> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(searcher: WorkerLine, openEngine: () => Promise<Caller>) {
    this.#searcher = searcher;
    this.#openEngine = openEngine;
    searcher.onReply = (reply) => {
      const call = this.#pending.take(reply);
      if (reply.kind === 'gone') call?.fail(BEYOND);
    };
  }

  /** `openEngine` opens the same folder in a worker that has the whole engine. Errors: its. */
  static async open(searcher: WorkerLine, name: string, options: HostOptions, openEngine: () => Promise<Caller>): Promise<SearchTab> {
    const tab = new SearchTab(searcher, openEngine);
    // Whatever is in its way, the engine says what it is.
    await searcher.call('open', name, options).catch(() => tab.#whole());
    return tab;
  }

  async call<V extends keyof Verbs>(verb: V, args: Parameters<Verbs[V]>, options: CallOptions = {}): Promise<Awaited<ReturnType<Verbs[V]>>> {
    if (this.#closing !== undefined) throw new ElanusError('Closed', `${verb}: the database was closed`);
    if (this.#engine === undefined && SEARCHES.has(verb)) {
      const call = this.#pending.make(verb, args, 'read', options);
      call.send(this.#searcher.to(''));
      try {
        return (await call.result) as Awaited<ReturnType<Verbs[V]>>;
      } catch (error) {
        if (error !== BEYOND) throw error;
      }
    }
    return (await this.#whole()).call(verb, args, options);
  }

  // A published folder that is read is not encrypted anew.
  async useKey(): Promise<void> {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#searcher.terminate();
    for (const call of this.#pending.all) call.fail(new ElanusError('Closed', `${call.verb}: the database was closed`));
    await (await this.#engine?.catch(() => undefined))?.close();
  }

  /** What fails is tried again by the next call. */
  #whole(): Promise<Caller> {
    this.#engine ??= this.#openEngine().then(
      async (engine) => {
        await Promise.allSettled(this.#pending.all.map(({ result }) => result));
        this.#searcher.terminate();
        return engine;
      },
      (error: unknown) => {
        this.#engine = undefined;
        throw error;
      },
    );
    return this.#engine;
  }
}
