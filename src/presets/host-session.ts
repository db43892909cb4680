// HostSession: a session as the worker that has the database runs it for a page: it lasts until the page, or the page's
// handle, ends.

import type { SyncResult } from '../engine/api.js';
import { ElanusError } from '../model/errors.js';
import type { SyncDatabase } from '../sync/database.js';
import type { CallControl, SessionCommand, SessionNews, WiredSession } from './wire.js';

/** Errors: those of `syncSession`; `Closed` when it ends. */
export async function runSession(database: SyncDatabase, wired: WiredSession, { signal, onProgress }: CallControl): Promise<never> {
  const session = await database.syncSession(wired);
  let unlisten = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(new ElanusError('Closed', 'the session has ended'));
    // That it ends here is not told: with the next owner it goes on.
    unlisten = session.onStatus((status) => {
      if (status.state === 'stopped') end();
      else onProgress?.({ status, token: session.token } satisfies SessionNews);
    });
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
  try {
    return await ended;
  } finally {
    unlisten();
    await session.stop();
  }
}

/** Steers the session that `runSession` runs for these options. Errors: those of the command; `Closed` if aborted. */
export async function commandSession(database: SyncDatabase, wired: WiredSession, command: SessionCommand, { signal }: CallControl): Promise<SyncResult | undefined> {
  // It joins for as long as it takes: where the owner before has ended it may be the first.
  const session = await database.syncSession(wired);
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new ElanusError('Closed', `${command.verb}: aborted`))));
  try {
    const done = command.verb === 'pause' ? session.pause() : command.verb === 'resume' ? session.resume(command) : session.now();
    return (await Promise.race([done, aborted])) ?? undefined;
  } finally {
    await session.stop();
  }
}
