// Filters as objects: the Filter that each becomes is that of a text which says the same; what is refused, with its path.

import { describe, expect, it } from 'vitest';
import type { FilterObject } from '../../src/model/filter-object.js';
import { LIMITS } from '../../src/model/limits.js';
import { compileFilter } from '../../src/query/check.js';
import { filterOfObject } from '../../src/query/object.js';
import { parseFilter } from '../../src/query/parser/parser.js';
import { print } from './language.js';
import { schema } from './tables.js';

describe('an object says what a text says', () => {
  it.each<[FilterObject, string]>([
    [{ year: 2020 }, 'year == 2020'],
    [{ year: 2020n, name: 'x' }, 'year == 2020 and name == "x"'],
    [{ stars: 2.5, flag: true }, 'stars == 2.5 and flag == true'],
    [{ year: { $gte: 2020, $lt: 2030 } }, 'year >= 2020 and year < 2030'],
    [{ year: { $eq: 1, $ne: 2, $gt: 3, $lte: 4 } }, 'year == 1 and year != 2 and year > 3 and year <= 4'],
    [{ year: { $in: [1, 2n, 2.5] } }, 'year in [1, 2, 2.5]'],
    [{ year: { $nin: [] } }, 'year not in []'],
    [{ name: { $like: 'a%' } }, 'name like "a%"'],
    [{ name: { $regex: '^a' } }, 'name =~ "^a"'],
    [{ name: { $notRegex: '^a' } }, 'name !~ "^a"'],
    [{ name: null }, 'name is null'],
    [{ name: { $ne: null } }, 'name is not null'],
    [{ name: { $eq: null } }, 'name is null'],
    [{ name: { $null: false } }, 'name is not null'],
    [{ doc: { a: { b: 5 } } }, 'doc["a"]["b"] == 5'],
    [{ doc: { a: { $gt: 5 }, b: 'x' } }, 'doc["a"] > 5 and doc["b"] == "x"'],
    [{ 'doc.a.0': 5 }, 'doc["a"][0] == 5'],
    [{ 'doc["a.b"][1]': 5 }, 'doc["a.b"][1] == 5'],
    [{ '$meta["k"]': 5 }, '$meta["k"] == 5'],
    [{ 'tags[0]': 5 }, 'tags[0] == 5'],
    [{ 'doc.a': { $exists: true } }, 'exists doc["a"]'],
    [{ 'doc.a': { $exists: false } }, 'not exists doc["a"]'],
    [{ tags: [1, 2] }, 'tags == [1, 2]'],
    [{ tags: { $contains: 1 } }, 'json_contains(tags, 1)'],
    [{ tags: { $containsAll: [1, 2], $containsAny: [] } }, 'json_contains_all(tags, [1, 2]) and json_contains_any(tags, [])'],
    [{ doc: { $containsAny: [[1, 2], 'x'] } }, 'json_contains_any(doc, [[1, 2], "x"])'],
    [{ tags: { $length: 3 } }, 'array_length(tags) == 3'],
    [{ tags: { $length: { $gt: 1, $lt: 5 } } }, 'array_length(tags) > 1 and array_length(tags) < 5'],
    [{ name: { $match: 'a b' } }, 'text_match(name, "a b")'],
    [{ name: { $match: { query: 'a b', minimumShouldMatch: 2 } } }, 'text_match(name, "a b", minimum_should_match=2)'],
    [{ name: { $phrase: 'a b' } }, 'phrase_match(name, "a b")'],
    [{ name: { $phrase: { query: 'a b', slop: 1 } } }, 'phrase_match(name, "a b", 1)'],
    [{ year: { $gt: { $field: 'i8' } } }, 'year > i8'],
    [{ year: { $not: { $gt: 5, $lt: 10 } } }, 'not (year > 5 and year < 10)'],
    [{ $or: [{ year: 1 }, { year: 2, name: 'x' }] }, 'year == 1 or (year == 2 and name == "x")'],
    [{ $and: [{ year: 1 }, { year: { $gt: 0 } }] }, 'year == 1 and year > 0'],
    [{ $nor: [{ year: 1 }, { name: 'x' }] }, 'not (year == 1 or name == "x")'],
    [{ $not: { year: 1 } }, 'not year == 1'],
    [{ year: { $gte: 2020 }, $or: [{ tags: { $contains: 1 } }, { flag: true }] }, 'year >= 2020 and (json_contains(tags, 1) or flag == true)'],
    [{ $expr: 'i8 + 1 > 2', year: 5 }, 'i8 + 1 > 2 and year == 5'],
    [{ $sample: 0.5 }, 'random_sample(0.5)'],
    [{ $sample: { share: 0.5, seed: 3 } }, 'random_sample(0.5, 3)'],
    [{ moment: { $gt: new Date('2026-01-01T00:00:00Z') } }, 'moment > "2026-01-01T00:00:00.000Z"'],
    [{}, 'true'],
    [{ __proto__: null, year: 1 } as FilterObject, 'year == 1'],
  ])('%o is %s', (object, text) => {
    expect(print(filterOfObject(object))).toBe(print(parseFilter(text)));
    expect(compileFilter(object, schema)).toEqual(compileFilter(text, schema));
  });
});

describe('an object that says nothing is refused at its path', () => {
  const deep = (levels: number): object => (levels === 0 ? { i8: 1 } : { $not: deep(levels - 1) });
  it.each<[unknown, string, string]>([
    [{ i8: undefined }, 'filter at i8: ', 'found undefined'],
    [{ i8: { $gt: undefined } }, 'filter at i8.$gt: ', 'found undefined'],
    [{ i8: {} }, 'filter at i8: ', 'an empty object'],
    [{ i8: { $gt: 1, x: 2 } }, 'filter at i8: ', 'found both'],
    [{ i8: { $near: 1 } }, 'filter at i8.$near: ', 'found $near'],
    [{ i8: { $gt: null } }, 'filter at i8.$gt: ', 'found null'],
    [{ i8: { $gt: 'x' } }, 'filter at i8: ', 'i8 is Int8: expected a number, found the string "x"'],
    [{ i8: Number.NaN }, 'filter at i8: ', 'found NaN'],
    [{ i8: { $in: 5 } }, 'filter at i8.$in: ', 'expected an array'],
    [{ i8: { $in: [1, null] } }, 'filter at i8.$in: ', '$in[1]: expected a boolean'],
    [{ i8: Symbol('x') }, 'filter at i8: ', 'found symbol'],
    [{ i8: { $null: 1 } }, 'filter at i8.$null: ', 'expected true or false'],
    [{ i8: { $gt: { $field: 5 } } }, 'filter at i8.$gt: ', 'the name of a field'],
    [{ i8: { $gt: { $field: 'i16', x: 1 } } }, 'filter at i8.$gt.x: ', 'expected $field'],
    [{ 'i8 ==': 1 }, 'filter at i8 ==: ', 'the name of a field or a path'],
    [{ '': 1 }, 'filter', 'the name of a field or a path'],
    [{ $or: [] }, 'filter at $or: ', 'expected 1 to'],
    [{ $or: { i8: 1 } }, 'filter at $or: ', 'expected an array, found an object'],
    [{ $or: [5] }, 'filter at $or[0]: ', 'an object of conditions, found 5'],
    [{ $or: [{ i8: 1 }, { $and: [{ name: { $like: 5 } }] }] }, 'filter at $or[1].$and[0].name.$like: ', 'a pattern as a string'],
    [{ $expr: 5 }, 'filter at $expr: ', 'a filter as text'],
    [{ $where: 'x' }, 'filter', 'unknown field "$where"'],
    [{ name: { $match: { query: 'a', slop: 1 } } }, 'filter at name.$match.slop: ', 'query or minimumShouldMatch'],
    [deep(LIMITS.filterDepthMax + 1), 'filter', 'deep'],
    [null, 'filter', 'an object of conditions, found null'],
    [[{ i8: 1 }], 'filter', 'found an array'],
    [5, 'filter', 'an object of conditions, found 5'],
  ])('%o', (object, where, message) => {
    const compile = (): unknown => compileFilter(object as FilterObject, { ...schema, enableDynamicField: false });
    expect(compile).toThrow(expect.objectContaining({ code: 'InvalidFilter', position: undefined }));
    expect(compile).toThrow(where);
    expect(compile).toThrow(message);
  });

  it('with the position in a text of its own', () => {
    expect(() => compileFilter({ $expr: 'i8 == ' }, schema)).toThrow(expect.objectContaining({ code: 'InvalidFilter', position: 6 }));
  });

  it('but not as deep as allowed', () => {
    expect(() => filterOfObject(deep(LIMITS.filterDepthMax - 1) as FilterObject)).not.toThrow();
  });
});
