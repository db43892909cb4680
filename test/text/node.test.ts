// Conformance of analyzers in Node.

import { expect, test } from 'vitest';
import { groupsOf, ownSums, termSums } from './conformance.js';
import own from './own-sums.json' with { type: 'json' };
import { readShared } from './shared-data.js';
import tatoeba from './tatoeba60-sums.json' with { type: 'json' };

test('our own texts have the same terms as ever', async () => {
  expect(await ownSums()).toEqual(own);
});

test('sentences of 112 languages have the same terms as ever', async ({ skip }) => {
  const lines = readShared('tatoeba60.jsonl.gz');
  if (lines === undefined) return skip('tatoeba60.jsonl.gz, which may not be in the repository, is not beside it');
  const groups = groupsOf(lines);
  expect(Object.keys(groups)).toHaveLength(112);
  expect(await termSums(groups)).toEqual(tatoeba);
});
