// Compaction with every call of the storage failing in turn, once or from then on for ever, reads included: the rows are
// as they were, now and after a reopening, and as they were changed meanwhile.

import { expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

interface Fault {
  /** The call that fails, counted from 0 since `armed`. */
  readonly at: number;
  readonly forEver: boolean;
  armed: boolean;
  calls: number;
}

function faulty(files: MemoryFiles, fault: Fault): Storage {
  const storage = memoryStorage(files);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!fault.armed) return work();
    const call = fault.calls++;
    if (call === fault.at || (fault.forEver && call > fault.at)) throw new ElanusError('StorageFailed', `fault at call ${call}`);
    return work();
  };
  const wrap = (log: Log): Log => ({
    get sizeBytes() {
      return log.sizeBytes;
    },
    append: (...parts) => attempt(() => log.append(...parts)),
    sync: () => attempt(() => log.sync()),
    truncate: (sizeBytes) => attempt(() => log.truncate(sizeBytes)),
    close: () => log.close(),
  });
  return {
    kind: 'memory',
    read: (key, range) => attempt(() => storage.read(key, range)),
    size: (key) => attempt(() => storage.size(key)),
    list: (prefix) => attempt(() => storage.list(prefix)),
    create: (key, bytes) => attempt(() => storage.create(key, bytes)),
    remove: (key) => attempt(() => storage.remove(key)),
    openLog: async (key) => wrap(await storage.openLog(key)),
    usage: () => storage.usage(),
    close: () => storage.close(),
  };
}

function copyOf(files: MemoryFiles): MemoryFiles {
  return new Map([...files].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
}

const rowsOf = (from: number, count: number, year: number): { id: number; year: number; vector: number[] }[] => Array.from({ length: count }, (_, at) => ({ id: from + at, year, vector: [from + at, year] }));

/** Four segments with deletions, the last in the log alone. */
async function stored(): Promise<{ readonly files: MemoryFiles; readonly model: ReadonlyMap<bigint, number> }> {
  const files: MemoryFiles = new Map();
  const db = await testDatabase({ files });
  const collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  const model = new Map<bigint, number>();
  for (let segment = 0; segment < 4; segment++) {
    const rows = rowsOf(segment * 6, 10, segment);
    await collection.upsert(rows);
    for (const { id, year } of rows) model.set(BigInt(id), year);
    await collection.flush();
  }
  await collection.delete({ ids: [1, 7, 20] });
  for (const id of [1n, 7n, 20n]) model.delete(id);
  await db.close();
  return { files, model };
}

const found = async (collection: Awaited<ReturnType<Awaited<ReturnType<typeof testDatabase>>['collection']>>): Promise<ReadonlyMap<bigint, number>> => {
  const rows = await collection.query({ outputFields: ['year'] });
  return new Map(rows.map((row) => [row['id'] as bigint, row['year'] as number]));
};

interface Outcome {
  readonly calls: number;
  readonly compacted: boolean;
}

async function run(fault: Fault, before: Awaited<ReturnType<typeof stored>>): Promise<Outcome> {
  const files = copyOf(before.files);
  const label = `fault at call ${fault.at}, for ever: ${fault.forEver}`;
  const model = new Map(before.model);
  const db = await testDatabase({ storage: faulty(files, fault) });
  const collection = await db.collection('c');
  fault.armed = true;
  // What was deleted is sealed first, and a log that failed takes nothing more.
  const compacting = collection.compact().then(() => true, (error: unknown) => (expect(['StorageFailed', 'ReadOnly'], label).toContain((error as ElanusError).code), false));
  // Changed while it runs: the last row of the second segment, a new one, one that goes.
  const change = async (work: Promise<unknown>, id: bigint, year: number | undefined): Promise<void> => {
    const done = await work.then(() => true, () => false);
    if (done && year !== undefined) model.set(id, year);
    if (done && year === undefined) model.delete(id);
    if (!done) doubtful.add(id);
  };
  const doubtful = new Set<bigint>();
  await Promise.all([change(collection.upsert(rowsOf(11, 1, 50)), 11n, 50), change(collection.upsert(rowsOf(90, 1, 51)), 90n, 51), change(collection.delete({ ids: [3] }), 3n, undefined)]);
  const compacted = await compacting;
  fault.armed = false;
  const without = (rows: ReadonlyMap<bigint, number>): ReadonlyMap<bigint, number> => new Map([...rows].filter(([id]) => !doubtful.has(id)));
  if (!fault.forEver) expect(without(await found(collection)), `${label}, before reopening`).toEqual(without(model));
  // Not closed: as a crash leaves it.
  const again = await testDatabase({ files: copyOf(files) });
  expect(without(await found(await again.collection('c'))), `${label}, reopened`).toEqual(without(model));
  expect((await again.health()).warnings, label).toEqual([]);
  await (await again.collection('c')).compact();
  expect(without(await found(await again.collection('c'))), `${label}, reopened and compacted`).toEqual(without(model));
  await again.close();
  await db.close().catch(() => undefined);
  return { calls: fault.calls, compacted };
}

const before = await stored();
const counting = await run({ at: -1, forEver: false, armed: false, calls: 0 }, before);

test.each([false, true])('at every call, for ever: %s', async (forEver) => {
  expect(counting).toMatchObject({ compacted: true });
  expect(counting.calls).toBeGreaterThan(20);
  let ended = 0;
  for (let at = 0; at < counting.calls; at++) if (!(await run({ at, forEver, armed: false, calls: 0 }, before)).compacted) ended++;
  console.log(`${counting.calls} calls; ${ended} faults ended the compaction`);
  expect(ended).toBeGreaterThan(5);
});
