// The first of what is offered, in order, whatever the order of the offers; sorted a piece at a time.

import { expect, test } from 'vitest';
import { SORTED_IN_TURN, sortedInTurns } from '../../src/query/sorted-in-turns.js';
import { TopList } from '../../src/query/top-list.js';
import { random, randomInteger } from '../support/random.js';

const ascending = (a: number, b: number): number => a - b;

const shuffled = (count: number, seed: number): readonly number[] => {
  const next = random(seed);
  const numbers = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = randomInteger(next, at + 1);
    [numbers[at], numbers[other]] = [numbers[other] as number, numbers[at] as number];
  }
  return numbers;
};

test.each([0, 1, 2, 3, 10, 100, 4999, 5000, 5001, 20_000])('of 5000 in any order the first %i', async (k) => {
  const up = Array.from({ length: 5000 }, (_, at) => at);
  for (const offers of [up, up.toReversed(), shuffled(5000, k)]) {
    const top = new TopList<number>(k, ascending);
    for (const offer of offers) top.offer(offer);
    expect(await top.sorted(() => Promise.resolve())).toEqual(up.slice(0, k));
  }
});

test.each([0, 1, SORTED_IN_TURN, SORTED_IN_TURN + 1, 3 * SORTED_IN_TURN, 11_111])('%i numbers, some of them equal, are sorted as at once', async (count) => {
  const items = shuffled(count, count).map((number) => ({ key: number % 1000, number }));
  expect(await sortedInTurns(items, (a, b) => a.key - b.key, () => Promise.resolve())).toEqual(items.toSorted((a, b) => a.key - b.key));
});

test.each([1, -1])('what comes in its order, or against it, is not merged (%i)', async (direction) => {
  const items = Array.from({ length: 5 * SORTED_IN_TURN }, (_, at) => at * direction);
  let compared = 0;
  let pauses = 0;
  expect(await sortedInTurns(items, (a, b) => (compared++, a - b), () => (pauses++, Promise.resolve()))).toEqual(items.toSorted((a, b) => a - b));
  expect(compared).toBeLessThan(items.length + 20);
  expect(pauses).toBe(4);
});

test('between two pauses no more is compared than a piece takes', async () => {
  let compared = 0;
  let most = 0;
  let pauses = 0;
  const pause = (): Promise<void> => {
    [most, compared] = [Math.max(most, compared), 0];
    pauses++;
    return Promise.resolve();
  };
  const count = 16 * SORTED_IN_TURN;
  await sortedInTurns(shuffled(count, 1), (a, b) => (compared++, a - b), pause);
  await pause();
  expect(most).toBeLessThan(SORTED_IN_TURN * Math.log2(SORTED_IN_TURN));
  expect(pauses).toBeGreaterThan(16 * 4);
});
