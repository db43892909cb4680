// Fault sweep: every call of the storage, and every allocation of the core, fails once, a few times in a row, or from then
// on for ever, in every workload. What is left, also by a crash on top of it, opens as it was before or after each step.

import type { ErrorCode } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import { random, randomInteger } from '../support/random.js';
import type { Moment } from './check.js';
import { crash, killed } from './disk.js';
import { possibleIndexes, type Beginning, type Life } from './history.js';
import { shortOfMemory } from './memory.js';
import { examine, goingOn, run, workloadNamed, type Ran, type Snapshot } from './run.js';
import { mayBe } from './states.js';
import { seedAt, type Sweep, type Tally } from './sweep.js';
import { WORKLOADS } from './workloads.js';

/** How many calls fail in a row. */
export const LENGTHS = { once: 1, burst: 4, forEver: Infinity } as const;
export type Length = keyof typeof LENGTHS;

/** What fails: a call of the storage, a call for lack of room, an allocation. */
export const FAULTS = ['storage', 'full', 'memory'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultOptions {
  readonly core: Core;
  readonly seed: number;
  readonly faults?: readonly Fault[];
  readonly lengths?: readonly Length[];
  readonly workloads?: readonly string[];
  /** Only each such call, from one that the seed tells on. */
  readonly stride?: number;
}

/** A unit is a workload with one kind of fault of one length. Figures: `storage`, `full`, `memory`, `findings`. */
export function faultSweep({ core, seed, faults = FAULTS, lengths = ['once', 'burst', 'forEver'], workloads = Object.keys(WORKLOADS), stride = 1 }: FaultOptions): Sweep {
  const names = Object.keys(WORKLOADS);
  const counts = new Map<string, number>();
  const units = workloads.flatMap((name) => faults.flatMap((fault) => lengths.map((length) => ({ name, fault, length }))));
  return {
    units: units.length,
    run: (unit) => {
      const { name, fault, length } = units[unit] as (typeof units)[number];
      return sweepOne({ core, seed: seedAt(seed, names.indexOf(name)), name, fault, length, stride, counts });
    },
  };
}

interface FaultUnit {
  readonly core: Core;
  readonly seed: number;
  readonly name: string;
  readonly fault: Fault;
  readonly length: Length;
  readonly stride: number;
  /** How many calls, or allocations, a run has without a fault: by its workload and what is counted. */
  readonly counts: Map<string, number>;
}

async function callsOf(unit: FaultUnit): Promise<number> {
  const what = `${unit.name} ${unit.fault === 'memory' ? 'allocations' : 'calls'}`;
  const known = unit.counts.get(what);
  if (known !== undefined) return known;
  const { calls, server } = await faulty(unit, () => false);
  await server?.close();
  unit.counts.set(what, calls);
  return calls;
}

async function sweepOne(unit: FaultUnit): Promise<Tally> {
  const { core, seed, name, fault, length, stride } = unit;
  const figures = { [fault]: 0, findings: 0 };
  const examples: string[] = [];
  const calls = await callsOf(unit);
  const next = random(seed ^ (LENGTHS[length] + FAULTS.indexOf(fault) * 16));
  for (let at = randomInteger(next, stride); at < calls; at += stride) {
    figures[fault] = (figures[fault] as number) + 1;
    try {
      const ran = await faulty(unit, (call) => call >= at && call < at + LENGTHS[length]);
      // What goes on failing cannot be taken back.
      await examineFaulty(ran, fault !== 'memory' && length !== 'once', core, random(at));
    } catch (error) {
      figures.findings++;
      examples.push(`${name}/${seed}/${fault}/${length}/${at}: ${error instanceof Error && error.name !== 'ElanusError' ? error.stack : String(error)}`);
    }
  }
  return { figures, examples };
}

async function faulty({ core, seed, name, fault }: FaultUnit, fails: (call: number) => boolean): Promise<Ran> {
  if (fault === 'memory') return withoutMemory(core, seed, name, fails);
  const code: ErrorCode = fault === 'full' ? 'QuotaExceeded' : 'StorageFailed';
  return run(workloadNamed(name), { core, seed, failing: (call) => (fails(call) ? code : undefined) });
}

async function withoutMemory(core: Core, seed: number, name: string, fails: (call: number) => boolean): Promise<Ran> {
  let allocations = 0;
  const short = shortOfMemory(core, (allocation) => {
    allocations = allocation + 1;
    return fails(allocation);
  });
  return { ...(await run(workloadNamed(name), { core: short, serverCore: core, seed })), calls: allocations };
}

/** After a clean end, and after a crash at some moment. */
async function examineFaulty(ran: Ran, doubtful: boolean, core: Core, next: () => number): Promise<void> {
  const end = ran.snapshots.at(-1) as Snapshot;
  const moment: Moment = { history: ran.history, time: end.time, doubtful };
  const { server } = ran;
  const remains = killed(end.disk, next);
  const found = await examine(remains, moment, core, next);
  // What a failed sync lost and nobody could cut off is seen when it is opened again, and gone after a power cut.
  const others = (life: Life): Beginning => ({ rows: (rows, decided) => doubtful && mayBe(life, end.time, { doubtful, scattered: true }, rows, decided), indexes: doubtful ? possibleIndexes(life, end.time, doubtful) : [] });
  const second = await run(goingOn(found), { core, seed: randomInteger(next, 2 ** 31), remains, history: ran.history.goOn(found, others), server });
  const after: Moment = { history: second.history, time: second.history.now, doubtful };
  await examine(killed(second.disk.state(), next), after, core, next);
  if (doubtful) for (const life of second.history.lives) delete life.opened;
  await examine(crash(second.disk.state(), next), after, core, next);
  const some = ran.snapshots[randomInteger(next, ran.snapshots.length)] as Snapshot;
  await examine(crash(some.disk, next), { ...moment, time: some.time }, core, next);
  await second.server?.close();
}
