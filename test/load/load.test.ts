// A few seconds of `npm run -s load`: connections that read and write at once, and a server that is killed under them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingBuild } from '../../bench/repository.js';
import { load } from '../../bench/server/load.js';

let data: string;
const missing = missingBuild('dist/node.js', 'dist/elanus.node');
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'elanus-load-'));
});
afterEach(async () => {
  await rm(data, { recursive: true });
});

const SHORT = { connections: 8, dim: 16, sampleSeconds: 1, entry: 'src/cli/main.ts', onNote: () => undefined } as const;

test('no call of a mixed load fails, and every acknowledged row is as it was written', async () => {
  const seed = Date.now() % 2 ** 31;
  const figures = await load({ ...SHORT, data, seconds: 1.5, rows: 0, kills: 0, seed });
  expect({ errors: figures.errors, wrong: figures.wrong, examples: figures.examples }, `seed ${seed}`).toEqual({ errors: 0, wrong: 0, examples: [] });
  expect(Math.min(...Object.values(figures.done))).toBeGreaterThan(0);
  expect(figures.readBack).toBeGreaterThan(0);
});

test.skipIf(missing !== undefined)(`a server that is killed under it keeps every acknowledged row${missing === undefined ? '' : ` (${missing})`}`, async () => {
  const seed = Date.now() % 2 ** 31;
  const figures = await load({ ...SHORT, data, seconds: 0.7, rows: 500, kills: 2, seed });
  expect({ errors: figures.errors, wrong: figures.wrong, examples: figures.examples }, `seed ${seed}`).toEqual({ errors: 0, wrong: 0, examples: [] });
  expect([figures.readyMs.length, figures.rowsKept]).toEqual([2, 500]);
});
