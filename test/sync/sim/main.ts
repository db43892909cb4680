// The command line of the simulation of sync, started by scripts/simulate.mjs: [--seeds N] [--from S] [--json] [--jobs N].
// Prints its figures, and the failing seeds; ends with 1 if any figure but the number of seeds is not 0.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { testCore } from '../../support/database.js';
import { runPool, serveUnits } from '../../sim/pool.js';
import type { Sweep, Tally } from '../../sim/sweep.js';
import { runSeed } from './run.js';

const USAGE = 'Usage: npm run -s sim -- [--seeds 2000] [--from 1] [--json] [--jobs N]';
const FIGURES = ['seeds', 'lost', 'duplicated', 'diverged'] as const;

function integer(text: string | undefined, usual: number, min: number): number {
  const value = text === undefined ? usual : /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value) || value < min) throw new Error(`expected a whole number from ${min} on, found ${String(text)}\n${USAGE}`);
  return value;
}

async function sweep(from: number, seeds: number): Promise<Sweep> {
  const core = await testCore();
  const run = async (unit: number): Promise<Tally> => {
    const seed = from + unit;
    try {
      const { detail, ...figures } = await runSeed(core, seed);
      return { figures: { seeds: 1, ...figures }, examples: detail === '' ? [] : [`seed ${seed}: ${detail}`] };
    } catch (error) {
      // What nobody should meet is as bad as what is lost.
      return { figures: { seeds: 1, diverged: 1 }, examples: [`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`] };
    }
  };
  return { units: seeds, run };
}

const option = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
try {
  const { values } = parseArgs({ options: { seeds: option, from: option, json: flag, jobs: option, worker: flag } });
  const [seeds, from] = [integer(values.seeds, 2000, 1), integer(values.from, 1, 0)];
  if (values.worker === true) {
    serveUnits(await sweep(from, seeds));
  } else {
    const jobs = integer(values.jobs, availableParallelism(), 1);
    const args = ['--seeds', String(seeds), '--from', String(from)];
    const onUnit = (done: number): void => void (done % 100 === 0 && process.stderr.write(`${done} of ${seeds} seeds\n`));
    const tally = await runPool(fileURLToPath(import.meta.url), { args, jobs, part: [1, 1], journal: undefined, points: Infinity, onUnit });
    const shown = Object.fromEntries(FIGURES.map((name) => [name, tally.figures[name] ?? 0]));
    process.stdout.write(`${values.json === true ? JSON.stringify(shown) : FIGURES.map((name) => `${name} ${shown[name]}`).join(', ')}\n`);
    for (const example of tally.examples) process.stdout.write(`${example}\n`);
    process.exitCode = FIGURES.some((name) => name !== 'seeds' && shown[name] !== 0) ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
