// What a filter becomes against a schema, and what the schema refuses, with the place.

import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/check.js';
import { schema, strictSchema } from './tables.js';

const always = { kind: 'constant', value: true };
const never = { kind: 'constant', value: false };
const compare = (field: string, op: string, value: number | bigint): object => ({ kind: 'compare', field, op, value });

describe('an integer column is compared exactly', () => {
  it.each([
    ['i8 > 3.5', compare('i8', 'ge', 4)],
    ['i8 >= 3.5', compare('i8', 'ge', 4)],
    ['i8 < 3.5', compare('i8', 'le', 3)],
    ['i8 <= -3.5', compare('i8', 'le', -4)],
    ['i8 == 3.5', never],
    ['i8 != 3.5', always],
    ['i8 == 3.0', compare('i8', 'eq', 3)],
    ['i8 == 1e2', compare('i8', 'eq', 100)],
    ['i8 == 127', compare('i8', 'eq', 127)],
    ['i8 == 128', never],
    ['i8 < 128', always],
    ['i8 <= 128', always],
    ['i8 != 128', always],
    ['i8 > 128', never],
    ['i8 >= 127.5', never],
    ['i8 <= 127.5', compare('i8', 'le', 127)],
    ['i8 >= -128', compare('i8', 'ge', -128)],
    ['i8 >= -129', always],
    ['i8 < -128.5', never],
    ['i16 > 32767', compare('i16', 'gt', 32_767)],
    ['i16 > 32768', never],
    ['i32 <= 2147483647', compare('i32', 'le', 2_147_483_647)],
    ['i32 < 2147483648', always],
    ['i64 == 9007199254740993', compare('i64', 'eq', 9_007_199_254_740_993n)],
    ['i64 == 9223372036854775807', compare('i64', 'eq', 9_223_372_036_854_775_807n)],
    ['i64 == 9223372036854775808', never],
    ['i64 >= -9223372036854775808', compare('i64', 'ge', -(2n ** 63n))],
    ['i64 > -9223372036854775809', always],
    ['i64 < 1e19', always],
    ['i64 > 1e300', never],
    ['i64 > 2.5', compare('i64', 'ge', 3n)],
  ])('%s', (text, expected) => {
    expect(compileFilter(text, schema)).toEqual(expected);
  });
});

describe('a float column is compared with the literal as it would be stored', () => {
  const floatMax = 3.4028234663852886e38;
  it.each([
    ['f32 == 0.1', compare('f32', 'eq', Math.fround(0.1))],
    ['f32 > 16777217', compare('f32', 'gt', 16_777_216)],
    ['f32 == 1e39', never],
    ['f32 != 1e39', always],
    ['f32 < 1e39', compare('f32', 'le', floatMax)],
    ['f32 <= 1e39', compare('f32', 'le', floatMax)],
    ['f32 > 1e39', compare('f32', 'gt', floatMax)],
    ['f32 >= -1e39', compare('f32', 'ge', -floatMax)],
    ['f32 < -1e39', compare('f32', 'lt', -floatMax)],
    ['f64 == 0.1', compare('f64', 'eq', 0.1)],
    ['f64 < 5', compare('f64', 'lt', 5)],
    [`f64 < 1${'0'.repeat(400)}`, compare('f64', 'le', Number.MAX_VALUE)],
    [`f64 == -1${'0'.repeat(400)}`, never],
  ])('%s', (text, expected) => {
    expect(compileFilter(text, schema)).toEqual(expected);
  });
});

describe('the other types', () => {
  it.each([
    ['flag', compare('flag', 'eq', 1)],
    ['flag != false', compare('flag', 'ne', 0)],
    ['flag in [true, false]', { kind: 'inSet', field: 'flag', values: [1, 0] }],
    ['name >= "b"', { kind: 'text', field: 'name', op: 'ge', value: 'b' }],
    ['name in ["a", "b"]', { kind: 'textInSet', field: 'name', values: new Set(['a', 'b']) }],
    ['i8 in [1, 2.0, 2.5, 300]', { kind: 'inSet', field: 'i8', values: [1, 2] }],
    ['i64 in [1, 9007199254740993]', { kind: 'inSet', field: 'i64', values: [1n, 9_007_199_254_740_993n] }],
    ['f32 in [0.1, 1e39]', { kind: 'inSet', field: 'f32', values: [Math.fround(0.1)] }],
    ['i8 in []', never],
    ['colour in []', never],
    ['i8 not in [1]', { kind: 'not', operand: { kind: 'inSet', field: 'i8', values: [1] } }],
    ['colour == "red"', { kind: 'dynamic', key: 'colour', op: 'eq', value: 'red' }],
    ['colour', { kind: 'dynamic', key: 'colour', op: 'eq', value: true }],
    ['year == 2000', { kind: 'dynamic', key: 'year', op: 'eq', value: 2000 }],
    ['year == 9007199254740993', { kind: 'dynamic', key: 'year', op: 'eq', value: 9_007_199_254_740_993n }],
    ['year in [1, 1.0, 1e20, "x", true]', { kind: 'dynamicInSet', key: 'year', values: new Set<unknown>([1, 10n ** 20n, 'x', true]) }],
  ])('%s', (text, expected) => {
    expect(compileFilter(text, schema)).toEqual(expected);
  });
});

describe('bounds of one field side by side are one range', () => {
  const range = (low: number, lowExclusive: boolean, high: number, highExclusive: boolean): object => ({
    kind: 'range',
    field: 'i32',
    low: { value: low, exclusive: lowExclusive },
    high: { value: high, exclusive: highExclusive },
  });

  it.each([
    ['1 < i32 <= 5', [range(1, true, 5, false)]],
    ['i32 < 5 and i32 >= 1', [range(1, false, 5, true)]],
    ['flag and i32 > 1 and i32 < 5', [compare('flag', 'eq', 1), range(1, true, 5, true)]],
    ['i32 > 1 and i32 > 5', [compare('i32', 'gt', 1), compare('i32', 'gt', 5)]],
    ['i32 > 1 and i8 < 5', [compare('i32', 'gt', 1), compare('i8', 'lt', 5)]],
    ['i32 > 1 and i32 != 5', [compare('i32', 'gt', 1), compare('i32', 'ne', 5)]],
  ])('%s', (text, operands) => {
    expect(compileFilter(text, schema)).toEqual({ kind: 'and', operands });
  });

  it('but not under or', () => {
    expect(compileFilter('i32 > 1 or i32 < 5', schema)).toEqual({ kind: 'or', operands: [compare('i32', 'gt', 1), compare('i32', 'lt', 5)] });
  });
});

describe('what does not fit the schema is refused at its place', () => {
  it.each([
    ['flag and i64 == "x"', 9, 'i64 is Int64: expected a number, found the string "x"'],
    ['i64 == true', 0, 'found the boolean true'],
    ['"a" < i8', 6, 'i8 is Int8: expected a number'],
    ['f32 in [1, "x"]', 0, 'found the string "x"'],
    ['name == 5', 0, 'name is VarChar: expected a string, found the number 5'],
    ['name in ["a", 5]', 0, 'found the number 5'],
    ['name', 0, 'name is VarChar: expected a comparison'],
    ['not i64', 4, 'i64 is Int64: expected a comparison'],
    ['flag == 1', 0, 'flag is Bool: expected a boolean, found the number 1'],
    ['flag == "true"', 0, 'expected a boolean'],
    ['flag > false', 0, 'expected == or !='],
    ['flag in [1]', 0, 'expected a boolean'],
    ['colour >= true', 0, 'expected == or !='],
    ['i8 == 1 or doc == 1', 11, 'doc is JSON: expected a scalar field'],
    ['doc in []', 0, 'doc is JSON'],
    ['vector == 1', 0, 'vector is FloatVector: expected a scalar field'],
    ['vector', 0, 'vector is FloatVector'],
    ['$meta == "x"', 0, 'unknown field "$meta"'],
    ['tags == 1', 0, 'tags is Array: expected a scalar field, one of Bool, Int8'],
    ['flag or place == "x"', 8, 'place is Geometry: expected a scalar field'],
    ['moment > "2026-01-01T00:00:00Z"', 0, 'moment is Timestamptz: expected a scalar field'],
  ])('%s', (text, position, message) => {
    expect(() => compileFilter(text, schema)).toThrow(expect.objectContaining({ code: 'InvalidFilter', position }));
    expect(() => compileFilter(text, schema)).toThrow(message);
  });

  it.each([
    ['colour == "red"', 0],
    ['flag and (colour in [1])', 10],
    ['flag or not colour', 12],
    ['$meta in []', 0],
  ])('%s where there are no dynamic keys', (text, position) => {
    expect(() => compileFilter(text, strictSchema)).toThrow(expect.objectContaining({ code: 'InvalidFilter', position }));
    expect(() => compileFilter(text, strictSchema)).toThrow('expected one of id, flag, i8,');
  });
});
