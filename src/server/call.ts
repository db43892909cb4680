// Call: what every verb of the server is given besides its request, whatever protocol it came by.

import type { Ambient } from '../ports/ambient.js';
import type { SyncDatabase } from '../sync/database.js';
import type { Caller } from './access/gate.js';
import type { Services } from './services.js';

/** A database as the server needs it: its verbs, and the collections beneath them (`opened`). */
export type ServedDatabase = SyncDatabase;

export interface Call {
  readonly caller: Caller | undefined;
  /** The one that the request names, else the one of the connection, else `default`. */
  readonly database: ServedDatabase;
  readonly databaseName: string;
  /** Aborted if the client goes away or the server stops waiting. */
  readonly signal: AbortSignal;
  readonly log: Ambient['log'];
  /** Of the server. */
  readonly services: Services;
}
