// Term hash: its values, which are those of MurmurHash3 over UTF-16, are stored, and how often two terms share one is what chance would have.

import { expect, test } from 'vitest';
import { termHash } from '../../src/text/term-hash.js';

test('values do not change', () => {
  expect(['', 'a', 'ab', 'vector', '中文', '𠮷野家', 'x'.repeat(1000)].map(termHash)).toEqual([0, 1867108634, 374890698, 3255440829, 3475845030, 3911246580, 3954602942]);
});

test('of a million terms as many share a number as chance has it: 116 pairs', () => {
  const hashes = new Uint32Array(1_000_000);
  for (let i = 0; i < hashes.length; i++) hashes[i] = termHash(i % 2 === 0 ? `term${i}` : i.toString(36));
  hashes.sort();
  const shared = hashes.reduce((count, hash, i) => count + Number(i > 0 && hash === hashes[i - 1]), 0);
  expect(shared).toBeGreaterThan(60);
  expect(shared).toBeLessThan(180);
});
