// Chromium killed while its tabs write, and started anew on the same profile.

import { expect, test } from 'vitest';
import { random } from '../support/random.js';
import { killBrowser } from './browser-kill.js';

const KILLS = 5;

test('what was acknowledged is there in a new process after the browser was killed', { timeout: 180_000 }, async () => {
  const seed = Date.now() % 1_000_000;
  const { acknowledged, ...outcome } = await killBrowser('chromium', KILLS, random(seed));
  console.log(`kill | Chromium killed ${outcome.kills} times, seed ${seed} | ${acknowledged} acknowledged`);
  expect(outcome).toMatchObject({ kills: KILLS, lost: 0, wrong: 0, problems: [] });
  expect(acknowledged).toBeGreaterThan(20 * KILLS);
});
