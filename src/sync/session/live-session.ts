// LiveSession: keeps copies and their server together by itself. It does one thing at a time; what is wanted meanwhile is
// noted and done next. While it is paused, or somebody is needed, it has no timer and no request under way.

import type { SessionError, SessionOptions, SessionState, SessionStatus } from '../../engine/api/session.js';
import type { SyncedCollection, SyncProgress, SyncResult } from '../../engine/api/sync.js';
import type { Bell } from '../../engine/database/bell.js';
import { ElanusError, require } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { SyncDatabase } from '../database.js';
import type { Origin } from '../origin.js';
import { headersOf, syncCollection, type SyncMode } from '../sync.js';
import { Backoff } from './backoff.js';
import { StatusFeed } from './status-feed.js';
import { SyncedCopy } from './synced-copy.js';
import { toldOf, troubleOf, type Trouble } from './trouble.js';
import { Watch, type WatchContext } from './watch.js';

export interface SessionContext extends WatchContext {
  readonly database: SyncDatabase;
  readonly ambient: Pick<Ambient, 'nowMs' | 'randomBytes'>;
  /** Rung when a copy was written to. */
  readonly ownWrites: Bell;
  readonly roomCame: Bell;
  readonly warn: (message: string) => void;
}

/** Writes within this time after one go together. */
const WRITES_MS = 50;

interface Waiter {
  readonly resolve: (result: SyncResult) => void;
  readonly reject: (error: unknown) => void;
}

type Held = { readonly kind: 'paused' | 'stopped' } | { readonly kind: 'refused'; readonly error: SessionError };

/** Nothing is tried, or, where the storage is full, nothing is pulled, until it is over or somebody ends it. */
interface Patience {
  readonly kind: 'offline' | 'waiting' | 'full';
  readonly error: SessionError;
  /** Undefined if no time ends it. */
  readonly untilMs: number | undefined;
  readonly forget: () => void;
}

export class LiveSession {
  readonly feed: StatusFeed;
  readonly #context: SessionContext;
  readonly #options: SessionOptions;
  readonly #mode: SyncMode;
  readonly #copies: readonly SyncedCopy[];
  readonly #backoff: Backoff;
  readonly #watch: Watch;
  readonly #ends: readonly (() => void)[];
  /** Ends what is on the network. */
  #abort = new AbortController();
  #token: string | undefined;
  /** Why nothing is done until somebody says so. */
  #held: Held | undefined;
  #patience: Patience | undefined;
  #busy: 'pulling' | 'pushing' | undefined;
  #progress: SessionStatus['progress'];
  #syncedMs: number | undefined;
  #running: Promise<void> | undefined;
  #forgetWrites: (() => void) | undefined;
  #waiters: Waiter[] = [];

  /** REQUIRES: options that are checked. */
  constructor(options: SessionOptions, context: SessionContext) {
    this.#context = context;
    this.#options = options;
    this.#mode = options.mode ?? 'both';
    this.#token = options.token;
    this.#backoff = new Backoff(context.ambient);
    this.#watch = new Watch(context);
    this.#copies = [...new Set(options.collections)].map((collection) => new SyncedCopy(collection));
    if (options.paused === true) this.#held = { kind: 'paused' };
    this.feed = new StatusFeed(this.#status(), context.warn);
    this.#ends = [context.ownWrites.listen(() => this.#written()), context.roomCame.listen(() => this.#came('full')), context.waking.onOnline(() => this.#came('offline'))];
    if (this.#held === undefined) this.#lookAtAll();
  }

  /** The newest that it was given. */
  get token(): string | undefined {
    return this.#token;
  }

  async pause(): Promise<void> {
    if (this.#held?.kind !== 'stopped') await this.#hold({ kind: 'paused' });
  }

  /** Does nothing if it goes on anyway and `token` is no other. */
  resume(token?: string): void {
    if (this.#held?.kind === 'stopped') return;
    const isOther = token !== undefined && token !== this.#token;
    if (isOther) this.#useToken(token);
    const isWell = this.#held === undefined && this.#patience === undefined && this.#copies.every(({ error }) => error === undefined);
    if (isOther || !isWell) this.#restart();
  }

  async now(): Promise<SyncResult> {
    require(this.#held?.kind !== 'paused', () => 'now: the session is paused: resume it');
    if (this.#held?.kind === 'stopped') throw new ElanusError('Closed', 'now: the session was stopped');
    const result = new Promise<SyncResult>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#restart();
    return result;
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#hold({ kind: 'stopped' });
  }

  /** What was asked for with the one before is asked for anew. */
  #useToken(token: string): void {
    this.#token = token;
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  #restart(): void {
    this.#held = undefined;
    this.#backoff.reset();
    for (const copy of this.#copies) copy.error = undefined;
    this.#lookAtAll();
  }

  #lookAtAll(): void {
    this.#patience?.forget();
    this.#patience = undefined;
    for (const copy of this.#copies) copy.want(this.#mode);
    this.#go();
  }

  /** Resolves when nothing is under way. */
  async #hold(held: Held): Promise<void> {
    this.#held = held;
    this.#patience?.forget();
    this.#patience = undefined;
    this.#forgetWrites?.();
    this.#forgetWrites = undefined;
    this.#abort.abort();
    this.#abort = new AbortController();
    if (held.kind !== 'refused') this.#answer(new ElanusError('Closed', `the session was ${held.kind}`));
    await this.#running;
    this.#tell();
  }

  /** What it waits for has come, if it waits for that. */
  #came(kind: Patience['kind']): void {
    if (this.#patience?.kind !== kind) return;
    this.#backoff.reset();
    this.#lookAtAll();
  }

  #written(): void {
    if (this.#held !== undefined || this.#mode === 'pull' || this.#forgetWrites !== undefined) return;
    this.#forgetWrites = this.#context.waking.after(WRITES_MS, () => {
      this.#forgetWrites = undefined;
      void this.#pushWritten();
    });
  }

  async #pushWritten(): Promise<void> {
    for (const copy of this.#copies) if (await this.#count(copy)) copy.want('push');
    this.#tell();
    // Where nothing but the platform tells of a network, it may be wrong.
    if (this.#patience?.kind === 'offline' && this.#patience.untilMs === undefined) this.#came('offline');
    else this.#go();
  }

  /** What may be done now. */
  get #allowed(): SyncMode | undefined {
    if (this.#held !== undefined) return undefined;
    if (this.#patience === undefined) return 'both';
    return this.#patience.kind === 'full' ? 'push' : undefined;
  }

  #next(): SyncedCopy | undefined {
    const allowed = this.#allowed;
    return allowed && this.#copies.find((copy) => copy.wants(allowed));
  }

  /** Does what is wanted and allowed. */
  #go(): void {
    if (this.#running !== undefined || this.#next() === undefined) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      // What was wanted at the last moment.
      this.#go();
    });
  }

  async #work(): Promise<void> {
    // Started before #running is assigned; the first await lets that happen.
    await undefined;
    const done = new Map<string, SyncedCollection>();
    let isWhole = true;
    for (let copy = this.#next(); copy !== undefined; copy = this.#next()) {
      const { signal } = this.#abort;
      const mode = copy.take(this.#allowed as SyncMode);
      try {
        done.set(copy.collection, await this.#sync(copy, mode, signal));
      } catch (error) {
        isWhole = false;
        copy.want(mode);
        if (!signal.aborted) this.#fail(troubleOf(error), copy);
      }
      await this.#count(copy);
    }
    this.#busy = undefined;
    if (this.#allowed === 'both' && isWhole && this.#copies.every(({ error }) => error === undefined)) this.#syncedMs = this.#context.ambient.nowMs();
    if (this.#allowed === 'both') this.#answer(undefined, { collections: [...done.values()] });
    this.#tell();
  }

  async #sync(copy: SyncedCopy, mode: SyncMode, signal: AbortSignal): Promise<SyncedCollection> {
    this.#busy = mode === 'push' ? 'pushing' : 'pulling';
    this.#tell();
    const synced = await syncCollection(this.#context.database, copy.collection, mode, { ...this.#options, ...this.#credentials, signal, onProgress: (progress) => this.#progressed(progress) });
    copy.version = synced.version;
    if (this.#mode === 'push') this.#backoff.reset();
    else if (mode !== 'push') void this.#watchFor(copy, signal);
    return synced;
  }

  get #origin(): Origin {
    const { url, database = this.#context.database.database } = this.#options;
    return { url, database };
  }

  get #credentials(): { readonly token?: string } {
    return this.#token === undefined ? {} : { token: this.#token };
  }

  #progressed({ step, ...progress }: SyncProgress): void {
    this.#progress = step === 'pull' ? (progress as SessionStatus['progress']) : undefined;
    this.#busy = step === 'pull' ? 'pulling' : 'pushing';
    this.#tell();
  }

  /** It is begun again when what the server told of was pulled. */
  async #watchFor(copy: SyncedCopy, signal: AbortSignal): Promise<void> {
    if (copy.watchedBy === signal) return;
    copy.watchedBy = signal;
    try {
      await this.#watch.untilBehind(copy, { origin: this.#origin, headers: headersOf({ ...this.#options, ...this.#credentials }), signal, onAnswer: () => this.#backoff.reset() });
      if (!signal.aborted) copy.want('pull');
    } catch (error) {
      if (!signal.aborted) this.#fail(troubleOf(error), copy);
    }
    if (copy.watchedBy === signal) copy.watchedBy = undefined;
    this.#go();
  }

  #fail({ kind, error }: Trouble, copy: SyncedCopy): void {
    this.#answer(error);
    if (kind === 'refused') {
      void this.#hold({ kind, error: toldOf(error) });
    } else if (kind === 'collection') {
      copy.error = toldOf(error);
    } else if (this.#patience === undefined) {
      this.#patience = this.#patienceFor(kind, error);
    }
    this.#tell();
  }

  #patienceFor(kind: Patience['kind'], error: ElanusError): Patience {
    const { waking, ambient } = this.#context;
    const told = toldOf(error);
    // Of a network that the platform knows to be away it tells when it is back.
    if (kind === 'offline' && waking.isOffline()) return { kind, error: told, untilMs: undefined, forget: () => undefined };
    const ms = this.#backoff.next(error.retryAfterMs);
    return { kind, error: told, untilMs: ambient.nowMs() + ms, forget: waking.after(ms, () => this.#lookAtAll()) };
  }

  /** Whether there is something to be sent. */
  async #count(copy: SyncedCopy): Promise<boolean> {
    try {
      const { manifest, outbox } = await this.#context.database.opened(copy.collection);
      copy.version = manifest.manifest.version;
      copy.count(outbox);
      return copy.unsent > 0;
    } catch (error) {
      // It is not there yet, or not any more: its pull tells.
      if (error instanceof ElanusError) return false;
      throw error;
    }
  }

  #status(): SessionStatus {
    const collections = this.#copies.map((copy) => copy.status);
    const sum = (of: 'unsent' | 'pending' | 'refused'): number => collections.reduce((total, one) => total + one[of], 0);
    const { state, error } = this.#stateNow();
    return {
      state,
      ...(error === undefined ? {} : { error }),
      ...(this.#syncedMs === undefined ? {} : { syncedMs: this.#syncedMs }),
      ...(this.#patience?.untilMs === undefined ? {} : { retryMs: this.#patience.untilMs }),
      ...(this.#progress === undefined || state !== 'pulling' ? {} : { progress: this.#progress }),
      unsent: sum('unsent'),
      pending: sum('pending'),
      refused: sum('refused'),
      collections,
    };
  }

  #stateNow(): { readonly state: SessionState; readonly error?: SessionError | undefined } {
    if (this.#held?.kind === 'refused') return { state: 'error', error: this.#held.error };
    if (this.#held !== undefined) return { state: this.#held.kind };
    if (this.#busy !== undefined) return { state: this.#busy };
    if (this.#patience !== undefined) return { state: this.#patience.kind, error: this.#patience.error };
    const error = this.#copies.find((copy) => copy.error !== undefined)?.error;
    return error === undefined ? { state: 'idle' } : { state: 'error', error };
  }

  #tell(): void {
    this.feed.tell(this.#status());
  }

  #answer(error: ElanusError | undefined, result: SyncResult = { collections: [] }): void {
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (error === undefined) resolve(result);
      else reject(error);
    }
  }
}
