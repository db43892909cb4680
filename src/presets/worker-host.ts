// WorkerHost: what a page's own worker does for it: opens a database for this page alone, or waits for its turn to own
// it for all tabs. In between it is idle, its modules compiled.

import { ElanusError } from '../model/errors.js';
import { late } from '../platform/late.js';
import { Answers, GONE } from './answers.js';
import type { EncryptionOptions } from './encryption.js';
import { DatabaseHost, type HostAssets } from './host.js';
import { Owner } from './owner.js';
import { REPEATS, type BrowserStorage, type Call, type CallControl, type HostOptions, type Ownership, type Reply, type Request, type Verb, type WorkerVerbs } from './wire.js';

/** The former owner has ended, or is closing: its storage is free in a moment. */
const PATIENCE_MS = 3000;

export class WorkerHost implements WorkerVerbs {
  readonly #assets: HostAssets;
  readonly #answers: Answers;
  #alone: DatabaseHost | undefined;
  #owner: Owner | undefined;
  #tab = '';
  #storage: BrowserStorage | undefined;
  #encryption: EncryptionOptions | undefined;
  #terms = 0;
  #candidacy: AbortController | undefined;
  /** Owning and leaving go one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(assets: HostAssets, post: (reply: Reply) => void) {
    const { core, filter } = assets;
    this.#assets = { core: late(core), filter: late(filter) };
    this.#answers = new Answers(post, (call, control) => this.#run(call, control));
  }

  take(request: Request): void {
    if (request.kind !== 'joined') this.#answers.take(request);
    else if (request.to === this.#owner?.id) this.#owner.joined(this.#tab);
  }

  async #run(call: Call, control: CallControl): Promise<unknown> {
    const { verb, args } = call;
    if (!Object.hasOwn(REPEATS, verb)) return (this[verb as keyof WorkerVerbs] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
    if (call.to !== '') {
      if (call.to !== this.#owner?.id) throw GONE;
      return this.#owner.run(call, control);
    }
    if (this.#alone === undefined) throw new ElanusError('Closed', 'the database is not open');
    return (this.#alone[verb as Verb] as (...args: readonly unknown[]) => Promise<unknown>)(...args, control);
  }

  async open(name: string, options: HostOptions): Promise<string> {
    this.#alone = await DatabaseHost.open(name, options, this.#assets);
    return this.#alone.storage;
  }

  async own(name: string, tab: string, options: HostOptions): Promise<Ownership | undefined> {
    this.#tab = tab;
    this.#candidacy?.abort();
    const candidacy = new AbortController();
    this.#candidacy = candidacy;
    return this.#inTurn(() => this.#own(name, options, candidacy.signal));
  }

  async #own(name: string, options: HostOptions, signal: AbortSignal): Promise<Ownership | undefined> {
    // At once, so that a tab can take over when the server of its scripts is away.
    await Promise.all([this.#assets.core(), this.#assets.filter()]);
    const id = `${this.#tab}.${++this.#terms}`;
    let owner: Owner;
    try {
      owner = await Owner.elect(id, name, this.#tab, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
    try {
      const host = await DatabaseHost.open(name, { ...options, storage: this.#storage ?? options.storage, encryption: this.#encryption ?? options.encryption }, this.#assets, PATIENCE_MS);
      if (host.storage === 'memory') {
        this.#alone = host;
        await owner.leave();
        return { owner: '', storage: host.storage, shared: false };
      }
      await owner.serve(host);
      // Who leaves meanwhile waits for this turn to be over.
      this.#owner = owner;
      return { owner: id, storage: host.storage, shared: true };
    } catch (error) {
      await owner.leave();
      throw error;
    }
  }

  async adopt(storage: BrowserStorage): Promise<void> {
    this.#storage = storage;
  }

  async useKey(encryption: EncryptionOptions): Promise<void> {
    this.#encryption = encryption;
  }

  async leave(): Promise<void> {
    this.#candidacy?.abort();
    await this.#inTurn(async () => {
      const owner = this.#owner;
      this.#owner = undefined;
      await owner?.leave();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async suspend(): Promise<void> {
    await this.#alone?.suspend();
  }

  async close(): Promise<void> {
    this.#answers.abort();
    await this.leave();
    await this.#alone?.close();
  }
}
