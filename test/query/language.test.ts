// The filter language by example, over all types of columns, with nulls: which rows match. Random filters are held against
// an evaluator of their own in differential.test.ts.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetOf, setBit, setRows, type Bitset } from '../../src/model/bitset.js';
import type { Columns } from '../../src/model/columns.js';
import type { FilterParams } from '../../src/model/filter-object.js';
import { LIMITS } from '../../src/model/limits.js';
import type { Schema } from '../../src/model/schema.js';
import { timestampOf } from '../../src/model/timestamp.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import type { Analyze } from '../../src/query/context.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { compileAsset } from '../support/assets.js';
import { schema, table } from './tables.js';

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const nullable: Schema = { ...schema, fields: schema.fields.map((field) => ({ ...field, nullable: true })) };

function validAt(...rows: readonly number[]): Bitset {
  const valid = bitsetOf(4, false);
  for (const row of rows) setBit(valid, row);
  return valid;
}

const micros = (text: string): bigint => timestampOf(text) as bigint;

/** Row 3 is null wherever it can be. */
const rows = table({
  id: { type: 'Int64', values: BigInt64Array.of(1n, 2n, 3n, 4n) },
  flag: { type: 'Bool', values: Uint8Array.of(1, 0, 1, 0), valid: validAt(0, 1, 2) },
  i8: { type: 'Int8', values: Int8Array.of(7, -7, 0, 0), valid: validAt(0, 1, 2) },
  i32: { type: 'Int32', values: Int32Array.of(2 ** 31 - 1, -(2 ** 31), 5, 0), valid: validAt(0, 1, 2) },
  i64: { type: 'Int64', values: BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0n), valid: validAt(0, 1, 2) },
  f32: { type: 'Float', values: Float32Array.of(0.1, -2.5, 7, 0), valid: validAt(0, 1, 2) },
  f64: { type: 'Double', values: Float64Array.of(0.1, 1e308, 9007199254740992, 0), valid: validAt(0, 1, 2) },
  name: { type: 'VarChar', values: ['50% off', 'a_b', 'Straße 😀', ''], valid: validAt(0, 1, 2) },
  tags: { type: 'Array', offsets: Uint32Array.of(0, 3, 3, 5, 5), values: { type: 'Int8', values: Int8Array.of(1, 2, 1, 5, 2) }, valid: validAt(0, 1, 2) },
  doc: { type: 'JSON', values: ['{"a":{"b":[1,2.5,"x",[1,2],null,true]},"n":7,"s":"hello"}', '{"a":null,"n":"7","s":5}', '[1,9007199254740993]', 'null'], valid: validAt(0, 1, 2) },
  place: { type: 'Geometry', values: ['POINT (1 2)', 'POINT (1 2)', 'POINT (1 2)', ''], valid: validAt(0, 1, 2) },
  moment: { type: 'Timestamptz', values: BigInt64Array.of(micros('2024-02-29T12:00:00Z'), micros('2025-01-31T00:00:00Z'), 0n, 0n), valid: validAt(0, 1, 2) },
  $meta: { type: 'JSON', values: ['{"k":5}', '{"k":5.5,"x y":1}', '{"k":"5"}', '{}'] },
});

/** Words, small; `the` is no term. */
const analyze: Analyze = (_, text) => text.toLowerCase().split(/[^a-z0-9]+/).map((term, position) => ({ term, position })).filter(({ term }) => term !== '' && term !== 'the');

const matching = (text: string, columns: Columns = rows, params?: FilterParams): readonly number[] => [...setRows(evaluateFilter(compileFilter(text, nullable, params), columns, predicates, { analyze }))];

describe.each<[string, readonly (readonly [string, readonly number[]])[]]>([
  ['arithmetic of whole numbers', [
    ['i8 / 2 == 3', [0]],
    ['i8 / 2 == -3', [1]],
    ['i8 % 4 == 3', [0]],
    ['i8 % 4 == -3', [1]],
    ['not i8 % 4 == 3', [1, 2]],
    ['14 / i8 == 2', [0]],
    ['14 / i8 == 2 or not 14 / i8 == 2', [0, 1]],
    ['i32 + 1 > 0', [0, 2]],
    ['i64 + 1 < 0', [0, 1]],
    ['i64 - 1 > 0', [0, 1, 2]],
    ['-i64 == i64', [1]],
    ['i64 * 2 == -2', [0]],
    ['i64 / -1 == i64', [1]],
    ['i32 * i32 * 4 == 0', [1]],
    ['i32 * i32 * 4 == -17179869180', [0]],
    ['i8 ** 2 == 49', [0, 1]],
    ['i8 ** 0.5 > 2', [0]],
    ['i8 & 3 == 3', [0]],
    ['i8 | 8 == 15', [0]],
    ['i8 ^ 7 == 0', [0]],
    ['~i8 == 6', [1]],
    ['i8 << 1 == 14', [0]],
    ['i8 >> 1 == -4', [1]],
    ['1 << i8 == 128', [0]],
    ['1 << i8 is null', [1, 3]],
    ['i64 & 1 == 1', [0, 2]],
    ['i64 >> 62 == 1', [0]],
    ['i64 << 1 == -2', [0]],
    ['array_length(tags) * 2 == 6', [0]],
  ]],
  ['arithmetic of floats', [
    ['f32 * 2 == 0.2', [0]],
    ['f64 * 2 == 0.2', [0]],
    ['f32 + 0.2 == 0.3', [0]],
    ['f64 + 0.2 == 0.30000000000000004', [0]],
    ['i8 + 0.5 == 7.5', [0]],
    ['f32 == i8', []],
    ['f64 * 10 > 1e308', [1]],
    ['f64 * 10 - f64 * 10 != 0', [1]],
    ['f32 / i8 == 0 or f32 / i8 > 1e300', [2]],
    ['-f32 == 2.5', [1]],
  ]],
  ['two fields', [
    ['i64 > f64', [0, 2]],
    ['i64 == f64', []],
    ['f64 == 9007199254740993', [2]],
    ['f32 == f64', []],
    ['i8 < i32', [0, 2]],
    ['flag == flag', [0, 1, 2]],
    ['name == name', [0, 1, 2]],
    ['moment == moment', [0, 1, 2]],
    ['tags == tags', [0, 1, 2]],
    ['id <= tags[0]', [0, 2]],
    ['doc["n"] == i8', [0]],
    ['not doc["n"] == i8', []],
    ['k < i8', [0]],
  ]],
  ['null', [
    ['i8 is null', [3]],
    ['i8 is not null', [0, 1, 2]],
    ['ISNULL(name)', [3]],
    ['tags is null or place is null', [3]],
    ['not (i8 == 7)', [1, 2]],
    ['i8 == 7 or i8 != 7', [0, 1, 2]],
    ['not (i8 == 7 and i64 == 5)', [0, 1, 2]],
    ['doc["a"] is null', [1, 2, 3]],
    ['doc["a"]["b"] is not null', [0]],
    ['k is null', [3]],
    ['i8 / i8 is null', [2, 3]],
    ['tags[0] is null', [1, 3]],
    ['i8 in [] or i8 not in []', [0, 1, 2, 3]],
    ['i8 not in [7]', [1, 2]],
    ['doc is null', [3]],
  ]],
  ['JSON', [
    ['doc["a"]["b"][0] == 1', [0]],
    ['doc["a"]["b"][1] > 2', [0]],
    ['doc["a"]["b"][3] == [1, 2]', [0]],
    ['doc["a"]["b"][3] == [1, 2.0]', [0]],
    ['doc["a"]["b"][3] != [1]', [0]],
    ['doc["a"]["b"][3][1] == 2', [0]],
    ['doc["a"]["b"][5]', [0]],
    ['doc["a"] == doc["a"]', []],
    ['doc["a"]["b"] == doc["a"]["b"]', []],
    ['doc[1] == 9007199254740993', [2]],
    ['doc["n"] == 7', [0]],
    ['doc["n"] == "7"', [1]],
    ['doc["n"] != 7', []],
    ['doc["n"] in [7, "7"]', [0, 1]],
    ['doc["n"] not in [8]', [0]],
    ['doc["n"] / 2 == 3', [0]],
    ['doc["n"] / 2.0 == 3.5', [0]],
    ['k / 2 == 2', [0]],
    ['k / 2 == 2.75', [1]],
    ['k % 2 == 1', [0]],
    ['k % 2 is null', [1, 2, 3]],
    ['$meta["x y"] == 1', [1]],
    ['exists doc["a"]', [0]],
    ['not exists doc["a"]', [1, 2]],
    ['exists k', [0, 1, 2]],
    ['exists $meta["x y"]', [1]],
    ['json_contains(doc["a"]["b"], 1)', [0]],
    ['json_contains(doc["a"]["b"], [1, 2])', [0]],
    ['json_contains(doc["a"]["b"], [1])', []],
    ['json_contains(doc["a"]["b"], false)', []],
    ['not json_contains(doc["a"]["b"], false)', [0]],
    ['json_contains_all(doc["a"]["b"], ["x", 2.5, true])', [0]],
    ['json_contains_all(doc["a"]["b"], ["x", 3])', []],
    ['json_contains_any(doc["a"]["b"], ["y", 3, 1])', [0]],
    ['json_contains(doc, 9007199254740993)', [2]],
    ['json_contains_all(doc, [])', [2]],
    ['json_contains_any(doc, [])', []],
    ['not json_contains_any(doc, [])', [2]],
    ['array_length(doc["a"]["b"]) == 6', [0]],
    ['array_length(doc) == 2', [2]],
    ['doc["s"] like "h%"', [0]],
    ['not doc["s"] like "h%"', []],
    ['doc["s"] =~ "l+o$"', [0]],
  ]],
  ['arrays', [
    ['tags[0] == 1', [0]],
    ['tags[1] == 2', [0, 2]],
    ['tags[2] == 1', [0]],
    ['tags[9] == 1 or tags[9] != 1', []],
    ['tags[0] in [5, 6]', [2]],
    ['tags[0] + tags[1] == 7', [2]],
    ['array_contains(tags, 2)', [0, 2]],
    ['not array_contains(tags, 1)', [1, 2]],
    ['array_contains(tags, 300)', []],
    ['array_contains_all(tags, [1, 2])', [0]],
    ['array_contains_all(tags, [])', [0, 1, 2]],
    ['array_contains_all(tags, [1, 300])', []],
    ['array_contains_any(tags, [5, 1])', [0, 2]],
    ['array_contains_any(tags, [])', []],
    ['array_length(tags) == 0', [1]],
    ['array_length(tags) in [2, 3]', [0, 2]],
    ['tags == [1, 2, 1]', [0]],
    ['tags == []', [1]],
    ['tags != [1, 2, 1]', [1, 2]],
    ['tags != [1, 2, 300]', [0, 1, 2]],
  ]],
  ['texts', [
    ['name like "50\\%%"', [0]],
    ['name like "%off"', [0]],
    ['name like "a\\_b"', [1]],
    ['name like "a_b"', [1]],
    ['name like "%_%"', [0, 1, 2]],
    ['name like "%ße _"', [2]],
    ['name like "%"', [0, 1, 2]],
    ['not name like "a%"', [0, 2]],
    ['name =~ "^[a-z]_"', [1]],
    [String.raw`name =~ r"\d+%"`, [0]],
    [String.raw`name !~ r"\d+%"`, [1, 2]],
    ['name =~ "(?i)STRASSE|strasse"', []],
    ['name =~ "(?i)STRA\\u00dfE"', [2]],
    ['TEXT_MATCH(name, "off on")', [0]],
    ['TEXT_MATCH(name, "off 50", minimum_should_match=2)', [0]],
    ['TEXT_MATCH(name, "off on", minimum_should_match=2)', []],
    ['TEXT_MATCH(name, "the")', []],
    ['not TEXT_MATCH(name, "the")', [0, 1, 2]],
    ['PHRASE_MATCH(name, "50 off")', [0]],
    ['PHRASE_MATCH(name, "off 50")', []],
    ['PHRASE_MATCH(name, "off 50", 2)', [0]],
    ['PHRASE_MATCH(name, "b a", 1)', []],
    ['PHRASE_MATCH(name, "a a", 5)', []],
  ]],
  ['moments', [
    ['moment > "2025-01-01T00:00:00Z"', [1]],
    ["moment == ISO '2024-02-29T13:00:00+01:00'", [0]],
    ['"1970-01-01T00:00:00Z" <= moment < "2025-01-01T00:00:00Z"', [0, 2]],
    ['moment in ["1970-01-01T00:00:00Z"]', [2]],
    ["moment + INTERVAL 'P1Y' == ISO '2025-02-28T12:00:00Z'", [0]],
    ["moment + INTERVAL 'P1M' == ISO '2025-02-28T00:00:00Z'", [1]],
    ["moment - INTERVAL 'P1DT1H' < ISO '1970-01-01T00:00:00Z'", [2]],
  ]],
])('%s', (_, cases) => {
  it.each(cases)('%s', (text, expected) => {
    expect(matching(text)).toEqual(expected);
  });
});

describe('templates', () => {
  it.each<[string, FilterParams, readonly number[]]>([
    ['i8 == {x}', { x: 7 }, [0]],
    ['i8 == {x}', { x: 7n }, [0]],
    ['f64 == {x}', { x: 0.1 }, [0]],
    ['i64 == {x}', { x: 2n ** 53n + 1n }, [2]],
    ['name == {x}', { x: 'a_b' }, [1]],
    ['flag == {x} and {y}', { x: false, y: true }, [1]],
    ['i8 in {list}', { list: [7, 0] }, [0, 2]],
    ['i8 in [{x}, {y}]', { x: 7, y: 0 }, [0, 2]],
    ['json_contains_any(doc["a"]["b"], {list})', { list: [[1, 2]] }, [0]],
    ['moment == {when}', { when: new Date('2025-01-31T00:00:00Z') }, [1]],
    ['i8 + {x} > {x} * 2', { x: 6 }, [0]],
    ['-{x} == i8', { x: 7 }, [1]],
    ['name like {p} or name =~ {r}', { p: 'a%', r: '^5' }, [0, 1]],
    ['TEXT_MATCH(name, {q}, minimum_should_match={n})', { q: 'off 50', n: 2 }, [0]],
    ['random_sample({p}, {seed}) or true', { p: 0.5, seed: 1 }, [0, 1, 2, 3]],
  ])('%s with %o', (text, params, expected) => {
    expect(matching(text, rows, params)).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ['i8 == {x}', {}, 'expected a value of {x} in filterParams, found none'],
    ['i8 == {toString}', {}, 'found none'],
    ['i8 == {x}', { x: 'y' }, 'i8 is Int8: expected a number, found the string "y"'],
    ['i8 == {x}', { x: Number.NaN }, '{x}: expected a boolean, a number'],
    ['i8 == {x}', { x: null }, '{x}: expected a boolean, a number'],
    ['i8 == {x}', { x: { a: 1 } }, 'found an object'],
    ['i8 == {x}', { x: new Date(Number.NaN) }, 'found an invalid Date'],
    ['i8 in {x}', { x: 5 }, 'expected a list behind "in"'],
    ['i8 in {x}', { x: [5, undefined] }, '{x}[1]: expected a boolean, a number'],
  ])('%s with %o is refused', (text, params, message) => {
    expect(() => matching(text, rows, params as FilterParams)).toThrow(expect.objectContaining({ code: 'InvalidFilter' }));
    expect(() => matching(text, rows, params as FilterParams)).toThrow(message);
  });

  it.each([5, [1], null, 'x'])('filterParams %o are refused', (params) => {
    expect(() => matching('true', rows, params as unknown as FilterParams)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });
});

describe('random samples', () => {
  const many = table({ id: { type: 'Int64', values: BigInt64Array.from({ length: 20_000 }, (_, row) => BigInt(row) * 1_000_003n) } });

  it('have about the share of rows, the same each time, others with another seed', () => {
    const drawn = matching('random_sample(0.1)', many);
    expect(drawn.length).toBeGreaterThan(1800);
    expect(drawn.length).toBeLessThan(2200);
    expect(matching('random_sample(0.1, 0)', many)).toEqual(drawn);
    const other = new Set(matching('random_sample(0.1, 1)', many));
    expect(drawn.filter((row) => other.has(row)).length).toBeLessThan(300);
  });

  it('are drawn by keys, wherever the rows are', () => {
    const half = table({ id: { type: 'Int64', values: BigInt64Array.from({ length: 10_000 }, (_, row) => BigInt(row + 10_000) * 1_000_003n) } });
    expect(matching('random_sample(0.1)', half)).toEqual(matching('random_sample(0.1)', many).filter((row) => row >= 10_000).map((row) => row - 10_000));
    expect(matching('random_sample(0.1) and not random_sample(0.2)', many)).toEqual([]);
  });
});

it('a phrase of many terms, all the same, is looked for in reasonable time, and refused beyond', () => {
  const texts = table({ name: { type: 'VarChar', values: ['a '.repeat(8_000), 'b '.repeat(8_000)] } });
  expect(matching(`PHRASE_MATCH(name, "${'a '.repeat(LIMITS.phraseTermsMax)}", 3)`, texts)).toEqual([0]);
  expect(matching(`PHRASE_MATCH(name, "${'a '.repeat(500)}b", 4294967295)`, texts)).toEqual([]);
  expect(() => matching(`PHRASE_MATCH(name, "${'a '.repeat(LIMITS.phraseTermsMax + 1)}")`, texts)).toThrow(expect.objectContaining({ code: 'InvalidFilter' }));
});

it('a text match where nobody analyzes is refused', () => {
  expect(() => evaluateFilter(compileFilter('TEXT_MATCH(name, "a")', schema), rows, predicates)).toThrow(expect.objectContaining({ code: 'Unsupported' }));
});
