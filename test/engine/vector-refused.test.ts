// Vectors refused: what fits no field is told by row and field, and nothing is stored; what a field has no room for
// leaves the other fields as they were.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import { Segment } from '../../src/engine/table/segment.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { ElanusError } from '../../src/model/errors.js';
import { checkSchema } from '../../src/model/schema.js';
import type { Core, FlatIndex } from '../../src/ports/core.js';
import type { RowInput } from '../../src/model/row.js';
import { testCore, testDatabase } from '../support/database.js';

const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'f', type: 'FloatVector', dim: 2, metric: 'L2' },
  { name: 'h', type: 'Float16Vector', dim: 2 },
  { name: 'b', type: 'BFloat16Vector', dim: 2, metric: 'IP', nullable: true },
  { name: 'i', type: 'Int8Vector', dim: 2 },
  { name: 'x', type: 'BinaryVector', dim: 16 },
] as const;
const ROW = { f: [1, 2], h: [1, 2], b: [1, 2], i: [1, 2], x: [1, 2] };

let database: Database;
let collection: Collection;
beforeAll(async () => {
  database = await testDatabase();
  collection = await database.createCollection({ name: 'c', fields: FIELDS });
  await collection.insert([{ id: 0, ...ROW }]);
});
afterAll(() => database.close());

async function refusal(promise: Promise<unknown>): Promise<ElanusError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ElanusError);
  return error as ElanusError;
}

describe('a row is refused', () => {
  test.each<[string, unknown, string]>([
    ['f', [1], 'dimension 2, found 1'],
    ['f', [1, NaN], 'finite f32 components, found NaN at component 1'],
    ['f', [1e39, 0], 'finite f32 components, found Infinity at component 0'],
    ['f', ['1', 2], 'numbers, found string at component 0'],
    ['f', 'text', 'a vector of 2 numbers, found string'],
    ['f', { 0: 1, 1: 2 }, 'a vector of 2 numbers, found object'],
    ['f', Uint8Array.of(1, 2), 'a vector of 2 numbers, found Uint8Array'],
    ['f', null, 'missing'],
    ['f', undefined, 'missing'],
    ['h', [1, 2, 3], 'dimension 2, found 3'],
    ['h', [1, 65_520], 'components within f16, up to 65,504, found 65520 at component 1'],
    ['h', [2 ** -26, 0], 'not all zero'],
    ['h', [0, Infinity], 'found Infinity at component 1'],
    ['h', Uint16Array.of(0x7c00, 0), 'found Infinity at component 0'],
    ['h', new Uint8Array(3), 'a vector of 2 numbers, found Uint8Array'],
    ['h', null, 'missing'],
    ['b', [1, 3.4e38], 'components within bf16, found'],
    ['b', Uint16Array.of(0x7fc0, 0), 'found NaN at component 0'],
    ['i', [1.5, 0], 'integers of -128 to 127, found 1.5 at component 0'],
    ['i', [0, 128], 'found 128 at component 1'],
    ['i', [0, -129], 'found -129 at component 1'],
    ['i', [0, 0], 'not all zero'],
    ['i', new Int8Array(3), 'dimension 2, found 3'],
    ['i', [1n, 2n], 'numbers, found bigint at component 0'],
    ['x', [1, 2, 3], '16 bits as 2 bytes, found 3'],
    ['x', [1, 256], 'bytes of 0 to 255, found 256 at byte 1'],
    ['x', [0.5, 1], 'bytes of 0 to 255, found 0.5 at byte 0'],
    ['x', new Float32Array(2), '16 bits as 2 bytes, found Float32Array'],
    ['x', null, 'missing'],
  ])('whose field %s is %o', async (name, vector, message) => {
    const error = await refusal(collection.insert([{ id: 1, ...ROW }, { id: 2, ...ROW, [name]: vector } as RowInput]));
    expect(error).toMatchObject({ code: 'InvalidArgument' });
    expect(error.message).toContain(`row 1, field "${name}"`);
    expect(error.message).toContain(message);
    expect(await collection.count()).toBe(1);
  });
});

describe('a search is refused', () => {
  test.each<[string, object, string]>([
    ['of no field, where there are several', { data: [1, 2] }, 'annsField: the collection has several vector fields, expected one of f, h, b, i, x'],
    ['of a field that is none', { data: [1, 2], annsField: 'none' }, 'expected a vector field, one of f, h, b, i, x, found "none"'],
    ['of a field that is no vector', { data: [1, 2], annsField: 'id' }, 'expected a vector field'],
    ['with another dimension', { data: [[1, 2], [1]], annsField: 'h' }, 'data[1] for "h": expected dimension 2, found 1'],
    ['with text', { data: 'words', annsField: 'f' }, 'data: expected a vector or an array of vectors, found string'],
    ['for bits with numbers that are none', { data: [1, 300], annsField: 'x' }, 'data for "x": expected bytes of 0 to 255'],
    ['for Int8 with fractions', { data: [0.5, 1], annsField: 'i' }, 'integers of -128 to 127'],
    ['for a zero vector under COSINE', { data: [0, 0], annsField: 'h' }, 'not all zero'],
  ])('%s', async (_, request, message) => {
    const error = await refusal(collection.search(request as { data: number[] }));
    expect(error).toMatchObject({ code: 'InvalidArgument' });
    expect(error.message).toContain(message);
  });
});

test.each<[object, string]>([
  [{ type: 'BinaryVector', dim: 8, metric: 'L2' }, 'metric: expected one of HAMMING, JACCARD, found L2'],
  [{ type: 'Int8Vector', dim: 8, metric: 'HAMMING' }, 'metric: expected one of L2, IP, COSINE, found HAMMING'],
  [{ type: 'BinaryVector', dim: 12 }, 'dim: expected a multiple of 8, found 12'],
])('a field %j is refused', async (field, message) => {
  const error = await refusal(database.createCollection({ name: 'd', fields: [FIELDS[0], { name: 'v', ...field } as never] }));
  expect(error.message).toContain(message);
});

test('where one field has no room for a batch, no field has the batch', async () => {
  const core = await testCore();
  let full = false;
  const createFlat = ((dim: number, metric: never, element: 'FloatVector' | undefined): FlatIndex => {
    const flat = core.createFlat(dim, metric, element);
    if (element !== 'BFloat16Vector' as string) return flat;
    const append = flat.append.bind(flat);
    return Object.assign(flat, {
      append: (vectors: Float32Array) => {
        if (full) throw new ElanusError('OutOfMemory', 'full');
        append(vectors);
      },
    });
  }) as Core['createFlat'];
  const schema = checkSchema({ fields: FIELDS });
  const segment = Segment.growing(0, schema, { ...core, createFlat });
  const write = (id: number, b: number[] | null): number => segment.append(rowsToBatch([{ id, ...ROW, f: [id, 0], b }], schema, undefined).columns);
  write(0, [1, 1]);
  for (const [id, b] of [[1, [1, 1]], [2, [1, 1]]] as const) {
    full = true;
    expect(() => write(50 + id, [9, 9])).toThrow(expect.objectContaining({ code: 'OutOfMemory' }));
    full = false;
    expect(write(id, [...b])).toBe(id);
  }
  expect(write(3, null)).toBe(3);
  expect(segment.rows).toBe(4);
  expect([0, 1, 2, 3].map((row) => Array.from((segment.part('f').read(row) as Float32Array)))).toEqual([[0, 0], [1, 0], [2, 0], [3, 0]]);
  expect([0, 1, 2, 3].map((row) => segment.part('b').read(row)?.length)).toEqual([2, 2, 2, undefined]);
  const { places, loaded } = segment.part('f');
  const found = loaded.search(Float32Array.of(51, 0), 10, places?.select(undefined));
  const named = places?.toRows(found);
  expect(Array.from(named?.rows.subarray(0, named.counts[0]) ?? [])).toEqual([3, 2, 1, 0]);
  segment.close();
});
