// The filter language: what a text means, and where exactly a text that means nothing goes wrong.

import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/model/limits.js';
import { parseFilter } from '../../src/query/parser/parser.js';
import { print } from './language.js';

/** The text of the parsed filter with every operator in parentheses. */
const shape = (text: string): string => print(parseFilter(text));

/** The literal of a comparison. */
function literalOf(text: string): unknown {
  const filter = parseFilter(`field == ${text}`);
  return filter.kind === 'compare' && filter.right.kind === 'literal' ? filter.right.value : filter;
}

describe('operators', () => {
  it.each([
    ['a and b or c', '((a and b) or c)'],
    ['a or b and c', '(a or (b and c))'],
    ['a or b or c', '(a or b or c)'],
    ['a and b and c', '(a and b and c)'],
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
    ['1 < a <= 5', '1 < a and a <= 5'],
    ['5 >= a > 1', '5 >= a and a > 1'],
    ['not 1 < a < 5', 'not (1 < a and a < 5)'],
    ['a - 1 < b["x"][0] + 2 < 5', '(a - 1) < (b["x"][0] + 2) and (b["x"][0] + 2) < 5'],
    ['a IS NULL or b is not null or isnull(c) or ISNOTNULL(d)', 'a is null or b is not null or c is null or d is not null'],
    ['a LIKE "x%" and EXISTS m["k"]', 'a like "x%" and exists m["k"]'],
    ['exists(m["k"])', 'exists m["k"]'],
    ['ARRAY_CONTAINS(a, 1) or array_contains_all(a, [1]) or JSON_CONTAINS_ANY(a, [1])', 'json_contains(a, 1) or json_contains_all(a, [1]) or json_contains_any(a, [1])'],
    ['TEXT_MATCH(t, "q", MINIMUM_SHOULD_MATCH = 2)', 'text_match(t, "q", minimum_should_match=2)'],
    ['a in [1, 2,]', 'a in [1, 2]'],
    ["a == iso '2026-01-01T00:00:00Z'", "a == ISO '2026-01-01T00:00:00Z'"],
    ["a + interval 'P1DT1S' > b", "(a + INTERVAL 'P0MT86401S') > b"],
  ])('%s means %s', (text, expected) => {
    expect(shape(text)).toBe(shape(expected));
  });

  it.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a * b / c % d', '(((a * b) / c) % d)'],
    ['a ** b ** c', '((a ** b) ** c)'],
    ['-a ** 2', '(-(a ** 2))'],
    ['-a * 2', '((-a) * 2)'],
    ['2 ** -1', '(2 ** -1)'],
    ['a -1', '(a - 1)'],
    ['a - -1', '(a - -1)'],
    ['~a & b', '((~a) & b)'],
    ['a | b ^ c & d << 1', '(a | (b ^ (c & (d << 1))))'],
    ['a << 1 + 2 >> b', '((a << (1 + 2)) >> b)'],
    ['(a + b) * c', '((a + b) * c)'],
    ['((a))', 'a'],
    ['array_length(a["x"]) + 1', '(array_length(a["x"]) + 1)'],
  ])('of arithmetic bind %s as %s', (text, expected) => {
    expect(shape(`${text} == z`)).toBe(`${expected} == z`);
    expect(shape(`z < ${text}`)).toBe(`z < ${expected}`);
    expect(shape(`${text} in [1] and ${text} is null`)).toBe(`(${expected} in [1] and ${expected} is null)`);
  });

  it('of bits bind tighter than comparisons', () => {
    expect(shape('a & 3 == b | 1')).toBe('(a & 3) == (b | 1)');
  });

  it('keep the order and the kind of a list of values', () => {
    const items = [2n, 1.5, 'x', true, -3n].map((value) => ({ kind: 'literal', value }));
    expect(parseFilter('a in [2, 1.5, "x", true, -3]')).toMatchObject({ kind: 'in', operand: { name: 'a' }, negated: false, values: { items } });
    expect(parseFilter('a not in []')).toMatchObject({ kind: 'in', negated: true, values: { items: [] } });
    expect(parseFilter('a in {list}')).toMatchObject({ kind: 'in', values: { kind: 'template', name: 'list' } });
    expect(shape('json_contains(a, [[1, "x"], []])')).toBe('json_contains(a, [[1, "x"], []])');
  });

  it('take paths of keys and elements', () => {
    expect(parseFilter(`m["a"]['b'][0][r"\\d"] == 1`)).toMatchObject({ left: { kind: 'field', name: 'm', path: ['a', 'b', 0, '\\d'] } });
    expect(parseFilter('$meta["k"] == 1')).toMatchObject({ left: { name: '$meta', path: ['k'] } });
  });

  it('take words of the language as names where they can be nothing else', () => {
    expect(shape('like == 1 and is == 2 and exists == 3 and null == 4 and iso == 5 and interval == 6')).toBe('(like == 1 and is == 2 and exists == 3 and null == 4 and iso == 5 and interval == 6)');
    expect(shape('text_match == 1 or array_length == 2 or random_sample in [1]')).toBe('(text_match == 1 or array_length == 2 or random_sample in [1])');
    expect(shape('like like "like" and is is null')).toBe('(like like "like" and is is null)');
  });

  it('let true and false stand alone', () => {
    expect(parseFilter('true or false')).toMatchObject({ kind: 'or', operands: [{ kind: 'constant', value: true }, { kind: 'constant', value: false }] });
  });

  it('take a keyword as part of a longer name', () => {
    expect(shape('android and order and inner and notes and trueish')).toBe('(android and order and inner and notes and trueish)');
  });
});

describe('positions', () => {
  it('of operators and operands are their own', () => {
    const compare = { kind: 'compare', position: 4, left: { position: 2 }, right: { position: 6 } };
    expect(parseFilter('  5 < age and not flag')).toMatchObject({ kind: 'and', position: 10, operands: [compare, { kind: 'not', position: 14, operand: { position: 18 } }] });
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
    [String.raw`"\u0041\u00e9\ud83d\ude00\U0001F600"`, 'Aé😀😀'],
    [String.raw`"\a\b\f\r\v\?"`, '\x07\b\f\r\v?'],
    [String.raw`"\x41\101\0z"`, 'AA\0z'],
    [String.raw`"\xe4\xb8\xad\344\270\255"`, '中中'],
    [String.raw`"50\% \_ \\%"`, String.raw`50\% \_ \%`],
    [String.raw`r"\d\"\n"`, String.raw`\d\"\n`],
    [String.raw`R'\x'`, String.raw`\x`],
    ['u8"x"', 'x'],
    ["L'x'", 'x'],
    ['0x1F', 31n],
    ['0XfF', 255n],
    ['0b101', 5n],
    ['-0B11', -3n],
    ['007', 7n],
    ['0x1p4', 16],
    ['0x1.8p1', 3],
    ['0x.8P-1', 0.25],
    ['- 5', -5n],
    ['+5', 5n],
    ['--5', 5n],
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
    ['a == ', 5, 'expected a field, a literal'],
    ['a === 1', 4, 'found ='],
    ['a & b', 2, 'expected a comparison'],
    ['a + 1', 2, 'expected a comparison'],
    ['5', 0, 'expected a comparison'],
    ['"x"', 0, 'expected a comparison'],
    ['[1]', 0, 'expected a comparison'],
    ['(a == 1) == true', 9, 'found a condition'],
    ['a == (b == 1)', 8, 'expected ")"'],
    ['a + not b == 1', 4, 'found not'],
    ['a == not b', 5, 'found not'],
    ['a == 1 in [2]', 7, 'found in'],
    ['a is', 4, 'expected "null"'],
    ['a is not 5', 9, 'expected "null" after "is not"'],
    ['a like', 6, 'found the end'],
    ['a like "x" like "y"', 11, 'found like'],
    ['m["a" == 1', 6, 'expected "]"'],
    ['m[-1] == 1', 2, 'a key as a string'],
    ['m[1.5] == 1', 2, 'a key as a string'],
    ['m[a] == 1', 2, 'a key as a string'],
    ['m[] == 1', 2, 'a key as a string'],
    ['foo(a) == 1', 0, 'a function that filters have'],
    ['Json_Contains(a, 1)', 0, 'a function that filters have'],
    ['json_contains(a)', 15, 'expected ","'],
    ['json_contains(a, 1', 18, 'expected "," or ")"'],
    ['text_match(a, "q", 2)', 19, 'expected minimum_should_match'],
    ['text_match(a, "q", minimum_should_match 2)', 40, 'expected "="'],
    ['a in {', 6, 'the name of a value'],
    ['a in {x', 7, 'expected "}"'],
    ['a > b + INTERVAL "1 day"', 17, 'ISO 8601 duration'],
    ['a > b + INTERVAL "P"', 17, 'ISO 8601 duration'],
    ['a == 08', 5, 'an octal number'],
    ['a == 0x', 6, 'found "x"'],
    ['a == 0b2', 6, 'found "b"'],
    ['a == 1.2.3', 8, 'found "."'],
    ['a == 0x1p99999', 5, 'at most 1.79'],
    [String.raw`a == "\xff"`, 6, 'bytes that are UTF-8'],
    [String.raw`a == "\777"`, 6, 'at most'],
    [String.raw`a == "\U00110000"`, 6, String.raw`\UXXXXXXXX`],
    ['a == r"x', 6, 'expected a closing "'],
    ['a and', 5, 'found the end'],
    ['and a', 0, 'found and'],
    ['a b', 2, 'expected "and", "or" or the end'],
    ['a == 1 b', 7, 'found b'],
    ['a in 5', 5, 'expected "[" after "in"'],
    ['a in [1 2]', 8, 'expected "," or "]"'],
    ['a in [1', 7, 'expected "," or "]"'],
    ['a not b', 6, 'expected "in" after "not"'],
    ['(a', 2, 'expected "and", "or" or ")"'],
    ['a)', 1, 'found )'],
    ['()', 1, 'found )'],
    ['not', 3, 'found the end'],
    ['1 < a > 2', 6, 'second sign of a range'],
    ['1 < a == 2', 6, 'second sign of a range'],
    ['1 == a == 2', 7, 'expected "and" or "or"'],
    ['a < 5 < 6', 6, 'field in the middle'],
    ['a == "x', 5, 'expected a closing "'],
    ["a == 'x\"", 5, "expected a closing '"],
    [String.raw`a == "\q"`, 6, String.raw`found "\q"`],
    [String.raw`a == "\u12"`, 6, String.raw`\uXXXX`],
    ['a == "\\', 6, 'expected one of'],
    ['a == 5x', 6, 'found "x" after 5'],
    ['a == 1e999', 5, 'at most 1.79'],
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
    expect(parseFilter(`${'-'.repeat(depth)}a == 1`).kind).toBe('compare');
    expect(parseFilter(`a${' + 1'.repeat(depth)} == 1`).kind).toBe('compare');
    expect(parseFilter(`json_contains(a, ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)})`).kind).toBe('contains');
    expect(parseFilter(`${'(a) and '.repeat(depth * 2)}a`).kind).toBe('and');
  });

  it.each([
    ['parentheses', '(', 1],
    ['not', 'not ', 4],
    ['exclamation marks', '!', 1],
    ['both mixed', '!(', 1],
    ['signs', '-', 1],
    ['lists', '[', 1],
  ])('refuse %s one deeper, at the first too many', (_, opener, width) => {
    const refused = expect.objectContaining({ code: 'InvalidFilter', position: depth * width });
    expect(() => parseFilter(`${opener.repeat(depth + 1)}a`)).toThrow(refused);
    expect(() => parseFilter(opener.repeat(Math.floor(LIMITS.filterLengthMax / opener.length)))).toThrow(refused);
  });

  it('take a chain as long as the text may be', () => {
    const terms = Math.floor((LIMITS.filterLengthMax + 2) / 3);
    const node = parseFilter(Array.from({ length: terms }, () => 'a').join('||'));
    expect(node.kind === 'or' && node.operands.length).toBe(terms);
  });

  it('refuse a chain of arithmetic one longer, at the first too many', () => {
    const refused = expect.objectContaining({ code: 'InvalidFilter', position: 2 + depth * 4 });
    expect(() => parseFilter(`a${' + 1'.repeat(depth + 1)} == 1`)).toThrow(refused);
    expect(() => parseFilter(`a${' + 1'.repeat(10_000)} == 1`)).toThrow(refused);
  });

  it('refuse a path longer than JSON is deep', () => {
    expect(() => parseFilter(`a${'[0]'.repeat(LIMITS.jsonDepthMax)} == 1`)).not.toThrow();
    expect(() => parseFilter(`a${'[0]'.repeat(LIMITS.jsonDepthMax + 1)} == 1`)).toThrow(expect.objectContaining({ code: 'InvalidFilter' }));
  });

  it('refuse a text longer than allowed before reading it', () => {
    const refused = expect.objectContaining({ code: 'InvalidFilter', position: LIMITS.filterLengthMax });
    expect(parseFilter('a'.padEnd(LIMITS.filterLengthMax)).kind).toBe('truth');
    expect(() => parseFilter('a'.padEnd(LIMITS.filterLengthMax + 1))).toThrow(refused);
  });
});
