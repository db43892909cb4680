// RemoteSession: a page's handle of a session that whoever has the database runs. It is a call that lasts: the next owner
// gets it again as all that has no answer, with the newest token, and paused if it was.

import type { SessionOptions, SessionStatus, SyncResult, SyncSession } from '../engine/api.js';
import { ElanusError } from '../model/errors.js';
import { StatusFeed } from '../sync/session/status-feed.js';
import { toldOf } from '../sync/session/trouble.js';
import type { Caller } from './pending.js';
import type { SessionCommand, SessionNews, WiredSession } from './wire.js';

export class RemoteSession implements SyncSession {
  readonly #caller: Caller;
  readonly #database: string;
  /** What is sent to each owner: it changes with what becomes of the session. */
  readonly #wired: WiredSession;
  readonly #feed: StatusFeed;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(caller: Caller, database: string, wired: WiredSession, begin: (status: SessionStatus) => void) {
    this.#caller = caller;
    this.#database = database;
    this.#wired = wired;
    // A page has nobody who is warned: what a listener throws is shown where what is thrown in a page is.
    this.#feed = new StatusFeed({ state: 'idle', unsent: 0, pending: 0, refused: 0, collections: [] }, (message) => queueMicrotask(() => reportError(new Error(message))));
    this.#ended = this.#run(({ status, token }) => {
      if (token !== undefined) wired.token = token;
      wired.paused = status.state === 'paused';
      this.#feed.tell(status);
      begin(status);
    });
    // Who waits for the first status is told, later ones by the status.
    this.#ended.catch(() => undefined);
  }

  /** Lasts until it is stopped. Where the owner does not answer for a while it is asked for again. */
  async #run(onProgress: (news: SessionNews) => void): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      try {
        await this.#caller.call('syncSession', [this.#database, this.#wired], { signal, onProgress });
      } catch (error) {
        const known = error instanceof ElanusError ? error : new ElanusError('StorageFailed', String(error), { cause: error });
        if (signal.aborted) return this.#feed.tell({ ...this.status, state: 'stopped' });
        if (known.code !== 'Busy') {
          this.#feed.tell({ ...this.status, state: 'stopped', ...(known.code === 'Closed' ? {} : { error: toldOf(known) }) });
          throw known;
        }
        this.#feed.tell({ ...this.status, state: 'waiting', error: toldOf(known) });
      }
    }
  }

  /** Resolves with its first status. Errors: those of `syncSession`. */
  static async open(caller: Caller, database: string, { signal, onStatus, ...options }: SessionOptions): Promise<RemoteSession> {
    let begin: (status: SessionStatus) => void = () => undefined;
    const begun = new Promise<SessionStatus>((resolve) => (begin = resolve));
    const session = new RemoteSession(caller, database, { ...options }, begin);
    const stop = (): void => void session.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    await Promise.race([begun, session.#ended]);
    if (onStatus !== undefined) session.onStatus(onStatus);
    return session;
  }

  get status(): SessionStatus {
    return this.#feed.status;
  }

  onStatus(listener: (status: SessionStatus) => void): () => void {
    return this.#feed.listen(listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionStatus> {
    return this.#feed[Symbol.asyncIterator]();
  }

  async pause(): Promise<void> {
    this.#wired.paused = true;
    await this.#command({ verb: 'pause' });
  }

  async resume({ token }: { readonly token?: string } = {}): Promise<void> {
    this.#wired.paused = false;
    if (token !== undefined) this.#wired.token = token;
    await this.#command({ verb: 'resume', ...(token === undefined ? {} : { token }) });
  }

  async now(): Promise<SyncResult> {
    return (await this.#command({ verb: 'now' })) as SyncResult;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended.catch(() => undefined);
  }

  #command(command: SessionCommand): Promise<SyncResult | undefined> {
    return this.#caller.call('commandSession', [this.#database, this.#wired, command], { signal: this.#stop.signal });
  }
}
