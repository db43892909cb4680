// Partial updates: what a row does not give stays as it is, whatever else is written, and what is refused.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'a', type: 'Int64' },
  { name: 'b', type: 'VarChar', nullable: true },
  { name: 'v', type: 'FloatVector', dim: 3, metric: 'COSINE' },
  { name: 'h', type: 'Float16Vector', dim: 2 },
];
const VECTOR = [0.1, -2.5, 1e-3].map(Math.fround);
const row = (id: number, rest: object = {}) => ({ id, a: 1n << 62n, b: 'b', v: VECTOR, h: [0.5, 2], ...rest });

async function created(fields = FIELDS, files: MemoryFiles = new Map()) {
  const db = await testDatabase({ files, eagerBytes: 0 });
  return { db, files, c: await db.createCollection({ name: 'c', fields, enableDynamicField: true }) };
}

async function rowOf(c: Collection, id: number): Promise<unknown> {
  const [found] = await c.get({ ids: [id] });
  return found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name, ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value]));
}

describe('a partial update', () => {
  test.each(['growing', 'sealed'])('keeps what is not given, exactly, of %s rows', async (where) => {
    const { db, c, files } = await created();
    await c.insert([row(1, { more: { x: [1] }, other: 2 }), row(2)]);
    if (where === 'sealed') await c.flush();
    const vectors = (await rowOf(c, 1)) as { readonly v: unknown; readonly h: unknown };
    expect(await c.upsert([{ id: 1, b: 'new', other: 3 }, { id: 2, a: 5 }, row(3, { b: null })], { partialUpdate: true })).toEqual({ ids: [1n, 2n, 3n], count: 3 });
    expect(await rowOf(c, 1)).toEqual({ ...vectors, id: 1n, a: 1n << 62n, b: 'new', more: { x: [1] }, other: 3 });
    expect(await rowOf(c, 2)).toMatchObject({ a: 5n, b: 'b', v: vectors.v, h: vectors.h });
    expect(await rowOf(c, 3)).toMatchObject({ b: null });
    await db.close();
    const again = await (await testDatabase({ files })).collection('c');
    expect(await rowOf(again, 1)).toMatchObject({ v: vectors.v, b: 'new', other: 3 });
    expect(await again.count()).toBe(3);
  });

  test.each(['growing', 'sealed'])('keeps every digit of integers in JSON and dynamic fields of %s rows', async (where) => {
    const { c } = await created([...FIELDS, { name: 'j', type: 'JSON', nullable: true }]);
    const given = { j: { all: [2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n], double: 2 ** 60, small: 7n, text: '9007199254740993' }, d: 2n ** 53n + 1n, nested: [{ n: -(2n ** 62n) - 1n }], e: 1e300, ['__proto__']: 2n ** 60n };
    await c.insert([row(1, given)]);
    if (where === 'sealed') await c.flush();
    const expected = { ...given, j: { ...given.j, small: 7 } };
    expect(await rowOf(c, 1)).toMatchObject(expected);
    await c.upsert([{ id: 1, e: 2n ** 61n }], { partialUpdate: true });
    await c.upsert([{ id: 1, b: 'x' }], { partialUpdate: true });
    expect(await rowOf(c, 1)).toMatchObject({ ...expected, e: 2n ** 61n, b: 'x' });
    expect(await c.count('j["all"][0] == 9223372036854775807 and d == 9007199254740993 and j["double"] == 1152921504606846976')).toBe(1);
    expect(await c.query({ filter: 'id == 1', outputFields: ['nested', 'd'] })).toEqual([{ id: 1n, nested: given.nested, d: given.d }]);
  });

  test('does not take a row that cannot be read for a new one', async () => {
    const { db, c, files } = await created();
    await c.insert([row(1, { other: 1 })]);
    await c.flush();
    await c.insert([row(2)]);
    await c.flush();
    await db.close();
    for (const { bytes } of files.values()) {
      const at = Buffer.from(bytes).indexOf('{"other"');
      if (at >= 0) bytes[at + 3] = 0;
    }
    const again = await (await testDatabase({ files, eagerBytes: 0 })).collection('c');
    await expect(again.upsert([row(1), { id: 2, a: 1 }], { partialUpdate: true })).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining('a file that has one of them is damaged') as string });
    expect(await rowOf(again, 2)).toMatchObject({ a: 1n << 62n });
  });

  test('loses no other that is asked for at the same time', async () => {
    const { c } = await created();
    await c.insert([row(1)]);
    const partialUpdate = true;
    const writes = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? c.upsert([{ id: 1, a: i }], { partialUpdate }) : i % 3 === 1 ? c.upsert([{ id: 1, b: `b${i}` }], { partialUpdate }) : c.upsert([{ id: 1, [`k${i}`]: i }], { partialUpdate })));
    await Promise.all([...writes, c.flush()]);
    expect(await rowOf(c, 1)).toMatchObject({ a: 18n, b: 'b19', k2: 2, k17: 17 });
    await Promise.all([c.upsert([row(1, { a: 7 })]), c.upsert([{ id: 1, b: 'last' }], { partialUpdate }), c.delete({ ids: [1] }), c.upsert([row(1, { a: 8 })])]);
    expect(await rowOf(c, 1)).toMatchObject({ a: 8n, b: 'b' });
  });

  test('keeps the partition of a row, unless another is named', async () => {
    const { db, c } = await created();
    await db.createPartition('c', 'p');
    await db.createPartition('c', 'q');
    await c.insert([row(1), row(2)], { partitionName: 'p' });
    await c.upsert([{ id: 1, a: 3 }, row(4)], { partialUpdate: true });
    await c.upsert([{ id: 2, a: 3 }], { partialUpdate: true, partitionName: 'q' });
    expect((await db.stats()).collections[0]?.partitions).toEqual({ _default: 1, p: 1, q: 1 });
  });

  test('of a row whose partition is being dropped is refused: it would stay in none', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await db.createPartition('c', 'p');
    // More than one batch of deletions takes.
    for (const from of [0, 40_000]) await c.insert(Array.from({ length: 40_000 }, (_, i) => ({ id: from + i, vector: [1, 2] })), { partitionName: 'p' });
    const dropped = db.dropPartition('c', 'p');
    await expect(c.upsert([{ id: 79_999, k: 1 }], { partialUpdate: true })).rejects.toMatchObject({ code: 'NotFound', milvusCode: 200 });
    await dropped;
    expect(await c.count()).toBe(0);
  });

  test.each<[string, unknown, object]>([
    ['of a new key that lacks what rows must have', [{ id: 9, a: 1 }], { code: 'InvalidArgument' }],
    ['without a key', [{ a: 1 }], { code: 'InvalidArgument' }],
    ['of a key twice', [{ id: 1, a: 1 }, { id: 1, b: 'x' }], { code: 'InvalidArgument' }],
    ['with a wrong value', [{ id: 2, b: 'x' }, { id: 1, a: 'x' }], { code: 'InvalidArgument' }],
    ['of no rows', {}, { code: 'InvalidArgument' }],
  ])('%s is refused whole', async (_what, rows, error) => {
    const { c } = await created();
    await c.insert([row(1), row(2)]);
    await expect(c.upsert(rows as never, { partialUpdate: true })).rejects.toMatchObject(error);
    expect(await rowOf(c, 2)).toMatchObject({ b: 'b' });
    await expect(c.upsert([row(1)], { partialUpdate: 1 as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});

describe('keys that are generated', () => {
  test('may be given by inserts that the property lets', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'c', dimension: 2, autoId: true });
    await expect(c.insert([{ id: 5, vector: [1, 2] }])).rejects.toMatchObject({ code: 'InvalidArgument' });
    await db.alterCollectionProperties('c', { allow_insert_auto_id: true });
    expect((await c.insert([{ id: 5, vector: [1, 2] }])).ids).toEqual([5n]);
    expect((await c.insert([{ vector: [1, 2] }])).ids).not.toEqual([5n]);
    await expect(c.insert([{ id: 6, vector: [1, 2] }, { vector: [1, 2] }])).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await c.count()).toBe(2);
  });
});
