// Live sync: what a session that keeps copies and their server together takes, tells and does.

import type { PullProgress } from './pull.js';
import type { SyncOptions, SyncResult } from './sync.js';

export interface SessionOptions extends Omit<SyncOptions, 'signal' | 'onProgress'> {
  /** Begins paused. Default false. */
  readonly paused?: boolean;
  /** Ends it, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Told of the status now and of every other that follows. */
  readonly onStatus?: (status: SessionStatus) => void;
}

export type SessionState =
  | 'pulling' // what the server has comes
  | 'pushing' // own writes go
  | 'idle' // both have the same; the server tells of changes, own writes go soon after they are made
  | 'offline' // no answer came; tried again at `retryMs`, and when the platform tells of a network
  | 'waiting' // the server asks for patience, or fails; tried again at `retryMs`
  | 'full' // the storage has no room for what comes; own writes stay and go; tried again at `retryMs`, and when something is dropped
  | 'paused'
  | 'error' // `error` needs somebody: nothing of the collections that have one is tried again until `resume` or `now`
  | 'stopped';

/** Of an `ElanusError`. */
export interface SessionError {
  readonly code: string;
  readonly message: string;
  /** HTTP status of a refused request. */
  readonly status?: number;
}

export interface SessionCollection {
  readonly collection: string;
  /** Version of the server's manifest that is served locally; 0 if there is none yet. */
  readonly version: number;
  /** Batches of own writes that the server has not confirmed to have. */
  readonly unsent: number;
  /** Batches that are applied over the pulled segments. */
  readonly pending: number;
  /** Batches on the list of `listRefused`. */
  readonly refused: number;
  /** Why this collection does not go on; the others do. */
  readonly error?: SessionError;
}

export interface SessionStatus {
  readonly state: SessionState;
  /** What the state comes from, where it is no good one. */
  readonly error?: SessionError;
  /** When all was last brought together, in milliseconds since 1970. */
  readonly syncedMs?: number;
  /** When it tries again by itself. */
  readonly retryMs?: number;
  /** Of the collection that is being pulled. */
  readonly progress?: PullProgress & { readonly collection: string };
  /** Sums over the collections. */
  readonly unsent: number;
  readonly pending: number;
  readonly refused: number;
  readonly collections: readonly SessionCollection[];
}

/**
 * A handle of a session. There is one session for a server, a mode and a set of collections, whoever asks for it and in which
 * tab: all see its status and may steer it. It ends when its last handle does, and when the database is closed.
 */
export interface SyncSession extends AsyncIterable<SessionStatus> {
  readonly status: SessionStatus;
  /** `listener` is told of the status now and of every other that follows, until what is returned is called. What it throws becomes a warning. */
  onStatus(listener: (status: SessionStatus) => void): () => void;
  /** Stops what is under way, which goes on where it was, and does nothing more until `resume`. */
  pause(): Promise<void>;
  /** Goes on at once after `pause` and after errors; with another `token` if there is one. */
  resume(options?: { readonly token?: string }): Promise<void>;
  /** Brings all together at once, without waiting for a retry. Errors: those of `sync`; `Closed` if it is paused or ends meanwhile. */
  now(): Promise<SyncResult>;
  /** Ends this handle. The iterators of it end, too. */
  stop(): Promise<void>;
}
