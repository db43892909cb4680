// kill -9 in the middle of everything, process after process over one directory. `npm run kill` does more rounds.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KillRun } from './rounds.js';

const ROUNDS = 20;

test('twenty killed processes: nothing acknowledged is lost, nothing half done or made up is found, every next one opens', async () => {
  const seed = Date.now() % 2 ** 31;
  const directory = await mkdtemp(join(tmpdir(), 'elanus-kill-'));
  const run = new KillRun({ directory, rounds: ROUNDS, seed });
  await run.run();
  await rm(directory, { recursive: true });
  expect(run.examples, `seed ${seed}`).toEqual([]);
  expect(run.figures).toMatchObject({ rounds: ROUNDS, lost: 0, phantom: 0, half: 0, failedOpens: 0, wrong: 0 });
  expect(run.figures.acknowledged).toBeGreaterThan(0);
  expect(run.met.sealed).toBeGreaterThan(0);
}, 600_000);
