// Sync: what bringing copies and their server together takes and gives.

import type { PullOptions, PullProgress } from './pull.js';

export interface SyncOptions extends Pick<PullOptions, 'signal' | 'headers' | 'partBytes' | 'progressive' | 'database' | 'partitions' | 'filter'> {
  /** Origin of the server, with a path before `/v1` if it has one. */
  readonly url: string;
  readonly collections: readonly string[];
  /** 'pull': what the server has comes; 'push': own writes go; 'both': own writes go first. Default 'both'. */
  readonly mode?: 'pull' | 'push' | 'both';
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** As of `pull`; default: the key that is seen first, where the server signs. */
  readonly trust?: PullOptions['trust'] | 'nobody';
  readonly onProgress?: (progress: SyncProgress) => void;
}

export type SyncProgress = { readonly collection: string } & (({ readonly step: 'pull' } & PullProgress) | { readonly step: 'push'; readonly batches: number; readonly waiting: number; readonly bytes: number });

/** Of one collection. */
export interface SyncedCollection {
  readonly collection: string;
  /** Version of the server's manifest that is now served locally; 0 if there is none yet. */
  readonly version: number;
  readonly rows: number;
  readonly bytesFetched: number;
  readonly batchesSent: number;
  readonly bytesSent: number;
  /** Batches that the server refused in this run; `listRefused` tells all. */
  readonly refused: number;
  /** Batches that the server has not confirmed to have. */
  readonly unsent: number;
  /** Batches that are applied over the pulled segments: those that are unsent, and those that the server has not sealed yet. */
  readonly pending: number;
}

export interface SyncResult {
  readonly collections: readonly SyncedCollection[];
}

/** Own writes that the server did not take. */
export interface RefusedWrites {
  /** Names it for `discardRefused`. */
  readonly id: string;
  readonly kind: 'write' | 'delete';
  /** Of an `ElanusError`. */
  readonly code: string;
  readonly message: string;
  /** Primary keys. */
  readonly keys: readonly (bigint | string)[];
}
