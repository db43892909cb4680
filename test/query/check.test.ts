// What a filter becomes against a schema, and what the schema refuses, with the place.

import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/check.js';
import { schema, strictSchema } from './tables.js';

const always = { kind: 'constant', value: true };
const never = { kind: 'constant', value: false };
const json = (field: string, ...path: (string | number)[]): object => ({ kind: 'json', field, path });
const dynamic = (...path: (string | number)[]): object => json('$meta', ...path);
const values = (op: string, left: object, value: unknown): object => ({ kind: 'compareValues', op, left, right: { kind: 'constant', value } });
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
    ['moment > "1970-01-01T00:00:00.000001Z"', compare('moment', 'gt', 1n)],
    ["moment <= ISO '1970-01-01T01:00:00+01:00'", compare('moment', 'le', 0n)],
    ["ISO '1970-01-01T00:00:01Z' < moment", compare('moment', 'gt', 1_000_000n)],
    ['moment in ["1970-01-01T00:00:00Z"]', { kind: 'inSet', field: 'moment', values: [0n] }],
    ["moment + INTERVAL 'P1M' > ISO '1970-01-01T00:00:00Z'", { kind: 'compareValues', op: 'gt', left: { kind: 'shift', operand: { kind: 'column', field: 'moment', type: 'Timestamptz' }, months: 1, micros: 0n }, right: { kind: 'moment', micros: 0n } }],
    ['5 < i8', compare('i8', 'gt', 5)],
    ['true == flag', compare('flag', 'eq', 1)],
    ['i8 > 2 + 3 * 4', compare('i8', 'gt', 14)],
    ['i8 == 7 / 2', compare('i8', 'eq', 3)],
    ['i8 == -7 % 4', compare('i8', 'eq', -3)],
    ['i8 == 2 ** 3', compare('i8', 'eq', 8)],
    ['i8 == ~5', compare('i8', 'eq', -6)],
    ['i64 == 9223372036854775807 + 1', compare('i64', 'eq', -(2n ** 63n))],
    ['1 < 2', always],
    ['"a" >= "b" or 1.0 == 1', { kind: 'or', operands: [never, always] }],
    ['i8 + 1 > 2', values('gt', { kind: 'arithmetic', op: '+', left: { kind: 'column', field: 'i8', type: 'Int8' }, right: { kind: 'constant', value: 1n }, type: 'int' }, 2n)],
    ['f32 * 2 == 0.2', values('eq', { kind: 'arithmetic', op: '*', left: { kind: 'column', field: 'f32', type: 'Float' }, right: { kind: 'constant', value: 2n }, type: 'single' }, Math.fround(0.2))],
    ['tags[0] == 300', values('eq', { kind: 'element', field: 'tags', elementType: 'Int8', index: 0 }, 300n)],
    ['tags == [1, 2.5]', values('eq', { kind: 'array', field: 'tags', elementType: 'Int8' }, [1, Number.NaN])],
    ['array_length(tags) > 2', values('gt', { kind: 'length', array: { kind: 'array', field: 'tags', elementType: 'Int8' } }, 2n)],
    ['array_contains(tags, 1)', { kind: 'contains', operand: { kind: 'array', field: 'tags', elementType: 'Int8' }, mode: 'any', values: [1] }],
    ['array_contains_any(tags, [1, 300])', { kind: 'contains', operand: { kind: 'array', field: 'tags', elementType: 'Int8' }, mode: 'any', values: [1] }],
    ['array_contains_all(tags, [1, 300])', { kind: 'contains', operand: { kind: 'array', field: 'tags', elementType: 'Int8' }, mode: 'any', values: [] }],
    ['json_contains_all(doc, [1, [2.0, "x"]])', { kind: 'contains', operand: json('doc'), mode: 'all', values: [1, [2, 'x']] }],
    ['place is null', { kind: 'isNull', operand: { kind: 'column', field: 'place', type: 'Geometry' } }],
    ['doc["a"][0] is not null', { kind: 'not', operand: { kind: 'isNull', operand: json('doc', 'a', 0) } }],
    ['exists doc["a"]', { kind: 'exists', operand: json('doc', 'a') }],
    ['doc == 1', values('eq', json('doc'), 1)],
    ['doc["a"] == [1, "x"]', values('eq', json('doc', 'a'), [1n, 'x'])],
    ['$meta["a"]["b"] < 5', values('lt', dynamic('a', 'b'), 5)],
    ['a[1] < 5', values('lt', dynamic('a', 1), 5)],
    ['i8 < i64', { kind: 'compareValues', op: 'lt', left: { kind: 'column', field: 'i8', type: 'Int8' }, right: { kind: 'column', field: 'i64', type: 'Int64' } }],
    ['text_match(name, "a b", minimum_should_match=2)', { kind: 'textMatch', field: 'name', query: 'a b', minimum: 2 }],
    ['phrase_match(name, "a b")', { kind: 'phraseMatch', field: 'name', query: 'a b', slop: 0 }],
    ['random_sample(0.5)', { kind: 'sample', field: 'id', threshold: 2 ** 31, seed: 0 }],
    ['random_sample(0.25, 7)', { kind: 'sample', field: 'id', threshold: 2 ** 30, seed: 7 }],
    ['i8 not in [1]', { kind: 'not', operand: { kind: 'inSet', field: 'i8', values: [1] } }],
    ['colour == "red"', values('eq', dynamic('colour'), 'red')],
    ['colour', values('eq', dynamic('colour'), true)],
    ['year == 2000', values('eq', dynamic('year'), 2000)],
    ['year == 9007199254740993', values('eq', dynamic('year'), 9_007_199_254_740_993n)],
    ['year in [1, 1.0, 1e20, "x", true]', { kind: 'valueInSet', operand: dynamic('year'), values: new Set<unknown>([1, 10n ** 20n, 'x', true]) }],
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
    ['1 < "a"', 0, 'expected two literals that can be compared'],
    ['i8 == name', 0, 'i8 is Int8 and name is VarChar'],
    ['moment == doc["a"]', 0, 'expected two values that can be compared'],
    ['flag < flag', 0, 'expected == or !='],
    ['name + 1 == 2', 0, 'name is VarChar: expected a number beside +'],
    ['i8 + "x" == 2', 5, 'the string "x": expected a number beside +'],
    ['f32 % 2 == 0', 0, 'expected whole numbers beside %'],
    ['i8 & 1.5 == 0', 5, 'expected whole numbers beside &'],
    ['i8 / 0 == 1', 5, 'expected a divisor that is not 0'],
    ['i8 % (1 - 1) == 1', 8, 'expected a divisor that is not 0'],
    ['i8 << 64 == 1', 6, 'expected to shift by 0 to 63'],
    ['i8 + 9223372036854775808 == 1', 5, 'expected a number of 64 bits'],
    ['i8 == 1e300 * 1e300', 12, 'expected a finite number'],
    ['i8["a"] == 1', 0, 'only JSON and Array have parts'],
    ['tags["a"] == 1', 0, 'expected the number of an element'],
    ['tags[0][0] == 1', 0, 'expected the number of an element'],
    ['tags[0] == "x"', 0, 'tags[0] is Int8: expected a number'],
    ['tags < [1]', 0, 'expected == or !='],
    ['tags in [1]', 0, 'expected one value before "in"'],
    ['i8 in [[1]]', 0, 'found a list'],
    ['doc["a"] in [[1]]', 12, 'found a list'],
    ['i8 in [f32]', 7, 'expected a literal, found f32'],
    ['1 in [1]', 0, 'expected a field before "in"'],
    ['1 is null', 0, 'expected a field before "is null"'],
    ['array_contains(i8, 1)', 15, 'expected an Array or JSON'],
    ['array_contains(tags, "x")', 15, 'expected a number, found the string "x"'],
    ['array_contains(tags, [1])', 15, 'found a list'],
    ['array_contains_any(tags, 1)', 25, 'expected a list'],
    ['array_length(name) == 1', 13, 'array_length takes an Array or JSON'],
    ['exists i8', 7, 'expected JSON after exists'],
    ['i8 like "x"', 0, 'expected a VarChar or JSON before like'],
    ['"x" like "x"', 0, 'a literal: expected a VarChar'],
    ['name like 5', 10, 'expected a pattern as a string'],
    [String.raw`name like "x\\"`, 10, 'backslash at the end'],
    ['name =~ "("', 8, 'regular expression at 1: expected ")"'],
    ['name =~ "(?=x)"', 8, 'without looking around'],
    ['text_match(i8, "x")', 11, 'expected a VarChar field'],
    ['text_match(name, 5)', 17, 'expected a text as a string'],
    ['text_match(name, "x", minimum_should_match=0)', 43, 'a whole number of 1 to 1000'],
    ['phrase_match(name, "x", -1)', 24, 'a whole number of 0 to'],
    ['random_sample(0)', 14, 'a share between 0 and 1'],
    ['random_sample(1.0)', 14, 'a share between 0 and 1'],
    ['random_sample("x")', 14, 'a share between 0 and 1'],
    ['moment == "yesterday"', 0, 'expected a moment as RFC 3339'],
    ['moment == 5', 0, 'expected a moment as RFC 3339'],
    ["i8 == ISO '1970-01-01T00:00:00Z'", 0, 'i8 is Int8: expected a number, found a moment'],
    ["moment == ISO 'x'", 10, 'expected a moment as RFC 3339'],
    ["i8 + INTERVAL 'P1D' == 5", 0, 'expected a Timestamptz before INTERVAL'],
    ['colour == null', 10, 'expected "is null"'],
    ['{x} == 1', 0, 'expected a value of {x} in filterParams'],
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
    ['vector == 1', 0, 'vector is FloatVector: expected a scalar field'],
    ['vector', 0, 'vector is FloatVector'],
    ['$meta == "x"', 0, 'unknown field "$meta"'],
    ['tags == 1', 0, 'tags is Array of Int8: expected a list, found the number 1'],
    ['flag or place == "x"', 8, 'place is Geometry: expected a scalar field'],
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
