// SyncedCopy: what a session knows of one of its collections, and what it still wants to do with it.

import type { SessionCollection, SessionError } from '../../engine/api/session.js';
import type { Outbox } from '../../engine/write/outbox.js';
import type { SyncMode } from '../sync.js';

/** An answer of the server to what was asked when `since` was here; `version` is undefined where it does not tell. */
export interface ToldVersion {
  readonly since: number;
  readonly version: number | undefined;
}

export class SyncedCopy {
  readonly collection: string;
  /** Of the server's manifest that is here; 0 if there is none yet. */
  version = 0;
  told: ToldVersion | undefined;
  /** Of who waits for the server to tell of changes. */
  watchedBy: AbortSignal | undefined;
  error: SessionError | undefined;
  #counts: Pick<SessionCollection, 'unsent' | 'pending' | 'refused'> = { unsent: 0, pending: 0, refused: 0 };
  #pull = false;
  #push = false;

  constructor(collection: string) {
    this.collection = collection;
  }

  want(mode: SyncMode): void {
    this.#pull ||= mode !== 'push';
    this.#push ||= mode !== 'pull';
  }

  wants(allowed: SyncMode): boolean {
    return this.error === undefined && ((this.#pull && allowed !== 'push') || (this.#push && allowed !== 'pull'));
  }

  /** What is wanted and allowed, which is then wanted no more. REQUIRES: it wants something of that. */
  take(allowed: SyncMode): SyncMode {
    const [pull, push] = [this.#pull && allowed !== 'push', this.#push && allowed !== 'pull'];
    this.#pull &&= !pull;
    this.#push &&= !push;
    return pull && push ? 'both' : pull ? 'pull' : 'push';
  }

  get unsent(): number {
    return this.#counts.unsent;
  }

  count(outbox: Outbox | undefined): void {
    this.#counts = { unsent: outbox?.unsent ?? 0, pending: outbox?.pending ?? 0, refused: outbox?.refused.length ?? 0 };
  }

  get status(): SessionCollection {
    const { collection, version, error } = this;
    return { collection, version, ...this.#counts, ...(error === undefined ? {} : { error }) };
  }
}
