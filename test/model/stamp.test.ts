// Stamps ascend whatever clocks do, and order any two writes the same way everywhere.

import { expect, test } from 'vitest';
import { isLater, msOfTime, NO_STAMP, StampClock, timeMax, timeOfMs } from '../../src/model/stamp.js';

test('a clock gives ascending times while that of the machine stands still, goes back, or is an hour behind what was shown', () => {
  let now = 1_000;
  const clock = new StampClock(() => now);
  const given = [clock.tick(), clock.tick()];
  now = 10;
  given.push(clock.tick());
  clock.shown(timeOfMs(3_600_000));
  given.push(clock.tick());
  now = 3_600_001;
  given.push(clock.tick());
  for (const [at, time] of given.entries()) if (at > 0) expect(time).toBeGreaterThan(given[at - 1] as bigint);
  expect(msOfTime(given[4] as bigint)).toBe(3_600_001);
  clock.shown(0n);
  expect(clock.last).toBe(given[4]);
});

test('more than 65,536 times in a millisecond go on in the next', () => {
  const clock = new StampClock(() => 5);
  let before = 0n;
  for (let count = 0; count < 70_000; count++) {
    const time = clock.tick();
    if (time <= before) expect.fail(`${time} after ${before}`);
    before = time;
  }
  expect(msOfTime(before)).toBe(6);
});

test('of two stamps one is later, or they are the same write', () => {
  const stamps = [NO_STAMP, { time: 1n, client: -5n }, { time: 1n, client: 0n }, { time: 1n, client: 7n }, { time: 2n, client: -9n }];
  for (const [i, a] of stamps.entries()) for (const [j, b] of stamps.entries()) expect(isLater(a, b)).toBe(i > j);
});

test('what is believed ends a minute ahead', () => {
  expect(msOfTime(timeMax(1_000))).toBe(61_000);
  expect(timeMax(1_000)).toBeLessThan(timeOfMs(61_001));
});
