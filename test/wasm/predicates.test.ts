// The predicates over the compiled kernels give what a naive model gives, bit by bit, over random columns with
// extreme values, at every length around a word and around a chunk, with the bits beyond the rows zero.

import { beforeAll, describe, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetBytes, countBits, hasBit, setBit, type Bitset } from '../../src/model/bitset.js';
import type { CompareOp, Predicates } from '../../src/ports/core.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';
import { bitsOf, kinds, model, randomBits, randomColumn, randomValue, type Value } from './columns.js';

const seed = 20_261;
const ops = Object.keys(model) as CompareOp[];
const short = Array.from({ length: 201 }, (_, rows) => rows);
const long = [65_535, 65_536, 65_537];
// Around the counts where in-set turns from comparing to searching, 80 and 40, and beyond the first memory.
const setSizes = [0, 1, 2, 5, 39, 40, 41, 79, 80, 81, 200];

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

/** Far faster than `toEqual` on bytes, and says the row. */
function expectBits(found: Bitset, expected: Bitset, what: string): void {
  expect(found.length, `${what}, seed ${seed}: bytes`).toBe(expected.length);
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  expect(at < 0 ? '' : `byte ${at} is ${String(found[at])}, expected ${String(expected[at])}`, `${what}, seed ${seed}`).toBe('');
}

describe.each(kinds)('$name columns', (kind) => {
  it.each(ops)('compare %s as the model does', (op) => {
    const next = random(seed);
    for (const rows of [...short, ...long]) {
      const column = randomColumn(kind, rows, next);
      const value = randomValue(kind, next);
      expectBits(predicates.compare(column, op, value), bitsOf(column, (x) => model[op](x, value)), `${rows} rows, value ${value}`);
    }
  });

  it.each(ops)('compare %s with every extreme value', (op) => {
    const column = kind.make(kind.extremes);
    for (const value of kind.extremes) {
      expectBits(predicates.compare(column, op, value), bitsOf(column, (x) => model[op](x, value)), `value ${value}`);
    }
  });

  it('take ranges with either end exclusive as the model does', () => {
    const next = random(seed);
    for (const rows of [...short, ...long]) {
      const column = randomColumn(kind, rows, next);
      const [low, high] = [randomValue(kind, next), randomValue(kind, next)];
      const [lowExclusive, highExclusive] = [next() < 0.5, next() < 0.5];
      const expected = bitsOf(column, (x) => (lowExclusive ? x > low : x >= low) && (highExclusive ? x < high : x <= high));
      expectBits(predicates.range(column, low, high, lowExclusive, highExclusive), expected, `${rows} rows, ${low} to ${high}`);
    }
  });

  it('find values in sets of any size, unsorted and with repeats, as the model does', () => {
    const next = random(seed);
    for (const rows of [...short, ...long]) {
      const column = randomColumn(kind, rows, next);
      const values = Array.from({ length: setSizes[rows % setSizes.length] as number }, () => randomValue(kind, next));
      expectBits(predicates.inSet(column, values), bitsOf(column, (x) => values.some((value) => value === x)), `${rows} rows, ${values.length} values`);
    }
  });

  it('find values in a set too large for the first memory, and compare after it grew', () => {
    const next = random(seed);
    const column = randomColumn(kind, 1_000, next);
    const values: Value[] = Array.from({ length: 100_000 }, (_, at) => (kind.name === 'int64' ? BigInt(at) : kind.name.includes('8') ? at % 128 : kind.name.includes('16') ? at % 32_768 : at));
    const known = new Set(values);
    expectBits(predicates.inSet(column, values), bitsOf(column, (x) => known.has(x)), '100,000 values');
    const value = randomValue(kind, next);
    expectBits(predicates.compare(column, 'le', value), bitsOf(column, (x) => x <= value), 'after growth');
  });

  it('are taken from the middle of a larger buffer', () => {
    const next = random(seed);
    const column = randomColumn(kind, 300, next).subarray(7, 207);
    const value = randomValue(kind, next);
    expectBits(predicates.compare(column, 'gt', value), bitsOf(column, (x) => x > value), 'subarray');
  });
});

describe.each([
  ['uint8', Uint8Array, 256],
  ['uint16', Uint16Array, 65_536],
  ['int32', Int32Array, 100_000],
] as const)('%s codes', (_, Codes, limit) => {
  it('are looked up in a table as the model does', () => {
    const next = random(seed);
    for (const rows of [...short, ...long]) {
      const codes = (Codes as Uint8ArrayConstructor).from({ length: rows }, () => randomInteger(next, limit));
      const passing = Uint8Array.from({ length: limit }, () => (next() < 0.5 ? 1 : 0));
      expectBits(predicates.inTable(codes, passing), bitsOf(codes, (code) => passing[Number(code)] === 1), `${rows} rows`);
    }
  });
});

describe('values that a column cannot hold are refused', () => {
  it.each([
    ['a fraction in int32', new Int32Array(1), 0.5],
    ['128 in int8', new Int8Array(1), 128],
    ['-32769 in int16', new Int16Array(1), -32_769],
    ['-1 in uint8', new Uint8Array(1), -1],
    ['65536 in uint16', new Uint16Array(1), 65_536],
    ['2^31 in int32', new Int32Array(1), 2 ** 31],
    ['NaN in int32', new Int32Array(1), Number.NaN],
    ['a bigint in int32', new Int32Array(1), 1n],
    ['a number in int64', new BigInt64Array(1), 1],
    ['2^63 in int64', new BigInt64Array(1), 2n ** 63n],
    ['0.1 in float32', new Float32Array(1), 0.1],
    ['a bigint in float64', new Float64Array(1), 1n],
  ])('%s', (_, column, value) => {
    const refused = expect.objectContaining({ code: 'InvalidArgument' });
    expect(() => predicates.compare(column, 'eq', value)).toThrow(refused);
    expect(() => predicates.range(column, value, value, false, false)).toThrow(refused);
    expect(() => predicates.inSet(column, [value])).toThrow(refused);
  });
});

describe('bitsets', () => {
  // 524,288 rows are one chunk of a bitset.
  const lengths = [...short, ...long, 524_287, 524_288, 524_289, 1_100_000];

  function combined(a: Bitset, b: Bitset, rows: number, holds: (x: boolean, y: boolean) => boolean): Bitset {
    const bits = new Uint8Array(bitsetBytes(rows));
    for (let row = 0; row < rows; row++) if (holds(hasBit(a, row), hasBit(b, row))) setBit(bits, row);
    return bits;
  }

  it('and, or, not and count as the model does, and leave their operands alone', () => {
    const next = random(seed);
    for (const rows of lengths) {
      const [a, b] = [randomBits(rows, next), randomBits(rows, next)];
      const before = a.slice();
      expectBits(predicates.and(a, b), combined(a, b, rows, (x, y) => x && y), `and, ${rows} rows`);
      expectBits(predicates.or(a, b), combined(a, b, rows, (x, y) => x || y), `or, ${rows} rows`);
      expectBits(predicates.not(a, rows), combined(a, b, rows, (x) => !x), `not, ${rows} rows`);
      expect(predicates.count(a), `count, ${rows} rows, seed ${seed}`).toBe(countBits(a));
      expectBits(a, before, `operand, ${rows} rows`);
    }
  });

  it('over no rows are empty', () => {
    expect(predicates.not(new Uint8Array(0), 0)).toEqual(new Uint8Array(0));
    expect(predicates.count(new Uint8Array(0))).toBe(0);
  });

  it('of different lengths are refused', () => {
    const refused = expect.objectContaining({ code: 'InvalidArgument' });
    expect(() => predicates.and(new Uint8Array(8), new Uint8Array(16))).toThrow(refused);
    expect(() => predicates.or(new Uint8Array(8), new Uint8Array(16))).toThrow(refused);
    expect(() => predicates.not(new Uint8Array(8), 65)).toThrow(refused);
  });

  it('stay right when kernels of all kinds take turns', () => {
    const next = random(seed);
    for (let round = 0; round < 200; round++) {
      const kind = kinds[randomInteger(next, kinds.length)] as (typeof kinds)[number];
      const column = randomColumn(kind, randomInteger(next, 300), next);
      const [x, y] = [randomValue(kind, next), randomValue(kind, next)];
      const found = predicates.or(predicates.compare(column, 'lt', x), predicates.inSet(column, [y]));
      expectBits(found, bitsOf(column, (value) => value < x || value === y), `round ${round}`);
    }
  });
});

describe('columns that are asked about again', () => {
  const rows = 20_000;
  const numbers = (factor: number) => Int32Array.from({ length: rows }, (_, row) => (row * factor) % 1000);
  const few = (column: Int32Array) => bitsOf(column, (x) => x < 10);

  it('are kept up to a limit, and answer the same when they are, are evicted and come again', async () => {
    const own = createPredicates(await compileAsset('filter.wasm'));
    expect(own.keptBytes).toBe(0);
    own.keepAtMost(rows * 4 * 3);
    const columns = Array.from({ length: 7 }, (_, at) => numbers(at + 1));
    const next = random(seed);
    for (let ask = 0; ask < 200; ask++) {
      const column = columns[randomInteger(next, columns.length)] as Int32Array;
      expectBits(own.compare(column, 'lt', 10), few(column), `ask ${ask}`);
    }
    expect(own.keptBytes).toBeGreaterThan(rows * 4 * 2);
    expect(own.keptBytes).toBeLessThan(rows * 4 * 3 + 2 * 65_536);
  });

  it('are evicted by a set of values that needs their place', async () => {
    const own = createPredicates(await compileAsset('filter.wasm'));
    const column = numbers(1);
    for (let ask = 0; ask < 3; ask++) own.compare(column, 'lt', 10);
    const values = Array.from({ length: 200_000 }, (_, at) => at + 5);
    expectBits(own.inSet(column, values), bitsOf(column, (x) => Number(x) >= 5), 'set');
    for (let ask = 0; ask < 3; ask++) expectBits(own.compare(column, 'lt', 10), few(column), `after ${ask}`);
    expectBits(own.inSet(column, values), bitsOf(column, (x) => Number(x) >= 5), 'set again');
  });

  it('are not kept where that is more than the limit', async () => {
    const own = createPredicates(await compileAsset('filter.wasm'));
    own.keepAtMost(rows * 4 - 1);
    const column = numbers(3);
    for (let ask = 0; ask < 3; ask++) expectBits(own.compare(column, 'lt', 10), few(column), `ask ${ask}`);
    expect(own.keptBytes).toBe(0);
  });
});
