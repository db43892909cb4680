// The JSON parser against JSON.parse: the same values, the same refusals, but for exact integers.

import { describe, expect, test } from 'vitest';
import { JSON_DEPTH_MAX, parseJson } from '../../src/format/json-parser.js';
import { random } from '../support/random.js';

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['-0', -0],
    ['-12', -12],
    ['9007199254740991', 9007199254740991],
    ['0.1', 0.1],
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    ['1e999', Infinity],
    ['9007199254740993.0', 9007199254740992],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['100000000000000000000000000000', 1e29],
  ])('%s is %s', (text, value) => {
    expect(parseJson(text)).toBe(value);
  });
});

describe('long lists of numbers', () => {
  const list = (...items: readonly string[]): string => `{"before":[1],"list":[${[...Array.from({ length: 40 }, (_, i) => `${i / 8}`), ...items].join(', ')}],"after":true}`;
  test.each([['-0.1257302206754684412', '1e-7', '9007199254740991', '-0'], ['9007199254740993', '9223372036854775807'], ['[1,2]', 'null'], ['1e999']])('with %s are as they are one by one', (...items) => {
    const parsed = parseJson(list(...items)) as { readonly list: readonly unknown[]; readonly after: boolean };
    expect(parsed.list.slice(40)).toEqual(items.map((item) => parseJson(item)));
    expect(parsed.list.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, i) => i / 8));
    expect(parsed.after).toBe(true);
  });
  test.each(['01', '1.', '.5', '1 2', '--1', ''])('with %j are refused with the position', (item) => {
    expect(() => parseJson(list(item, '3'))).toThrow(/^position \d{3}: expected/);
  });
});

describe('objects', () => {
  test('a key named __proto__ is an own key, and no prototype is touched', () => {
    const value = parseJson('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('a key that comes twice is refused', () => {
    expect(() => parseJson('{"a":1,"b":2,"a":1}')).toThrow(/position 13: expected a key that the object does not have yet/);
  });
});

test(`more than ${JSON_DEPTH_MAX} levels are refused, so many are not`, () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  expect(() => parseJson(nested(JSON_DEPTH_MAX))).not.toThrow();
  expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).toThrow(SyntaxError);
  expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow(SyntaxError);
});

const MALFORMED = [
  '', ' ', '{', '}', '[', ']', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', "{'a':1}", '{"a":1 "b":2}', '{1:2}',
  '"', '"a', '"\\', '"\\"', '"\\x"', '"\\u12"', '"\n"', '"\u0000"', "'a'",
  '-', '+1', '01', '-01', '.5', '1.', '1.e5', '1e', '1e+', '0x10', '1_000', 'NaN', 'Infinity', '--1',
  'nul', 'True', 'nulll', 'true false', '1 2', '[] []', '/* c */ 1', '1 // c', '\ufeff1', '\u00a01',
];

test.each(MALFORMED)('%j is refused with its position, as JSON.parse refuses it', (text) => {
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  expect(() => parseJson(text)).toThrow(/^position \d+: expected /);
});

const SEED = 20_240_607;

test(`what JSON.stringify writes is read as JSON.parse reads it (seed ${SEED})`, () => {
  const next = random(SEED);
  for (let i = 0; i < 500; i++) {
    const value = randomValue(next, 0);
    const text = JSON.stringify(value, null, i % 3);
    expect(parseJson(text)).toEqual(JSON.parse(text));
  }
});

test(`a damaged text is refused by both, or read alike (seed ${SEED})`, () => {
  const next = random(SEED);
  for (let i = 0; i < 3000; i++) {
    const text = JSON.stringify(randomValue(next, 0));
    const at = Math.floor(next() * text.length);
    const damaged = text.slice(0, at) + '{}[]",:\\-1e.tn '[Math.floor(next() * 15)] + text.slice(at + (next() < 0.5 ? 1 : 0));
    const ours = outcome(() => parseJson(damaged));
    if (!String(ours).includes('does not have yet')) expect([damaged, ours]).toEqual([damaged, outcome(() => JSON.parse(damaged) as unknown)]);
  }
});

function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return String(error).includes('does not have yet') ? String(error) : 'refused';
  }
}

function randomValue(next: () => number, depth: number): unknown {
  const kind = Math.floor(next() * (depth < 4 ? 7 : 5));
  const length = Math.floor(next() * 4);
  if (kind === 0) return [null, true, false][length % 3];
  if (kind === 1) return Math.floor(next() * 2 ** 40) - 2 ** 39;
  if (kind === 2) return (next() - 0.5) * 10 ** Math.floor(next() * 20 - 10);
  if (kind <= 4) return Array.from({ length: length * 3 }, () => ['a', '"', '\\', '\n', 'é', '\u{1f985}', '\ud800', '/'][Math.floor(next() * 8)]).join('');
  if (kind === 5) return Array.from({ length }, () => randomValue(next, depth + 1));
  return Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, randomValue(next, depth + 1)]));
}
