// The command line of the simulator, started by scripts/simulate.mjs:
//   crash --points N --seed S [--workload NAME]    corrupt --seed S [--stride N] [--strewn N]    faults --seed S [--stride N]
// and each --encrypted.
// Each prints its figures, as one line of JSON with --json, and ends with 1 if any of them must be 0 and is not.

import { parseArgs } from 'node:util';
import type { Core } from '../../src/ports/core.js';
import { corruptSweep } from './corrupt.js';
import { crashSweep } from './crash.js';
import { memoryFaults, storageFaults, type FaultReport } from './faults.js';
import { encryptedWorld, sharedCore } from './world.js';

const PROGRESS_MS = 10_000;

type Values = Readonly<Record<string, string | boolean | undefined>>;

function integer(values: Values, name: string, usual: number, min: number): number {
  const text = values[name];
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text === undefined ? usual : NaN;
  if (!Number.isSafeInteger(value) || value < min) throw new Error(`--${name} ${String(text)}: expected a whole number from ${min} on`);
  return value;
}

/** Prints the figures on standard output, the examples on standard error; gives the exit status. */
function report(values: Values, figures: Readonly<Record<string, number>>, examples: readonly string[], good: boolean): number {
  const line = values['json'] === true ? JSON.stringify(figures) : Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(', ');
  process.stdout.write(`${line}\n`);
  for (const example of examples) process.stderr.write(`${example}\n`);
  return good ? 0 : 1;
}

/** With --encrypted every database is. */
async function coreOf(values: Values): Promise<Core> {
  const core = await sharedCore();
  return values['encrypted'] === true ? encryptedWorld(core) : core;
}

/** Tells of a long run how far it is, once in a while, on standard error. */
function progress<T>(describe: (report: T) => string): (report: T) => void {
  let last = Date.now();
  return (report) => {
    if (Date.now() - last < PROGRESS_MS) return;
    last = Date.now();
    process.stderr.write(`${describe(report)}\n`);
  };
}

async function crash(values: Values, seed: number): Promise<number> {
  const workload = values['workload'];
  const workloads = typeof workload === 'string' ? { workloads: [workload] } : {};
  const { points, lost, phantom, failedOpens, wrong, examples } = await crashSweep({ core: await coreOf(values), points: integer(values, 'points', 50_000, 1), seed, onProgress: progress((so) => `${so.points} points`), ...workloads });
  // A wrong answer or a hang is none of the three of the contract, and as bad.
  return report(values, { points, lost, phantom, failedOpens, ...(wrong === 0 ? {} : { wrong }) }, examples, lost + phantom + failedOpens + wrong === 0);
}

async function corrupt(values: Values, seed: number): Promise<number> {
  const { examples, ...figures } = await corruptSweep({ core: await coreOf(values), seed, stride: integer(values, 'stride', 1, 1), strewn: integer(values, 'strewn', 200, 0), onProgress: progress((so) => `${so.mutations} mutations`) });
  return report(values, figures, examples, figures.wrong + figures.crashed === 0);
}

async function faults(values: Values, seed: number): Promise<number> {
  const options = { core: await coreOf(values), seed, stride: integer(values, 'stride', 1, 1), onProgress: progress((so: FaultReport) => `${so.faults} faults, at ${so.at}`) };
  const storage = await storageFaults(options);
  // What the core allocates has nothing to do with encryption.
  const memory = values['encrypted'] === true ? { faults: 0, findings: [] } : await memoryFaults(options);
  const findings = [...storage.findings, ...memory.findings];
  return report(values, { storage: storage.faults, memory: memory.faults, findings: findings.length }, findings, findings.length === 0);
}

const commands: Readonly<Record<string, (values: Values, seed: number) => Promise<number>>> = { crash, corrupt, faults };

const option = { type: 'string' } as const;
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { points: option, seed: option, stride: option, strewn: option, workload: option, json: { type: 'boolean' }, encrypted: { type: 'boolean' } },
  });
  const command = commands[positionals[0] ?? ''];
  if (command === undefined) throw new Error(`${positionals[0] ?? 'nothing'}: expected one of ${Object.keys(commands).join(', ')}`);
  const seed = integer(values, 'seed', Date.now() % 2 ** 31, 0);
  process.stderr.write(`seed ${seed}\n`);
  process.exitCode = await command(values, seed);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
