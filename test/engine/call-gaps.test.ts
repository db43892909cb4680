// Gaps between calls: work goes on when no call runs, or when it is hurried.

import { expect, test } from 'vitest';
import { CallGaps } from '../../src/engine/database/call-gaps.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('work waits until the last of the calls has ended, failed ones too', async () => {
  const gaps = new CallGaps();
  await gaps.next(() => false);
  const ends: (() => void)[] = [];
  const calls = [0, 1].map((at) => gaps.during(() => new Promise<void>((resolve, reject) => ends.push(at === 0 ? resolve : () => reject(new Error('failed'))))));
  let isThere = false;
  const gap = gaps.next(() => false).then(() => (isThere = true));
  ends[0]?.();
  await turn();
  expect(isThere).toBe(false);
  ends[1]?.();
  await expect(calls[1]).rejects.toThrow('failed');
  await gap;
  expect(isThere).toBe(true);
});

test('work that a call waits for goes on at once', async () => {
  const gaps = new CallGaps();
  let isHurried = false;
  let end = (): void => {};
  const call = gaps.during(async () => {
    isHurried = true;
    gaps.wake();
    await new Promise<void>((resolve) => (end = resolve));
  });
  await gaps.next(() => isHurried);
  end();
  await call;
});
