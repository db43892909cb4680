// Sessions: those of a storage, one for each server, whom it believes, mode, set of collections and headers, and the handles
// of who asked for it. A session ends with its last handle.

import type { SessionOptions, SessionStatus, SyncSession } from '../../engine/api/session.js';
import type { SyncResult } from '../../engine/api/sync.js';
import { LiveSession, type SessionContext } from './live-session.js';
import { StatusFeed } from './status-feed.js';

interface Shared {
  readonly session: LiveSession;
  readonly handles: Set<SessionHandle>;
}

export class Sessions {
  readonly #shared = new Map<string, Shared>();

  /** REQUIRES: options that are checked. Who joins brings his token, and goes on with what was held up for the lack of one. */
  open(database: string, options: SessionOptions, context: SessionContext): SessionHandle {
    const { token, signal, onStatus } = options;
    const key = keyOf(database, options);
    const known = this.#shared.get(key);
    const shared = known ?? { session: new LiveSession(options, context), handles: new Set<SessionHandle>() };
    if (known === undefined) this.#shared.set(key, shared);
    else if (token !== undefined && token !== shared.session.token) shared.session.resume(token);
    const handle: SessionHandle = new SessionHandle(shared.session, async () => {
      shared.handles.delete(handle);
      if (shared.handles.size > 0) return;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      await shared.session.stop();
    }, context.warn);
    shared.handles.add(handle);
    if (onStatus !== undefined) handle.onStatus(onStatus);
    const stop = (): void => void handle.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    return handle;
  }

  /** All end. */
  async close(): Promise<void> {
    const handles = [...this.#shared.values()].flatMap((shared) => [...shared.handles]);
    await Promise.all(handles.map((handle) => handle.stop()));
  }
}

/** The same for what may be shared: the requests that are made and what is believed of their answers, less the token, which is the newest of any handle. */
function keyOf(of: string, { url, database, mode = 'both', collections, partitions, filter, trust = 'first', headers = {} }: SessionOptions): string {
  const sent = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]).sort();
  return JSON.stringify([of, url, database, mode, [...new Set(collections)].sort(), partitions, filter, typeof trust === 'string' ? trust : [...trust].sort(), sent]);
}

export class SessionHandle implements SyncSession {
  readonly #session: LiveSession;
  readonly #release: () => Promise<void>;
  readonly #feed: StatusFeed;
  readonly #unlisten: () => void;
  #stopping: Promise<void> | undefined;

  /** `release`: the session is not needed by this handle any more. `warn` is told what a listener throws. */
  constructor(session: LiveSession, release: () => Promise<void>, warn: (message: string) => void) {
    this.#session = session;
    this.#release = release;
    this.#feed = new StatusFeed(session.feed.status, warn);
    this.#unlisten = session.feed.listen((status) => this.#feed.tell(status));
  }

  get status(): SessionStatus {
    return this.#feed.status;
  }

  /** The newest that the session was given, by whomever. */
  get token(): string | undefined {
    return this.#session.token;
  }

  onStatus(listener: (status: SessionStatus) => void): () => void {
    return this.#feed.listen(listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionStatus> {
    return this.#feed[Symbol.asyncIterator]();
  }

  async pause(): Promise<void> {
    await this.#session.pause();
  }

  async resume({ token }: { readonly token?: string } = {}): Promise<void> {
    this.#session.resume(token);
  }

  async now(): Promise<SyncResult> {
    return this.#session.now();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#release();
    this.#unlisten();
    this.#feed.tell({ ...this.status, state: 'stopped' });
  }
}
