// The command line of the kill test, started by scripts/kill.mjs: --rounds N --seed S [--json]. Prints its figures and ends
// with 1 if anything was lost, made up, half done, wrong, or could not be opened; then the directory is kept.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KillRun } from './rounds.js';

function integer(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Error(`--${name}: expected a whole number, found ${JSON.stringify(text)}`);
  return value;
}

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } } });
const seed = integer('seed', values.seed, Date.now() % 2 ** 31);
const rounds = integer('rounds', values.rounds, 300);
process.stderr.write(`seed ${seed}\n`);
const directory = await mkdtemp(join(tmpdir(), 'elanus-kill-'));
const run = new KillRun({ directory, rounds, seed });
await run.run();
const { figures, examples, met } = run;
process.stderr.write(`opened up to ${met.sealed} sealed segments, ${met.indexed} of them with an index; ${met.cuts} torn logs\n`);
process.stdout.write(`${values.json === true ? JSON.stringify(figures) : Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(', ')}\n`);
for (const example of examples) process.stderr.write(`${example}\n`);
if (figures.lost + figures.phantom + figures.half + figures.failedOpens + figures.wrong === 0) {
  await rm(directory, { recursive: true });
} else {
  process.stderr.write(`kept: ${directory}\n`);
  process.exitCode = 1;
}
