import { describe, expect, test } from 'vitest';
import { parseObject, toJson } from '../../src/server/json.js';

const parsed = (text: string): unknown => parseObject(new TextEncoder().encode(text));

describe('JSON with exact Int64', () => {
  test('an integer keeps all its digits, as a bigint where a double would round it', () => {
    expect(parsed('{"a":9007199254740991,"b":9007199254740993,"c":-9223372036854775808}')).toEqual({ a: 9007199254740991, b: 9007199254740993n, c: -9223372036854775808n });
  });

  test('a number with a fraction or exponent is a double', () => {
    expect(parsed('{"a":0.1,"b":1e3,"c":9007199254740993.0,"d":-0}')).toEqual({ a: 0.1, b: 1000, c: 9007199254740992, d: -0 });
  });

  test('a bigint is written with all digits, or as text where asked', () => {
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, false)).toBe('{"id":9223372036854775807,"limit":3}');
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, true)).toBe('{"id":"9223372036854775807","limit":3}');
  });

  test('a vector is written as an array of numbers', () => {
    expect(toJson({ vector: Float32Array.of(1, -0.5) }, false)).toBe('{"vector":[1,-0.5]}');
  });

  test('a key named __proto__ is an own key, and no prototype is touched', () => {
    const value = parsed('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test.each([
    ['empty', ''],
    ['cut off', '{"a":1'],
    ['followed by more', '{} {}'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['nested beyond the stack', '{"a":'.repeat(200_000)],
    ['the same key twice', '{"a":1,"a":2}'],
  ])('text that is %s is refused with 1801', (_what, text) => {
    expect(() => parsed(text)).toThrow(expect.objectContaining({ status: 1801 }));
  });

  test('bytes that are not UTF-8 are refused with 1801', () => {
    expect(() => parseObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(expect.objectContaining({ status: 1801 }));
  });
});
