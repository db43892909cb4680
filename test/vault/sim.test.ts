// Crashes and damage of encrypted databases, a sample: what holds for plain ones holds for them.

import { expect, test } from 'vitest';
import { corruptSweep } from '../sim/corrupt.js';
import { crashSweep } from '../sim/crash.js';
import { encryptedWorld, sharedCore } from '../sim/world.js';
import { WORKLOADS } from '../sim/workloads.js';

const seed = Date.now() % 2 ** 31;

test.each(Object.keys(WORKLOADS))('a crash at any moment loses nothing that was acknowledged: %s', async (workload) => {
  console.log(`crash sweep: seed ${seed}; repeat with: npm run -s crash -- --encrypted --points 10 --seed ${seed} --workload ${workload}`);
  const report = await crashSweep({ core: encryptedWorld(await sharedCore()), points: 10, seed, workloads: [workload] });
  expect(report.examples).toEqual([]);
  expect(report.points).toBeGreaterThanOrEqual(10);
  expect(report).toMatchObject({ lost: 0, phantom: 0, failedOpens: 0, wrong: 0 });
});

test('flipped, cut, overwritten and missing files are named, or change no answer', async () => {
  console.log(`corrupt: seed ${seed}; repeat with: npm run -s corrupt -- --encrypted --stride 601 --strewn 5 --seed ${seed}`);
  const report = await corruptSweep({ core: encryptedWorld(await sharedCore()), seed, stride: 601, strewn: 5 });
  expect(report.examples).toEqual([]);
  expect(report.figures).toMatchObject({ wrong: 0, crashed: 0 });
  expect(report.figures['detected']).toBeGreaterThan(100);
});
