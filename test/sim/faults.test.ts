// Calls of the storage and allocations that fail: a sample of the sweep that `npm run faults` makes whole, and from any seed.

import { expect, test } from 'vitest';
import { memoryFaults, storageFaults } from './faults.js';
import { sharedCore } from './world.js';

const seed = 201;

test.each([
  ['calls of the storage', storageFaults, 40, 90],
  ['allocations', memoryFaults, 20, 20],
] as const)('%s that fail leave the database as before or after each step', async (what, sweep, stride, faultsMin) => {
  console.log(`faults, ${what}: seed ${seed}; repeat with: npm run -s faults -- --stride ${stride} --seed ${seed}`);
  const { faults, findings } = await sweep({ core: await sharedCore(), seed, stride });
  expect(findings).toEqual([]);
  expect(faults).toBeGreaterThan(faultsMin);
}, 300_000);
