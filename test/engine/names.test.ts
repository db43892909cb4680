// Names of collections: aliases, renaming, databases; what each gives after a reopening, and what is refused.

import { describe, expect, test } from 'vitest';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const row = (id: number) => ({ id, vector: [id, 1] });

async function twoCollections(files: MemoryFiles = new Map()): Promise<{ readonly db: SyncDatabase; readonly files: MemoryFiles }> {
  const db = await testDatabase({ files });
  for (const [name, id] of [['a', 1], ['b', 2]] as const) await (await db.createCollection({ name, dimension: 2 })).insert([row(id)]);
  return { db, files };
}

async function keysOf(db: { collection: SyncDatabase['collection'] }, name: string): Promise<readonly unknown[]> {
  return [...(await (await db.collection(name)).keys())];
}

describe('an alias', () => {
  test('stands for a collection in every verb, is switched at once, and outlives a reopening', async () => {
    const { db, files } = await twoCollections();
    await db.createAlias('a', 'x');
    await db.createAlias('a', 'x');
    await (await db.collection('x')).insert([row(3)]);
    await db.createIndex('x', { fieldName: 'vector', indexType: 'HNSW', params: { M: 16 } });
    expect(await db.describeIndex('a', { fieldName: 'vector' })).toMatchObject({ indexType: 'HNSW' });
    expect(await keysOf(db, 'a')).toEqual([1n, 3n]);
    expect(await db.hasCollection('x')).toBe(true);
    expect(await db.describeCollection('x')).toMatchObject({ name: 'a', aliases: ['x'], database: 'default' });
    expect(await db.listCollections()).toEqual(['a', 'b']);
    await db.alterAlias('b', 'x');
    expect(await keysOf(db, 'x')).toEqual([2n]);
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeAlias('x')).toEqual({ alias: 'x', collection: 'b', database: 'default' });
    expect([await again.listAliases(), await again.listAliases('a'), await again.listAliases('b')]).toEqual([['x'], [], ['x']]);
    await again.dropAlias('x');
    await again.dropAlias('x');
    expect(await again.hasCollection('x')).toBe(false);
    await again.close();
  });

  test('that would be something else is refused', async () => {
    const { db } = await twoCollections();
    await db.createAlias('a', 'x');
    await expect(db.createAlias('a', 'b')).rejects.toMatchObject({ code: 'AlreadyExists', milvusCode: 1601 });
    await expect(db.createAlias('b', 'x')).rejects.toMatchObject({ code: 'AlreadyExists', milvusCode: 1602 });
    await expect(db.createAlias('none', 'y')).rejects.toMatchObject({ code: 'NotFound', milvusCode: 100 });
    await expect(db.createAlias('x', 'y')).rejects.toMatchObject({ code: 'NotFound', milvusCode: 100 });
    await expect(db.createAlias('a', '1y')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.alterAlias('a', 'y')).rejects.toMatchObject({ code: 'NotFound', milvusCode: 1600 });
    await expect(db.alterAlias('none', 'x')).rejects.toMatchObject({ milvusCode: 100 });
    await expect(db.describeAlias('y')).rejects.toMatchObject({ milvusCode: 1600 });
    await expect(db.createCollection({ name: 'x', dimension: 2 })).rejects.toMatchObject({ code: 'AlreadyExists', milvusCode: 1601 });
    await expect(db.dropCollection('x')).rejects.toMatchObject({ code: 'InvalidArgument', milvusCode: 1601 });
    await expect(db.dropCollection('a')).rejects.toMatchObject({ code: 'InvalidArgument', milvusCode: 1601 });
    await expect(db.renameCollection('x', 'y')).rejects.toMatchObject({ milvusCode: 1601 });
    await db.dropAlias('x');
    await db.dropCollection('a');
    expect(await db.listCollections()).toEqual(['b']);
  });
});

describe('a collection that is renamed', () => {
  test('is found by its new name alone, writes on, keeps its aliases, and can be pulled', async () => {
    const { db, files } = await twoCollections();
    await db.createAlias('a', 'x');
    const handle = await db.collection('a');
    await db.renameCollection('a', 'c');
    await handle.insert([row(5)]);
    expect(handle.name).toBe('c');
    expect(await keysOf(db, 'x')).toEqual([1n, 5n]);
    await expect(db.collection('a')).rejects.toMatchObject({ milvusCode: 100 });
    await handle.flush();
    await db.renameCollection('c', 'd');
    const client = await testDatabase({ transport: transportTo(() => db, { requests: [], spoil: (_, bytes) => bytes }), seed: 9 });
    await client.pull('http://server', 'd');
    expect(await keysOf(client, 'd')).toEqual([1n, 5n]);
    await expect(client.renameCollection('d', 'e')).rejects.toMatchObject({ code: 'ReadOnly' });
    await db.close();
    const again = await testDatabase({ files, seed: 2 });
    expect(await again.listCollections()).toEqual(['d', 'b']);
    expect((await again.collection('d')).name).toBe('d');
    await (await again.createCollection({ name: 'a', dimension: 3 })).insert([{ id: 1, vector: [1, 2, 3] }]);
    await again.close();
  });

  test('to what is taken, or is no name, is refused', async () => {
    const { db } = await twoCollections();
    await db.createAlias('a', 'x');
    await expect(db.renameCollection('b', 'a')).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(db.renameCollection('b', 'x')).rejects.toMatchObject({ code: 'AlreadyExists', milvusCode: 1601 });
    await expect(db.renameCollection('b', 'a b')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.renameCollection('none', 'y')).rejects.toMatchObject({ milvusCode: 100 });
    await expect(db.renameCollection('b', 'y', 'none')).rejects.toMatchObject({ milvusCode: 800 });
    await db.createDatabase('other');
    await expect(db.renameCollection('a', 'a', 'other')).rejects.toMatchObject({ code: 'InvalidArgument', milvusCode: 1601 });
    await db.renameCollection('b', 'x', 'other');
    expect(await keysOf(await db.useDatabase('other'), 'x')).toEqual([2n]);
  });
});

describe('a database', () => {
  test('is a namespace of its own, for collections and aliases, and outlives a reopening', async () => {
    const { db, files } = await twoCollections();
    await db.createDatabase('other', { 'database.replica.number': 2 });
    const other = await db.useDatabase('other');
    await (await other.createCollection({ name: 'a', dimension: 2 })).insert([row(9)]);
    await other.createAlias('a', 'b');
    await db.alterDatabase('other', { x: true });
    await db.alterDatabase('default', { y: 'z' });
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.listDatabases()).toEqual(['default', 'other']);
    const there = await again.useDatabase('other');
    expect([again.database, there.database, there.name]).toEqual(['default', 'other', 'test']);
    expect([await again.listCollections(), await there.listCollections(), await there.listAliases(), await again.listAliases()]).toEqual([['a', 'b'], ['a'], ['b'], []]);
    expect([await keysOf(again, 'b'), await keysOf(there, 'b')]).toEqual([[2n], [9n]]);
    expect(await again.describeDatabase('other')).toMatchObject({ name: 'other', properties: { 'database.replica.number': '2', x: 'true' } });
    await again.dropDatabaseProperties('default', ['y']);
    expect(await again.describeDatabase('default')).toEqual({ name: 'default', properties: {} });
    expect(await there.useDatabase('default').then((back) => back.listCollections())).toEqual(['a', 'b']);
    await there.dropAlias('b');
    await there.dropCollection('a');
    await again.dropDatabase('other');
    expect(await again.listDatabases()).toEqual(['default']);
    await expect(there.createCollection({ name: 'a', dimension: 2 })).rejects.toMatchObject({ milvusCode: 800 });
    await expect(there.collection('a')).rejects.toMatchObject({ milvusCode: 800 });
    await again.close();
    await expect(there.listCollections()).rejects.toMatchObject({ code: 'Closed' });
  });

  test('that is there, is not, is the default one, or has collections, is refused', async () => {
    const { db } = await twoCollections();
    await db.createDatabase('other');
    await (await db.useDatabase('other')).createCollection({ name: 'a', dimension: 2 });
    await expect(db.createDatabase('other')).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(db.createDatabase('default')).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(db.createDatabase('no name')).rejects.toMatchObject({ milvusCode: 802 });
    await expect(db.createDatabase('p', { x: {} as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.dropDatabase('default')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.dropDatabase('other')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(db.dropDatabase('none')).rejects.toMatchObject({ milvusCode: 800 });
    await expect(db.useDatabase('none')).rejects.toMatchObject({ milvusCode: 800 });
    await expect(db.describeDatabase('none')).rejects.toMatchObject({ milvusCode: 800 });
    await expect(db.alterDatabase('none', {})).rejects.toMatchObject({ milvusCode: 800 });
    for (let i = 2; i < 64; i++) await db.createDatabase(`d${i}`);
    await expect(db.createDatabase('last')).rejects.toMatchObject({ milvusCode: 801 });
  });
});
