// Call: what every verb of the server is given besides its request, whatever protocol it came by.

import type { Database } from '../engine/api.js';
import type { Ambient } from '../ports/ambient.js';
import type { Caller } from './access/gate.js';
import type { Services } from './services.js';

export interface Call {
  readonly caller: Caller | undefined;
  /** The one that the request names, else the one of the connection, else `default`. */
  readonly database: Database;
  readonly databaseName: string;
  /** Aborted if the client goes away or the server stops waiting. */
  readonly signal: AbortSignal;
  readonly log: Ambient['log'];
  /** Of the server. */
  readonly services: Services;
}
