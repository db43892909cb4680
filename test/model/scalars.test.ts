// Scalar values that are texts with a meaning: Timestamptz against JavaScript's own dates, Geometry against a list of
// what OGC's grammar takes and what it does not.

import { describe, expect, test } from 'vitest';
import { scalarValue } from '../../src/model/scalar-value.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN, timestampOf, timestampText } from '../../src/model/timestamp.js';
import { wktDefect } from '../../src/model/wkt.js';
import { random } from '../support/random.js';

describe('a Timestamptz', () => {
  test('of any millisecond is what Date says it is (seed 3)', () => {
    const next = random(3);
    const [first, last] = [Number(TIMESTAMP_MIN / 1000n), Number(TIMESTAMP_MAX / 1000n)];
    for (let i = 0; i < 3000; i++) {
      const ms = Math.floor(first + next() * (last - first));
      const text = new Date(ms).toISOString();
      expect(timestampOf(text)).toBe(BigInt(ms) * 1000n);
      expect(Date.parse(timestampText(BigInt(ms) * 1000n))).toBe(ms);
      const minutes = Math.floor(next() * 1440);
      const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
      const east = BigInt(ms) * 1000n - BigInt(minutes) * 60_000_000n;
      expect(timestampOf(text.replace('Z', `+${zone}`))).toBe(east < TIMESTAMP_MIN ? undefined : east);
    }
  });

  test.each([
    ['1970-01-01T00:00:00Z', 0n, '1970-01-01T00:00:00Z'],
    ['1970-01-01t00:00:00.000001z', 1n, '1970-01-01T00:00:00.000001Z'],
    ['1969-12-31 23:59:59.999999Z', -1n, '1969-12-31T23:59:59.999999Z'],
    ['2026-01-02T03:04:05.500000000+01:00', 1_767_319_445_500_000n, '2026-01-02T02:04:05.5Z'],
    ['2024-02-29T12:00:00-05:30', 1_709_227_800_000_000n, '2024-02-29T17:30:00Z'],
    ['0000-01-01T00:00:00Z', TIMESTAMP_MIN, '0000-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', TIMESTAMP_MAX, '9999-12-31T23:59:59.999999Z'],
  ])('%s is %s microseconds, and comes back as %s', (text, micros, back) => {
    expect(timestampOf(text)).toBe(micros);
    expect(timestampText(micros)).toBe(back);
    expect(timestampOf(back)).toBe(micros);
  });

  test.each([
    '', 'now', '2026-01-02', '2026-01-02T03:04:05', '2026-01-02T03:04Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-02-29T00:00:00Z', '2026-01-00T00:00:00Z', '2026-04-31T00:00:00Z',
    '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-12-31T23:59:60Z', '2026-01-01T00:00:00+24:00', '2026-01-01T00:00:00+0100', '2026-01-01T00:00:00.Z', '2026-01-01T00:00:00.0000001Z', '0000-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01', '+2026-01-01T00:00:00Z', ' 2026-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(timestampOf(text)).toBeUndefined();
    expect(() => scalarValue({ type: 'Timestamptz' }, text, () => 'row 1')).toThrow('row 1: expected a Date or RFC 3339 text');
  });

  test('comes from a Date too, unless that is none', () => {
    expect(scalarValue({ type: 'Timestamptz' }, new Date(5), () => '')).toBe(5000n);
    for (const given of [new Date(NaN), new Date(8.64e15), 5, 5n]) expect(() => scalarValue({ type: 'Timestamptz' }, given, () => 'here')).toThrow('here: expected a Date');
  });
});

describe('a Geometry', () => {
  test.each([
    'POINT (1 2)', 'point(1 2)', '  POINT  ( -1.5e3   +.5 ) ', 'POINT Z (1 2 3)', 'POINT M (1 2 3)', 'POINT ZM (1 2 3 4)', 'POINT (1 2 3)', 'POINT (1. 2)', 'POINT EMPTY', 'POINT Z EMPTY',
    'LINESTRING (0 0, 1 1)', 'LINESTRING EMPTY', 'POLYGON ((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))', 'POLYGON EMPTY', 'MULTIPOINT (1 2, 3 4)', 'MULTIPOINT ((1 2), (3 4))', 'MULTIPOINT ((1 2), EMPTY)',
    'MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))', 'MULTILINESTRING (EMPTY, (2 2, 3 3))', 'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))', 'MULTIPOLYGON Z (((0 0 1, 1 0 1, 1 1 1, 0 0 1)))',
    'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))', 'GEOMETRYCOLLECTION (GEOMETRYCOLLECTION EMPTY)', 'GEOMETRYCOLLECTION EMPTY',
  ])('%s is one', (text) => {
    expect(wktDefect(text)).toBeUndefined();
    expect(scalarValue({ type: 'Geometry' }, text, () => '')).toBe(text);
  });

  test.each([
    '', ' ', 'POINT', 'POINT ()', 'POINT (1)', 'POINT (1 2', 'POINT 1 2', 'POINT (1 2) x', 'POINT (1 2))', 'POINT (1, 2)', 'POINT (1 2 3 4 5)', 'POINT Z (1 2)', 'POINT ZM (1 2 3)', 'POINT (a b)', 'POINT (NaN 1)', 'POINT (1 2); DROP', 'POINT ((1 2))',
    'CIRCLE (1 2)', 'LINESTRING ((0 0, 1 1))', 'LINESTRING (0 0, )', 'POLYGON (0 0, 1 1)', 'POLYGON ()', 'MULTIPOINT (1 2, (3))', 'GEOMETRYCOLLECTION (1 2)', 'GEOMETRYCOLLECTION ()', '__proto__ (1 2)', 'constructor EMPTY', 'SRID=4326;POINT (1 2)', `${'GEOMETRYCOLLECTION ('.repeat(5000)}POINT (1 2)${')'.repeat(5000)}`,
  ])('%s is none', (text) => {
    expect(wktDefect(text)).toBeTypeOf('string');
    expect(() => scalarValue({ type: 'Geometry' }, text, () => 'row 1')).toThrow(/^row 1: expected a geometry as WKT|row 1: expected at most 65535 bytes/);
  });
});
