// OpenCollections: opens every collection before the server says that it is ready, so that no request waits for a log to be
// replayed. One that does not open is told and left to those who ask for it: the others are served.

import type { Database } from '../engine/api.js';
import type { Ambient } from '../ports/ambient.js';

export async function openCollections(database: Database, log: Ambient['log']): Promise<void> {
  for (const name of await database.listDatabases()) {
    const one = await database.useDatabase(name);
    for (const collection of await one.listCollections()) {
      await one.collection(collection).catch((error: unknown) => log('error', `collection "${collection}" of database "${name}" does not open`, { error }));
    }
  }
}
