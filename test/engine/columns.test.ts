// Rows given as columns: what is stored is what rows of the same values give, to the byte; what is refused is refused by
// field and row, and nothing of it is kept.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { columnsToBatch } from '../../src/engine/write/column-batch.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { encodeBatch } from '../../src/format/batch.js';
import type { ColumnInput, ColumnsInput } from '../../src/model/column-input.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Field } from '../../src/model/field.js';
import { checkSchema } from '../../src/model/schema.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';
import { EVERY_TYPE, randomColumns } from './columns.js';

test.each(Array.from({ length: 150 }, (_, at) => at + 1))('columns of every type in any form give the bytes that their rows give (seed %i)', (seed) => {
  const next = random(seed);
  const { rows, columns } = randomColumns(EVERY_TYPE, randomInteger(next, 40), next);
  const fromRows = rowsToBatch(rows, EVERY_TYPE, undefined);
  const fromColumns = columnsToBatch(columns, EVERY_TYPE, undefined);
  expect(fromColumns.ids).toEqual(fromRows.ids);
  expect(Buffer.from(encodeBatch({ kind: 'write', columns: fromColumns.columns }, EVERY_TYPE)).equals(encodeBatch({ kind: 'write', columns: fromRows.columns }, EVERY_TYPE))).toBe(true);
});

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'title', type: 'VarChar', maxLength: 4, nullable: true },
  { name: 'small', type: 'Int8', nullable: true },
  { name: 'ok', type: 'Bool', nullable: true },
  { name: 'at', type: 'Timestamptz', nullable: true },
  { name: 'ratio', type: 'Float', nullable: true },
  { name: 'data', type: 'JSON', nullable: true },
  { name: 'list', type: 'Array', elementType: 'Int16', maxCapacity: 2, nullable: true },
  { name: 'must', type: 'Int32', defaultValue: 7 },
  { name: 'v', type: 'FloatVector', dim: 2, metric: 'COSINE' },
  { name: 'half', type: 'Float16Vector', dim: 2, nullable: true },
  { name: 'bytes', type: 'Int8Vector', dim: 2, nullable: true, metric: 'COSINE' },
  { name: 'bits', type: 'BinaryVector', dim: 16, nullable: true },
  { name: 's', type: 'SparseFloatVector', nullable: true },
];
const good = { id: [1, 2], v: Float32Array.of(1, 2, 3, 4) };

async function collection(more: object = {}): Promise<Collection> {
  return (await testDatabase()).createCollection({ name: 'c', fields: FIELDS, ...more });
}

async function refusal(c: Collection, given: unknown): Promise<string> {
  const error: unknown = await c.insert(given as ColumnsInput).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ElanusError);
  expect((error as ElanusError).code).toBe('InvalidArgument');
  return (error as ElanusError).message;
}

describe('a refused column says field and row, and nothing of its batch is kept', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['columns that are none', { columns: null }, /columns: expected an object/],
    ['columns in a list', { columns: [] }, /columns: expected an object/],
    ['something beside columns', { columns: good, rows: 2 }, /nothing but columns, found "rows"/],
    ['an unknown column', { columns: { ...good, colour: ['red', 'blue'] } }, /unknown field "colour"/],
    ['dynamic keys where there are none', { columns: { ...good, $meta: [{}, {}] } }, /unknown field "\$meta"/],
    ['no key', { columns: { v: good.v } }, /row 0, field "id": missing primary key/],
    ['a key less', { columns: { ...good, id: [1] } }, /field "v": expected values of 1 rows, as "id" has them, found 2/],
    ['a null key', { columns: { ...good, id: { values: [1], valid: [false, true] } } }, /row 0, field "id": missing primary key/],
    ['an unsafe key', { columns: { ...good, id: Float64Array.of(1, 2 ** 53) } }, /row 1, field "id": expected a bigint of 64 bits/],
    ['no vectors', { columns: { id: good.id } }, /row 0, field "v": missing/],
    ['half a vector', { columns: { ...good, v: Float32Array.of(1, 2, 3) } }, /field "v": expected vectors of dimension 2, one behind the other, found 3 components/],
    ['NaN in a vector', { columns: { ...good, v: Float32Array.of(1, 2, 3, NaN) } }, /row 1, field "v": expected finite f32 components, found NaN at component 1/],
    ['Infinity in a vector', { columns: { ...good, v: Float32Array.of(1, -Infinity, 3, 4) } }, /row 0, field "v": .*-Infinity at component 1/],
    ['a component beyond f32', { columns: { ...good, v: Float64Array.of(1, 2, 1e39, 4) } }, /row 1, field "v": expected finite/],
    ['a zero vector under COSINE', { columns: { ...good, v: Float32Array.of(1, 2, 0, -0) } }, /row 1, field "v": .*COSINE/],
    ['a null vector', { columns: { ...good, v: { values: Float32Array.of(1, 2), valid: [true, false] } } }, /row 1, field "v": missing/],
    ['integers as vectors', { columns: { ...good, v: Int32Array.of(1, 2, 3, 4) } }, /row 0, field "v": expected a vector of 2 numbers, found Int32Array/],
    ['an f16 that is not finite', { columns: { ...good, half: Uint16Array.of(0, 1, 0, 0x7c00) } }, /row 1, field "half": expected finite/],
    ['bytes of half an f16 vector', { columns: { ...good, half: new Uint8Array(7) } }, /field "half": .*found 7 bytes/],
    ['a component beyond f16', { columns: { ...good, half: Float32Array.of(1, 1, 1, 1e5) } }, /row 1, field "half": expected components within f16/],
    ['int8 vectors all zero', { columns: { ...good, bytes: Int8Array.of(1, 2, 0, 0) } }, /row 1, field "bytes": .*COSINE/],
    ['a fraction in an int8 vector', { columns: { ...good, bytes: Float32Array.of(1, 2, 0.5, 0) } }, /row 1, field "bytes": expected integers/],
    ['bits of another dimension', { columns: { ...good, bits: new Uint8Array(3) } }, /field "bits": expected vectors of dimension 16/],
    ['Int8 beyond its range', { columns: { ...good, small: Int32Array.of(127, 128) } }, /row 1, field "small": expected an integer of 8 bits, found 128/],
    ['a fraction as Int8', { columns: { ...good, small: Float64Array.of(1, 1.5) } }, /row 1, field "small": expected an integer of 8 bits, found 1.5/],
    ['a Bool of 2', { columns: { ...good, ok: Uint8Array.of(1, 2) } }, /row 1, field "ok": expected true or false, found 2/],
    ['Bools in another array', { columns: { ...good, ok: Int32Array.of(1, 0) } }, /field "ok": expected a Uint8Array of 0 and 1/],
    ['NaN as Float', { columns: { ...good, ratio: Float32Array.of(1, NaN) } }, /row 1, field "ratio": expected a finite number, found NaN/],
    ['a Double that no Float holds', { columns: { ...good, ratio: Float64Array.of(1, 1e39) } }, /row 1, field "ratio": expected a finite number/],
    ['a time beyond the calendar', { columns: { ...good, at: BigInt64Array.of(0n, 2n ** 62n) } }, /row 1, field "at": expected microseconds of the years 0000 to 9999/],
    ['times as numbers', { columns: { ...good, at: Float64Array.of(1, 2) } }, /field "at": expected a BigInt64Array of microseconds/],
    ['texts in a typed array', { columns: { ...good, title: Uint8Array.of(1, 2) } }, /field "title": expected a list of values of VarChar, found Uint8Array/],
    ['a text beyond its length in UTF-8', { columns: { ...good, title: ['a', 'äöü'] } }, /row 1, field "title": expected at most 4 bytes/],
    ['a lone surrogate', { columns: { ...good, title: ['a', '\ud800'] } }, /row 1, field "title": .*well-formed/],
    ['validity of another length', { columns: { ...good, title: { values: ['a'], valid: [true] } } }, /field "title": expected values of 2 rows, as "id" has them, found 1/],
    ['values that fit neither all rows nor the valid ones', { columns: { ...good, small: { values: Int8Array.of(1, 2, 3), valid: [true, false] } } }, /field "small": expected values of 2 rows, or of the 1 that are valid, found 3/],
    ['a validity that is none', { columns: { ...good, small: { values: Int8Array.of(1, 2), valid: 'yes' } } }, /field "small": expected valid as a list/],
    ['a bit of validity that is none', { columns: { ...good, small: { values: Int8Array.of(1, 2), valid: Uint8Array.of(1, 3) } } }, /row 1, field "small": expected valid as true or false, found 3/],
    ['a column that is none', { columns: { ...good, small: 'abc' } }, /field "small": expected a list, a typed array or \{ values \}, found string/],
    ['a column of null', { columns: { ...good, small: null } }, /field "small": .*found null/],
    ['a member that is unknown', { columns: { ...good, small: { values: [1, 2], nulls: [] } } }, /field "small": .*found "nulls"/],
    ['no values', { columns: { ...good, small: { valid: [true, true] } } }, /field "small": expected values as a list or a typed array, found none/],
    ['texts of JSON in another field', { columns: { ...good, title: { texts: ['a', 'b'] } } }, /field "title": expected values of VarChar, found texts/],
    ['what is no JSON', { columns: { ...good, data: { texts: ['{}', '{'] } } }, /row 1, field "data": expected the text of JSON/],
    ['JSON beyond its limit', { columns: { ...good, data: { texts: ['1', `"${'x'.repeat(70_000)}"`] } } }, /row 1, field "data": expected at most 65536 bytes/],
    ['elements without offsets', { columns: { ...good, list: Int16Array.of(1, 2) } }, /field "list": expected offsets beside values/],
    ['too many elements', { columns: { ...good, list: { offsets: [0, 0, 3], values: Int16Array.of(1, 2, 3) } } }, /row 1, field "list": expected an array of at most 2 elements, found 3/],
    ['an element beyond its range', { columns: { ...good, list: { offsets: [0, 1, 3], values: [1, 2, 40_000] } } }, /row 1, field "list"\[1\]: expected an integer of 16 bits/],
    ['offsets that descend', { columns: { ...good, list: { offsets: [0, 2, 1], values: [1] } } }, /field "list": expected offsets that ascend from 0 to 1, found 2 at 1/],
    ['offsets that end early', { columns: { ...good, list: { offsets: [0, 1, 1], values: [1, 2] } } }, /field "list": .*found 1 at the end/],
    ['offsets that begin late', { columns: { ...good, list: { offsets: [1, 1, 1], values: [1] } } }, /field "list": .*found 1 at 0/],
    ['offsets of numbers', { columns: { ...good, small: { offsets: [0, 1, 2], values: [1, 2] } } }, /field "small": expected values of Int8, found offsets/],
    ['no offsets at all', { columns: { ...good, list: { offsets: [], values: [] } } }, /field "list": expected offsets, one more than there are rows, found none/],
    ['an index less than values', { columns: { ...good, s: { offsets: [0, 1, 2], indices: [1], values: [1, 2] } } }, /field "s": expected as many indices as the 2 values, found 1/],
    ['an index twice', { columns: { ...good, s: { offsets: [0, 0, 2], indices: [5, 5], values: [1, 2] } } }, /row 1, field "s": expected each index once, found 5 twice/],
    ['a negative term', { columns: { ...good, s: { offsets: [0, 1, 2], indices: [5, 5], values: Float32Array.of(1, -2) } } }, /row 1, field "s": .*not negative, found -2/],
    ['null where there must be one', { columns: { ...good, v: [[1, 2], null] } }, /row 1, field "v": missing/],
  ];
  test.each(cases)('%s', async (_, given, message) => {
    const c = await collection();
    expect(await refusal(c, given)).toMatch(message);
    expect(await c.count()).toBe(0);
  });
});

describe('columns are written as rows are', () => {
  test('by insert, upsert and partial update, with what is left out', async () => {
    const c = await collection();
    const written = await c.insert({ columns: { ...good, title: ['a', null], list: { offsets: [0, 2, 2], values: Int16Array.of(1, 2) } } });
    expect(written).toEqual({ ids: [1n, 2n], count: 2 });
    expect(await c.get({ ids: [1, 2], outputFields: ['title', 'list', 'must'] })).toMatchObject([{ title: 'a', list: [1, 2], must: 7 }, { title: null, list: [], must: 7 }]);
    await c.upsert({ columns: { id: BigInt64Array.of(2n), title: ['c'], v: [[5, 6]] } });
    await c.upsert({ columns: { id: [1], small: { values: Int8Array.of(0), valid: [false] }, must: Int32Array.of(8) } }, { partialUpdate: true });
    expect(await c.get({ ids: [1, 2], outputFields: ['title', 'small', 'must', 'v'] })).toMatchObject([{ title: 'a', small: null, must: 8, v: Float32Array.of(1, 2) }, { title: 'c', must: 7, v: Float32Array.of(5, 6) }]);
    expect(await c.insert({ columns: {} })).toEqual({ ids: [], count: 0 });
  });

  test('with the keys that the collection makes, unless they are given', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2, autoId: true });
    const { ids } = await c.insert({ columns: { vector: Float32Array.of(1, 0, 0, 1), colour: ['red', 'blue'], size: Float64Array.of(1, 2) } });
    expect(ids.length).toBe(2);
    expect(await c.get({ ids: ids as bigint[], outputFields: ['colour', 'size'] })).toMatchObject([{ colour: 'red', size: 1 }, { colour: 'blue', size: 2 }]);
    await expect(c.insert({ columns: { id: [1], vector: Float32Array.of(1, 0) } })).rejects.toThrow('field "id": is generated and must not be given');
    await db.alterCollectionProperties('c', { allow_insert_auto_id: 'true' });
    expect((await c.insert({ columns: { id: [1], vector: Float32Array.of(1, 0) } })).ids).toEqual([1n]);
  });

  test('what a dynamic field may not be is refused', async () => {
    const c = await (await testDatabase()).createCollection({ name: 'c', dimension: 2 });
    const meta = (value: unknown): Promise<string> => refusal(c, { columns: { id: [1], vector: Float32Array.of(1, 0), $meta: [value] } });
    expect(await meta('[1]')).toMatch(/row 0, field "\$meta": expected an object/);
    expect(await meta('{')).toMatch(/row 0, field "\$meta": expected the text of JSON/);
    expect(await meta({ id: 3 })).toMatch(/row 0, field "\$meta": "id" is a field/);
    expect(await meta('{"$meta":3}')).toMatch(/"\$meta" is a field/);
    expect(await meta({ at: new Date(0) })).toMatch(/row 0, dynamic fields: expected a JSON value/);
  });

  test('into the partition that is named, with the models that are declared', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await db.createPartition('c', 'p');
    await c.insert({ columns: { id: [1], vector: Float32Array.of(1, 0) } }, { partitionName: 'p' });
    expect((await db.getPartitionStats('c', 'p')).rows).toBe(1);
    await expect(c.insert({ columns: { id: [1], vector: Float32Array.of(1, 0) } }, { partitionName: 'q' })).rejects.toThrow('partition not found');
  });

  test('texts become what a BM25 function makes of them', async () => {
    const schema = checkSchema({
      fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', enableAnalyzer: true }, { name: 'terms', type: 'SparseFloatVector' }],
      functions: [{ name: 'f', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['terms'] }],
    });
    const texts = ['a kite over the field', 'another kite'];
    const fromRows = rowsToBatch(texts.map((text, id) => ({ id, text })), schema, undefined);
    expect(columnsToBatch({ columns: { id: [0, 1], text: texts } }, schema, undefined)).toEqual(fromRows);
    expect(() => columnsToBatch({ columns: { id: [0], text: ['a'], terms: [{ 1: 1 }] } }, schema, undefined)).toThrow('field "terms": is made by a function');
  });

  test('what was given may be changed once the call has returned', async () => {
    const c = await collection();
    const given: { readonly [name: string]: ColumnInput } = { id: BigInt64Array.of(1n), v: Float32Array.of(1, 2), small: Int8Array.of(3) };
    const writing = c.insert({ columns: given });
    (given['v'] as Float32Array).fill(9);
    (given['small'] as Int8Array).fill(9);
    (given['id'] as BigInt64Array).fill(9n);
    await writing;
    expect(await c.get({ ids: [1], outputFields: ['small', 'v'] })).toMatchObject([{ small: 3, v: Float32Array.of(1, 2) }]);
  });
});
