// Calls of the storage and allocations that fail: a sample of the sweep that `npm run faults` makes whole.

import { expect, test } from 'vitest';
import { faultSweep, type Fault } from './faults.js';
import { swept } from './sweep.js';
import { sharedCore } from './world.js';

test.each<readonly [string, Fault, number]>([
  ['calls of the storage', 'storage', 80],
  ['calls that lack room', 'full', 80],
  ['allocations', 'memory', 20],
])('%s that fail leave the database as before or after each step', async (what, fault, stride) => {
  const seed = Date.now() % 2 ** 31;
  console.log(`faults, ${what}: seed ${seed}; repeat with: npm run -s faults -- --stride ${stride} --seed ${seed}`);
  const { figures, examples } = await swept(faultSweep({ core: await sharedCore(), seed, faults: [fault], stride }));
  expect(examples).toEqual([]);
  expect(figures[fault]).toBeGreaterThan(10);
}, 300_000);
