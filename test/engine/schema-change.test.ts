// Adding and altering fields: what rows of before have of them, wherever they are, and what is refused.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'text', type: 'VarChar', maxLength: 5 },
  { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
];
const row = (id: number, rest: object = {}) => ({ id, text: `t${id}`, v: [id, 0], ...rest });
const YEAR: Field = { name: 'year', type: 'Int16', defaultValue: 1999 };
const TAGS: Field = { name: 'tags', type: 'Array', elementType: 'VarChar', maxCapacity: 3, nullable: true };

async function created(files: MemoryFiles = new Map()): Promise<{ readonly db: SyncDatabase; readonly c: Collection; readonly files: MemoryFiles }> {
  const db = await testDatabase({ files, eagerBytes: 0 });
  return { db, c: await db.createCollection({ name: 'c', fields: FIELDS }), files };
}

async function years(c: Collection, filter?: string): Promise<readonly unknown[]> {
  const rows = await c.query({ outputFields: ['year'], ...(filter === undefined ? {} : { filter }) });
  return rows.map(({ id, year }) => [Number(id), year]);
}

/** Sealed, sealing and growing rows of before, then rows of after. */
async function filled() {
  const { db, c, files } = await created();
  await c.insert([row(1), row(2)]);
  await c.flush();
  await c.insert([row(3)]);
  await db.addField('c', YEAR);
  await c.insert([row(4, { year: 2020 }), row(5)]);
  return { db, c, files };
}

const WITH_YEAR = [[1, 1999], [2, 1999], [3, 1999], [4, 2020], [5, 1999]];

describe('a field that is added', () => {
  test('is there for filters at once, also where filters have looked at the growing rows before', async () => {
    const { db, c } = await created();
    await c.insert([row(1), row(2)]);
    expect(await c.count('text == "t1"')).toBe(1);
    await db.addField('c', YEAR);
    expect(await years(c, 'year == 1999')).toEqual([[1, 1999], [2, 1999]]);
  });
  test('has its default value in sealed and growing rows, for output and filters', async () => {
    const { c } = await filled();
    expect(await years(c)).toEqual(WITH_YEAR);
    expect(await years(c, 'year == 1999')).toEqual(WITH_YEAR.filter(([, year]) => year === 1999));
    expect(await c.count('year > 2000')).toBe(1);
    const { hits } = await c.search({ data: [1, 0], limit: 1, outputFields: ['year'] });
    expect(hits).toMatchObject([{ id: 1n, fields: { year: 1999 } }]);
    expect(c.schema.fields.map(({ name }) => name)).toEqual(['id', 'text', 'v', 'year']);
  });

  test.each(['at once', 'after a flush', 'after a merge', 'twice'])('is there when the database is opened again, %s', async (when) => {
    const { db, c, files } = await filled();
    if (when !== 'at once') await c.flush();
    if (when === 'after a merge') await c.compact();
    await db.close();
    for (let round = 0; round < (when === 'twice' ? 2 : 1); round++) {
      const again = await testDatabase({ files, eagerBytes: 0 });
      expect(await years(await again.collection('c')), `round ${round}`).toEqual(WITH_YEAR);
      await again.close();
    }
  });

  test('is in the log of an unclean end beside batches of before', async () => {
    const { files } = await filled();
    expect(await years(await (await testDatabase({ files })).collection('c'))).toEqual(WITH_YEAR);
  });

  test('is null where it has no default, and more may follow', async () => {
    const { db, c, files } = await filled();
    await db.addField('c', TAGS);
    await c.insert([row(6, { tags: ['a'] })]);
    await c.flush();
    await db.addField('c', { name: 'note', type: 'JSON', nullable: true });
    const rows = await c.query({ outputFields: ['year', 'tags', 'note'] });
    expect(rows.map(({ tags }) => tags)).toEqual([null, null, null, null, null, ['a']]);
    expect(rows.every(({ note }) => note === null)).toBe(true);
    await c.upsert([row(1, { year: 1, tags: [], note: { a: 1 } })]);
    await db.close();
    const again = await (await testDatabase({ files })).collection('c');
    expect(await again.get({ ids: [1, 6] })).toMatchObject([{ year: 1, tags: [], note: { a: 1 } }, { year: 1999, tags: ['a'], note: null }]);
    expect(await again.compact()).toMatchObject({ segmentsAfter: 1 });
    expect(await again.count('year == 1999')).toBe(4);
  });

  test('is what batches that were on their way get', async () => {
    const { db, c } = await created();
    const writes = [c.insert([row(1)]), db.addField('c', YEAR), c.insert([row(2)]), c.flush(), c.insert([row(3)])];
    await Promise.all(writes);
    expect(await years(c)).toEqual([[1, 1999], [2, 1999], [3, 1999]]);
  });

  test('stands in front of a dynamic key of its name', async () => {
    const db = await testDatabase();
    const c = await db.createCollection({ name: 'd', dimension: 2 });
    await c.insert([{ id: 1, vector: [1, 2], x: 'dynamic', y: 2 }]);
    await db.addField('d', { name: 'x', type: 'Int64', nullable: true });
    expect(await c.query({ outputFields: ['x', 'y'] })).toEqual([{ id: 1n, x: null, y: 2 }]);
    expect(await c.get({ ids: [1] })).toMatchObject([{ x: null, y: 2 }]);
    expect([await c.count('x is null'), await c.count('$meta["x"] == "dynamic"')]).toEqual([1, 1]);
    await c.upsert([{ id: 1, y: 3 }], { partialUpdate: true });
    expect(await c.query({ filter: 'y == 3', outputFields: ['x'] })).toEqual([{ id: 1n, x: null }]);
  });

  test('comes with a pull', async () => {
    const { db } = await filled();
    await (await db.collection('c')).flush();
    const client = await testDatabase({ transport: transportTo(() => db, { requests: [], spoil: (_, bytes) => bytes }), seed: 9 });
    await client.pull('http://server', 'c');
    const copy = await client.collection('c');
    await db.addField('c', TAGS);
    await client.pull('http://server', 'c');
    expect(await years(copy)).toEqual(WITH_YEAR);
    expect((await copy.query({ outputFields: ['tags'] })).map(({ tags }) => tags)).toEqual([null, null, null, null, null]);
    await expect(client.addField('c', { ...TAGS, name: 'more' })).rejects.toMatchObject({ code: 'ReadOnly' });
  });

  test('leaves what is encrypted readable', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files, key: new Uint8Array(32).fill(7) });
    const c = await db.createCollection({ name: 'c', fields: FIELDS });
    await c.insert([row(1)]);
    await c.flush();
    await db.addField('c', YEAR);
    expect(await years(c)).toEqual([[1, 1999]]);
    await db.createPartition('c', 'p');
    await c.insert([row(2, { year: 2 })], { partitionName: 'p' });
    await c.flush();
    await c.upsert([{ id: 1, text: 'new' }], { partialUpdate: true });
    await db.close();
    const again = await testDatabase({ files, key: new Uint8Array(32).fill(7) });
    const there = await again.collection('c');
    expect([await years(there), await there.count(undefined, undefined, { partitionNames: ['p'] }), await there.count('text == "new"')]).toEqual([[[1, 1999], [2, 2]], 1, 1]);
    await there.compact();
    await again.addField('c', TAGS);
    await again.truncateCollection('c');
    expect(await there.count()).toBe(0);
    await again.close();
    const text = [...files.values()].map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join();
    expect(text).not.toMatch(/year|\$partition|tags/);
  });

  test.each<[string, unknown, object]>([
    ['of a name that is there', { name: 'text', type: 'Int8', nullable: true }, { code: 'AlreadyExists', milvusCode: 1100 }],
    ['that rows cannot lack', { name: 'x', type: 'Int8' }, { code: 'InvalidArgument', milvusCode: 1100 }],
    ['that is a vector', { name: 'x', type: 'FloatVector', dim: 2, nullable: true }, { code: 'InvalidArgument' }],
    ['that is a partition key', { name: 'x', type: 'Int64', partitionKey: true, defaultValue: '1' }, { code: 'InvalidArgument' }],
    ['that is a sparse vector', { name: 'x', type: 'SparseFloatVector', nullable: true }, { message: 'addField: not support to add vector field, field name = x' }],
    ['that is a second key', { name: 'x', type: 'Int64', primaryKey: true }, { code: 'InvalidArgument' }],
    ['of a hidden name', { name: '$partition', type: 'Int32', defaultValue: 0 }, { code: 'InvalidArgument' }],
    ['of no type', { name: 'x', type: 'Int', nullable: true }, { code: 'InvalidArgument' }],
    ['that is nothing', undefined, { code: 'InvalidArgument' }],
  ])('%s is refused, and nothing changed', async (_what, field, error) => {
    const { db, c } = await created();
    const before = c.schema;
    await expect(db.addField('c', field as Field)).rejects.toMatchObject(error);
    expect(c.schema).toBe(before);
  });

  test('beyond 64 is refused', async () => {
    const { db } = await created();
    for (let i = 0; i < 61; i++) await db.addField('c', { name: `f${i}`, type: 'Bool', nullable: true });
    await expect(db.addField('c', { name: 'last', type: 'Bool', nullable: true })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});

describe('a field that is altered', () => {
  test('takes longer texts, and less is refused', async () => {
    const { db, c, files } = await created();
    await c.insert([row(1)]);
    await c.flush();
    await expect(c.insert([row(2, { text: 'longer' })])).rejects.toMatchObject({ code: 'InvalidArgument' });
    await db.alterField('c', 'text', { maxLength: 6, description: 'now longer', mmapEnabled: true });
    await c.insert([row(2, { text: 'longer' })]);
    expect(c.schema.fields[1]).toMatchObject({ maxLength: 6, description: 'now longer', mmapEnabled: true });
    await expect(db.alterField('c', 'text', { maxLength: 5 })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterField('c', 'v', { dim: 3 } as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterField('c', 'none', { maxLength: 9 })).rejects.toMatchObject({ milvusCode: 1700 });
    await db.close();
    const again = await (await testDatabase({ files })).collection('c');
    expect(await again.query({ outputFields: ['text'] })).toEqual([{ id: 1n, text: 't1' }, { id: 2n, text: 'longer' }]);
  });

  test('many times keeps only the schemas that something is of', async () => {
    const { db, c, files } = await created();
    await c.insert([row(1)]);
    for (let i = 6; i < 30; i++) await db.alterField('c', 'text', { maxLength: i });
    await c.flush();
    await db.close();
    const again = await testDatabase({ files });
    await again.alterField('c', 'text', { maxLength: 40 });
    const { manifest } = (await again.opened('c')).manifest;
    expect(manifest.schemas?.map(({ version }) => version)).toEqual([24]);
    expect(manifest.schema.version).toBe(25);
  });
});
