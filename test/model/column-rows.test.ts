// Rows of columns, picked, cut, joined and spread, against the same done to plain lists of values.

import { describe, expect, test } from 'vitest';
import { bitsetBytes, bitsetOf, hasBit, setBit } from '../../src/model/bitset.js';
import { definedRows, joinedColumn, pickColumn, setRowsOf, sliceColumn, spreadColumn } from '../../src/model/column-rows.js';
import { emptyColumn, isTexts, rowsOf, valuesPerRow, type Column } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { storedFields } from '../../src/model/schema.js';
import { columnsOf, FULL_SCHEMA, randomOf } from '../format/samples.js';

/** The rows of a column as a list; null where there is none. */
function listOf(column: Column): readonly unknown[] {
  return Array.from({ length: rowsOf(column) }, (_, row) => {
    if (column.valid !== undefined && !hasBit(column.valid, row)) return null;
    if (isTexts(column)) return column.values[row];
    if (column.type === 'Array') return listOf(column.values).slice(column.offsets[row], column.offsets[row + 1]);
    if (column.type === 'SparseFloatVector') return [[...column.indices.slice(column.offsets[row], column.offsets[row + 1])], [...column.values.slice(column.offsets[row], column.offsets[row + 1])]];
    const perRow = valuesPerRow(column);
    return [...(column.values as Float64Array).slice(row * perRow, (row + 1) * perRow)];
  });
}

/** No bit beyond the rows, no bitset where nothing is null. */
function expectSound(column: Column): void {
  const rows = rowsOf(column);
  if (column.valid === undefined) return;
  expect(column.valid).toHaveLength(bitsetBytes(rows));
  expect([...setRowsOf(column.valid, column.valid.length * 8)].every((row) => row < rows)).toBe(true);
  expect(setRowsOf(column.valid, rows).length).toBeLessThan(rows);
}

describe.each(storedFields(FULL_SCHEMA).map((field): [string, Field] => [field.name, field]))('%s', (name, field) => {
  test('gives the rows that a list of its values gives', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = randomOf(seed);
      const rows = Math.floor(random() * 40);
      const column = columnsOf(FULL_SCHEMA, rows, seed).byName.get(name) as Column;
      const list = listOf(column);
      const check = (found: Column, expected: readonly unknown[]): void => {
        expect(found.type).toBe(field.type);
        expect(listOf(found), `seed ${seed}`).toEqual(expected);
        expectSound(found);
      };
      const picked = Uint32Array.from({ length: rows === 0 ? 0 : Math.floor(random() * 30) }, () => random() * rows);
      check(pickColumn(column, picked), Array.from(picked, (row) => list[row]));
      const first = Math.floor(random() * (rows + 1));
      const end = first + Math.floor(random() * (rows - first + 1));
      check(sliceColumn(column, first, end), list.slice(first, end));
      check(joinedColumn([sliceColumn(column, 0, first), sliceColumn(column, first, end), emptyColumn(field), sliceColumn(column, end, rows)], field), list);
      check(joinedColumn([], field), []);
      check(definedRows(column), list.filter((value) => value !== null));
      const all = rows + 5;
      const valid = bitsetOf(all, false);
      const places = Array.from({ length: all }, (_, row) => row).sort(() => random() - 0.5).slice(0, rows).sort((a, b) => a - b);
      for (const row of places) setBit(valid, row);
      const dense = definedRows(column);
      if (rowsOf(dense) === rows) check(spreadColumn(dense, valid, all), Array.from({ length: all }, (_, row) => (places.includes(row) ? list[places.indexOf(row)] : null)));
    }
  });
});
