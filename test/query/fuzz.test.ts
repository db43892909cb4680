// The parser under texts that nobody writes: it answers with a filter or with `InvalidFilter`, never with another error;
// it takes every token once, and what it builds is no larger than the text and no deeper than allowed.

import { describe, expect, it } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import { LIMITS } from '../../src/model/limits.js';
import { compileFilter } from '../../src/query/check.js';
import { tokenize } from '../../src/query/parser/lexer.js';
import { parseFilter, parseTokens } from '../../src/query/parser/parser.js';
import type { Token } from '../../src/query/parser/token.js';
import { random, randomInteger } from '../support/random.js';
import { schema } from './tables.js';

const seed = 90_210;

const PIECES = [
  'i8', 'name', 'doc', 'tags', '$meta', 'flag', 'like', 'in', 'not', 'and', 'or', '&&', '||', '!', 'is', 'null', 'exists', 'iso', 'interval', 'true', 'False', '(', ')', '[', ']', '{', '}', ',', '=', '==', '!=', '<', '<=', '>', '>=', '=~', '!~',
  '+', '-', '*', '/', '%', '**', '&', '|', '^', '~', '<<', '>>', '0', '1', '0x1f', '07', '08', '1.5', '1e999', '"a"', "'b'", 'r"c"', '"', "'", '\\', '"\\u00e9"', '"\\xff"', 'json_contains', 'array_length', 'text_match', 'phrase_match', 'random_sample', 'minimum_should_match', ' ', '\n', '\0', '😀', '\ud800', '["a"]', '[0]', '"(a|b)*"', 'P1D', '#',
];

/** Nothing but a filter or `InvalidFilter`, with a place in the text. */
function survives(text: string): void {
  try {
    compileFilter(text, schema);
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'InvalidFilter' || error.position === undefined || error.position > text.length) throw new Error(`${JSON.stringify(text.slice(0, 400))}: ${String(error)}`, { cause: error });
  }
}

it(`of random pieces, seed ${seed}`, () => {
  const next = random(seed);
  for (let round = 0; round < 12_000; round++) {
    const spaced = next() < 0.7;
    survives(Array.from({ length: randomInteger(next, 24) }, () => PIECES[randomInteger(next, PIECES.length)]).join(spaced ? ' ' : ''));
  }
});

it(`of filters with characters changed, cut out and put in, seed ${seed}`, () => {
  const next = random(seed + 1);
  const filters = ['i8 + 1 > 2 and not (name like "a%" or doc["a"][0] in [1, 2.5, "x"])', '1 < i8 ** 2 <= 5 || json_contains_all(doc["a"], [[1], {x}])', "text_match(name, 'a b', minimum_should_match=2) && moment > ISO '2026-01-01T00:00:00Z'", String.raw`name =~ "^(a|b){2,5}[^\\d]\\p{L}$" or random_sample(0.5, 7)`];
  for (let round = 0; round < 5_000; round++) {
    let text = filters[randomInteger(next, filters.length)] as string;
    for (let edits = 1 + randomInteger(next, 4); edits > 0; edits--) {
      const at = randomInteger(next, text.length + 1);
      const put = next() < 0.3 ? '' : next() < 0.5 ? String.fromCharCode(randomInteger(next, 128)) : (PIECES[randomInteger(next, PIECES.length)] as string);
      text = text.slice(0, at) + put + text.slice(at + (next() < 0.5 ? 1 : 0));
    }
    survives(text);
  }
});

/** As long as a text may be, of what might be read again and again, or go deep. */
const long = (piece: string, end = ''): string => piece.repeat(Math.floor((LIMITS.filterLengthMax - end.length) / piece.length)) + end;

const monsters = ['(', ')', '[', '{', '!', 'not ', '-', '~', '- -', '1<', 'a<', 'a==', 'a and ', 'a or ', 'a,', 'in ', 'a in [', '(a or ', '((a))', 'a[0]', 'a["', '"\\', '"a" ', 'a+', 'a**', 'a in [1,2] and ', 'exists ', 'exists(', 'json_contains(', 'json_contains(a,[', '1 < a < 2 or ', 'is null ', "ISO '", '0x', '9', '.', '\\x', '"\\xe4', '1e', '/*', '!(', 'a=~"(" or ', '{a}'];

describe('as long as a text may be', () => {
  it.each(monsters)('of %j again and again', (piece) => {
    survives(long(piece));
    survives(`a == ${long(piece).slice(5)}`);
    survives(`a in [${long(piece).slice(6)}`);
    survives(long(piece, ' a == 1'));
  });

  it('the steps grow with the text and no faster', () => {
    const stepsOf = (text: string): number => {
      let reads = 0;
      const tokens: readonly Token[] = tokenize(text);
      const counted = new Proxy(tokens, { get: (target, key) => (typeof key === 'string' && /^\d+$/.test(key) && reads++, Reflect.get(target, key) as unknown) });
      parseTokens(counted);
      return reads / tokens.length;
    };
    for (const [piece, first, end] of [['a and ', '', 'a'], ['x + ', '', '1 > 2'], ['1, ', 'a in [', '1]'], ['not (1 < a <= 2) or ', '', 'b'], ['a["b"][0] like "x%" and ', '', 'c'], ['json_contains(a, [1, [2]]) or ', '', 'c']] as const) {
      const texts = piece === 'x + ' ? [10, 60] : [10, 1000];
      const [few, many] = texts.map((times) => stepsOf(first + piece.repeat(times) + end)) as [number, number];
      expect(many, piece).toBeLessThan(few * 1.1 + 1);
      expect(many, piece).toBeLessThan(40);
    }
  });

  it('the tree has no more nodes than the text has tokens', () => {
    const count = (node: unknown): number => (typeof node !== 'object' || node === null ? 0 : Object.values(node).reduce<number>((sum, part) => sum + count(part), 'kind' in node ? 1 : 0));
    for (const text of [`${'1 < a < 2 and '.repeat(2000)}b`, `a in [${'1,'.repeat(20_000)}2]`, `${'a == 1 or '.repeat(3000)}b`]) expect(count(parseFilter(text))).toBeLessThanOrEqual(tokenize(text).length * 1.5);
  });
});
