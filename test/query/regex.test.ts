// Regular expressions: the syntax of RE2 by example, what is refused, and patterns that other matchers take for ever on.
// Random ones are held against those of JavaScript in differential.test.ts.

import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/model/limits.js';
import { regexTest } from '../../src/query/regex/matcher.js';
import { compileRegex } from '../../src/query/regex/program.js';
import { RegexError } from '../../src/query/regex/reader.js';
import { random, randomInteger } from '../support/random.js';

const matches = (source: string, text: string): boolean => regexTest(compileRegex(source))(text);

describe('a pattern', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['b', ['b', 'abc'], ['', 'B', 'ac']],
    ['', ['', 'a'], []],
    ['a.c', ['abc', 'xa😀cx'], ['ac', 'a\nc']],
    ['(?s)a.c', ['a\nc'], ['ac']],
    ['^a', ['ab'], ['ba', 'b\na']],
    ['(?m)^a$', ['a', 'b\na\nb'], ['ab']],
    ['a$', ['ba'], ['ab', 'a\n']],
    ['(?m)a$', ['a\nb'], ['ab']],
    [String.raw`\Aa\z`, ['a'], ['ab', '\na']],
    [String.raw`\bcat\b`, ['a cat', 'cat!'], ['cats', 'é_cat']],
    [String.raw`\Bat`, ['cat'], ['at']],
    ['a|b|', ['', 'c'], []],
    ['x(ab|c)+y', ['xaby', 'xcaby'], ['xy', 'xay']],
    ['ab*c', ['ac', 'abbc'], ['adc']],
    ['ab+?c', ['abc'], ['ac']],
    ['ab?c', ['ac', 'abc'], ['abbc']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{2,}$', ['aa', 'aaaa'], ['a']],
    ['^a{1,3}$', ['a', 'aaa'], ['', 'aaaa']],
    ['^(a*)*$', ['', 'aaa'], ['b']],
    ['^(|a)+$', ['', 'aa'], ['b']],
    ['x{,3}', ['x{,3}'], ['xxx']],
    ['[a-c]', ['b'], ['d']],
    ['[^a-c]', ['d', '😀'], ['abc']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a-]', ['-'], ['b']],
    [String.raw`[\d\s]`, ['1', ' '], ['a']],
    [String.raw`^[\D]$`, ['a'], ['1']],
    ['[[:alpha:][:digit:]]', ['a', '1'], ['-']],
    ['^[[:^alpha:]]$', ['1'], ['a']],
    [String.raw`^\w+\W\w+$`, ['ab-cd'], ['abcd', 'aé']],
    [String.raw`\pL`, ['é', '日'], ['1']],
    [String.raw`^\p{Greek}+$`, ['αβγ'], ['abc']],
    [String.raw`^\P{Lu}$`, ['a'], ['A']],
    [String.raw`^[\p{Lu}\d]+$`, ['A1'], ['a']],
    ['(?i)straße', ['STRAßE'], ['STRASSE']],
    ['a(?i)b', ['aB', 'ab'], ['AB']],
    ['a(?i:b)c', ['aBc'], ['aBC']],
    ['(?i)[a-c]', ['B'], ['D']],
    [String.raw`(?i)^\W$`, ['-'], ['k', 'K']],
    ['(?i)k', ['\u212a', 'K'], ['l']],
    ['(?i)^[^k]$', ['a'], ['K', 'k']],
    ['(?P<year>x)(?<n>y)(?:z)', ['xyz'], ['xy']],
    [String.raw`\Qa.b\E.c`, ['a.bxc'], ['axbxc']],
    [String.raw`\x41\x{1F600}\101\t`, ['A😀A\t'], ['A']],
    [String.raw`\.\*\\\[\-\/`, ['.*\\[-/'], ['a']],
    ['日本?', ['日', '日本'], ['本']],
    ['(?U)a+b', ['aab'], ['b']],
  ])('%s', (source, yes, no) => {
    for (const text of yes) expect(matches(source, text), JSON.stringify(text)).toBe(true);
    for (const text of no) expect(matches(source, text), JSON.stringify(text)).toBe(false);
  });

  it.each<[string, string]>([
    ['(', 'at 1: expected ")"'],
    ['a)', 'at 1: expected the end'],
    ['[a', 'at 0: expected a class with an end'],
    ['[b-a]', 'at 1: expected a range that ascends'],
    ['*a', 'at 0: expected something to repeat'],
    ['a|+', 'at 2: expected something to repeat'],
    ['a**', 'at 0: expected one repetition'],
    ['a{2}{3}', 'expected one repetition'],
    ['a{3,2}', 'the smaller number first'],
    [`a{${LIMITS.regexRepeatMax + 1}}`, 'at most 1000 repetitions'],
    ['(a{500}){500}', 'of at most 10000 steps'],
    ['(((){1000}){1000}){1000}', 'of at most 10000 steps'],
    [String.raw`(a)\1`, 'an escape that RE2 has'],
    [String.raw`\C`, 'an escape that RE2 has'],
    ['\\', 'an escape that RE2 has'],
    [String.raw`\x{110000}`, 'an escape that RE2 has'],
    [String.raw`\p{Klingon}`, 'a general category or a script'],
    ['[[:klingon:]]', 'a class of POSIX'],
    ['(?=a)', 'without looking around'],
    ['(?<!a)', 'without looking around'],
    ['(?x)a', 'a group'],
  ])('%s is refused', (source, message) => {
    expect(() => compileRegex(source)).toThrow(message);
  });

  it('longer or deeper than allowed is refused', () => {
    expect(() => compileRegex('a'.repeat(LIMITS.regexSizeMax - 2))).not.toThrow();
    expect(() => compileRegex('a'.repeat(LIMITS.regexSizeMax + 1))).toThrow('of at most 10000 steps');
    expect(() => compileRegex('('.repeat(64) + ')'.repeat(64))).not.toThrow();
    expect(() => compileRegex('('.repeat(65) + ')'.repeat(65))).toThrow('groups at most 64 deep');
  });
});

it('texts that are hardly patterns are refused, or match, and nothing else', () => {
  const seed = 7_710;
  const next = random(seed);
  const pieces = ['a', 'b', '.', '*', '+', '?', '{2}', '{1,', '}', '(', ')', '(?:', '(?i)', '(?P<n>', '[', ']', '[^', '-', '^', '$', '|', '\\', '\\d', '\\p{L}', '\\p', '\\x{', '\\Q', '\\E', '[:alpha:]', '😀', '\ud800', '\n', '\0'];
  for (let round = 0; round < 20_000; round++) {
    const source = Array.from({ length: randomInteger(next, 10) }, () => pieces[randomInteger(next, pieces.length)]).join('');
    try {
      matches(source, 'ab😀-a1\n');
    } catch (error) {
      expect(error, `seed ${seed}, round ${round}: ${source}`).toBeInstanceOf(RegexError);
    }
  }
});

describe('what takes other matchers for ever', () => {
  const many = 'a'.repeat(20_000);
  it.each<[string, string, boolean]>([
    ['(a+)+$', `${many}b`, false],
    ['^(a|aa)+$', `${many}b`, false],
    ['(a|a)*[bc]', many, false],
    ['(.*)*[bc]', many, false],
    ['(a*)*(a*)*(a*)*[bc]', many, false],
    ['^(a?){99}a{99}$', 'a'.repeat(99), true],
    ['(a{0,100}){0,40}[bc]', many, false],
    ['[ab]*a[ab]{9}$', 'ab'.repeat(5_000), true],
    [String.raw`(\w+\s?)+$`, 'word '.repeat(4_000).concat('!'), false],
  ])('%s', (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  it('characters and states without number are forgotten, not kept', () => {
    const all = String.fromCodePoint(...Array.from({ length: 20_000 }, (_, i) => 0x4e00 + i));
    expect(matches(String.raw`[^\p{Han}]$`, all)).toBe(false);
    const text = Array.from({ length: 6_000 }, (_, i) => 'abc'.charAt((i * 7919) % 11 % 3)).join('');
    for (const source of ['a[^x]{12}b', 'a.{9}(ab|b.)$', '(a|b).{11}c$']) expect(matches(source, text), source).toBe(new RegExp(source).test(text));
  });
});
