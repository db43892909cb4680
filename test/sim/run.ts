// Run: a workload on a SimDisk, and what is found on what it, or a crash, leaves behind.

import type { Core } from '../../src/ports/core.js';
import type { ErrorCode } from '../../src/model/errors.js';
import type { Transport } from '../../src/ports/transport.js';
import type { Storage } from '../../src/ports/storage.js';
import { random } from '../support/random.js';
import type { Random } from './bytes.js';
import { check, Finding, unexplained, type Found, type Moment } from './check.js';
import { SimDisk, type DiskState, type Remains } from './disk.js';
import { History } from './history.js';
import { SimServer } from './server.js';
import { Session } from './session.js';
import { simStorage, type Hooks } from './storage.js';
import { WORKLOADS, type Workload } from './workloads.js';
import { finished, openSim } from './world.js';

/** So that the server does not give the ids that the database gives. */
const SERVER_SEED = 0x5e2f;

/** What a crash would find at one moment of a run. */
export interface Snapshot {
  readonly disk: DiskState;
  readonly time: number;
}

export interface Ran {
  readonly history: History;
  /** At every change of the storage while it was under way, and at the end. */
  readonly snapshots: readonly Snapshot[];
  readonly disk: SimDisk;
  /** Calls of the storage, reads included. */
  readonly calls: number;
  /** To be closed, if there is one. */
  readonly server: SimServer | undefined;
}

export interface RunOptions {
  readonly core: Core;
  readonly seed: number;
  readonly failing?: (call: number) => ErrorCode | undefined;
  /** What the process before left, and what is known of it. */
  readonly remains?: Remains;
  readonly history?: History;
  /** Of the server, which never fails; by default that of the database. */
  readonly serverCore?: Core;
  /** What is pulled from; made when asked for, if none is given. */
  readonly server?: SimServer | undefined;
  /** What makes the storage other than it should be: a test of the simulator. */
  readonly spoil?: (storage: Storage) => Storage;
}

export function workloadNamed(name: string): Workload {
  const workload = WORKLOADS[name];
  if (workload === undefined) throw new Error(`no workload "${name}", expected one of ${Object.keys(WORKLOADS).join(', ')}`);
  return workload;
}

/** Runs a workload to its end. */
export async function run(workload: Workload, { core, seed, failing, remains, history = new History(), server, serverCore = core, spoil = (storage) => storage }: RunOptions): Promise<Ran> {
  const next = random(seed);
  const disk = new SimDisk(remains);
  const snapshots: Snapshot[] = [];
  let calls = 0;
  const note = (): void => void snapshots.push({ disk: disk.state(), time: history.now });
  let open = 0;
  const hooks: Hooks = {
    onChange: ({ kind, key }) => {
      if (kind === 'remove') history.evictions.noteRemoved(key, history.now);
      note();
    },
    onDone: ({ kind, key }) => {
      if (kind === 'create') history.evictions.noteCreated(key, history.now);
    },
    onClose: () => void open--,
    failing: () => {
      const code = failing?.(calls++);
      if (code === 'QuotaExceeded') history.evictions.noteFull();
      return code;
    },
  };
  const openStorage = (): Storage => {
    open++;
    return spoil(simStorage(disk, next, hooks));
  };
  const serve = (): SimServer => (server ??= new SimServer(serverCore, random(seed ^ SERVER_SEED)));
  const transport: Transport = { get: (request) => serve().transport.get(request) };
  const session = new Session({ history, next, server: serve, open: () => openSim(openStorage(), core, next, { transport }) });
  await finished(workload(session));
  note();
  await finished(session.close());
  note();
  if (open !== 0) throw new Finding('wrong', `${open} storages were left open`);
  return { history, snapshots, disk, calls, server };
}

/** Opens what survived, checks it, and closes it. Throws a Finding. */
export async function examine(remains: Remains, moment: Moment, core: Core, next: Random): Promise<readonly Found[]> {
  const disk = new SimDisk(remains);
  const database = await finished(openSim(simStorage(disk, next), core, next)).catch(failedOpen);
  try {
    const found = await finished(check(database, moment, next));
    const { warnings } = await finished(database.health());
    const { history, time } = moment;
    const strange = unexplained(warnings, [...remains.files.keys(), ...disk.files.keys()], history.namesAt(time));
    if (strange.length > 0) throw new Finding('wrong', `a warning names no file: ${strange.join('; ')}`);
    // No crash takes a file that was durable.
    const missing = warnings.filter((warning) => warning.includes('missing') && !history.evictions.explain(warning, time));
    if (missing.length > 0) throw new Finding('wrong', missing.join('; '));
    // Nor damages it; what a failed sync lost and nobody could cut off is damage.
    const damaged = moment.doubtful ? [] : warnings.filter((warning) => warning.includes('damaged and lost'));
    if (damaged.length > 0) throw new Finding('wrong', damaged.join('; '));
    return found;
  } finally {
    await finished(database.close());
  }
}

function failedOpen(error: unknown): never {
  throw new Finding('failedOpen', `the database does not open: ${String(error)}`, error);
}

/** Goes on where a crash ended: changes of every kind, in all that there is. */
export function goingOn(found: readonly Found[]): Workload {
  return async (session) => {
    for (const { life } of found) {
      if (life.isPulled === true) {
        await session.pull(life.name, true);
        continue;
      }
      await session.write(life.name, [session.integer(50), 1000]);
      if (session.integer(3) === 0) await session.flush(life.name);
      if (session.integer(3) === 0) await session.remove(life.name, session.some(2, 50));
    }
    if (found.length > 0 && session.integer(4) > 0) return;
    await session.create('z');
    await session.write('z', [1]);
  };
}
