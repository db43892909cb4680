// Every change of the storage failing once, or from then on for ever as a crash leaves it: what was acknowledged is
// there after a reopening, what was refused is not, and a batch is there whole or not at all.

import { expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

interface Fault {
  /** The call that fails, counted from 0. */
  readonly at: number;
  readonly forEver: boolean;
  calls: number;
}

function faulty(files: MemoryFiles, fault: Fault): Storage {
  const storage = memoryStorage(files);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    const call = fault.calls++;
    if (call === fault.at || (fault.forEver && call > fault.at)) throw new ElanusError('QuotaExceeded', `fault at call ${call}`);
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
    read: (key, range) => storage.read(key, range),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    create: (key, bytes) => attempt(() => storage.create(key, bytes)),
    remove: (key) => attempt(() => storage.remove(key)),
    openLog: (key) => attempt(async () => wrap(await storage.openLog(key))),
    usage: () => storage.usage(),
    close: () => storage.close(),
  };
}

/** What each key may be after the history: its one value, or either if the write was not acknowledged. */
type Model = Map<bigint, Set<number | undefined>>;

class History {
  readonly model: Model = new Map();

  constructor(private readonly collection: Collection, private readonly crashing: boolean) {}

  async write(ids: readonly number[], year: number): Promise<void> {
    await this.#settle(ids, year, () => this.collection.upsert(ids.map((id) => ({ id, year, vector: [id, year] }))));
  }

  async remove(ids: readonly number[]): Promise<void> {
    await this.#settle(ids, undefined, () => this.collection.delete({ ids }));
  }

  async flush(): Promise<void> {
    await this.collection.flush().catch(expectFault);
  }

  async #settle(ids: readonly number[], value: number | undefined, work: () => Promise<unknown>): Promise<void> {
    const done = await work().then(() => true, (error: unknown) => (expectFault(error), false));
    for (const id of ids.map(BigInt)) {
      const before = this.model.get(id) ?? new Set([undefined]);
      // After a crash nobody was told, so either may be; a refusal that was told must hold.
      this.model.set(id, done ? new Set([value]) : this.crashing ? new Set([...before, value]) : before);
    }
  }
}

function expectFault(error: unknown): void {
  expect(['QuotaExceeded', 'ReadOnly']).toContain((error as ElanusError).code);
}

async function run(files: MemoryFiles, fault: Fault): Promise<Model> {
  const db = await testDatabase({ storage: faulty(files, fault) });
  const collection = await db.createCollection({ name: 'c', dimension: 2, metric: 'L2' }).catch((error: unknown) => (expectFault(error), undefined));
  if (collection === undefined) return new Map();
  const history = new History(collection, fault.forEver);
  await history.write([1, 2, 3], 10);
  await history.write([2], 11);
  await history.flush();
  await history.remove([1]);
  await history.write([3, 4], 12);
  await history.flush();
  await history.write([5], 13);
  await history.remove([4]);
  await history.flush();
  await history.write([6], 14);
  return history.model;
}

async function check(files: MemoryFiles, model: Model, label: string): Promise<void> {
  const db = await testDatabase({ files });
  if (!(await db.hasCollection('c'))) {
    for (const values of model.values()) expect(values, label).toContain(undefined);
    return;
  }
  const rows = await (await db.collection('c')).query({ outputFields: ['year'] });
  const found = new Map(rows.map((row) => [row['id'] as bigint, row['year'] as number]));
  for (const [id, values] of model) expect([...values], `${label}, key ${id}`).toContain(found.get(id));
  for (const id of found.keys()) expect(model.has(id), `${label}, phantom ${id}`).toBe(true);
  await (await db.collection('c')).insert([{ id: 99, year: 1, vector: [0, 0] }]);
  await db.close();
}

const counting: Fault = { at: -1, forEver: false, calls: 0 };
await run(new Map(), counting);

test.each([false, true])('at every call of the history, for ever: %s', async (forEver) => {
  expect(counting.calls).toBeGreaterThan(30);
  for (let at = 0; at < counting.calls; at++) {
    const files: MemoryFiles = new Map();
    const model = await run(files, { at, forEver, calls: 0 });
    await check(files, model, `fault at call ${at} of ${counting.calls}`);
  }
});

test('what is told to be as asked already is so, though what was refused before was stored all the same', async () => {
  const files: MemoryFiles = new Map();
  const storage = memoryStorage(files);
  const create = storage.create.bind(storage);
  let isDoubtful = false;
  storage.create = async (key, bytes) => {
    const stored = await create(key, bytes);
    if (isDoubtful && key.includes('/manifest/')) throw new ElanusError('StorageFailed', `${key} is stored, and nobody was told`);
    return stored;
  };
  const db = await testDatabase({ storage });
  const collection = await db.createCollection({ name: 'a', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'vector', type: 'FloatVector', dim: 2 }] });
  await collection.insert([{ id: 1, vector: [1, 2] }]);
  isDoubtful = true;
  await expect(db.createIndex('a', { fieldName: 'vector', indexType: 'HNSW' })).rejects.toMatchObject({ code: 'StorageFailed' });
  await expect(db.dropIndex('a', { fieldName: 'vector' })).rejects.toMatchObject({ code: 'StorageFailed' });
  isDoubtful = false;
  await db.dropIndex('a', { fieldName: 'vector' });
  await db.close();

  const again = await testDatabase({ storage: memoryStorage(files) });
  expect(await again.describeIndex('a', { fieldName: 'vector' })).toMatchObject({ indexType: 'AUTOINDEX' });
  expect(await again.collection('a').then((found) => found.count())).toBe(1);
  await again.close();
});
