// Rows file: rows of every type come back equal, however they fall into row groups; the vectors lie where the
// extents say. Damage of rows files is in rows-file-damage.test.ts, other readers in rows-file-readers.test.ts.

import { describe, expect, test } from 'vitest';
import { bytesOf, sameBytes } from '../../src/format/bytes.js';
import { decodeRows, encodeRows, PAGE_BYTES_MAX, ROWS_PER_GROUP_MAX } from '../../src/format/rows-file.js';
import type { Column, ColumnOf, Columns, TextColumn } from '../../src/model/columns.js';
import { hasBit } from '../../src/model/bitset.js';
import { checkSchema, denseFields, type DenseField, type Schema } from '../../src/model/schema.js';
import { columnsOf, FULL_SCHEMA, randomOf, randomSchema, SCHEMA, SMALL_SCHEMA } from './samples.js';

function expectSame(found: Columns, expected: Columns): void {
  expect(found.rows).toBe(expected.rows);
  expect([...found.byName.keys()]).toEqual([...expected.byName.keys()]);
  for (const [name, column] of expected.byName) {
    const back = found.byName.get(name) as Column;
    expect(back.type).toBe(column.type);
    if (ArrayBuffer.isView(column.values)) expect(sameBytes(bytesOf(back.values as Float32Array), bytesOf(column.values)), name).toBe(true);
    if (column.valid !== undefined || !ArrayBuffer.isView(column.values)) expect(back, name).toEqual(column);
  }
}

/** The vectors as a range read by extent would get them. */
function vectorsByExtent(columns: Columns, schema: Schema, rowsPerGroupMax?: number): void {
  const { bytes, vectors } = encodeRows(columns, schema, rowsPerGroupMax);
  const { name, dim } = (denseFields(schema)[0] as DenseField);
  const values = columns.byName.get(name)?.values as Float32Array;
  let first = 0;
  for (const { offset, rows } of vectors[name] ?? []) {
    expect(offset % 64).toBe(0);
    const expected = values.subarray(first * dim, (first + rows) * dim);
    expect(sameBytes(bytes.subarray(offset, offset + rows * dim * 4), bytesOf(expected))).toBe(true);
    first += rows;
  }
  expect(first).toBe(columns.rows);
}

describe('a rows file', () => {
  test.each([
    [0, undefined, 0],
    [1, undefined, 1],
    [2, undefined, 1],
    [9, 1, 9],
    [9, 2, 5],
    [64, 64, 1],
    [1000, 333, 4],
    [ROWS_PER_GROUP_MAX + 3, undefined, 2],
  ])('of %i rows of every type in row groups of %s comes back equal', (rows, rowsPerGroupMax, groups) => {
    const columns = columnsOf(SCHEMA, rows, rows + 1);
    const { bytes, vectors } = encodeRows(columns, SCHEMA, rowsPerGroupMax);
    expect(vectors['vector']).toHaveLength(groups);
    expectSame(decodeRows(bytes, SCHEMA, 'FILE'), columns);
    vectorsByExtent(columns, SCHEMA, rowsPerGroupMax);
  });

  test('is the same for the same rows, wherever it lies in memory', () => {
    const { bytes } = encodeRows(columnsOf(SCHEMA, 50, 4), SCHEMA, 7);
    expect(sameBytes(encodeRows(columnsOf(SCHEMA, 50, 4), SCHEMA, 7).bytes, bytes)).toBe(true);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expectSame(decodeRows(shifted.subarray(3), SCHEMA, 'FILE'), columnsOf(SCHEMA, 50, 4));
  });

  test('gives copies: changing its bytes afterwards changes no column', () => {
    const columns = columnsOf(SCHEMA, 5, 4);
    const { bytes } = encodeRows(columns, SCHEMA);
    const back = decodeRows(bytes, SCHEMA, 'FILE');
    bytes.fill(0);
    expectSame(back, columns);
  });

  test.each([2, 3, 63, 64, 65, 127, 128, 8192, 8193, 32_768])('holds vectors of dimension %i, aligned', (dim) => {
    const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim }] });
    const columns = columnsOf(schema, 3, dim);
    vectorsByExtent(columns, schema, 2);
    expectSame(decodeRows(encodeRows(columns, schema, 2).bytes, schema, 'FILE'), columns);
  });

  test('ends a row group before a page of vectors passes 64 MiB', () => {
    const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 32_768 }] });
    const columns = columnsOf(schema, 0, 1);
    const rows = 520;
    const byName = new Map<string, Column>([...columns.byName]).set('id', { type: 'Int64', values: new BigInt64Array(rows) });
    byName.set('v', { type: 'FloatVector', dim: 32_768, values: new Float32Array(rows * 32_768) });
    const { bytes, vectors } = encodeRows({ rows, byName }, schema);
    expect(vectors['v']?.map((extent) => extent.rows)).toEqual([511, 9]);
    expect(decodeRows(bytes, schema, 'FILE').rows).toBe(rows);
  });

  test('ends a row group before a page of texts passes 64 MiB', () => {
    const rows = 400;
    const text = 'é'.repeat(65_000);
    const byName = new Map<string, Column>([
      ['key', { type: 'VarChar', values: new Array<string>(rows).fill(text) }],
      ['vector', { type: 'FloatVector', dim: 2, values: new Float32Array(rows * 2) }],
    ]);
    const { bytes, vectors } = encodeRows({ rows, byName }, SMALL_SCHEMA);
    expect(vectors['vector']?.[0]?.rows).toBe(Math.floor(PAGE_BYTES_MAX / (18 + 3 * 65_000)));
    expect((decodeRows(bytes, SMALL_SCHEMA, 'FILE').byName.get('key') as TextColumn).values[rows - 1]).toBe(text);
  });

  test.each(Array.from({ length: 60 }, (_, i) => i + 1))('of a random schema comes back equal (seed %i)', (seed) => {
    const schema = randomSchema(seed);
    const random = randomOf(seed);
    const columns = columnsOf(schema, Math.floor(random() * 80), seed);
    const { bytes } = encodeRows(columns, schema, 1 + Math.floor(random() * 40));
    expectSame(decodeRows(bytes, schema, 'FILE'), columns);
  });

  test.each([0, 1, 7, 8, 9, 300])('of %i rows of every type with nulls comes back equal', (rows) => {
    const columns = columnsOf(FULL_SCHEMA, rows, rows + 3);
    expectSame(decodeRows(encodeRows(columns, FULL_SCHEMA, 64).bytes, FULL_SCHEMA, 'FILE'), columns);
  });

  test('says of each row group where the vectors are that are not null', () => {
    const columns = columnsOf(FULL_SCHEMA, 100, 8);
    const { bytes, vectors } = encodeRows(columns, FULL_SCHEMA, 40);
    expect(Object.keys(vectors)).toEqual(FULL_SCHEMA.fields.filter(({ dim }) => dim !== undefined).map(({ name }) => name));
    const { values, valid } = columns.byName.get('nvInt8Vector') as ColumnOf<'Int8Vector'>;
    let row = 0;
    for (const { offset, rows, nulls = 0 } of vectors['nvInt8Vector'] ?? []) {
      expect(offset % 64).toBe(0);
      let at = offset;
      for (let end = row + rows; row < end; row++) {
        if (valid === undefined || !hasBit(valid, row)) continue;
        expect(new Int8Array(bytes.buffer, at, 24)).toEqual(values.subarray(row * 24, (row + 1) * 24));
        at += 24;
      }
      expect(at - offset).toBe((rows - nulls) * 24);
    }
    expect(row).toBe(100);
  });
});
