// The command line of the simulator, started by scripts/simulate.mjs:
//   crash --points N [--workload NAME]    corrupt [--stride N] [--strewn N]    faults [--stride N] [--workload NAME]
// and each --seed S, --encrypted, --jobs N, --part K/N, --journal FILE to go on with what was cut off.
// Each prints its figures, as one line of JSON with --json, and ends with 1 if any of them must be 0 and is not.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { corruptUnits } from './corrupt.js';
import { crashUnits } from './crash.js';
import { FAULTS, faultSweep } from './faults.js';
import { runPool, serveUnits } from './pool.js';
import type { Sweep, Tally } from './sweep.js';
import { encryptedWorld, sharedCore } from './world.js';

type Values = Readonly<Record<string, string | boolean | undefined>>;

interface Command {
  /** The options that say what the sweep is. */
  readonly options: readonly string[];
  readonly sweep: (values: Values, seed: number) => Promise<Sweep>;
  /** Figures in the order in which they are printed, and whether each must be 0, or is told only if it is not. */
  readonly figures: Readonly<Record<string, 'count' | 'none' | 'unsaid'>>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  crash: {
    options: ['points', 'workload'],
    sweep: async (values, seed) => crashUnits({ core: await coreOf(values), seed, ...workloadsOf(values) }),
    // A wrong answer or a hang is none of the three of the contract, and as bad.
    figures: { points: 'count', lost: 'none', phantom: 'none', failedOpens: 'none', wrong: 'unsaid' },
  },
  corrupt: {
    options: ['stride', 'strewn'],
    sweep: async (values, seed) => corruptUnits({ core: await coreOf(values), seed, stride: integer(values, 'stride', 1, 1), strewn: integer(values, 'strewn', 200, 0) }),
    figures: { mutations: 'count', detected: 'count', harmless: 'count', wrong: 'none', crashed: 'none' },
  },
  faults: {
    options: ['stride', 'workload'],
    sweep: async (values, seed) => faultSweep({ core: await coreOf(values), seed, stride: integer(values, 'stride', 1, 1), faults: faultsOf(values), ...workloadsOf(values) }),
    figures: { storage: 'count', full: 'count', memory: 'count', findings: 'none' },
  },
};

function integer(values: Values, name: string, usual: number, min: number): number {
  const text = values[name];
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text === undefined ? usual : NaN;
  if (!Number.isSafeInteger(value) || value < min) throw new Error(`--${name} ${String(text)}: expected a whole number from ${min} on`);
  return value;
}

function partOf(values: Values): readonly [number, number] {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(String(values['part'] ?? '1/1')) ?? [];
  const found = [Number(part), Number(parts)] as const;
  if (!(found[0] >= 1 && found[0] <= found[1])) throw new Error(`--part ${String(values['part'])}: expected K/N, K from 1 to N`);
  return found;
}

function workloadsOf(values: Values): { readonly workloads?: readonly string[] } {
  const { workload } = values;
  return typeof workload === 'string' ? { workloads: [workload] } : {};
}

// What the core allocates has nothing to do with encryption.
function faultsOf(values: Values): typeof FAULTS | readonly ['storage', 'full'] {
  return values['encrypted'] === true ? ['storage', 'full'] : FAULTS;
}

/** With --encrypted every database is. */
async function coreOf(values: Values): ReturnType<typeof sharedCore> {
  const core = await sharedCore();
  return values['encrypted'] === true ? encryptedWorld(core) : core;
}

/** Prints the figures on standard output, the examples on standard error; gives the exit status. */
function report({ figures }: Command, tally: Tally, json: boolean): number {
  const kinds = Object.entries(figures);
  const shown = Object.fromEntries(kinds.map(([name, kind]) => [name, tally.figures[name] ?? 0, kind] as const).filter(([, value, kind]) => kind !== 'unsaid' || value > 0));
  process.stdout.write(`${json ? JSON.stringify(shown) : Object.entries(shown).map(([name, value]) => `${name} ${value}`).join(', ')}\n`);
  for (const example of tally.examples) process.stderr.write(`${example}\n`);
  return kinds.some(([name, kind]) => kind !== 'count' && (tally.figures[name] ?? 0) > 0) ? 1 : 0;
}

/** The same arguments for every process, and for what goes on with a journal. */
function argsOf(name: string, { options }: Command, values: Values, seed: number): readonly string[] {
  const given = options.filter((option) => option !== 'points' && values[option] !== undefined);
  return [name, '--seed', String(seed), ...given.flatMap((option) => [`--${option}`, String(values[option])]), ...(values['encrypted'] === true ? ['--encrypted'] : [])];
}

/** Tells of each unit, on standard error. */
function told(done: number, units: number, { figures }: Tally): void {
  const of = units < Number.MAX_SAFE_INTEGER / 2 ? ` of ${units}` : '';
  process.stderr.write(`${done}${of} parts: ${Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(', ')}\n`);
}

const option = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { points: option, seed: option, stride: option, strewn: option, workload: option, json: flag, encrypted: flag, jobs: option, part: option, journal: option, worker: flag },
  });
  const name = positionals[0] ?? 'nothing';
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`${name}: expected one of ${Object.keys(COMMANDS).join(', ')}`);
  const seed = integer(values, 'seed', Date.now() % 2 ** 31, 0);
  if (values.worker === true) {
    serveUnits(await command.sweep(values, seed));
  } else {
    process.stderr.write(`seed ${seed}\n`);
    const points = name === 'crash' ? integer(values, 'points', 50_000, 1) : Infinity;
    const jobs = integer(values, 'jobs', availableParallelism(), 1);
    const tally = await runPool(fileURLToPath(import.meta.url), { args: argsOf(name, command, values, seed), jobs, part: partOf(values), journal: values.journal, points, onUnit: told });
    process.exitCode = report(command, tally, values.json === true);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
