// Conformance of analyzers in Chromium, whose Unicode is another than Node's.

import { expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { groupsOf, ownSums, termSums } from './conformance.js';
import own from './own-sums.json' with { type: 'json' };
import tatoeba from './tatoeba60-sums.json' with { type: 'json' };

declare module 'vitest/browser' {
  interface BrowserCommands {
    readShared(name: string): Promise<string | undefined>;
  }
}

test('our own texts have the same terms as in Node', async () => {
  expect(await ownSums()).toEqual(own);
});

test('sentences of 112 languages have the same terms as in Node', async ({ skip }) => {
  const lines = await commands.readShared('tatoeba60.jsonl.gz');
  if (lines === undefined) return skip('tatoeba60.jsonl.gz, which may not be in the repository, is not beside it');
  expect(await termSums(groupsOf(lines))).toEqual(tatoeba);
});
