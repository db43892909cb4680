// A hundred histories of clients, a server and a bad network: all come to the same, nothing is lost, nothing applied twice.

import { expect, test } from 'vitest';
import { testCore } from '../../support/database.js';
import { runSeed } from './run.js';

const SEEDS = 100;
const PARTS = 10;
const FROM = 1;

test.each(Array.from({ length: PARTS }, (_, part) => FROM + part * (SEEDS / PARTS)))('seeds from %i on', async (from) => {
  const core = await testCore();
  for (let seed = from; seed < from + SEEDS / PARTS; seed++) {
    const { detail, ...figures } = await runSeed(core, seed);
    expect(figures, `seed ${seed}: ${detail}`).toEqual({ lost: 0, duplicated: 0, diverged: 0 });
  }
});
