// Counts are of one query, in units whose bytes are those of the stored layout.

import { expect, test } from 'vitest';
import { countsOf, perQuery, unitBytes } from '../../bench/counts.js';
import { measureRun } from '../../bench/measure.js';
import type { Searcher } from '../../bench/target.js';

test('dimensions are padded to 32 in codes, not in vectors', () => {
  expect(unitBytes(33, 80)).toEqual({ hop: 80, code4: 32 + 8, code1: 8 + 10, vector: 132 });
});

test('bytes are those of all that was read, and a scan reads every row', () => {
  const unit = { hop: 1, code4: 10, code1: 100, vector: 1000 };
  expect(countsOf({ hops: 2, scored: 3, scanned: 4, lists: 5, reranked: 6, scans: 1 }, unit, 7)).toEqual({ hops: 2, codes4: 3, codes1: 4, lists: 5, vectors: 13, bytes: 2 + 30 + 400 + 13_000 });
});

test('what lies between two sums is told of one query, to a tenth', () => {
  const sum = (value: number) => ({ hops: value, codes4: value, codes1: 0, lists: value, vectors: value, bytes: value });
  expect(perQuery(sum(10), sum(30), 3)).toEqual({ hops: 6.7, codes4: 6.7, codes1: 0, lists: 6.7, vectors: 6.7, bytes: 7 });
});

function searcher(more: Partial<Searcher>): Searcher {
  return { index: 'FAKE', params: {}, buildS: 0, fileBytes: null, ramBytes: null, search: () => [0], ids: (answer) => answer as number[], ...more };
}

test('a run tells the counts of its own passes alone, and none where the target does not count', async () => {
  let searched = 100;
  const counting = searcher({ search: () => [searched++], counts: () => ({ hops: searched, codes4: 2 * searched, codes1: 0, lists: 0, vectors: 0, bytes: 0 }) });
  expect((await measureRun(counting, 4, 0)).counts).toMatchObject({ hops: 1, codes4: 2 });
  expect(await measureRun(searcher({}), 4, 0)).not.toHaveProperty('counts');
});
