// Groups of rows are held whole: they are as large as what their rows take, whatever that is.

import { expect, test } from 'vitest';
import { RowGroups, valueBytes } from '../../src/io/row-groups.js';
import type { Row } from '../../src/model/row.js';

test('a value takes what is in it', () => {
  expect(valueBytes({ id: 1n, text: 'x'.repeat(100), vector: new Float32Array(4), list: ['ab', 'cde'], json: { deep: [1, null, true] } })).toBe(8 + 100 + 16 + 5 + 24);
});

test('a group is full by rows, or by the bytes of whatever they have, and every row is in one', () => {
  const groups = new RowGroups(10, 1000);
  const rows = Array.from({ length: 100 }, (_, id): Row => ({ id: BigInt(id), text: 'x'.repeat(id < 50 ? 1 : 500) }));
  const found = [...rows.flatMap((row) => [groups.add(row) ?? []]), groups.rest()].filter(({ length }) => length > 0);
  expect(found.flat()).toEqual(rows);
  expect(found.map(({ length }) => length)).toEqual([...Array.from({ length: 5 }, () => 10), ...Array.from({ length: 25 }, () => 2)]);
  expect(groups.rest()).toEqual([]);
});
