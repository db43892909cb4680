// A damaged log: what was durable is never silently missing, what a crash tore is cut, and a clean close is told from a crash.

import { describe, expect, test } from 'vitest';
import { END_MARK_BYTES, LOG_HEADER_BYTES, readLog, RECORD_HEADER_BYTES } from '../../src/format/log.js';
import type { EngineCollection } from '../../src/engine/collection/collection.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

const row = (id: number) => ({ id, vector: [id, 1] });

/** One batch each: rows 0, 1, 2, 3, then the deletion of row 0. */
async function written(files: MemoryFiles): Promise<SyncDatabase> {
  const db = await testDatabase({ files });
  const c = await db.createCollection({ name: 'c', dimension: 2 });
  for (const id of [0, 1, 2, 3]) await c.insert([row(id)]);
  await c.delete({ ids: [0] });
  return db;
}

function logs(files: MemoryFiles): readonly string[] {
  return [...files.keys()].filter((key) => key.endsWith('.log')).sort();
}

function logOf(files: MemoryFiles): { readonly key: string; readonly bytes: Uint8Array } {
  const key = logs(files)[0] as string;
  const { bytes, sizeBytes } = files.get(key) as { bytes: Uint8Array; sizeBytes: number };
  return { key, bytes: bytes.subarray(0, sizeBytes) };
}

/** Where each record begins, and the end of the last. */
function starts({ key, bytes }: { readonly key: string; readonly bytes: Uint8Array }): readonly number[] {
  const { records } = readLog(bytes, key);
  return [...records.map(({ payload }) => payload.byteOffset - bytes.byteOffset - RECORD_HEADER_BYTES), bytes.length - END_MARK_BYTES];
}

function copyOf(files: MemoryFiles): MemoryFiles {
  return new Map([...files].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
}

async function opened(files: MemoryFiles): Promise<{ readonly db: SyncDatabase; readonly c: EngineCollection; readonly ids: readonly number[] }> {
  const db = await testDatabase({ files, seed: 9 });
  const c = await db.opened('c');
  return { db, c, ids: (await c.query({ outputFields: [] })).map((found) => Number(found['id'])) };
}

describe('after a clean close', () => {
  test('nothing is reported, and the next close ends the log again', async () => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    for (let round = 0; round < 2; round++) {
      const { db, c, ids } = await opened(files);
      expect(c.recovery).toMatchObject({ batchesReplayed: 5 + round, torn: [], tornBytes: 0, lost: [], cleanlyClosed: true });
      expect((await db.health()).warnings).toEqual([]);
      expect(ids).toEqual(round === 0 ? [1, 2, 3] : [1, 2, 3, 9]);
      await c.insert([row(9)]);
      await db.close();
    }
    expect(logs(files)).toHaveLength(1);
  });

  test('an opening that writes nothing leaves the log as it is', async () => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    const before = logOf(files).bytes.slice();
    await (await opened(files)).db.close();
    expect(logOf(files).bytes).toEqual(before);
  });

  test('every cut shows, also those right behind a batch', async () => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    const log = logOf(files);
    const ends = starts(log);
    for (const sizeBytes of [...ends, ...ends.map((end) => end + 8)]) {
      const cut = copyOf(files);
      (cut.get(log.key) as { sizeBytes: number }).sizeBytes = sizeBytes;
      const { db, c } = await opened(cut);
      expect(c.recovery.cleanlyClosed).toBe(false);
      expect(c.recovery.batchesReplayed).toBe(ends.filter((end) => end <= sizeBytes).length - 1);
      await db.close();
    }
  });

  test('a cut right behind an earlier end of the log shows too', async () => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    const before = logOf(files).bytes.length;
    const { db, c } = await opened(files);
    await c.insert([row(7)]);
    await db.close();
    (files.get(logOf(files).key) as { sizeBytes: number }).sizeBytes = before;
    expect((await opened(files)).c.recovery.cleanlyClosed).toBe(false);
  });

  test.each([0, 1, 2, 3, 4])('batch %i damaged is lost, alone, and named until it is sealed', async (which) => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    const log = logOf(files);
    const at = (starts(log)[which] as number) + RECORD_HEADER_BYTES + 3;
    log.bytes[at] = (log.bytes[at] as number) ^ 4;
    const left = which === 4 ? [0, 1, 2, 3] : [1, 2, 3].filter((id) => id !== which);
    const lsn = BigInt(which + 1);
    const { db, c, ids } = await opened(files);
    expect(ids).toEqual(left);
    expect(c.recovery).toMatchObject({ batchesReplayed: 4, lost: [{ file: log.key, firstLsn: lsn, count: 1n }], tornBytes: 0 });
    expect((await db.health()).warnings).toEqual([expect.stringMatching(new RegExp(`wal/.*batch ${lsn} is damaged and lost`))]);
    await c.insert([row(50)]);
    await db.close();

    const again = await opened(files);
    expect(again.ids).toEqual([...left, 50]);
    expect(again.c.recovery).toMatchObject({ batchesReplayed: 5, lost: [{ file: log.key, firstLsn: lsn, count: 1n }], cleanlyClosed: true });
    expect(logs(files)).toHaveLength(2);
    await again.c.flush();
    await again.db.close();
    expect(logs(files)).toHaveLength(1);

    const sealed = await opened(files);
    expect(sealed.ids).toEqual([...left, 50]);
    expect(sealed.c.recovery.lost).toEqual([]);
    expect((await sealed.db.health()).warnings).toEqual([]);
  });
});

describe('after a crash', () => {
  test('it is noted that there was no close, and no warning frightens', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const { db, c, ids } = await opened(files);
    expect(ids).toEqual([1, 2, 3]);
    expect(c.recovery).toMatchObject({ batchesReplayed: 5, lost: [], tornBytes: 0, cleanlyClosed: false, log: logs(files)[0] });
    expect((await db.health()).warnings).toEqual([]);
  });

  test('damage in front of acknowledged batches is told from a torn tail by the marks of those', async () => {
    const files: MemoryFiles = new Map();
    await written(files);
    const log = logOf(files);
    const records = readLog(log.bytes, log.key).records.map(({ payload }) => payload.byteOffset - log.bytes.byteOffset);
    log.bytes[records[1] as number] = 77;
    (files.get(log.key) as { sizeBytes: number }).sizeBytes -= 8;
    const { c, ids } = await opened(files);
    expect(ids).toEqual([0, 2, 3]);
    expect(c.recovery).toMatchObject({ batchesReplayed: 3, lost: [{ file: log.key, firstLsn: 2n, count: 1n }], tornBatches: 1 });
    await c.insert([row(8)]);
    await c.insert([row(9)]);
    expect((await opened(copyOf(files))).ids).toEqual([0, 2, 3, 8, 9]);
  });

  test('what a later log says was durable is missed in the one before', async () => {
    const files: MemoryFiles = new Map();
    await (await written(files)).close();
    const log = logOf(files);
    const before = copyOf(files);
    log.bytes[LOG_HEADER_BYTES + RECORD_HEADER_BYTES] = 99;
    const { db, c } = await opened(files);
    await c.insert([row(20)]);
    await db.close();
    const second = logs(files)[1] as string;
    // As if the file had been cut after the second log was begun.
    files.set(log.key, { ...(before.get(log.key) as { bytes: Uint8Array<ArrayBuffer> }), sizeBytes: starts(logOf(before))[3] as number });
    const again = await opened(files);
    expect(again.ids).toEqual([0, 1, 2, 20]);
    expect(again.c.recovery.lost).toEqual([{ file: log.key, firstLsn: 4n, count: 2n }]);
    expect(logs(files)).toEqual([log.key, second]);
  });
});
