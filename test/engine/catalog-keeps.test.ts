// What the catalog keeps of collections and databases: when they were made, and what of them is loaded.

import { describe, expect, test } from 'vitest';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

describe('the catalog', () => {
  test('keeps when collections and databases were made', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    await db.createCollection({ name: 'c', dimension: 2 });
    await db.createDatabase('other');
    await db.alterDatabase('other', { a: 1 });
    const [{ id, createdMs }, other] = [await db.describeCollection('c'), await db.describeDatabase('other')];
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect([typeof createdMs, typeof other.createdMs, (await db.describeDatabase('default')).createdMs]).toEqual(['number', 'number', undefined]);
    await db.renameCollection('c', 'd');
    await db.close();
    const again = await testDatabase({ files });
    expect(await again.describeCollection('d')).toMatchObject({ id, createdMs });
    expect(await again.describeDatabase('other')).toEqual(other);
    await again.close();
  });

  test('keeps what is loaded, of a collection and of its partitions', async () => {
    const files: MemoryFiles = new Map();
    const opened = (): Promise<SyncDatabase> => testDatabase({ files });
    const db = await opened();
    await db.createCollection({ name: 'c', dimension: 2, loaded: false });
    await db.createCollection({ name: 'p', dimension: 2 });
    await db.createPartition('p', 'one');
    await db.releasePartitions('p', ['one']);
    expect(await db.getLoadState('c')).toBe('LoadStateNotLoad');
    await db.close();
    const second = await opened();
    expect([await second.getLoadState('c'), await second.getLoadState('p'), await second.getLoadState('p', 'one')]).toEqual(['LoadStateNotLoad', 'LoadStateLoaded', 'LoadStateNotLoad']);
    await expect((await second.collection('c')).query()).rejects.toMatchObject({ milvusCode: 101 });
    await second.loadCollection('c');
    await second.loadPartitions('p', ['one']);
    const stored = files.size;
    await second.loadCollection('c');
    expect(files.size).toBe(stored);
    await second.close();
    const third = await opened();
    expect([await third.getLoadState('c'), await third.getLoadState('p', 'one')]).toEqual(['LoadStateLoaded', 'LoadStateLoaded']);
    await third.close();
    await expect((await opened()).createCollection({ name: 'x', dimension: 2, loaded: 1 as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});
