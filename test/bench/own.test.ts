// Our cores as the harness opens them: what each name of an index stands for, both kinds from one build, and their counts.

import { describe, expect, test } from 'vitest';
import { mixture } from '../../bench/commands/bytes.js';
import { CORE_NAMES, coreRecipe } from '../../bench/cores.js';
import { coreTarget } from '../../bench/own-core.js';
import { flatOf, openAnn, ownKinds } from '../../bench/own-index.js';
import { chooserOf } from '../../bench/own-options.js';
import type { Searcher } from '../../bench/target.js';

const base = mixture(1500, 32);
const queries = { ...base, n: 4, values: base.values.slice(0, 4 * 32) };
const task = { metric: 'l2' as const, k: 5, base, queries, folder: '' };

describe('index names', () => {
  test.each([['FLAT', []], ['GRAPH', ['graph']], ['HNSW', ['graph']], ['IVF', ['ivf']], ['IVF_FLAT', ['ivf']], ['AUTOINDEX', ['graph', 'ivf']]])('%s', (name, kinds) => {
    expect(ownKinds(name)).toEqual(kinds);
  });
  test('one that we do not have makes the target absent', () => {
    expect(() => ownKinds('ANNOY')).toThrow('absent: it has no index ANNOY');
  });
});

test.for(['native', 'native-avx2'] as const)('%s uses the kernels that it is named for', async (name, { skip }) => {
  const recipe = coreRecipe(name);
  const absent = await recipe.absent();
  if (absent !== undefined) return skip(absent);
  const { kernels } = await recipe.create();
  if (name === 'native-avx2') expect(kernels).toBe('avx2');
  else expect(kernels).not.toBe('');
});

test('every core has a target of its name', async () => {
  for (const name of CORE_NAMES) expect((await import(`../../bench/targets/${name}.ts`)) as object).toHaveProperty('target.own', true);
});

test('one build is opened as either kind, and each search is counted', async () => {
  const searchers = await (coreTarget('native') as { open(given: object): Promise<readonly Searcher[]> }).open({ ...task, index: 'AUTOINDEX' });
  expect(searchers.map(({ index }) => index)).toEqual(['GRAPH', 'IVF', 'IVF', 'IVF', 'IVF']);
  for (const searcher of searchers) {
    const before = searcher.counts?.();
    await searcher.set?.(searcher.knob?.max === undefined ? 1 : Math.min(searcher.knob.max, 50));
    expect(searcher.ids(searcher.search(0))).toHaveLength(5);
    const after = searcher.counts?.();
    expect(after?.bytes).toBeGreaterThan(before?.bytes ?? Infinity);
    expect(searcher.index === 'GRAPH' ? after?.hops : after?.codes1).toBeGreaterThan(0);
  }
});

test('a scan is counted as all vectors', async () => {
  const [flat] = (await (coreTarget('native') as { open(given: object): Promise<readonly Searcher[]> }).open({ ...task, index: 'FLAT' })) as readonly [Searcher];
  flat.search(0);
  expect(flat.counts?.()).toMatchObject({ hops: 0, vectors: 1500, bytes: 1500 * 32 * 4 });
});

test('a filter gets options by which lists end', async () => {
  const core = await coreRecipe('native').create();
  const flat = flatOf(core, 'l2', base);
  const [opened] = await openAnn(core, flat, ['graph']);
  const choose = await chooserOf(flat, (opened as NonNullable<typeof opened>).ann);
  expect(choose(5, 0.8, true)?.patience).toBeGreaterThan(0);
  expect(choose(5, 0.8, false)?.effort).toBeGreaterThanOrEqual(1);
  expect(choose(5, 0.8, false)?.rerank).toBeGreaterThanOrEqual(5);
});
