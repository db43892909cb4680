// What a reopening finds: all that was acknowledged, and damage named, cut or refused, never passed over.

import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/format/bytes.js';
import { END_MARK_BYTES } from '../../src/format/log.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const row = (id: number) => ({ id, vector: [id, 1] });
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));

async function written(files: MemoryFiles): Promise<void> {
  const db = await testDatabase({ files });
  const c = await db.createCollection({ name: 'c', dimension: 2 });
  await c.insert(rows(0, 3));
  await c.flush();
  await c.delete({ ids: [1] });
  await c.insert(rows(3, 5));
  await db.close();
}

function keyOf(files: MemoryFiles, part: string | RegExp): string {
  const keys = [...files.keys()].sort().filter((key) => key.match(part) !== null);
  const key = keys.at(-1);
  if (key === undefined) throw new Error(`no file like ${part}: ${[...files.keys()].join(', ')}`);
  return key;
}

function cut(files: MemoryFiles, key: string, bytes: number): void {
  const file = files.get(key);
  if (file === undefined) throw new Error(key);
  file.sizeBytes -= bytes;
}

function flip(files: MemoryFiles, key: string, at: number): void {
  const file = files.get(key);
  if (file === undefined) throw new Error(key);
  file.bytes[at] = (file.bytes[at] as number) ^ 1;
}

async function ids(files: MemoryFiles): Promise<readonly unknown[]> {
  const db = await testDatabase({ files });
  return (await (await db.collection('c')).query({ outputFields: [] })).map((found) => found['id']);
}

describe('what was acknowledged is there after a reopening', () => {
  test('sealed rows, logged rows and deletions', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    expect(await ids(files)).toEqual([0n, 2n, 3n, 4n]);
  });

  test('the log is emptied by a flush and deletions of sealed rows go to a file', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const db = await testDatabase({ files });
    await (await db.collection('c')).flush();
    await db.close();
    expect([...files.keys()].filter((key) => key.endsWith('.dv'))).toHaveLength(1);
    expect([...files.keys()].filter((key) => key.endsWith('.log'))).toHaveLength(1);
    expect(files.get(keyOf(files, /\.log$/))?.sizeBytes).toBeLessThan(100);
    expect(await ids(files)).toEqual([0n, 2n, 3n, 4n]);
  });

  test('what a log that was not closed holds is sealed before anything that it replaced is merged away', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    for (const from of [0, 10]) {
      await c.insert(rows(from, from + 10));
      await c.flush();
    }
    await c.upsert(rows(5, 15));
    const left: MemoryFiles = new Map([...files].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
    await db.close();
    const again = await testDatabase({ files: left });
    const { manifest } = (await again.opened('c')).manifest;
    expect(await (await again.collection('c')).compact()).toMatchObject({ segmentsAfter: 1 });
    expect((await again.opened('c')).manifest.manifest.nextLsn).toBe(manifest.nextLsn + 1n);
    expect(await (await again.collection('c')).count()).toBe(20);
    await again.close();
  });

  test('a close in the middle of a seal waits for it', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await c.insert(rows(0, 3));
    const flushing = c.flush();
    await db.close();
    await flushing;
    const again = await testDatabase({ files });
    expect(await again.describeCollection('c')).toMatchObject({ rows: 3, sealedSegments: 1 });
    await again.close();
  });

  test('a flush without changes writes nothing', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    await c.flush();
    const before = [...files.keys()].sort();
    await c.flush();
    expect([...files.keys()].sort()).toEqual(before);
  });

  test('old manifests and what only they named are removed', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await c.insert(rows(0, 9));
    await c.flush();
    for (let id = 0; id < 6; id++) {
      await c.delete({ ids: [id] });
      await c.flush();
    }
    expect([...files.keys()].filter((key) => key.includes('/manifest/'))).toHaveLength(2);
    expect([...files.keys()].filter((key) => key.endsWith('.dv'))).toHaveLength(2);
    expect(await c.count()).toBe(3);
  });
});

describe('a torn or damaged file', () => {
  test('a torn tail is cut at the last good batch, reported, and writing goes on', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    cut(files, keyOf(files, /\.log$/), END_MARK_BYTES + 5);
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    expect(await c.count()).toBe(2);
    expect((await db.health()).warnings.join()).toMatch(/wal\/.*expected batch 3, found batch 3, not whole; .*cut \d+ bytes, in which 1 batches can be made out/);
    await c.insert(rows(7, 8));
    await db.close();
    expect(await ids(files)).toEqual([0n, 2n, 7n]);
  });

  test('a damaged manifest is named, and other collections are not affected', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const key = keyOf(files, '/manifest/');
    flip(files, key, 40);
    const db = await testDatabase({ files, seed: 2 });
    const other = await db.createCollection({ name: 'other', dimension: 2 });
    await other.insert(rows(0, 1));
    await expect(db.collection('c')).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining(key.split('/').at(-1) as string) as string });
    expect((await db.health()).warnings.join()).toContain('collection "c"');
    expect(await other.count()).toBe(1);
  });

  test('a truncated manifest is named', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    cut(files, keyOf(files, '/manifest/'), 1);
    await expect(ids(files)).rejects.toMatchObject({ code: 'Corrupt' });
  });

  const damages: readonly (readonly [string, (files: MemoryFiles, key: string) => void])[] = [
    ['damaged', (files, key) => flip(files, key, 40)],
    ['truncated', (files, key) => cut(files, key, 1)],
    ['missing', (files, key) => files.delete(key)],
  ];

  test.each(damages)('where a rows file is %s, the rest answers and says what is missing', async (how, damage) => {
    const files: MemoryFiles = new Map();
    await written(files);
    const key = keyOf(files, 'rows-');
    const name = key.split('/').at(-1) as string;
    damage(files, key);
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    const missing = [{ file: expect.stringContaining(name) as string, reason: how === 'missing' ? 'missing' : 'damaged', rows: 3 }];
    expect((await db.describeCollection('c')).missing).toEqual(missing);
    expect((await db.health()).warnings.join()).toContain(name);
    const { hits, missing: lacking } = await c.search({ data: [1, 0], limit: 10 });
    expect(hits.map(({ id }) => id).sort()).toEqual([3n, 4n]);
    expect(lacking).toEqual(missing);
    expect((await c.query()).map(({ id }) => id)).toEqual([3n, 4n]);
    await expect(c.keys()).rejects.toMatchObject({ code: 'Corrupt' });
    await expect(c.delete({ filter: 'id > 0' })).rejects.toMatchObject({ code: 'Corrupt' });
    await expect(c.delete({ ids: [0] })).rejects.toMatchObject({ code: 'Corrupt' });
    expect(await c.delete({ ids: [3] })).toEqual({ count: 1 });
    await c.insert(rows(0, 1));
    await c.flush();
    expect((await c.query()).map(({ id }) => id)).toEqual([0n, 4n]);
    await db.close();
  });

  test('a missing log is named, and the rest is there', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const key = keyOf(files, /\.log$/);
    files.delete(key);
    const db = await testDatabase({ files });
    expect(await (await db.collection('c')).count()).toBe(3);
    expect((await db.health()).warnings.join()).toContain(`${key}: missing`);
  });

  test('a missing log between two is a gap, never passed over', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const log = files.get(keyOf(files, /\.log$/));
    if (log === undefined) throw new Error('no log');
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    await c.flush();
    await c.insert(rows(8, 9));
    await db.close();
    const manifests = [...files.keys()].filter((key) => key.includes('/manifest/')).sort();
    files.delete(manifests.at(-1) as string);
    await expect(ids(files)).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringMatching(/batches are missing/) as string });
  });

  test('a manifest torn by a crash is passed over while the log still holds its batches', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const newest = keyOf(files, '/manifest/');
    const torn = newest.replace(/(\d{20})/, (digits) => String(Number(digits) + 1).padStart(20, '0'));
    files.set(torn, { bytes: new Uint8Array(10), sizeBytes: 10 });
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    expect(await c.count()).toBe(4);
    expect((await db.health()).warnings.join()).toContain(torn);
    await c.flush();
    await db.close();
    expect(await ids(files)).toEqual([0n, 2n, 3n, 4n]);
  });

  test.each(['', 'torn'])('a log that a failed seal left behind does not take the place of the one that went on (%s)', async (left) => {
    const files: MemoryFiles = new Map();
    await written(files);
    const key = keyOf(files, /\.log$/).replace(/\d{20}/, '3'.padStart(20, '0'));
    files.set(key, { bytes: new Uint8Array(48), sizeBytes: left.length });
    const db = await testDatabase({ files });
    const c = await db.collection('c');
    await c.insert(rows(7, 8));
    await db.close();
    expect(files.has(key)).toBe(false);
    expect(await ids(files)).toEqual([0n, 2n, 3n, 4n, 7n]);
  });

  test('a catalog torn by a crash is passed over, also twice in a row', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    for (const version of [7, 9]) files.set(`catalog/0000000000000000000${version}.json`, { bytes: new Uint8Array(3), sizeBytes: 3 });
    expect(await ids(files)).toHaveLength(4);
  });

  test('a damaged catalog is healed by its copy and named; two damaged copies are refused', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const newest = keyOf(files, 'catalog/');
    flip(files, newest, 30);
    const db = await testDatabase({ files });
    expect(await (await db.collection('c')).count()).toBe(4);
    expect((await db.health()).warnings.join()).toContain(newest);
    await db.close();
    flip(files, keyOf(files, /catalog\/0*1\.json/), 30);
    await expect(ids(files)).rejects.toMatchObject({ code: 'Corrupt', file: newest });
  });

  test('files that a crash left without a manifest are swept', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const folder = keyOf(files, 'rows-').split('/')[0] as string;
    const orphan = `${folder}/rows-${'ab'.repeat(32)}.parquet`;
    files.set(orphan, { bytes: new Uint8Array(8), sizeBytes: 8 });
    files.set('c00000000000000ff/manifest/00000000000000000001.json', { bytes: new Uint8Array(8), sizeBytes: 8 });
    expect(await ids(files)).toHaveLength(4);
    expect(files.has(orphan)).toBe(false);
    expect([...files.keys()].some((key) => key.startsWith('c00000000000000ff/'))).toBe(false);
  });
});

/** Storage whose logs fail from the `fromWrite`-th append on, after writing half of it; `cutting` fails too if asked. */
function failingLogs(files: MemoryFiles, state: { failing: boolean; cutting: boolean }): Storage {
  const storage = memoryStorage(files);
  const failing = (log: Log): Log => ({
    get sizeBytes() {
      return log.sizeBytes;
    },
    async append(...parts) {
      if (!state.failing) return log.append(...parts);
      const bytes = concatBytes(parts);
      await log.append(bytes.subarray(0, bytes.length >> 1));
      throw new ElanusError('QuotaExceeded', 'the disk is full');
    },
    sync: () => log.sync(),
    async truncate(sizeBytes) {
      if (state.cutting) throw new ElanusError('QuotaExceeded', 'the disk is broken');
      await log.truncate(sizeBytes);
    },
    close: () => log.close(),
  });
  return {
    kind: 'memory',
    read: (key, range) => storage.read(key, range),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    create: (key, bytes) => storage.create(key, bytes),
    remove: (key) => storage.remove(key),
    openLog: async (key) => failing(await storage.openLog(key)),
    usage: () => storage.usage(),
    close: () => storage.close(),
  };
}

describe('a full disk', () => {
  test('a batch that cannot be logged is refused whole; later ones are kept once there is room', async () => {
    const files: MemoryFiles = new Map();
    const state = { failing: false, cutting: false };
    const db = await testDatabase({ storage: failingLogs(files, state) });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await c.insert(rows(0, 2));
    state.failing = true;
    await expect(c.insert(rows(2, 4))).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect(await c.count()).toBe(2);
    state.failing = false;
    await c.insert(rows(4, 5));
    await db.close();
    expect(await ids(files)).toEqual([0n, 1n, 4n]);
  });

  test('if not even the torn part can be cut, the collection is read-only and says so', async () => {
    const files: MemoryFiles = new Map();
    const state = { failing: false, cutting: false };
    const db = await testDatabase({ storage: failingLogs(files, state) });
    const c = await db.createCollection({ name: 'c', dimension: 2 });
    await c.insert(rows(0, 2));
    state.failing = true;
    state.cutting = true;
    await expect(c.insert(rows(2, 4))).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await expect(c.insert(rows(4, 5))).rejects.toMatchObject({ code: 'ReadOnly' });
    expect(await c.count()).toBe(2);
    expect(await ids(files)).toEqual([0n, 1n]);
  });
});

test('concurrent writers are all kept, each batch whole, in one order', async () => {
  const files: MemoryFiles = new Map();
  const db = await testDatabase({ files });
  const c = await db.createCollection({ name: 'c', dimension: 2 });
  const batches = Array.from({ length: 50 }, (_, at) => rows(at * 3, at * 3 + 3));
  const flushing = c.flush();
  await Promise.all([...batches.map((batch) => c.insert(batch)), flushing, c.flush()]);
  expect(await c.count()).toBe(150);
  await db.close();
  expect(await ids(files)).toHaveLength(150);
});
