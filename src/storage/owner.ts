// One owner per database in a browser: an exclusive Web Lock named for it, which the browser itself releases when
// the tab or worker ends. Where there are no Web Locks (Node), names are kept apart within this process only.

import { ElanusError } from '../model/errors.js';
import { nameOf } from './dom-errors.js';

/** A page that reloads meets its former self, whose lock the browser is about to release. */
const patienceMsDefault = 300;
const lookAgainMs = 40;

const ownedHere = new Set<string>();

/** Resolves to what releases the name; waits `patienceMs` for whoever has it. Errors: `Busy`. */
export async function own(name: string, patienceMs = patienceMsDefault): Promise<() => void> {
  const lockName = `elanus:${name}`;
  // Newer Node has Web Locks, older has no navigator at all.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  try {
    return await (locks === undefined ? ownHere(lockName, patienceMs) : holdLock(lockName, AbortSignal.timeout(patienceMs)));
  } catch (error) {
    if (nameOf(error) !== 'TimeoutError') throw error;
    throw new ElanusError('Busy', `${name}: already open in another tab or worker; close it there first`);
  }
}

/** Resolves to what releases the lock, once it is ours. Rejects with the reason of `signal` if that comes first. */
export function holdLock(lockName: string, signal: AbortSignal): Promise<() => void> {
  return new Promise((resolve, reject) => {
    // Held until the inner promise resolves.
    const held = navigator.locks.request(lockName, { mode: 'exclusive', signal }, () => new Promise<void>((release) => resolve(release)));
    held.catch(reject);
  });
}

async function ownHere(lockName: string, patienceMs: number): Promise<() => void> {
  for (let waitedMs = 0; ownedHere.has(lockName); waitedMs += lookAgainMs) {
    if (waitedMs >= patienceMs) throw new DOMException(lockName, 'TimeoutError');
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
  ownedHere.add(lockName);
  return () => ownedHere.delete(lockName);
}
