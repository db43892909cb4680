// Fields of every type that collections take: what is put in comes back, null and default where there was nothing, in
// memory, from the log, and from sealed segments; what does not fit is refused by row, field and element.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import type { Row, RowInput } from '../../src/model/row.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger, randomVector } from '../support/random.js';

const SCALARS = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'JSON', 'Geometry', 'Timestamptz'] as const;
const ELEMENTS = SCALARS.slice(0, 8) as readonly ('Bool' | 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'Float' | 'Double' | 'VarChar')[];
type Scalar = (typeof SCALARS)[number];

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
  ...SCALARS.map((type): Field => ({ name: `n${type}`, type, nullable: true })),
  ...ELEMENTS.map((elementType): Field => ({ name: `a${elementType}`, type: 'Array', elementType, maxCapacity: 5, nullable: true })),
  { name: 'stars', type: 'Int8', nullable: true, defaultValue: 3 },
  { name: 'since', type: 'Timestamptz', defaultValue: '2026-01-01T00:00:00Z' },
  { name: 'huge', type: 'Int64', defaultValue: '9223372036854775807' },
  { name: 'labels', type: 'Array', elementType: 'VarChar', maxCapacity: 5, defaultValue: ['new', ''] },
];

async function opened(files: MemoryFiles): Promise<Collection> {
  const db = await testDatabase({ storage: memoryStorage(files) });
  return (await db.hasCollection('c')) ? db.collection('c') : db.createCollection({ name: 'c', fields: FIELDS, enableDynamicField: true });
}

/** A value, and as it comes back. */
function valueOf(type: Scalar, next: () => number): readonly [RowInput[string], Row[string]] {
  const same = <T extends Row[string]>(value: T): readonly [T, T] => [value, value];
  switch (type) {
    case 'Bool':
      return same(next() < 0.5);
    case 'Int64':
      return same(BigInt.asIntN(64, BigInt(Math.floor(next() * 2 ** 53)) * 4099n));
    case 'Float':
      return same(Math.fround(next() * 100));
    case 'Double':
      return same(next() * 100);
    case 'VarChar':
      return same(['', 'é', 'null', '😀'][randomInteger(next, 4)] as string);
    case 'JSON':
      return same([null, {}, [1, null], 'x', { a: 'é' }][randomInteger(next, 5)] as Row[string]);
    case 'Geometry':
      return same(`POINT (${randomInteger(next, 180)} 5)`);
    case 'Timestamptz': {
      const date = new Date(randomInteger(next, 2 ** 32) * 1000);
      return [next() < 0.5 ? date : date.toISOString(), date.toISOString().replace('.000Z', 'Z')];
    }
    default:
      return same(randomInteger(next, 256) - 128);
  }
}

/** A row as it is given and as it comes back: each field with a value, null, or left out. */
function randomRow(id: number, next: () => number): readonly [RowInput, Row] {
  const v = randomVector(next, 2);
  const given: Record<string, RowInput[string]> = { id: BigInt(id), v };
  const back: Record<string, Row[string]> = { id: BigInt(id), v };
  for (const { name, type, elementType } of FIELDS.slice(2)) {
    const absent = name === 'stars' ? 3 : name === 'since' ? '2026-01-01T00:00:00Z' : name === 'huge' ? 2n ** 63n - 1n : name === 'labels' ? ['new', ''] : null;
    back[name] = absent;
    const draw = next();
    if (draw < 0.2) continue;
    const array = Array.from({ length: randomInteger(next, 6) }, () => valueOf(elementType ?? 'Bool', next));
    const [value, expected] = draw < 0.4 ? [null, absent] : type === 'Array' ? [array.map(([item]) => item), array.map(([, item]) => item)] : valueOf(type as Scalar, next);
    given[name] = value as RowInput[string];
    back[name] = expected as Row[string];
  }
  if (next() < 0.5) given['more'] = back['more'] = next();
  return [given, back];
}

test.each(Array.from({ length: 12 }, (_, at) => at + 1))('a history of rows of every type, nulls among them, comes back as a Map has it (seed %i)', async (seed) => {
  const next = random(seed);
  const files: MemoryFiles = new Map();
  const model = new Map<bigint, Row>();
  let collection = await opened(files);
  for (let step = 0; step < 25; step++) {
    const draw = next();
    if (draw < 0.6) {
      const rows = Array.from({ length: 1 + randomInteger(next, 6) }, () => randomRow(randomInteger(next, 40), next));
      await collection.upsert(rows.map(([given]) => given));
      for (const [, back] of rows) model.set(back['id'] as bigint, back);
    } else if (draw < 0.7) {
      const id = BigInt(randomInteger(next, 40));
      await collection.delete({ ids: [id] });
      model.delete(id);
    } else if (draw < 0.85) await collection.flush();
    else collection = await opened(files);
    const expected = [...model.values()].sort((a, b) => ((a['id'] as bigint) < (b['id'] as bigint) ? -1 : 1));
    expect(await collection.query({ limit: 100 }), `step ${step}`).toEqual(expected);
    const limit = randomInteger(next, 256) - 128;
    const passing = expected.filter((row) => row['nInt8'] !== null && !((row['nInt8'] as number) > limit));
    expect(await collection.count(`not (nInt8 > ${limit})`)).toBe(passing.length);
    expect(await collection.count('nVarChar == ""')).toBe(expected.filter((row) => row['nVarChar'] === '').length);
    const [row] = expected;
    if (row === undefined) continue;
    const { hits } = await collection.search({ data: row['v'] as Float32Array, limit: 1, outputFields: ['*'] });
    expect(hits[0]?.fields).toEqual({ ...row, id: hits[0]?.fields['id'] });
  }
});

describe('a row is refused for', () => {
  const row = { id: 1, v: [1, 2] };
  test.each<[string, object, string]>([
    ['an array that is none', { aInt8: 5 }, 'row 0, field "aInt8": expected an array of at most 5 elements, found 5'],
    ['an array too long', { aInt8: [1, 2, 3, 4, 5, 6] }, 'row 0, field "aInt8": expected an array of at most 5 elements, found 6'],
    ['an element out of range', { aInt8: [1, 2, 128] }, 'row 0, field "aInt8"[2]: expected an integer of 8 bits, found 128'],
    ['an element that is null', { aVarChar: ['x', null] }, 'row 0, field "aVarChar"[1]: expected a string'],
    ['an element of another type', { aBool: [1] }, 'row 0, field "aBool"[0]: expected true or false, found 1'],
    ['a text that is no geometry', { nGeometry: 'POINT (1)' }, 'row 0, field "nGeometry": expected a geometry as WKT (expected two to four coordinates, found 1), found "POINT (1)"'],
    ['a text that is no moment', { nTimestamptz: 'yesterday' }, 'row 0, field "nTimestamptz": expected a Date or RFC 3339 text'],
    ['null that a field does not take', { v: null }, 'row 0, field "v": missing'],
  ])('%s', async (_, values, message) => {
    const collection = await opened(new Map());
    await expect(collection.insert([{ ...row, ...values } as RowInput])).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(message) as string });
    await expect(collection.insert([{ ...row, id: 2 }, { ...row, ...values } as RowInput])).rejects.toThrow(message.replace('row 0', 'row 1'));
    expect(await collection.count()).toBe(0);
  });

  test('nothing, if it gives typed arrays for arrays', async () => {
    const collection = await opened(new Map());
    await collection.insert([{ ...row, aInt8: Int32Array.of(1, -2), aInt64: BigInt64Array.of(5n), aDouble: Float32Array.of(0.5), aVarChar: [] } as unknown as RowInput]);
    expect((await collection.get({ ids: [1n] }))[0]).toMatchObject({ aInt8: [1, -2], aInt64: [5n], aDouble: [0.5], aVarChar: [], aInt32: null });
  });
});

test('a schema comes back as it was checked, defaults in one form', async () => {
  const files: MemoryFiles = new Map();
  await opened(files);
  const { schema } = await opened(files);
  const byName = new Map(schema.fields.map((field) => [field.name, field]));
  expect(byName.get('huge')).toEqual({ name: 'huge', type: 'Int64', defaultValue: '9223372036854775807' });
  expect(byName.get('since')).toEqual({ name: 'since', type: 'Timestamptz', defaultValue: '2026-01-01T00:00:00Z' });
  expect(byName.get('labels')).toEqual({ name: 'labels', type: 'Array', elementType: 'VarChar', maxCapacity: 5, maxLength: 65_535, defaultValue: ['new', ''] });
  expect(byName.get('nJSON')).toEqual({ name: 'nJSON', type: 'JSON', nullable: true });
});
