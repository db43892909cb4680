// Waves: the same work for many numbers, a few at a time, so that a platform that can do some at once does, and what is
// under way takes bounded memory.

import { inLanes } from '../files/lanes.js';

const AT_ONCE = 16;

/** Runs `work` for 0 .. count - 1; rejects with the first error, when what was begun is over. */
export async function inWaves(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < count && !failed) await work(next++);
  };
  await inLanes(Math.min(AT_ONCE, count), lane, () => (failed = true));
}
