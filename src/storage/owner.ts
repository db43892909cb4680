// One owner per database in a browser: an exclusive Web Lock named for it, which the browser itself releases when
// the tab or worker ends. Where there are no Web Locks (Node), names are kept apart within this process only.

import { ElanusError } from '../model/errors.js';

/** A page that reloads meets its former self, whose lock the browser is about to release. */
const attemptsMax = 8;
const backOffMs = 40;

const ownedHere = new Set<string>();

/** Resolves to what releases the name. Errors: `Busy`. */
export async function own(name: string): Promise<() => void> {
  const lockName = `elanus:${name}`;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, backOffMs));
    const release = await tryOwn(lockName);
    if (release !== undefined) return release;
  }
  throw new ElanusError('Busy', `${name}: already open in another tab or worker; close it there first`);
}

function tryOwn(lockName: string): Promise<(() => void) | undefined> {
  // Newer Node has Web Locks, older has no navigator at all.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks === undefined ? Promise.resolve(tryOwnHere(lockName)) : tryOwnOrigin(locks, lockName);
}

function tryOwnOrigin(locks: LockManager, lockName: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = locks.request(lockName, { mode: 'exclusive', ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined);
      // Held until this inner promise resolves.
      return new Promise<void>((release) => resolve(release));
    });
    held.catch(reject);
  });
}

function tryOwnHere(lockName: string): (() => void) | undefined {
  if (ownedHere.has(lockName)) return undefined;
  ownedHere.add(lockName);
  return () => ownedHere.delete(lockName);
}
