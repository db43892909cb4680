// A server that is killed while a client pulls from it and pushes to it, ten times. `npm run kill:sync` does more rounds.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SyncKillRun } from './rounds.js';

const ROUNDS = 10;

test('ten killed servers: nothing acknowledged is lost or applied twice, and at most one part is fetched again', async () => {
  const seed = Date.now() % 2 ** 31;
  const directory = await mkdtemp(join(tmpdir(), 'elanus-kill-sync-'));
  const run = new SyncKillRun({ directory, rounds: ROUNDS, seed });
  await run.run();
  await rm(directory, { recursive: true });
  expect(run.figures, `seed ${seed}`).toMatchObject({ rounds: ROUNDS, lost: 0, appliedTwice: 0, differing: 0 });
  expect(run.figures.partsAgainMax).toBeLessThanOrEqual(1);
  expect(run.figures.writes).toBeGreaterThan(ROUNDS);
}, 600_000);
