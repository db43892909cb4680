// What goes where the storage is full: files that a pull or a rebuild brings back, the longest unused first, and never
// what exists only here.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { quotaStorage, usedBytes, type Quota } from '../support/quota.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const definition = { name: 'own', dimension: 8, metric: 'L2' } as const;

let core: Core;

beforeAll(async () => {
  core = await testCore();
});

const vectorOf = (id: number): readonly number[] => Array.from({ length: 8 }, (_, at) => Math.sin(id * (at + 1)));
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: from + at, vector: vectorOf(from + at) }));
const keysOf = (files: MemoryFiles, part: string): readonly string[] => [...files.keys()].filter((key) => key.includes(part));

async function serverWith(...names: readonly string[]): Promise<SyncDatabase> {
  const server = await testDatabase({ core, seed: 9 });
  for (const name of names) {
    const collection = await server.createCollection({ ...definition, name });
    await collection.insert(rows(0, 100));
    await collection.flush();
    await collection.insert(rows(100, 200));
    await collection.flush();
  }
  return server;
}

interface Client {
  readonly db: SyncDatabase;
  readonly files: MemoryFiles;
  readonly quota: Quota;
}

async function clientOf(server: SyncDatabase, told = true): Promise<Client> {
  const files: MemoryFiles = new Map();
  const quota: Quota = { bytes: 1 << 20, told };
  const db = await testDatabase({ storage: quotaStorage(files, quota), core, transport: transportTo(() => server), reserveBytes: 512 });
  return { db, files, quota };
}

describe('on a full storage', () => {
  test.each([true, false])('copies go for what is written here, the longest unused first, and come back by the next pull (quota told: %s)', async (told) => {
    const server = await serverWith('a', 'b');
    const { db, files, quota } = await clientOf(server, told);
    await db.pull(SERVER, 'a');
    await db.pull(SERVER, 'b');
    const own = await db.createCollection(definition);
    await own.insert(rows(0, 10));
    await (await db.collection('b')).search({ data: vectorOf(1) });
    const [a, b] = [await db.collection('a'), await db.collection('b')];
    await a.search({ data: vectorOf(1) });
    await b.search({ data: vectorOf(1), recall: 1, filter: 'id >= 0' });
    quota.bytes = usedBytes(files) + 100;
    await own.insert(rows(10, 20));
    // One segment of one copy was enough.
    const missing = [await db.describeCollection('a'), await db.describeCollection('b')].flatMap((found) => found.missing ?? []);
    expect(missing).toEqual([{ file: expect.stringContaining('rows-') as string, reason: 'evicted', rows: 100 }]);
    const { hits, missing: lacking } = await a.search({ data: vectorOf(150), limit: 300, recall: 1 });
    expect(hits).toHaveLength(100);
    expect(lacking).toEqual(missing);
    expect(await a.count()).toBe(100);
    expect((await db.health()).warnings.join()).toContain('removed to make room');
    // All of both, before anything of our own.
    quota.bytes = usedBytes(files) + 100;
    await own.insert(rows(20, 320));
    // For a file of them there is no room beside their log, which stays.
    await expect(own.flush()).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect(await own.count()).toBe(320);
    quota.bytes = 1 << 20;
    await own.flush();
    expect(await db.pull(SERVER, 'a')).toMatchObject({ rows: 200 });
    expect(await a.count()).toBe(200);
    expect((await db.describeCollection('a')).missing).toBeUndefined();
    expect(await a.keys()).toHaveLength(200);
    await db.close();
    const again = await testDatabase({ files, core });
    expect(await (await again.collection('own')).count()).toBe(320);
    expect(await (await again.collection('a')).count()).toBe(200);
    await again.close();
  });

  test('of a copy that is not open the files go first; opened, it says so', async () => {
    const server = await serverWith('a');
    const first = await clientOf(server);
    await first.db.pull(SERVER, 'a');
    await first.db.createCollection(definition);
    await first.db.close();
    const { files, quota } = first;
    const db = await testDatabase({ storage: quotaStorage(files, quota), core, transport: transportTo(() => server), reserveBytes: 512 });
    const own = await db.collection('own');
    quota.bytes = usedBytes(files);
    await own.insert(rows(0, 200));
    expect(keysOf(files, 'rows-')).toEqual([]);
    expect((await db.describeCollection('a')).missing).toEqual([0, 1].map(() => ({ file: expect.stringContaining('rows-') as string, reason: 'evicted', rows: 100 })));
    await db.close();
  });

  test('a pull into it makes room of other copies, never of its own, and gives up with QuotaExceeded', async () => {
    const server = await serverWith('a', 'b');
    const { db, files, quota } = await clientOf(server);
    const own = await db.createCollection(definition);
    await own.insert(rows(0, 50));
    await db.pull(SERVER, 'a');
    quota.bytes = usedBytes(files) + 2000;
    expect(await db.pull(SERVER, 'b')).toMatchObject({ rows: 200 });
    expect(await (await db.collection('b')).count()).toBe(200);
    expect((await db.describeCollection('a')).missing?.map(({ reason }) => reason)).toContain('evicted');
    await db.dropCollection('b');
    quota.bytes = usedBytes(files) + 2000;
    await expect(db.pull(SERVER, 'b')).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect(await own.count()).toBe(50);
    quota.bytes = 1 << 20;
    expect(await db.pull(SERVER, 'b')).toMatchObject({ rows: 200 });
    await db.close();
  });

  test('segments are merged only where there is room without giving up a copy', async () => {
    const server = await serverWith('a');
    const { db, files, quota } = await clientOf(server);
    await db.pull(SERVER, 'a');
    const own = await db.createCollection(definition);
    for (const from of [0, 10]) {
      await own.insert(rows(from, from + 10));
      await own.flush();
    }
    quota.bytes = usedBytes(files) + 1000;
    await expect(own.compact()).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect((await db.describeCollection('a')).missing).toBeUndefined();
    expect(await own.count()).toBe(20);
    quota.bytes = 1 << 20;
    expect(await own.compact()).toMatchObject({ segmentsBefore: 2, segmentsAfter: 1 });
    await db.close();
  });

  test('an insert that no removal could make room for removes nothing', async () => {
    const server = await serverWith('a');
    const { db, files, quota } = await clientOf(server);
    await db.pull(SERVER, 'a');
    const own = await db.createCollection(definition);
    await own.insert(rows(0, 10));
    quota.bytes = usedBytes(files) + 100;
    await expect(own.insert(rows(10, 3000))).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect((await db.describeCollection('a')).missing).toBeUndefined();
    expect(await own.count()).toBe(10);
    await db.close();
  });

  test('an index goes for rows, is not built again before there is room, and then is', async () => {
    const { db, files, quota } = await clientOf(await serverWith());
    const own = await db.createCollection({ ...definition, indexParams: [{ fieldName: 'vector', indexType: 'HNSW', params: { M: 8, efConstruction: 32 } }] });
    await own.insert(rows(0, 1500));
    await own.flush();
    const other = await db.createCollection({ ...definition, name: 'other' });
    await other.insert(rows(0, 1000));
    const indexed = async (): Promise<number> => (await db.describeCollection('own')).indexedSegments;
    await expect.poll(indexed, { timeout: 20_000 }).toBe(1);
    await db.close();
    const again = await testDatabase({ storage: quotaStorage(files, quota), core, reserveBytes: 512 });
    const [own2, other2] = [await again.collection('own'), await again.collection('other')];
    expect(keysOf(files, 'idx-')).toHaveLength(1);
    quota.bytes = usedBytes(files) + 1000;
    await other2.insert(rows(1000, 1200));
    expect(keysOf(files, 'idx-')).toHaveLength(0);
    expect(await own2.count()).toBe(1500);
    expect((await own2.search({ data: vectorOf(7), limit: 1 })).hits[0]?.id).toBe(7n);
    // The manifest names it no more, so that nobody asks for it.
    await expect.poll(async () => new TextDecoder().decode((await again.servedManifest('own')).bytes), { timeout: 20_000 }).not.toContain('idx-');
    await own2.insert(rows(1500, 1510));
    await own2.flush();
    expect(keysOf(files, 'idx-')).toHaveLength(0);
    quota.bytes = 1 << 22;
    await again.close();
    const last = await testDatabase({ storage: quotaStorage(files, quota), core, reserveBytes: 512 });
    await last.collection('own');
    await expect.poll(() => keysOf(files, 'idx-').length, { timeout: 20_000 }).toBe(1);
    await last.close();
  });
});
