// Crash sweep: every workload from many seeds, ended by a crash at every change of the storage, in several ways each. What
// is left is opened and checked, written to, and then ends by a second crash or cleanly, and is checked again.

import { random, randomInteger } from '../support/random.js';
import type { Core } from '../../src/ports/core.js';
import { Finding, type Fault, type Moment } from './check.js';
import { crash, killed } from './disk.js';
import { possibleIndexes, type Beginning, type Life } from './history.js';
import { examine, goingOn, run, workloadNamed, type Ran, type RunOptions, type Snapshot } from './run.js';
import { mayBe } from './states.js';
import { seedAt, type Sweep } from './sweep.js';
import { WORKLOADS } from './workloads.js';

/** Ways to crash at one moment. */
const WAYS = 4;
/** Share of them in which only the process dies. */
const KILLED = 0.3;
const EXAMPLES_MAX = 10;

export interface CrashReport {
  /** Crashes simulated, those after a recovery among them. */
  points: number;
  lost: number;
  phantom: number;
  failedOpens: number;
  /** Answers that were wrong in another way, hangs, and errors that are no ElanusErrors. */
  wrong: number;
  /** Of the first of these, what to repeat and what was found. */
  readonly examples: string[];
}

export interface CrashOptions {
  readonly core: Core;
  readonly points: number;
  readonly seed: number;
  /** Only these workloads; all by default. */
  readonly workloads?: readonly string[];
  readonly spoil?: NonNullable<RunOptions['spoil']>;
}

export async function crashSweep({ core, points, seed, workloads = Object.keys(WORKLOADS), spoil }: CrashOptions): Promise<CrashReport> {
  const report = emptyReport();
  for (let unit = 0; report.points < points; unit++) await crashRun(workloads[unit % workloads.length] as string, seedAt(seed, unit), core, report, points, spoil);
  return report;
}

/** The same in units, each a run and all its crashes; it goes on for as long as is asked for. Figures: those of a report. */
export function crashUnits({ core, seed, workloads = Object.keys(WORKLOADS) }: Omit<CrashOptions, 'points' | 'spoil'>): Sweep {
  return {
    units: Infinity,
    run: async (unit, limit) => {
      const report = emptyReport();
      await crashRun(workloads[unit % workloads.length] as string, seedAt(seed, unit), core, report, limit, undefined);
      const { examples, ...figures } = report;
      return { figures, examples };
    },
  };
}

function emptyReport(): CrashReport {
  return { points: 0, lost: 0, phantom: 0, failedOpens: 0, wrong: 0, examples: [] };
}

/** Every crash of one run. The same name and seed are the same run. */
async function crashRun(name: string, seed: number, core: Core, report: CrashReport, points: number, spoil: RunOptions['spoil']): Promise<void> {
  const where = `${name}/${seed}`;
  const ran = await run(workloadNamed(name), { core, seed, ...(spoil === undefined ? {} : { spoil }) }).catch((error: unknown) => note(report, where, error));
  // It counts, so that a sweep ends of which every run fails.
  if (ran === undefined) report.points++;
  if (ran === undefined) return;
  // Their order is by chance, so that a run cut short by `points` is a sample.
  const next = random(seed);
  for (const at of shuffled(ran.snapshots.length, next)) {
    for (let way = 0; way < WAYS && report.points < points; way++) {
      await crashAt(ran, at, random(randomInteger(next, 2 ** 31)), core, report, `${where}/${at}/${way}`);
    }
  }
  await ran.server?.close();
}

async function crashAt(ran: Ran, at: number, next: () => number, core: Core, report: CrashReport, where: string): Promise<void> {
  const snapshot = ran.snapshots[at] as Snapshot;
  const { history, server } = ran;
  const { time } = snapshot;
  // After the death of the process alone, the system still has what was never synced.
  const isKilled = next() < KILLED;
  const remains = isKilled ? killed(snapshot.disk, next) : crash(snapshot.disk, next);
  report.points++;
  try {
    const found = await examine(remains, { history, time, doubtful: false }, core, next);
    const others = (life: Life): Beginning => ({ rows: (rows, decided) => isKilled && mayBe(life, time, { doubtful: false }, rows, decided), indexes: isKilled ? possibleIndexes(life, time, false) : [] });
    const second = await run(goingOn(found), { core, seed: randomInteger(next, 2 ** 31), remains, history: history.goOn(found, others), server });
    await endAgain(second, core, next, report);
  } catch (error) {
    note(report, where, error);
  }
}

/** By a crash, or cleanly: then nothing is missing. */
async function endAgain(ran: Ran, core: Core, next: () => number, report: CrashReport): Promise<void> {
  const clean = next() < 0.5;
  const snapshot = ran.snapshots[clean ? ran.snapshots.length - 1 : randomInteger(next, ran.snapshots.length)] as Snapshot;
  const moment: Moment = { history: ran.history, time: snapshot.time, doubtful: false };
  const left = clean ? killed(snapshot.disk, next) : crash(snapshot.disk, next);
  if (!clean) report.points++;
  await examine(left, moment, core, next);
}

function note(report: CrashReport, where: string, error: unknown): undefined {
  const fault: Fault = error instanceof Finding ? error.fault : 'wrong';
  report[fault === 'failedOpen' ? 'failedOpens' : fault]++;
  if (report.examples.length >= EXAMPLES_MAX) return;
  report.examples.push(`${where}: ${fault}: ${error instanceof Error && !(error instanceof Finding) ? String(error.stack) : String(error)}`);
}

function shuffled(count: number, next: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = randomInteger(next, at + 1);
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order;
}
