// Filters over columns: which rows match, type by type; dynamic keys and three-valued logic by example.
// Random filters are held against an interpreter in random-filters.test.ts.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { setRows } from '../../src/model/bitset.js';
import type { Columns } from '../../src/model/columns.js';
import type { Predicates } from '../../src/ports/core.js';
import { compileFilter } from '../../src/query/check.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { compileAsset } from '../support/assets.js';
import { dynamicTable, schema, table } from './tables.js';

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

const rowsOf = (text: string, columns: Columns): readonly number[] => [...setRows(evaluateFilter(compileFilter(text, schema), columns, predicates))];

const plain = table({
  flag: { type: 'Bool', values: Uint8Array.of(1, 0, 1, 0) },
  i8: { type: 'Int8', values: Int8Array.of(-128, -1, 0, 127) },
  i16: { type: 'Int16', values: Int16Array.of(-32_768, -1, 0, 32_767) },
  i64: { type: 'Int64', values: BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n) },
  f32: { type: 'Float', values: Float32Array.of(0.1, Number.NaN, -0, Number.POSITIVE_INFINITY) },
  name: { type: 'VarChar', values: ['', 'z', '\uffee', '😀'] },
});

describe('plain columns', () => {
  it.each([
    ['flag', [0, 2]],
    ['not flag', [1, 3]],
    ['flag == false', [1, 3]],
    ['flag not in [true]', [1, 3]],
    ['i8 < 0', [0, 1]],
    ['-1 <= i8 < 127', [1, 2]],
    ['i8 in [-128, 127, 1000]', [0, 3]],
    ['i16 >= 32767.0', [3]],
    ['i64 == 9007199254740993', [1]],
    ['i64 in [9007199254740992, 9223372036854775807]', [0, 3]],
    ['f32 == 0.1', [0]],
    ['f32 == 0', [2]],
    ['f32 != 0', [0, 1, 3]],
    ['f32 > 1e39', [3]],
    ['not f32 < 1e39', [1, 3]],
    ['f32 not in [0]', [0, 1, 3]],
    ['name == ""', [0]],
    ['name != "z"', [0, 2, 3]],
    ['name > "z"', [2, 3]],
    [String.raw`name > "\uffee"`, [3]],
    [String.raw`name <= "\uffee"`, [0, 1, 2]],
    ['name in ["z", "😀"]', [1, 3]],
    ['true', [0, 1, 2, 3]],
    ['false or not true', []],
    ['flag and i8 < 0 or name == "z"', [0, 1]],
    ['flag and (i8 < 0 or name == "z")', [0]],
    ['i8 in []', []],
    ['i8 not in []', [0, 1, 2, 3]],
  ])('%s', (text, expected) => {
    expect(rowsOf(text, plain)).toEqual(expected);
  });

  it('of no rows match nothing', () => {
    const empty = table({ i32: { type: 'Int32', values: new Int32Array(0) } });
    expect(evaluateFilter(compileFilter('not i32 == 1', schema), empty, predicates)).toEqual(new Uint8Array(0));
  });

  it('in a chain of thousands of operators are evaluated', () => {
    const text = Array.from({ length: 4_500 }, (_, at) => `i8 != ${at % 100}`).join(' and ');
    expect(rowsOf(text, plain)).toEqual([0, 1, 3]);
  });

  it('that are missing or of another type are refused', () => {
    const refused = expect.objectContaining({ code: 'InvalidArgument' });
    expect(() => rowsOf('i32 == 1', plain)).toThrow(refused);
    expect(() => rowsOf('colour == 1', plain)).toThrow(refused);
    expect(() => rowsOf('i8 == 1', table({ i8: { type: 'VarChar', values: ['1'] } }))).toThrow(refused);
    expect(() => rowsOf('name == ""', table({ name: { type: 'Int8', values: Int8Array.of(1) } }))).toThrow(refused);
  });
});

describe('dynamic keys', () => {
  const colours = dynamicTable('{"c":"red"}', '{"c":"blue"}', '{"c":5}', '{"c":null}', '{}', '{"c":["red"]}', '{"c":true}', '{"c":{"c":"red"}}');
  it.each([
    ['c == "red"', [0]],
    ['c != "red"', [1]],
    ['not c == "red"', [1]],
    ['not not c == "red"', [0]],
    ['c > "a"', [0, 1]],
    ['c == 5', [2]],
    ['c < 5.5', [2]],
    ['c', [6]],
    ['not c', []],
    ['c != false', [6]],
    ['c in ["red", 5]', [0, 2]],
    ['c not in ["red"]', [1]],
    ['c not in ["red", 6]', [1, 2]],
    ['c not in []', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['c == "red" or true', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['not (c == "red" and true)', [1]],
    ['not (c == "red" and false)', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['not (c == "red" or false)', [1]],
    ['not (c == "red" or other == 1)', []],
    ['not (c == "red" or c == 5)', []],
    ['c == "red" or not c == "red"', [0, 1]],
    ['toString == "x" or not toString == "x"', []],
  ])('%s', (text, expected) => {
    expect(rowsOf(text, colours)).toEqual(expected);
  });

  it('hold integers exactly, however large and wherever in the text', () => {
    const years = dynamicTable(
      '{"n":9007199254740993}',
      '{"n":9007199254740992}',
      '{"m":9007199254740993,"n":9007199254740994}',
      String.raw`{"x":{"n":9007199254740993},"\"n\"":"{n:9007199254740993}","y":[9007199254740993],"n":-9007199254740993}`,
      '{"n":9007199254740992e0}',
      '{"n":9007199254740993,"m":1}',
      String.raw`{"\u006e" : 9007199254740993}`,
      '{"n":1e400}',
      '{"n":9007199254740992,"x":{"n":9007199254740993}}',
    );
    expect(rowsOf('n == 9007199254740993', years)).toEqual([0, 5, 6]);
    expect(rowsOf('n == 9007199254740992', years)).toEqual([1, 4, 8]);
    expect(rowsOf('n > 9007199254740992', years)).toEqual([0, 2, 5, 6, 7]);
    expect(rowsOf('n > 9007199254740992.0', years)).toEqual([0, 2, 5, 6, 7]);
    expect(rowsOf('n in [-9007199254740993, 1e300]', years)).toEqual([3]);
  });

  it('compare integers and decimals by value', () => {
    const numbers = dynamicTable('{"n":1}', '{"n":1.0}', '{"n":1.5}', '{"n":-0.0}');
    expect(rowsOf('n == 1', numbers)).toEqual([0, 1]);
    expect(rowsOf('n in [1.0, 0]', numbers)).toEqual([0, 1, 3]);
    expect(rowsOf('n < 1.5', numbers)).toEqual([0, 1, 3]);
  });

  it.each(['', '{', '[]', 'null', '5', '{"a":1}x'])('in the damaged text %j are Corrupt, with the row', (text) => {
    const damaged = dynamicTable('{}', text);
    expect(() => rowsOf('c == 1', damaged)).toThrow(expect.objectContaining({ code: 'Corrupt' }));
    expect(() => rowsOf('c == 1', damaged)).toThrow('row 1');
  });
});
