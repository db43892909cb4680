// Conformance of analyzers in Node.

import { expect, test } from 'vitest';
import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { random } from '../support/random.js';
import { CONFORMANCE_ANALYZERS, groupsOf, ownSums, termSums } from './conformance.js';
import { OWN_TEXTS } from './own-texts.js';
import own from './own-sums.json' with { type: 'json' };
import { readShared } from './shared-data.js';
import tatoeba from './tatoeba60-sums.json' with { type: 'json' };

test('our own texts have the same terms as ever', async () => {
  expect(await ownSums()).toEqual(own);
});

test('composed and decomposed forms of a text have the same terms', async () => {
  const analyzer = await loadAnalyzer(checkAnalyzerParams({ tokenizer: 'icu', filter: ['lowercase'] }));
  const termsOf = (text: string): readonly string[] => analyzer.analyze(text).map(({ term }) => term);
  for (const text of [...OWN_TEXTS, ...Object.values(groupsOf(readShared('tatoeba60.jsonl.gz') ?? '')).flat()]) expect(termsOf(text.normalize('NFD'))).toEqual(termsOf(text.normalize('NFC')));
});

test('any characters at all give terms at ascending places', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.info(`random texts: seed ${seed}`);
  const next = random(seed);
  for (const params of Object.values(CONFORMANCE_ANALYZERS)) {
    const analyzer = await loadAnalyzer(checkAnalyzerParams(params));
    for (let i = 0; i < 300; i++) {
      const text = Array.from({ length: Math.floor(next() * 40) }, () => String.fromCodePoint(Math.floor(next() < 0.5 ? next() * 0x3000 : next() * 0x110000))).join('');
      let [start, position] = [0, 0];
      for (const token of analyzer.analyze(text)) {
        expect(token.term).not.toBe('');
        expect(token.start >= start && token.end > token.start && token.end <= text.length && token.position >= position, JSON.stringify(text)).toBe(true);
        [start, position] = [token.start, token.position];
      }
    }
  }
});

test('sentences of 112 languages have the same terms as ever', async ({ skip }) => {
  const lines = readShared('tatoeba60.jsonl.gz');
  if (lines === undefined) return skip('tatoeba60.jsonl.gz, which may not be in the repository, is not beside it');
  const groups = groupsOf(lines);
  expect(Object.keys(groups)).toHaveLength(112);
  expect(await termSums(groups)).toEqual(tatoeba);
});
