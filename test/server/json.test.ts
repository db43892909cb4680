// Bodies of requests and answers as JSON.

import { describe, expect, test } from 'vitest';
import { parseObject, toJson } from '../../src/server/json.js';

const parsed = (text: string): unknown => parseObject(new TextEncoder().encode(text));

describe('JSON with exact Int64', () => {
  test('a bigint is written with all digits, or as text where asked', () => {
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, false)).toBe('{"id":9223372036854775807,"limit":3}');
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, true)).toBe('{"id":"9223372036854775807","limit":3}');
  });

  test('a vector is written as an array of numbers', () => {
    expect(toJson({ vector: Float32Array.of(1, -0.5) }, false)).toBe('{"vector":[1,-0.5]}');
  });

  test.each(['', '{"a":1', '{} {}', '[]', 'null', '1', '"text"'])('text that is not one object is refused with 1801: %s', (text) => {
    expect(() => parsed(text)).toThrow(expect.objectContaining({ status: 1801 }));
  });

  test('what JSON cannot say is null or left out, as with JSON.stringify', () => {
    expect(toJson({ a: undefined, b: [undefined], c: Infinity, d: null, e: 'é"\n', f: true, g: {}, h: [] }, false)).toBe('{"b":[null],"c":null,"d":null,"e":"é\\"\\n","f":true,"g":{},"h":[]}');
  });

  test('bytes that are not UTF-8 are refused with 1801', () => {
    expect(() => parseObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(expect.objectContaining({ status: 1801 }));
  });
});
