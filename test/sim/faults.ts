// Fault sweep: every call of the storage, and every allocation of the core, fails once, a few times in a row, or from then
// on for ever, in every workload. What is left, also by a crash on top of it, opens as it was before or after each step.

import type { ErrorCode } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import { random, randomInteger } from '../support/random.js';
import type { Moment } from './check.js';
import { crash, killed } from './disk.js';
import { possibleRows, type Life, type Rows } from './history.js';
import { shortOfMemory } from './memory.js';
import { examine, goingOn, run, workloadNamed, type Ran, type Snapshot } from './run.js';
import { WORKLOADS } from './workloads.js';

/** How many calls fail in a row. */
export const LENGTHS = { once: 1, burst: 4, forEver: Infinity } as const;
export type Length = keyof typeof LENGTHS;

const CODES: readonly ErrorCode[] = ['QuotaExceeded', 'StorageFailed'];

export interface FaultReport {
  /** Runs with a fault. */
  faults: number;
  /** The last that was begun. */
  at: string;
  /** What was found, each with what to repeat. */
  readonly findings: string[];
}

export interface FaultOptions {
  readonly core: Core;
  readonly seed: number;
  readonly lengths?: readonly Length[];
  readonly workloads?: readonly string[];
  /** Only each such call, from one that the seed tells on. */
  readonly stride?: number;
  readonly onProgress?: (report: FaultReport) => void;
}

/** Calls of the storage that fail. */
export async function storageFaults(options: FaultOptions): Promise<FaultReport> {
  // What goes on failing cannot be taken back.
  return sweep(options, (length) => length !== 'once', async (name, seed, fails) => {
    // On a full storage copies are given up for room, which the history does not know.
    const code = name === 'copies pulled' ? 'StorageFailed' : (CODES[seed % CODES.length] as ErrorCode);
    return run(workloadNamed(name), { core: options.core, seed, failing: (call) => (fails(call) ? code : undefined) });
  });
}

/** Allocations that fail. */
export async function memoryFaults(options: FaultOptions): Promise<FaultReport> {
  return sweep(options, () => false, async (name, seed, fails) => {
    let allocations = 0;
    const core = shortOfMemory(options.core, (allocation) => {
      allocations = allocation + 1;
      return fails(allocation);
    });
    return { ...(await run(workloadNamed(name), { core, serverCore: options.core, seed })), calls: allocations };
  });
}

type FaultyRun = (name: string, seed: number, fails: (call: number) => boolean) => Promise<Ran>;

async function sweep({ core, seed, lengths = ['once', 'burst', 'forEver'], workloads = Object.keys(WORKLOADS), stride = 1, onProgress }: FaultOptions, isDoubtful: (length: Length) => boolean, faulty: FaultyRun): Promise<FaultReport> {
  const report: FaultReport = { faults: 0, at: '', findings: [] };
  const next = random(seed);
  for (const name of workloads) {
    const runSeed = randomInteger(next, 2 ** 31);
    const { calls } = await faulty(name, runSeed, () => false);
    for (const length of lengths) {
      for (let at = randomInteger(next, stride); at < calls; at += stride) {
        const where = `${name}/${runSeed}/${length}/${at}`;
        report.faults++;
        report.at = where;
        onProgress?.(report);
        try {
          await examineFaulty(await faulty(name, runSeed, (call) => call >= at && call < at + LENGTHS[length]), isDoubtful(length), core, random(at));
        } catch (error) {
          report.findings.push(`${where}: ${error instanceof Error && error.name !== 'ElanusError' ? error.stack : String(error)}`);
        }
      }
    }
  }
  return report;
}

/** After a clean end, and after a crash at some moment. */
async function examineFaulty(ran: Ran, doubtful: boolean, core: Core, next: () => number): Promise<void> {
  const end = ran.snapshots.at(-1) as Snapshot;
  const moment: Moment = { history: ran.history, time: end.time, doubtful };
  const { server } = ran;
  const remains = killed(end.disk, next);
  const found = await examine(remains, moment, core, next);
  // What a failed sync lost and nobody could cut off is seen when it is opened again, and gone after a power cut.
  const others = (life: Life): readonly Rows[] => (doubtful ? possibleRows(life, end.time, true, true) : []);
  const second = await run(goingOn(found), { core, seed: randomInteger(next, 2 ** 31), remains, history: ran.history.goOn(found, others), server });
  const after: Moment = { history: second.history, time: second.history.now, doubtful };
  await examine(killed(second.disk.state(), next), after, core, next);
  if (doubtful) for (const life of second.history.lives) delete life.opened;
  await examine(crash(second.disk.state(), next), after, core, next);
  const some = ran.snapshots[randomInteger(next, ran.snapshots.length)] as Snapshot;
  await examine(crash(some.disk, next), { ...moment, time: some.time }, core, next);
  await second.server?.close();
}
