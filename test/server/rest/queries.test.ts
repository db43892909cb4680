// What is searched for over REST: read a few queries at a time, and refused as it was given.

import { describe, expect, test } from 'vitest';
import type { Field } from '../../../src/model/field.js';
import { sparseColumn } from '../../../src/engine/write/sparse-vector.js';
import { queriesFrom } from '../../../src/server/rest/rows.js';

const SPARSE: Field = { name: 'v', type: 'SparseFloatVector', metric: 'IP' };
const SCHEMA = { fields: [{ name: 'id', type: 'Int64', primaryKey: true }, SPARSE], enableDynamicField: false } as const;

test('others have their turn after any query', async () => {
  for (const [field, query] of [[SPARSE, { 3: 1 }], [{ name: 'd', type: 'FloatVector', dim: 2, metric: 'L2' } as Field, [1, 2]]] as const) {
    let turns = 0;
    const asked: number[] = [];
    const pause = (): Promise<void> | undefined => (asked.push(turns), asked.length % 3 === 0 ? Promise.resolve().then(() => void turns++) : undefined);
    expect(await queriesFrom(SCHEMA, field, Array.from({ length: 9 }, () => query), pause)).toHaveLength(9);
    expect(asked).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  }
});

describe('sparse vectors', () => {
  test('are read with their indices and values, whole numbers beyond 2^53 too', async () => {
    const queries = await queriesFrom(SCHEMA, SPARSE, [{ 70_000: 2, 1: 0.5, 4_294_967_294: 3 }, { 5: 2n ** 60n }, {}, { indices: [2, 1], values: [1, 2n] }]);
    const { offsets, indices, values } = sparseColumn(queries, String);
    expect([[...offsets], [...indices], [...values]]).toEqual([[0, 3, 4, 4, 6], [1, 70_000, 4_294_967_294, 5, 1, 2], [0.5, 2, 3, 2 ** 60, 2, 1]]);
  });

  test.each([
    [{ x: 1 }, '"x"'], [{ '': 1 }, '""'], [{ '01': 1 }, '"01"'], [{ '1.5': 1 }, '"1.5"'], [{ '-1': 1 }, '"-1"'], [{ 4_294_967_295: 1 }, '4294967295'], [JSON.parse('{"__proto__":1}') as object, '"__proto__"'],
  ])('with what is no index are refused: %j', async (query, found) => {
    const queries = await queriesFrom(SCHEMA, SPARSE, [query as never]);
    expect(() => sparseColumn(queries, String)).toThrow(`expected indices of 0 to 4294967294, found ${found}`);
  });

  test('with what is no number are refused, by the place', async () => {
    await expect(queriesFrom(SCHEMA, SPARSE, [{ 1: 1 }, { 1: 1, 2: '2' }])).rejects.toThrow('data[1][2]: expected a number, found');
  });
});
