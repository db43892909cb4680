// A file that is damaged or missing, found at opening or at the first touch: the rest answers and says what is missing,
// until that is given up.

import { describe, expect, test } from 'vitest';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: from + at, color: from + at < 5 ? 'red' : 'blue', vector: [from + at, 1] }));

/** Two segments of ten rows each, of the first two deleted; and three rows in the log. */
async function written(files: MemoryFiles): Promise<void> {
  const db = await testDatabase({ files });
  const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await c.insert(rows(0, 10));
  await c.flush();
  await c.delete({ ids: [0, 1] });
  await c.insert(rows(10, 20));
  await c.flush();
  await c.insert(rows(20, 23));
  await db.close();
}

/** In order of writing. */
const keysOf = (files: MemoryFiles, part: string): readonly string[] => [...files.keys()].filter((key) => key.includes(part));

function flip(files: MemoryFiles, key: string, at: number): void {
  const { bytes = new Uint8Array(0) } = files.get(key) ?? {};
  bytes[at] = (bytes[at] as number) ^ 1;
}

const idsOf = (hits: readonly { readonly id: unknown }[]): readonly unknown[] => hits.map(({ id }) => id).sort((a, b) => Number((a as bigint) - (b as bigint)));
const ids = (from: number, to: number): readonly bigint[] => Array.from({ length: to - from }, (_, at) => BigInt(from + at));

describe('quarantine', () => {
  test.each([0, 1 << 20])('a damaged deletions file hides its segment, whose deleted rows do not come back (eager up to %d bytes)', async (eagerBytes) => {
    const files: MemoryFiles = new Map();
    await written(files);
    const [key = ''] = keysOf(files, 'del-');
    flip(files, key, 10);
    const db = await testDatabase({ files, eagerBytes });
    const c = await db.collection('c');
    const missing = [{ file: expect.stringContaining('del-') as string, reason: 'damaged', rows: 8 }];
    expect((await db.describeCollection('c')).missing).toEqual(missing);
    const found = await c.search({ data: [0, 1], limit: 100, recall: 1 });
    expect(idsOf(found.hits)).toEqual(ids(10, 23));
    expect(found.missing).toEqual(missing);
    expect(await c.count()).toBe(13);
    expect(await c.discardMissing()).toEqual({ count: 8 });
    expect(await c.keys()).toEqual(BigInt64Array.from(ids(10, 23)));
    await db.close();
  });

  test('a damaged vector is found at the first touch of its page, and the segment is left out from then on', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const [key = ''] = keysOf(files, 'rows-');
    const db = await testDatabase({ files, eagerBytes: 0 });
    const c = await db.opened('c');
    expect((await db.describeCollection('c')).missing).toBeUndefined();
    expect(await c.count()).toBe(21);
    const { manifest } = c.manifest;
    flip(files, key, (manifest.segments[0]?.vectors[0]?.[0]?.offset ?? 0) + 8 * 3);
    const { hits, missing } = await c.search({ data: [3, 1], limit: 100, recall: 1 });
    // What was in memory by then may have answered: either all of it or nothing.
    if (missing === undefined) expect(idsOf(hits)).toEqual(ids(2, 23));
    else {
      expect(idsOf(hits)).toEqual(ids(10, 23));
      expect(missing).toEqual([{ file: expect.stringContaining('rows-') as string, reason: 'damaged', rows: 8 }]);
    }
    await db.close();
  });

  test('a column that is damaged when it is first needed hides its segment; deleting by key still works, and lasts', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const [key = ''] = keysOf(files, 'rows-');
    const { bytes = new Uint8Array(0), sizeBytes = 0 } = files.get(key) ?? {};
    const at = Buffer.from(bytes.subarray(0, sizeBytes)).indexOf('"red"');
    expect(at).toBeGreaterThan(0);
    flip(files, key, at + 2);
    const db = await testDatabase({ files, eagerBytes: 0 });
    const c = await db.collection('c');
    expect(await c.count()).toBe(21);
    expect(await c.count('color == "blue"')).toBe(13);
    const missing = [{ file: expect.stringContaining('rows-') as string, reason: 'damaged', rows: 8 }];
    expect((await db.describeCollection('c')).missing).toEqual(missing);
    expect(await c.count()).toBe(13);
    expect(await c.get({ ids: [3, 12] })).toHaveLength(1);
    await expect(c.keys()).rejects.toMatchObject({ code: 'Corrupt' });
    await expect(c.delete({ filter: 'id > 0' })).rejects.toMatchObject({ code: 'Corrupt' });
    // Its keys are known: what is deleted stays so, should the file come back.
    expect(await c.delete({ ids: [3] })).toEqual({ count: 1 });
    await c.upsert([{ id: 4, color: 'green', vector: [4, 1] }]);
    await c.flush();
    await db.close();
    flip(files, key, at + 2);
    const again = await testDatabase({ files });
    expect((await again.describeCollection('c')).missing).toBeUndefined();
    expect(await (await again.collection('c')).count()).toBe(20);
    expect((await (await again.collection('c')).get({ ids: [3, 4] })).map((row) => row['color'])).toEqual(['green']);
    await again.close();
  });

  test('a missing index file is reported, and searches are exact', async () => {
    const files: MemoryFiles = new Map();
    const db = await testDatabase({ files });
    const c = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2', indexParams: [{ fieldName: 'vector', indexType: 'HNSW', params: { M: 8, efConstruction: 32 } }] });
    await c.insert(rows(0, 1100));
    await c.flush();
    await expect.poll(() => keysOf(files, 'idx-').length, { timeout: 20_000 }).toBe(1);
    await db.close();
    for (const key of keysOf(files, 'idx-')) files.delete(key);
    const again = await testDatabase({ files, eagerBytes: 0 });
    const reopened = await again.collection('c');
    const { hits, missing } = await reopened.search({ data: [500, 1], limit: 3 });
    expect(idsOf(hits)).toEqual([499n, 500n, 501n]);
    expect(missing).toBeUndefined();
    expect((await again.health()).warnings.join()).toMatch(/idx-.*not used.*missing/);
    await again.close();
  });
});

describe('discardMissing', () => {
  test.each([0, 1 << 20])('gives up what is missing for good, frees it, and all works as before (eager up to %d bytes)', async (eagerBytes) => {
    const files: MemoryFiles = new Map();
    await written(files);
    const [key = ''] = keysOf(files, 'rows-');
    files.delete(key);
    const db = await testDatabase({ files, eagerBytes });
    const c = await db.collection('c');
    expect((await db.describeCollection('c')).missing).toEqual([{ file: key, reason: 'missing', rows: 8 }]);
    await expect(c.delete({ filter: 'id == 15' })).rejects.toMatchObject({ code: 'Corrupt' });
    expect(await c.discardMissing()).toEqual({ count: 8 });
    expect(await c.discardMissing()).toEqual({ count: 0 });
    expect((await db.describeCollection('c')).missing).toBeUndefined();
    expect(await c.delete({ filter: 'id == 15' })).toEqual({ count: 1 });
    expect(await c.delete({ ids: [3] })).toEqual({ count: 0 });
    await c.insert(rows(3, 4));
    await c.flush();
    const left = [3n, ...ids(10, 15), ...ids(16, 23)];
    expect(await c.keys()).toEqual(BigInt64Array.from(left));
    await c.flush();
    await c.insert(rows(30, 31));
    await c.flush();
    // Of the first segment nothing is left.
    expect(keysOf(files, 'rows-')).toHaveLength(3);
    await db.close();
    const again = await testDatabase({ files, eagerBytes });
    expect(await (await again.collection('c')).keys()).toEqual(BigInt64Array.from([...left, 30n]));
    expect((await again.health()).warnings).toEqual([]);
    await again.close();
  });

  test('of a segment of which the keys are known forgets these, too', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const [key = ''] = keysOf(files, 'rows-');
    const db = await testDatabase({ files, eagerBytes: 0 });
    const c = await db.collection('c');
    files.delete(key);
    // Columns that were not needed yet: the file is gone by now.
    await c.count('color == "blue"');
    const { missing = [] } = await db.describeCollection('c');
    if (missing.length > 0) {
      expect(await c.discardMissing()).toEqual({ count: 8 });
      expect(await c.get({ ids: [3] })).toEqual([]);
      expect(await c.count()).toBe(13);
      expect(await c.count('id >= 0')).toBe(13);
      await c.insert(rows(3, 4));
      expect(await c.keys()).toEqual(BigInt64Array.from([3n, ...ids(10, 23)]));
    }
    expect(missing).toHaveLength(1);
    await db.close();
  });

  test('is for what is written here: a reader is refused', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const full = memoryStorage(files);
    const reads = { kind: full.kind, read: full.read.bind(full), size: full.size.bind(full), list: full.list.bind(full), close: full.close.bind(full) };
    const db = await testDatabase({ storage: reads });
    await expect((await db.collection('c')).discardMissing()).rejects.toMatchObject({ code: 'ReadOnly' });
    await db.close();
  });
});
