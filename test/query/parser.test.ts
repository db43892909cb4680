// The filter language: what a text means, and where exactly a text that means nothing goes wrong.

import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/model/limits.js';
import { parseFilter } from '../../src/query/parser.js';
import { print } from './language.js';

/** The text of the parsed filter with every operator in parentheses. */
const shape = (text: string): string => print(parseFilter(text));

/** The literal of a comparison. */
function literalOf(text: string): unknown {
  const filter = parseFilter(`field == ${text}`);
  return filter.kind === 'compare' ? filter.value : filter;
}

describe('operators', () => {
  it.each([
    ['a and b or c', '((a and b) or c)'],
    ['a or b and c', '(a or (b and c))'],
    ['a or b or c', '((a or b) or c)'],
    ['a and b and c', '((a and b) and c)'],
    ['a and (b or c)', '(a and (b or c))'],
    ['not a and b', '((not a) and b)'],
    ['not a or b', '((not a) or b)'],
    ['not (a and b)', '(not (a and b))'],
    ['not not a', '(not (not a))'],
    ['not a == 1', '(not a == 1)'],
    ['a == 1 and b != 2 or c < 3', '((a == 1 and b != 2) or c < 3)'],
  ])('%s binds as %s', (text, expected) => {
    expect(shape(text)).toBe(expected);
  });

  it.each([
    ['a && b || !c', 'a and b or not c'],
    ['A AND B OR NOT C', 'A and B or not C'],
    ['a NOT IN [1]', 'a not in [1]'],
    ['!(a IN [1])', 'not (a in [1])'],
    ['a==1&&b<2', 'a == 1 and b < 2'],
    [' \t\r\n a \n == 1 ', 'a == 1'],
    ['a == True or a == TRUE or a == true', 'a == true or a == true or a == true'],
    ['a == False or a == FALSE or a == false', 'a == false or a == false or a == false'],
    ['5 < a', 'a > 5'],
    ['5 <= a', 'a >= 5'],
    ['5 > a', 'a < 5'],
    ['5 >= a', 'a <= 5'],
    ['5 == a', 'a == 5'],
    ['"x" != a', 'a != "x"'],
    ['true == a', 'a == true'],
    ['1 < a <= 5', 'a > 1 and a <= 5'],
    ['5 >= a > 1', 'a <= 5 and a > 1'],
    ['not 1 < a < 5', 'not (a > 1 and a < 5)'],
  ])('%s means %s', (text, expected) => {
    expect(shape(text)).toBe(shape(expected));
  });

  it('keep the order and the kind of a list of values', () => {
    expect(parseFilter('a in [2, 1.5, "x", true, -3]')).toMatchObject({ kind: 'in', field: 'a', negated: false, values: [2n, 1.5, 'x', true, -3n] });
    expect(parseFilter('a not in []')).toMatchObject({ kind: 'in', negated: true, values: [] });
  });

  it('let true and false stand alone', () => {
    expect(parseFilter('true or false')).toMatchObject({ kind: 'or', left: { kind: 'constant', value: true }, right: { kind: 'constant', value: false } });
  });

  it('take a keyword as part of a longer name', () => {
    expect(shape('android and order and inner and notes and trueish')).toBe('((((android and order) and inner) and notes) and trueish)');
  });
});

describe('positions', () => {
  it('of comparisons are those of the field, of operators their own', () => {
    const left = { kind: 'compare', position: 6 };
    expect(parseFilter('  5 < age and not flag')).toMatchObject({ kind: 'and', position: 10, left, right: { kind: 'not', position: 14 } });
  });
});

describe('literals', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['123456789012345678901234567890', 123_456_789_012_345_678_901_234_567_890n],
    ['1.5', 1.5],
    ['-1.5', -1.5],
    ['5.', 5],
    ['.5', 0.5],
    ['-.5e1', -5],
    ['1e3', 1000],
    ['1E+3', 1000],
    ['25e-1', 2.5],
    ['-0.0', -0],
    ["'single'", 'single'],
    ['"double"', 'double'],
    ['""', ''],
    [`'say "hi"'`, 'say "hi"'],
    [`"it's"`, "it's"],
    [String.raw`"a\nb\tc\\d\"e\'f"`, 'a\nb\tc\\d"e\'f'],
    [String.raw`"\u0041\u00e9\ud83d\ude00"`, 'Aé😀'],
    ['"日本 😀"', '日本 😀'],
    ['"and [1] // not"', 'and [1] // not'],
  ])('%s', (text, expected) => {
    expect(literalOf(text)).toBe(expected);
  });
});

describe('a text that does not parse is refused at its place', () => {
  it.each([
    ['', 0, 'found the end of the filter'],
    ['   ', 3, 'found the end of the filter'],
    ['a =', 2, 'expected "=="'],
    ['a == ', 5, 'expected a literal'],
    ['a === 1', 4, 'expected "=="'],
    ['a < b', 4, 'expected a literal, found b'],
    ['a & b', 2, 'expected "&&"'],
    ['a | b', 2, 'expected "||"'],
    ['a and', 5, 'found the end'],
    ['and a', 0, 'found and'],
    ['a b', 2, 'expected "and", "or" or the end'],
    ['a == 1 b', 7, 'found b'],
    ['a in 5', 5, 'expected "[" after "in"'],
    ['a in [1 2]', 8, 'expected "," or "]"'],
    ['a in [1,]', 8, 'found ]'],
    ['a in [b]', 6, 'found b'],
    ['a in [1', 7, 'expected "," or "]"'],
    ['a not b', 6, 'expected "in" after "not"'],
    ['(a', 2, 'expected "and", "or" or ")"'],
    ['a)', 1, 'found )'],
    ['()', 1, 'found )'],
    ['not', 3, 'found the end'],
    ['5', 1, 'expected a comparison after a literal'],
    ['5 < 6', 4, 'expected a field'],
    ['5 in [5]', 2, 'found in'],
    ['1 < a > 2', 6, 'second sign of a range'],
    ['1 < a == 2', 6, 'second sign of a range'],
    ['1 == a == 2', 7, 'expected "and" or "or"'],
    ['a < 5 < 6', 6, 'field in the middle'],
    ['a == "x', 5, 'expected a closing "'],
    ["a == 'x\"", 5, "expected a closing '"],
    [String.raw`a == "\q"`, 6, String.raw`found "\q"`],
    [String.raw`a == "\u12"`, 6, String.raw`\uXXXX`],
    ['a == "\\', 6, 'expected one of'],
    ['a == 007', 5, 'leading zeros'],
    ['a == 0x1f', 6, 'found "x"'],
    ['a == 5x', 6, 'found "x" after 5'],
    ['a == 1e999', 5, 'at most 1.79'],
    ['a == - 5', 5, 'a number after "-"'],
    ['a == +5', 5, 'found "+"'],
    ['é == 1', 0, 'found "é"'],
    ['a == 😀', 5, 'found "😀"'],
    ['a == 1;', 6, 'found ";"'],
    ['a.b == 1', 1, 'found "."'],
  ])('%j at %i', (text, position, message) => {
    expect(() => parseFilter(text)).toThrow(expect.objectContaining({ name: 'ElanusError', code: 'InvalidFilter', position }));
    expect(() => parseFilter(text)).toThrow(message);
    expect(() => parseFilter(text)).toThrow(`filter at ${position}: `);
  });

  it('also if it is no text', () => {
    expect(() => parseFilter(5 as unknown as string)).toThrow(expect.objectContaining({ code: 'InvalidFilter', position: 0 }));
  });
});

describe('limits', () => {
  const depth = LIMITS.filterDepthMax;

  it('take parentheses and not as deep as allowed', () => {
    expect(shape(`${'('.repeat(depth)}a${')'.repeat(depth)}`)).toBe('a');
    expect(parseFilter(`${'not '.repeat(depth)}a`).kind).toBe('not');
    expect(parseFilter(`${'(a) and '.repeat(depth * 2)}a`).kind).toBe('and');
  });

  it.each([
    ['parentheses', '(', 1],
    ['not', 'not ', 4],
    ['exclamation marks', '!', 1],
    ['both mixed', '!(', 1],
  ])('refuse %s one deeper, at the first too many', (_, opener, width) => {
    const refused = expect.objectContaining({ code: 'InvalidFilter', position: depth * width });
    expect(() => parseFilter(`${opener.repeat(depth + 1)}a`)).toThrow(refused);
    expect(() => parseFilter(opener.repeat(Math.floor(LIMITS.filterLengthMax / opener.length)))).toThrow(refused);
  });

  it('take a chain as long as the text may be', () => {
    const terms = Math.floor((LIMITS.filterLengthMax + 2) / 3);
    let node = parseFilter(Array.from({ length: terms }, () => 'a').join('||'));
    let count = 1;
    for (; node.kind === 'or'; node = node.left) count++;
    expect(count).toBe(terms);
  });

  it('refuse a text longer than allowed before reading it', () => {
    const refused = expect.objectContaining({ code: 'InvalidFilter', position: LIMITS.filterLengthMax });
    expect(parseFilter('a'.padEnd(LIMITS.filterLengthMax)).kind).toBe('field');
    expect(() => parseFilter('a'.padEnd(LIMITS.filterLengthMax + 1))).toThrow(refused);
  });
});
