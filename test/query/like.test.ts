// like: every kind of pattern against a plain definition by recursion, over short random texts and by example.

import { describe, expect, it } from 'vitest';
import { likePattern, likeTest, simpleLike, type LikePattern } from '../../src/query/like.js';
import { random, randomInteger } from '../support/random.js';

const pattern = (source: string): LikePattern => likePattern(source) as LikePattern;

describe('patterns', () => {
  it.each([
    ['abc', { kind: 'equal', text: 'abc' }],
    ['', { kind: 'equal', text: '' }],
    ['abc%', { kind: 'prefix', text: 'abc' }],
    ['%%abc', { kind: 'suffix', text: 'abc' }],
    ['%abc%%', { kind: 'infix', text: 'abc' }],
    ['%', { kind: 'prefix', text: '' }],
    [String.raw`50\%%`, { kind: 'prefix', text: '50%' }],
    [String.raw`a\_b`, { kind: 'equal', text: 'a_b' }],
    [String.raw`a\\%`, { kind: 'prefix', text: 'a\\' }],
    [String.raw`\a`, { kind: 'equal', text: 'a' }],
    ['a_', undefined],
    ['a%b', undefined],
    ['%a%b%', undefined],
  ])('%s', (source, expected) => {
    expect(simpleLike(pattern(source))).toEqual(expected);
  });

  it('that end with an escape of nothing are none', () => {
    expect(likePattern('a\\')).toBeUndefined();
    expect(likePattern('a\\\\')).toBeDefined();
  });
});

type Part = { readonly any: 'many' | 'one' } | { readonly char: string };

function holds(parts: readonly Part[], text: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return text.length === 0;
  if ('char' in part) return text[0] === part.char && holds(rest, text.slice(1));
  if (part.any === 'one') return text.length > 0 && holds(rest, text.slice(1));
  return text.some((_, at) => holds(rest, text.slice(at))) || holds(rest, []);
}

it('texts match as the definition has it, by code points', () => {
  const seed = 20_261;
  const next = random(seed);
  const chars = ['a', 'b', '😀', '%', '\\'];
  for (let round = 0; round < 4_000; round++) {
    const parts = Array.from({ length: randomInteger(next, 7) }, (): Part => {
      const draw = next();
      return draw < 0.3 ? { any: 'many' } : draw < 0.5 ? { any: 'one' } : { char: chars[randomInteger(next, chars.length)] as string };
    });
    const source = parts.map((part) => ('char' in part ? part.char.replace(/[\\%]/, String.raw`\$&`) : part.any === 'many' ? '%' : '_')).join('');
    const text = Array.from({ length: randomInteger(next, 7) }, () => chars[randomInteger(next, chars.length)] as string);
    expect(likeTest(pattern(source))(text.join('')), `seed ${seed}, round ${round}: ${JSON.stringify(text.join(''))} like ${source}`).toBe(holds(parts, text));
  }
});
