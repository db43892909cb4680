// Damage of stored files: a sample of the sweep that `npm run corrupt` makes over every byte and every length.

import { expect, test } from 'vitest';
import { corruptSweep } from './corrupt.js';
import { sharedCore } from './world.js';

test('flipped, cut, overwritten and missing files are named, or change no answer', async () => {
  const seed = Date.now() % 2 ** 31;
  console.log(`corrupt: seed ${seed}; repeat with: npm run -s corrupt -- --stride 301 --strewn 10 --seed ${seed}`);
  const report = await corruptSweep({ core: await sharedCore(), seed, stride: 301, strewn: 10 });
  expect(report.examples).toEqual([]);
  const { mutations = 0, detected = 0, harmless, wrong, crashed } = report.figures;
  expect({ wrong, crashed, harmless }).toEqual({ wrong: 0, crashed: 0, harmless: mutations - detected });
  expect(detected).toBeGreaterThan(300);
});
