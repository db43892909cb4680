// Tabs of Chromium that share a database, whose owner is killed, closed, crashed and reloaded under them.

import { expect, test } from 'vitest';
import { seesProcesses } from './chromium.js';
import { TakeOver } from './take-over.js';

const ROUNDS = 5;

test.each([2, 5])('%i tabs: another takes over, nothing acknowledged is lost, there is one writer', { timeout: 180_000 }, async (tabs) => {
  const { rounds, acknowledged, interrupted, processesMax, ownersMax, ...rest } = await TakeOver.run(tabs, ROUNDS);
  const waits = rounds.map(({ ending, silenceMs }) => `${ending} ${silenceMs}`).join(', ');
  console.log(`tabs | ${tabs} tabs, ${rounds.length} owners ended | longest without an answer, ms (bar 2000): ${waits} | ${acknowledged} acknowledged, ${interrupted.length} interrupted`);
  expect(rest).toEqual({ lost: 0, wrong: 0, problems: [] });
  expect(rounds).toHaveLength(ROUNDS);
  expect(acknowledged).toBeGreaterThan(ROUNDS * tabs);
  expect(ownersMax).toBe(1);
  if (seesProcesses) expect(processesMax).toEqual({ kill: 1, close: 1, crash: 1, reload: 1, navigate: 1 });
});
