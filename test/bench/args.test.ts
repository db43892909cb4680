// The flags are a contract: what they default to, and what is refused with the flag's name.

import { describe, expect, test } from 'vitest';
import { readArgs } from '../../bench/args.js';
import { UsageError } from '../../bench/usage-error.js';

const KNOWN = ['native', 'wasm', 'peer:faiss'];
const FILES = ['ann', '--base', 'b', '--query', 'q', '--gt', 'g'];

test('what is not given has its default, and every known target takes part', () => {
  expect(readArgs(FILES, KNOWN)).toEqual({ base: 'b', query: 'q', gt: 'g', metric: 'l2', k: 10, recall: 0.95, rows: undefined, targets: KNOWN, index: 'AUTOINDEX', json: false });
});

test('what is given is taken', () => {
  const args = readArgs([...FILES, '--metric', 'cosine', '--k', '100', '--recall', '1', '--rows', '5', '--targets', 'wasm, ./x/y.ts', '--index', 'flat', '--json'], KNOWN);
  expect(args).toMatchObject({ metric: 'cosine', k: 100, recall: 1, rows: 5, targets: ['wasm', './x/y.ts'], index: 'FLAT', json: true });
});

describe('refused', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['no command', [], /expected the command "ann", found ""/],
    ['another command', ['build', ...FILES.slice(1)], /found "build"/],
    ['an unknown flag', [...FILES, '--fast'], /--fast/],
    ['a flag without its value', [...FILES, '--k'], /--k/],
    ['a missing file', FILES.slice(0, -2), /--gt is missing/],
    ['an empty file name', [...FILES.slice(0, -1), ''], /--gt is missing/],
    ['an unknown target', [...FILES, '--targets', 'native,peer:none'], /unknown target "peer:none"/],
    ['no target', [...FILES, '--targets', ''], /unknown target ""/],
    ['a target named twice', [...FILES, '--targets', 'native,native'], /"native" is named twice/],
    ['an unknown metric', [...FILES, '--metric', 'L2'], /--metric: expected one of l2, .* found "L2"/],
    ['k 0', [...FILES, '--k', '0'], /--k: expected an integer from 1 to 16384, found "0"/],
    ['k beyond the limit', [...FILES, '--k', '16385'], /--k/],
    ['k with a fraction', [...FILES, '--k', '1.5'], /--k/],
    ['no rows', [...FILES, '--rows', '0'], /--rows/],
    ['recall 0', [...FILES, '--recall', '0'], /--recall: expected a number above 0, at most 1, found "0"/],
    ['recall above 1', [...FILES, '--recall', '1.1'], /--recall/],
    ['recall that is no number', [...FILES, '--recall', 'high'], /--recall/],
  ])('%s', (_, argv, message) => {
    expect(() => readArgs(argv, KNOWN)).toThrow(UsageError);
    expect(() => readArgs(argv, KNOWN)).toThrow(message);
  });
});
