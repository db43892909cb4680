// Tuning finds the least setting that reaches, without trying the same one twice.

import { describe, expect, test } from 'vitest';
import { leastSetting } from '../../bench/tune.js';

/** Recall 1 from `threshold` on, and what was tried. */
async function tune(threshold: number, min: number, max: number) {
  const tried: number[] = [];
  const tuned = await leastSetting({ name: 'ef', min, max }, 0.9, async (value) => {
    tried.push(value);
    return value >= threshold ? 0.9 : (0.8 * value) / threshold;
  });
  return { tried, tuned };
}

describe('leastSetting', () => {
  test('finds every threshold there can be', async () => {
    for (const min of [1, 10]) {
      for (let threshold = min; threshold <= 200; threshold++) {
        const { tried, tuned } = await tune(threshold, min, 200);
        expect(tuned).toEqual({ value: threshold, recall: 0.9, reached: true });
        expect(new Set(tried).size).toBe(tried.length);
        expect(tried.length).toBeLessThanOrEqual(16);
      }
    }
  });

  test('stops at the first setting if it reaches', async () => {
    expect((await tune(1, 10, 200)).tried).toEqual([10]);
  });

  test('out of reach gives the best that was tried', async () => {
    const { tried, tuned } = await tune(1000, 10, 200);
    expect(tried).toEqual([10, 20, 40, 80, 160, 200]);
    expect(tuned).toEqual({ value: 200, recall: 0.16, reached: false });
  });

  test('a knob with one setting is tried once', async () => {
    expect((await tune(1000, 5, 5)).tried).toEqual([5]);
  });
});
