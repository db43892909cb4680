// Tab: a page's place among the tabs that share a database. It stands for owner as long as it is awake; whoever owns the
// database, its own worker or another tab's, gets its calls, and if that one ends without an answer the next does.

import { DEFAULT_DATABASE } from '../format/catalog.js';
import { ElanusError } from '../model/errors.js';
import { explainDomError } from '../storage/dom-errors.js';
import { holdLock } from '../storage/owner.js';
import { interrupted } from './desk.js';
import { requireSameKey, type EncryptionOptions } from './encryption.js';
import { Pending, type Caller, type CallOptions, type Line, type PendingCall } from './pending.js';
import { Watchdog } from './watchdog.js';
import { ABORTED_BY_CLOSE, channelNames, lockNames, PROTOCOL, REPEATS, type BrowserStorage, type Farewell, type HostOptions, type News, type Ownership, type Reply, type Verbs } from './wire.js';
import type { WorkerLine } from './worker-line.js';

export class Tab implements Caller {
  readonly #name: string;
  readonly #id = crypto.randomUUID();
  readonly #worker: WorkerLine;
  readonly #news: BroadcastChannel;
  readonly #channel: BroadcastChannel;
  readonly #pending = new Pending(1);
  readonly #watchdog: Watchdog;
  readonly #ended = new AbortController();
  readonly #options: HostOptions;
  #line: Line | undefined;
  #role: 'owner' | 'follower' = 'follower';
  #storage = '';
  #awake = false;
  #standing = false;
  #shared = true;
  #closing: Promise<void> | undefined;

  private constructor(worker: WorkerLine, name: string, options: HostOptions) {
    this.#worker = worker;
    this.#name = name;
    this.#options = options;
    this.#news = new BroadcastChannel(channelNames.news(name));
    this.#channel = new BroadcastChannel(channelNames.tab(name, this.#id));
    this.#watchdog = new Watchdog(() => this.#role === 'follower' && this.#pending.size > 0, () => this.#ask(), () => this.#unanswered());
    worker.onReply = (reply) => this.#take(reply);
    this.#channel.onmessage = ({ data }: MessageEvent<Reply | News | Farewell>) => {
      if (data.kind === 'left') this.#takeBack(data.from, this.#pending.all);
      else if ('tab' in data) this.#hear(data, true);
      else this.#take(data);
    };
    this.#news.onmessage = ({ data }: MessageEvent<News>) => this.#hear(data, false);
  }

  /** Resolves when somebody answers for the database. Errors: as of `open`; the worker then lives on. */
  static async open(worker: WorkerLine, name: string, options: HostOptions): Promise<Tab> {
    const tab = new Tab(worker, name, options);
    try {
      await tab.#begin();
      await tab.call('listCollections', [DEFAULT_DATABASE]);
      // The owner opened it with its own key: a tab with another is told now, not when it takes over.
      if (tab.role === 'follower') await requireSameKey(await tab.call('keyProof', []), options.encryption, name);
      return tab;
    } catch (error) {
      await tab.#end();
      throw error;
    }
  }

  get role(): 'owner' | 'follower' {
    return this.#role;
  }

  get storage(): string {
    return this.#storage;
  }

  async call<V extends keyof Verbs>(verb: V, args: Parameters<Verbs[V]>, options: CallOptions = {}): Promise<Awaited<ReturnType<Verbs[V]>>> {
    const call = this.#pending.make(verb, args, REPEATS[verb], options);
    this.#wake();
    if (this.#line !== undefined) call.send(this.#line);
    if (this.#role === 'follower') this.#watchdog.watch();
    return (await call.result) as Awaited<ReturnType<Verbs[V]>>;
  }

  async useKey(encryption: EncryptionOptions): Promise<void> {
    await this.#worker.call('useKey', encryption);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const call of this.#pending.all) if (ABORTED_BY_CLOSE.has(call.verb)) call.abort(undefined);
    // The watchdog sees to it that each ends.
    await Promise.allSettled(this.#pending.all.map(({ result }) => result));
    try {
      await this.#end();
    } finally {
      this.#worker.terminate();
    }
  }

  async #begin(): Promise<void> {
    const lock = await this.#lock();
    this.#ended.signal.addEventListener('abort', lock);
    addEventListener('pagehide', this.#sleep);
    addEventListener('pageshow', this.#wake);
    document.addEventListener('freeze', this.#sleep);
    document.addEventListener('resume', this.#wake);
    this.#wake();
  }

  async #lock(): Promise<() => void> {
    try {
      return await holdLock(`${lockNames.tabs(this.#name)}${this.#id}`, this.#ended.signal);
    } catch (error) {
      // A page of no origin has none.
      throw explainDomError(error, `the lock of a tab of "${this.#name}"`);
    }
  }

  async #end(): Promise<void> {
    removeEventListener('pagehide', this.#sleep);
    removeEventListener('pageshow', this.#wake);
    document.removeEventListener('freeze', this.#sleep);
    document.removeEventListener('resume', this.#wake);
    this.#watchdog.stop();
    try {
      await this.#worker.call('close');
    } finally {
      this.#ended.abort();
      this.#news.close();
      this.#channel.close();
    }
  }

  /** A tab that sleeps answers nobody: it gives up what it owns, or its place in the queue. */
  readonly #sleep = (): void => {
    // What fails here fails again, and is told, at the next call.
    if (!this.#shared) return void this.#worker.call('suspend').catch(() => undefined);
    this.#awake = false;
    for (const call of this.#pending.all) call.slept = call.sentTo !== undefined;
    if (this.#role === 'owner') this.#line = undefined;
    this.#role = 'follower';
    this.#worker.call('leave').catch((error: unknown) => this.#fail(error));
  };

  readonly #wake = (): void => {
    if (this.#awake || this.#closing !== undefined) return;
    this.#awake = true;
    if (!this.#shared) return;
    this.#stand();
    this.#ask();
  };

  #stand(): void {
    if (this.#standing) return;
    this.#standing = true;
    this.#worker.call('own', this.#name, this.#id, this.#options).then(
      (ownership) => {
        this.#standing = false;
        if (ownership !== undefined) this.#own(ownership);
        else if (this.#awake) this.#stand();
      },
      (error: unknown) => {
        this.#standing = false;
        this.#awake = false;
        this.#fail(error);
      },
    );
  }

  /** Asks who owns the database. */
  #ask(): void {
    this.#news.postMessage({ kind: 'hello', protocol: PROTOCOL, tab: this.#id } satisfies News);
  }

  #own({ owner, storage, shared }: Ownership): void {
    if (!this.#awake && shared) return;
    this.#role = 'owner';
    this.#shared = shared;
    this.#settleOn(this.#worker.to(owner), storage);
  }

  /** `served` if it came over this tab's own channel: then the owner listens there. Who tells all tabs may not know of this one. */
  #hear(news: News, served: boolean): void {
    if (news.kind !== 'owner' || !this.#shared) return;
    this.#watchdog.heard();
    if (news.owner === this.#line?.to) return;
    if (news.protocol !== PROTOCOL) return this.#fail(new ElanusError('Busy', `${this.#name}: open in a tab that runs another version of Elanus; reload or close it`));
    if (news.tab === this.#id) {
      // Our own worker is about to open the database, and answers when it has.
      this.#line = undefined;
      return;
    }
    const { storage: asked } = this.#options;
    if (news.storage !== undefined && asked !== undefined && asked !== news.storage) return this.#fail(new ElanusError('Busy', `${this.#name}: open in another tab, kept in ${news.storage}; expected ${String(asked)}`));
    this.#role = 'follower';
    if (served && news.storage !== undefined) return this.#settleOn({ to: news.owner, post: (request) => this.#channel.postMessage(request), moves: false }, news.storage);
    this.#line = undefined;
    // It answers once it listens to us.
    if (news.storage !== undefined) this.#ask();
  }

  /** Sends what has no answer yet to whoever owns the database now. */
  #settleOn(line: Line, storage: string): void {
    this.#line = line;
    this.#storage = storage;
    if (this.#role === 'follower') this.#worker.call('adopt', storage as BrowserStorage).catch((error: unknown) => this.#fail(error));
    for (const call of this.#pending.all) this.#sendAgain(call, line);
    line.post({ kind: 'joined', to: line.to });
  }

  #sendAgain(call: PendingCall, line: Line): void {
    if (call.sentTo === line.to) return;
    if (call.sentTo !== undefined && call.repeat !== 'read') {
      if (call.doubtful) return call.fail(interrupted(call.verb, 'and so did the tab after it'));
      if (call.slept) return call.fail(interrupted(call.verb, 'this page slept, and may have missed tabs after it'));
      call.doubtful = true;
    }
    call.send(line);
  }

  #take(reply: Reply): void {
    this.#watchdog.heard();
    const call = this.#pending.take(reply);
    if (reply.kind === 'gone') this.#takeBack(reply.from, call === undefined ? [] : [call]);
  }

  /** Owner `from` has left, or is leaving, and has begun none of these calls that were sent to it. */
  #takeBack(from: string, calls: readonly PendingCall[]): void {
    if (this.#line?.to === from) this.#lose();
    for (const call of calls) {
      if (call.sentTo !== from) continue;
      call.sentTo = undefined;
      // The owner after `from` does not know what others wrote there.
      if (call.doubtful) call.fail(interrupted(call.verb, 'and the tab after it left'));
      else if (this.#line !== undefined) call.send(this.#line);
    }
  }

  /** Nobody is known to have the database. */
  #lose(): void {
    this.#line = undefined;
    this.#role = 'follower';
    this.#watchdog.watch();
    // Our own worker may have begun to own it, and left again, while the page slept.
    if (this.#awake) this.#stand();
  }

  #fail(error: unknown): void {
    for (const call of this.#pending.all) call.fail(call.sentTo === undefined || call.repeat === 'read' ? error : interrupted(call.verb, String(error)));
  }

  #unanswered(): void {
    this.#fail(new ElanusError('Busy', `${this.#name}: the tab that has the database does not answer; it may be asleep, or in a debugger`));
  }
}
