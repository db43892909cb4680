// RowsReader: read piece by piece, a rows file gives what it gives as a whole, from few ranges; damage in what is
// read is refused, damage elsewhere changes nothing.

import { describe, expect, test } from 'vitest';
import { bytesOf, sameBytes } from '../../src/format/bytes.js';
import { GAP_BYTES_MAX, planRanges, RANGE_BYTES_MAX, type WantedVector } from '../../src/format/range-plan.js';
import { decodeRows, encodeRows, encodeRowsInSteps, RowsEncoder } from '../../src/format/rows-file.js';
import { RowsReader, type ReadRange } from '../../src/format/rows-reader.js';
import { pickColumn } from '../../src/model/column-rows.js';
import type { Column, ColumnOf, Columns } from '../../src/model/columns.js';
import { ElanusError } from '../../src/model/errors.js';
import { isDenseVector } from '../../src/model/field.js';
import { checkSchema, denseFields, storedFields, type DenseField, type Schema } from '../../src/model/schema.js';
import { flipped } from './damage.js';
import { columnsOf, NULL_SCHEMA, randomOf, randomSchema, SCHEMA, SMALL_SCHEMA } from './samples.js';

interface Counted {
  readonly read: ReadRange;
  readonly ranges: { offset: number; length: number }[];
}

/** Reads from `bytes` as a storage does: what is beyond the end does not come. */
function counted(bytes: Uint8Array): Counted {
  const ranges: Counted['ranges'] = [];
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    ranges.push({ offset, length });
    return bytes.slice(offset, offset + length);
  };
  return { read, ranges };
}

const opened = (bytes: Uint8Array, schema: Schema): Promise<RowsReader> => RowsReader.open(counted(bytes).read, bytes.length, schema, 'FILE');
const vectorsOf = (columns: Columns, schema: Schema): Float32Array => columns.byName.get((denseFields(schema)[0] as DenseField).name)?.values as Float32Array;
const wide = (dim: number): Schema => checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim }] });

/** Everything that a reader gives, as bytes and texts. */
async function everything(reader: RowsReader, schema: Schema, picked: Uint32Array): Promise<unknown[]> {
  const all: unknown[] = [reader.rows];
  for (const field of storedFields(schema)) {
    const { values, valid } = await reader.column(field.name);
    all.push(valid, ArrayBuffer.isView(values) ? Buffer.from(bytesOf(values)) : values);
  }
  const name = schema.fields.find(({ type }) => type === 'FloatVector')?.name ?? '';
  all.push(Buffer.from(bytesOf(await reader.vectors(name, picked))));
  for await (const { first, values } of reader.scan(name, 64)) all.push(first, Buffer.from(bytesOf(values)));
  return all;
}

describe('a rows file read piece by piece', () => {
  test.each([[0, 1], [1, 1], [9, 2], [64, 64], [300, 70]])('of %i rows in groups of %i gives the columns that it gives as a whole', async (rows, rowsPerGroupMax) => {
    const { bytes } = encodeRows(columnsOf(SCHEMA, rows, rows), SCHEMA, rowsPerGroupMax);
    const whole = decodeRows(bytes, SCHEMA, 'FILE');
    const reader = await opened(bytes, SCHEMA);
    expect(reader.rows).toBe(rows);
    for (const [name, column] of whole.byName) expect(await reader.column(name), name).toEqual(column);
  });

  test('gives any rows, in any order and twice, and all of them in pieces of whole rows', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomOf(seed);
      const schema = wide(2 + Math.floor(random() * 90));
      const rows = 1 + Math.floor(random() * 120);
      const columns = columnsOf(schema, rows, seed);
      const { bytes } = encodeRows(columns, schema, 1 + Math.floor(random() * 50));
      const { dim } = (denseFields(schema)[0] as DenseField);
      const values = vectorsOf(columns, schema);
      const picked = Uint32Array.from({ length: Math.floor(random() * 60) }, () => random() * rows);
      const reader = await opened(bytes, schema);
      const found = await reader.vectors('v', picked);
      expect(found.length).toBe(picked.length * dim);
      picked.forEach((row, at) => expect(found.subarray(at * dim, (at + 1) * dim), `seed ${seed}, row ${row}`).toEqual(values.subarray(row * dim, (row + 1) * dim)));
      const bytesMax = 1 + Math.floor(random() * 2000);
      let next = 0;
      for await (const piece of reader.scan('v', bytesMax)) {
        expect(piece.first, `seed ${seed}`).toBe(next);
        expect(piece.values.byteLength <= bytesMax || piece.values.length === dim, `seed ${seed}`).toBe(true);
        expect(sameBytes(bytesOf(piece.values), bytesOf(values.subarray(next * dim, next * dim + piece.values.length))), `seed ${seed}`).toBe(true);
        next += piece.values.length / dim;
      }
      expect(next, `seed ${seed}`).toBe(rows);
    }
  });

  test.each(Array.from({ length: 40 }, (_, i) => i + 1))('of a random schema gives what it gives as a whole (seed %i)', async (seed) => {
    const schema = randomSchema(seed);
    const random = randomOf(seed);
    const rows = Math.floor(random() * 60);
    const columns = columnsOf(schema, rows, seed);
    const reader = await opened(encodeRows(columns, schema, 1 + Math.floor(random() * 30)).bytes, schema);
    for (const field of storedFields(schema)) {
      const column = columns.byName.get(field.name) as Column;
      expect(await reader.column(field.name), field.name).toEqual(column);
      if (!isDenseVector(field.type)) continue;
      expect(await reader.validVectors(field.name), field.name).toEqual(column.valid);
      const picked = Uint32Array.from({ length: rows === 0 ? 0 : 20 }, () => random() * rows);
      const some = pickColumn(column, picked) as ColumnOf<'FloatVector'>;
      expect(await reader.vectors(field.name, picked), field.name).toEqual(some.values);
      const all = (column as ColumnOf<'FloatVector'>).values;
      let next = 0;
      for await (const { first, values } of reader.scan(field.name, 200)) {
        expect(first * (all.length / rows), field.name).toBe(next);
        expect(values, field.name).toEqual(all.subarray(next, next + values.length));
        next += values.length;
      }
      expect(next, field.name).toBe(all.length);
    }
  });

  test('refuses a row or column that it has not', async () => {
    const reader = await opened(encodeRows(columnsOf(SMALL_SCHEMA, 3, 6), SMALL_SCHEMA).bytes, SMALL_SCHEMA);
    await expect(reader.vectors('vector', Uint32Array.of(3))).rejects.toThrow('row 3: expected one below 3');
    await expect(reader.column('other')).rejects.toThrow('unknown column "other"');
    await expect(reader.vectors('key', Uint32Array.of(0))).rejects.toThrow('column "key" is VarChar: expected a dense vector');
  });
});

describe('what is read', () => {
  test('to open is one range, or two if the footer is long', async () => {
    const { bytes } = encodeRows(columnsOf(wide(64), 1000, 1), wide(64), 100);
    const short = counted(bytes);
    await RowsReader.open(short.read, bytes.length, wide(64), 'FILE');
    expect(short.ranges).toEqual([{ offset: bytes.length - 65_536, length: 65_536 }]);
    const many = encodeRows(columnsOf(SMALL_SCHEMA, 2000, 1), SMALL_SCHEMA, 1);
    const long = counted(many.bytes);
    await RowsReader.open(long.read, many.bytes.length, SMALL_SCHEMA, 'FILE');
    expect(long.ranges).toHaveLength(2);
    expect(long.ranges[1]?.length).toBeGreaterThan(65_536);
  });

  test('of a column are its pages, as many bytes as it says', async () => {
    const { bytes } = encodeRows(columnsOf(wide(64), 1000, 1), wide(64), 400);
    const { read, ranges } = counted(bytes);
    const reader = await RowsReader.open(read, bytes.length, wide(64), 'FILE');
    ranges.length = 0;
    await reader.column('id');
    expect(ranges).toHaveLength(3);
    expect(ranges.reduce((total, { length }) => total + length, 0)).toBe(reader.columnBytes('id'));
    expect(reader.columnBytes('id') - 8000).toBeLessThan(3 * 64);
  });

  test('of vectors are the sums of their row group, once, and near ones in one range', async () => {
    const schema = wide(1024);
    const { bytes, vectors } = encodeRows(columnsOf(schema, 600, 1), schema, 300);
    const { read, ranges } = counted(bytes);
    const reader = await RowsReader.open(read, bytes.length, schema, 'FILE');
    const [first, second] = [vectors['v']?.[0]?.offset ?? 0, vectors['v']?.[1]?.offset ?? 0];
    ranges.length = 0;
    expect(reader.sumsBytes).toBe(0);
    await reader.vectors('v', Uint32Array.of(7, 5, 11, 5));
    expect(ranges).toEqual([{ offset: first + 300 * 4096, length: 301 * 4 }, { offset: first + 5 * 4096, length: 7 * 4096 }]);
    expect(reader.sumsBytes).toBe(1200);
    ranges.length = 0;
    await reader.vectors('v', Uint32Array.of(5, 9, 299, 300));
    expect(ranges.sort((a, b) => a.offset - b.offset)).toEqual([
      { offset: first + 5 * 4096, length: 5 * 4096 },
      { offset: first + 299 * 4096, length: 4096 },
      { offset: second, length: 4096 },
      { offset: second + 300 * 4096, length: 301 * 4 },
    ]);
    expect(reader.sumsBytes).toBe(2400);
  });

  test('at once is no more than a range may be', () => {
    const wanted = (at: readonly number[], group = 0): WantedVector[] => at.map((row, place) => ({ group, at: row, place }));
    const every = (rows: number): readonly number[] => Array.from({ length: rows }, (_, row) => row);
    const ranges = planRanges([...wanted(every(600), 1), ...wanted(every(400))], 4096);
    expect(ranges.map(({ group, first, count }) => [group, first, count])).toEqual([[0, 0, 256], [0, 256, 144], [1, 0, 256], [1, 256, 256], [1, 512, 88]]);
    expect(RANGE_BYTES_MAX / 4096).toBe(256);
    const gap = GAP_BYTES_MAX / 64;
    expect(planRanges(wanted([0, gap, 2 * gap + 1]), 64).map(({ first, count }) => [first, count])).toEqual([[0, gap + 1], [2 * gap + 1, 1]]);
  });

  test('and fails is read again by the next who asks', async () => {
    const { bytes } = encodeRows(columnsOf(SMALL_SCHEMA, 3, 6), SMALL_SCHEMA);
    let fails = false;
    const read: ReadRange = async (offset, length) => {
      if (fails) throw new ElanusError('StorageFailed', 'not now');
      return bytes.slice(offset, offset + length);
    };
    const reader = await RowsReader.open(read, bytes.length, SMALL_SCHEMA, 'FILE');
    fails = true;
    await expect(reader.vectors('vector', Uint32Array.of(1))).rejects.toMatchObject({ code: 'StorageFailed' });
    fails = false;
    expect(await reader.vectors('vector', Uint32Array.of(1))).toHaveLength(2);
  });
});

describe.each([['a vector in every row', SMALL_SCHEMA], ['null vectors and arrays', NULL_SCHEMA]])('damage of a file with %s', (_, schema) => {
  const picked = Uint32Array.of(0, 4, 3);
  const { bytes } = encodeRows(columnsOf(schema, 5, 6), schema, 3);

  /** The error of a damaged file's reading; undefined if it gives what the sound one gives. */
  async function damageOf(given: Uint8Array, sound: unknown[]): Promise<ElanusError | undefined> {
    let found: unknown[];
    try {
      found = await everything(await opened(given, schema), schema, picked);
    } catch (error) {
      if (error instanceof ElanusError) return error;
      throw error;
    }
    expect(found).toEqual(sound);
    return undefined;
  }

  test('by any flipped bit is refused, or changes nothing', async () => {
    const sound = await everything(await opened(bytes, schema), schema, picked);
    let harmless = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of schema === SMALL_SCHEMA ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
        const error = await damageOf(flipped(bytes, at, bit), sound);
        if (error === undefined) harmless += bit === at % 8 ? 1 : 0;
        else if (error.file !== 'FILE' || !['Corrupt', 'Unsupported'].includes(error.code)) expect.fail(`bit ${bit} of byte ${at}: ${error.code}: ${error.message}`);
      }
    }
    // The magic in front and the padding before vectors are not read.
    const runs = schema.fields.filter(({ type }) => isDenseVector(type)).length;
    expect(harmless).toBeLessThanOrEqual(4 + runs * 2 * 63);
  });

  test('by any truncation is refused', async () => {
    for (let size = 0; size < bytes.length; size++) {
      await expect(opened(bytes.subarray(0, size), schema), `cut to ${size}`).rejects.toMatchObject({ code: 'Corrupt', file: 'FILE' });
      const cut = RowsReader.open(counted(bytes.subarray(0, size)).read, bytes.length, schema, 'FILE');
      await expect(cut, `cut to ${size}, its size not`).rejects.toMatchObject({ code: 'Corrupt', file: 'FILE' });
    }
  });
});

describe('damage', () => {
  const { bytes } = encodeRows(columnsOf(SMALL_SCHEMA, 5, 6), SMALL_SCHEMA, 2);

  test('of one vector leaves the others readable, and says which it is', async () => {
    const { vectors } = encodeRows(columnsOf(SMALL_SCHEMA, 5, 6), SMALL_SCHEMA, 2);
    const reader = await opened(flipped(bytes, (vectors['vector']?.[1]?.offset ?? 0) + 9, 3), SMALL_SCHEMA);
    await expect(reader.vectors('vector', Uint32Array.of(0, 2))).resolves.toHaveLength(4);
    await expect(reader.vectors('vector', Uint32Array.of(3))).rejects.toThrow('FILE: row group 1, column "vector": vector 1 of its row group does not match its row sum');
    await expect(reader.column('key')).resolves.toMatchObject({ type: 'VarChar' });
  });
});

describe('encoding in steps', () => {
  test('gives the same bytes and extents, with a pause after each step', async () => {
    const columns = columnsOf(SCHEMA, 5000, 3);
    let pauses = 0;
    const pause = async (): Promise<void> => void pauses++;
    const stepped = await encodeRowsInSteps(columns, SCHEMA, pause, 1700);
    const whole = encodeRows(columns, SCHEMA, 1700);
    expect(sameBytes(stepped.bytes, whole.bytes)).toBe(true);
    expect(stepped.vectors).toEqual(whole.vectors);
    expect(pauses).toBeGreaterThan(3 * storedFields(SCHEMA).length);
    expect((await encodeRowsInSteps(columnsOf(SCHEMA, 0, 1), SCHEMA, pause)).bytes).toEqual(encodeRows(columnsOf(SCHEMA, 0, 1), SCHEMA).bytes);
  });

  test('takes a step for about each MiB of vectors', () => {
    const schema = wide(1024);
    const rows = 4096;
    const steps = [...new RowsEncoder(schema).steps({ rows, byName: new Map([['id', { type: 'Int64', values: new BigInt64Array(rows) }], ['v', { type: 'FloatVector', dim: 1024, values: new Float32Array(rows * 1024) }]]) })];
    expect(steps.length).toBeGreaterThanOrEqual((rows * 4096) / 2 ** 20);
  });
});
