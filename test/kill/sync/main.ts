// The command line of the kill test of sync, started by scripts/kill.mjs: --rounds N --seed S [--json]. Prints its figures and ends
// with 1 if anything was lost, applied twice, different in the end, or more than one part fetched again; then the directory is kept.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SyncKillRun } from './rounds.js';

function integer(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new Error(`--${name}: expected a whole number, found ${JSON.stringify(text)}`);
  return Number(text);
}

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } } });
const seed = integer('seed', values.seed, Date.now() % 2 ** 31);
process.stderr.write(`seed ${seed}\n`);
const directory = await mkdtemp(join(tmpdir(), 'elanus-kill-sync-'));
const run = new SyncKillRun({ directory, rounds: integer('rounds', values.rounds, 200), seed });
await run.run();
const { figures } = run;
process.stdout.write(`${values.json === true ? JSON.stringify(figures) : Object.entries(figures).map(([name, value]) => `${name} ${String(value)}`).join(', ')}\n`);
if (figures.lost === 0 && figures.appliedTwice === 0 && figures.differing === 0 && figures.partsAgainMax <= 1) {
  await rm(directory, { recursive: true });
} else {
  process.stderr.write(`kept: ${directory}\n`);
  process.exitCode = 1;
}
