// Test files that take longest begin first, whatever is known of earlier runs.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { TestSpecification, Vitest } from 'vitest/node';
import { LONG, LongestFirst } from './longest-first.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('those that are listed begin first, in their order, and each is there', async () => {
  const specification = (path: string) => ({ moduleId: `${root}${path}`, project: { name: 'node', config: { sequence: { groupOrder: 1 } } } }) as unknown as TestSpecification;
  const vitest = { config: { root }, cache: { getFileTestResults: () => undefined, getFileStats: () => undefined } } as unknown as Vitest;
  const sorted = await new LongestFirst(vitest).sort(['test/model/bitset.test.ts', ...[...LONG].reverse()].map(specification));
  expect(sorted.map(({ moduleId }) => moduleId.slice(root.length))).toEqual([...LONG, 'test/model/bitset.test.ts']);
  expect(LONG.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
});
