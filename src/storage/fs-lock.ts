// The lock that gives one process a data directory. A process announces itself with a file named after it,
// "~lock-<pid>-<start>-<boot>", then looks whose files are there: a dead owner's is removed, a live one's means
// Busy. Announcing before looking is what keeps two processes from both believing that they are alone.
// It holds between the processes of one machine that see each other's pids, not across a network file system.

import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ElanusError } from '../model/errors.js';

/** Announcements that meet step back and try again, as does one that meets a process about to end. */
const attemptsMax = 6;
const backOffMs = 20;

const lockPattern = /^~lock-(\d+)-(\d+)-([0-9a-z]+)$/;

interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process; 0 where the platform does not tell. */
  readonly start: string;
  readonly boot: string;
}

/** Resolves to what releases the lock. Errors: `Busy`, naming the owner's pid. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const me: Owner = { pid: process.pid, start: (await startOf(process.pid)) ?? '0', boot: await bootId() };
  const mine = nameOf(me);
  let owner: Owner | undefined;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (attempt > 0) await sleep(backOffMs * (1 + Math.random()) * attempt);
    if (!(await announce(join(directory, mine)))) throw busy(directory, me);
    owner = await otherOwner(directory, mine, me.boot);
    if (owner === undefined) return () => rm(join(directory, mine), { force: true });
    await rm(join(directory, mine), { force: true });
  }
  throw busy(directory, owner ?? me);
}

async function announce(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A live process other than this one that has announced itself. What the dead left is removed. */
async function otherOwner(directory: string, mine: string, boot: string): Promise<Owner | undefined> {
  let found: Owner | undefined;
  for (const name of await readdir(directory)) {
    const match = lockPattern.exec(name);
    if (match === null || name === mine) continue;
    const owner = { pid: Number(match[1]), start: match[2] ?? '', boot: match[3] ?? '' };
    if (await lives(owner, boot)) found = owner;
    else await rm(join(directory, name), { force: true });
  }
  return found;
}

/** A pid alone proves nothing: it may have been given to another process since, or before the last boot. */
async function lives(owner: Owner, boot: string): Promise<boolean> {
  if (owner.boot !== boot) return false;
  const start = await startOf(owner.pid);
  if (start === undefined) return answers(owner.pid);
  return start === owner.start;
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Where /proc tells: the start of a process that runs, 'ended' for one that only waits for its parent. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The second field is the command in parentheses, which may hold spaces and parentheses itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19];
}

async function bootId(): Promise<string> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '0');
  return text.replaceAll(/[^0-9a-z]/g, '');
}

function nameOf(owner: Owner): string {
  return `~lock-${owner.pid}-${owner.start}-${owner.boot}`;
}

function busy(directory: string, owner: Owner): ElanusError {
  const who = owner.pid === process.pid ? 'this process' : 'another process';
  return new ElanusError('Busy', `${directory}: owned by ${who}, pid ${owner.pid}; close it there first`);
}
