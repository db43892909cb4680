// Every bad input of the public API: its code, its words, and that nothing of it is kept.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { RowInput } from '../../src/model/row.js';
import { testDatabase } from '../support/database.js';

const good = { id: 1, title: 'x', small: 1, ok: true, ratio: 0.5, data: {}, v: [1, 2, 3] };

async function collection(metric: 'L2' | 'COSINE' = 'COSINE'): Promise<Collection> {
  const db = await testDatabase();
  return db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 4 },
      { name: 'small', type: 'Int8' },
      { name: 'ok', type: 'Bool' },
      { name: 'ratio', type: 'Float' },
      { name: 'data', type: 'JSON' },
      { name: 'v', type: 'FloatVector', dim: 3, metric },
    ],
  });
}

const deep = JSON.parse('['.repeat(80) + ']'.repeat(80)) as RowInput[string];

describe('a refused row says why, and nothing of its batch is kept', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['wrong dimension', { ...good, v: [1, 2] }, /row 1, field "v": expected dimension 3, found 2/],
    ['NaN', { ...good, v: [1, NaN, 3] }, /finite.*NaN at component 1/],
    ['Infinity', { ...good, v: Float32Array.of(1, 2, Infinity) }, /finite.*Infinity at component 2/],
    ['a component beyond f32', { ...good, v: [1e39, 0, 0] }, /finite/],
    ['zero vector under COSINE', { ...good, v: [0, 0, 0] }, /COSINE/],
    ['a vector that is none', { ...good, v: 'abc' }, /expected a vector/],
    ['a vector of strings', { ...good, v: ['1', '2', '3'] }, /expected numbers, found string/],
    ['a vector with a hole', { ...good, v: [1, , 3] }, /expected numbers, found undefined/],
    ['unknown field', { ...good, colour: 'red' }, /row 1: unknown field "colour"/],
    ['missing primary key', { ...good, id: undefined }, /row 1, field "id": missing primary key/],
    ['missing field', { ...good, title: undefined }, /field "title": missing/],
    ['null', { ...good, small: null }, /field "small": missing/],
    ['wrong type of key', { ...good, id: '1' }, /expected a bigint/],
    ['an unsafe integer as key', { ...good, id: 2 ** 53 }, /expected a bigint/],
    ['a key beyond 64 bits', { ...good, id: 2n ** 63n }, /expected a bigint/],
    ['a fraction as Int8', { ...good, small: 1.5 }, /integer of 8 bits/],
    ['Int8 beyond its range', { ...good, small: 128 }, /integer of 8 bits, found 128/],
    ['a number as Bool', { ...good, ok: 1 }, /expected true or false/],
    ['a string as Float', { ...good, ratio: '1' }, /finite number/],
    ['NaN as Float', { ...good, ratio: NaN }, /finite number, found NaN/],
    ['a string beyond its length in UTF-8', { ...good, title: 'äöü' }, /at most 4 bytes/],
    ['a lone surrogate', { ...good, title: '\ud800' }, /well-formed/],
    ['a Date in JSON', { ...good, data: { at: new Date(0) } }, /JSON value/],
    ['an integer of more than 64 bits in JSON', { ...good, data: { n: 2n ** 64n } }, /integer of at most 64 bits/],
    ['an integer of less than 64 bits in JSON', { ...good, data: [-(2n ** 63n) - 1n] }, /integer of at most 64 bits/],
    ['too deep JSON', { ...good, data: deep }, /at most 64 levels/],
    ['too long JSON', { ...good, data: 'x'.repeat(70_000) }, /at most 65536 bytes/],
  ];
  test.each(cases)('%s', async (_, row, message) => {
    const c = await collection();
    const batch = [good, row] as readonly RowInput[];
    await expect(c.insert(batch)).rejects.toMatchObject({ name: 'ElanusError', code: 'InvalidArgument', message: expect.stringMatching(message) as string });
    expect(await c.count()).toBe(0);
  });

  test('rows that are no array of objects', async () => {
    const c = await collection();
    for (const rows of [good, null, 'x', [null], [[1]], [3]]) {
      await expect(c.insert(rows as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
    }
  });

  test('a zero vector is fine under L2', async () => {
    const c = await collection('L2');
    await c.insert([{ ...good, v: [0, 0, 0] }]);
    expect((await c.search({ data: [0, 0, 0] })).hits).toHaveLength(1);
  });

  test('a given key where keys are generated', async () => {
    const c: Collection = await (await testDatabase()).createCollection({ name: 'auto', dimension: 2, autoId: true });
    await expect(c.insert([{ id: 5, vector: [1, 1] }])).rejects.toMatchObject({ message: expect.stringMatching(/generated/) as string });
    await expect(c.upsert([{ vector: [1, 1] }])).rejects.toMatchObject({ message: expect.stringMatching(/missing primary key/) as string });
  });
});

describe('a refused search says why', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string, RegExp])[] = [
    ['k < 1', { limit: 0 }, 'InvalidArgument', /limit: expected 1 to 16384, found 0/],
    ['k > 16,384', { limit: 16_385 }, 'InvalidArgument', /found 16385/],
    ['limit and offset beyond 16,384 together', { limit: 16_000, offset: 385 }, 'InvalidArgument', /limit \+ offset/],
    ['a negative offset', { offset: -1 }, 'InvalidArgument', /offset/],
    ['wrong dimension', { data: [1, 2] }, 'InvalidArgument', /data for "v": expected dimension 3, found 2/],
    ['wrong dimension of one of several', { data: [[1, 2, 3], [1]] }, 'InvalidArgument', /data\[1\]/],
    ['NaN', { data: [1, NaN, 1] }, 'InvalidArgument', /finite/],
    ['a zero query under COSINE', { data: [0, 0, 0] }, 'InvalidArgument', /COSINE/],
    ['no query', { data: [] }, 'InvalidArgument', /1 to 16384 vectors/],
    ['data that is none', { data: 'x' }, 'InvalidArgument', /expected a vector/],
    ['unknown output field', { outputFields: ['nope'] }, 'InvalidArgument', /unknown field "nope"/],
    ['unparsable filter', { filter: 'small > ' }, 'InvalidFilter', /.*/],
    ['unknown field in a filter', { filter: 'nope == 1' }, 'InvalidFilter', /nope/],
    ['wrong type in a filter', { filter: 'title > 3' }, 'InvalidFilter', /.*/],
  ];
  test.each(cases)('%s', async (_, request, code, message) => {
    const c = await collection();
    await c.insert([good]);
    const attempt = c.search({ data: [1, 1, 1], ...request } as { data: number[] });
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    if (code === 'InvalidFilter') await expect(attempt).rejects.toMatchObject({ position: expect.any(Number) as number });
  });

  test('a request that is no object', async () => {
    const c = await collection();
    for (const call of [() => c.query(null as never), () => c.get(undefined as never), () => c.search('x' as never)]) {
      await expect(call()).rejects.toMatchObject({ code: 'InvalidArgument' });
    }
  });

  test('a delete that names nothing, or two things, or an empty filter', async () => {
    const c = await collection();
    for (const which of [{}, { ids: [1], filter: 'id == 1' }, null, { ids: 'x' }, { ids: ['x'] }]) {
      await expect(c.delete(which as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
    }
    await expect(c.delete({ filter: '  ' })).rejects.toMatchObject({ code: 'InvalidFilter' });
  });
});

describe('a refused collection says why', () => {
  const vector = { name: 'v', type: 'FloatVector', dim: 4 };
  const key = { name: 'id', type: 'Int64', primaryKey: true };
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['duplicate field', [key, vector, { name: 'id', type: 'Bool' }], /duplicate field "id"/],
    ['no primary key', [vector], /one primary key, found 0/],
    ['two primary keys', [key, vector, { ...key, name: 'k' }], /one primary key, found 2/],
    ['a Float primary key', [{ ...key, type: 'Float' }, vector], /primary key is Int64 or VarChar/],
    ['no vector', [key], /1 to 10 vectors, found 0/],
    ['a nullable key', [{ ...key, nullable: true }, vector], /primary key is never null/],
    ['a key with a default', [{ ...key, defaultValue: 1 }, vector], /primary key is never null/],
    ['a dim of a scalar', [key, vector, { name: 'x', type: 'Int8', dim: 4 }], /dim belongs to vectors/],
    ['a dim of a sparse vector', [key, vector, { name: 'x', type: 'SparseFloatVector', dim: 4 }], /dim belongs to vectors/],
    ['bits that are no bytes', [key, vector, { name: 'x', type: 'BinaryVector', dim: 12 }], /multiple of 8, found 12/],
    ['a metric of other vectors', [key, vector, { name: 'x', type: 'BinaryVector', dim: 8, metric: 'L2' }], /one of HAMMING, JACCARD/],
    ['an array of nothing', [key, vector, { name: 'x', type: 'Array' }], /elementType: expected one of Bool/],
    ['an array of arrays', [key, vector, { name: 'x', type: 'Array', elementType: 'Array' }], /elementType: expected one of Bool/],
    ['an array of JSON', [key, vector, { name: 'x', type: 'Array', elementType: 'JSON' }], /elementType: expected one of Bool/],
    ['maxCapacity 4097', [key, vector, { name: 'x', type: 'Array', elementType: 'Int8', maxCapacity: 4097 }], /maxCapacity: expected 1 to 4096, found 4097/],
    ['a maxLength of numbers', [key, vector, { name: 'x', type: 'Array', elementType: 'Int8', maxLength: 4 }], /maxLength belongs to VarChar/],
    ['an elementType of no array', [key, vector, { name: 'x', type: 'Int8', elementType: 'Int8' }], /belong to Array/],
    ['a default of another type', [key, vector, { name: 'x', type: 'Int8', defaultValue: 'a' }], /defaultValue: expected an integer of 8 bits/],
    ['a default too long', [key, vector, { name: 'x', type: 'VarChar', maxLength: 2, defaultValue: 'abc' }], /defaultValue: expected at most 2 bytes/],
    ['a default beyond the capacity', [key, vector, { name: 'x', type: 'Array', elementType: 'Int8', maxCapacity: 1, defaultValue: [1, 2] }], /defaultValue: expected an array of at most 1/],
    ['a default of JSON', [key, vector, { name: 'x', type: 'JSON', defaultValue: '{}' }], /defaultValue: not of JSON/],
    ['a default of a vector', [key, { ...vector, defaultValue: [1, 2, 3, 4] }], /defaultValue: not of FloatVector/],
    ['a nullable that is no flag', [key, vector, { name: 'x', type: 'Int8', nullable: 1 }], /nullable: expected true or false/],
    ['dimension 1', [key, { ...vector, dim: 1 }], /dim: expected 2 to 32768, found 1/],
    ['dimension beyond the limit', [key, { ...vector, dim: 32_769 }], /32769/],
    ['unknown metric', [key, { ...vector, metric: 'cosine' }], /metric: expected one of/],
    ['unknown type', [key, vector, { name: 'x', type: 'Decimal' }], /unknown type "Decimal"/],
    ['a bad name', [key, vector, { name: '1x', type: 'Bool' }], /letters, digits/],
    ['no fields', [], /non-empty/],
    ['maxLength 0', [key, vector, { name: 's', type: 'VarChar', maxLength: 0 }], /maxLength/],
  ];
  test.each(cases)('%s', async (_, fields, message) => {
    const db = await testDatabase();
    await expect(db.createCollection({ name: 'c', fields } as never)).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as string });
    expect(await db.hasCollection('c')).toBe(false);
  });

  test('an unknown collection, a name twice, a name that is no name', async () => {
    const db = await testDatabase();
    await db.createCollection({ name: 'c', dimension: 2 });
    await expect(db.collection('d')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(db.dropCollection('d')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(db.createCollection({ name: 'c', dimension: 2 })).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(db.createCollection({ name: '../x', dimension: 2 })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});
