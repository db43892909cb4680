// Reads that wait for files while rows are written, merged or found damaged: an answer is of one moment and whole, or says why not.

import { afterEach, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import type { Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

let db: SyncDatabase | undefined;
afterEach(async () => {
  await db?.close();
  db = undefined;
});

/** Files whose next read, once `armed`, waits until `open` resolves; `reached` resolves as it begins. */
class Gate {
  readonly storage: Storage;
  #armed: { readonly reached: () => void; readonly opened: Promise<void> } | undefined;

  constructor(files: MemoryFiles) {
    const plain = memoryStorage(files);
    const read: Storage['read'] = async (...asked) => {
      const armed = this.#armed;
      this.#armed = undefined;
      armed?.reached();
      await armed?.opened;
      return plain.read(...asked);
    };
    this.storage = Object.assign(Object.create(plain) as Storage, { read });
  }

  /** Runs `happen` while the next read waits. */
  async during<T>(call: () => Promise<T>, happen: () => Promise<void>): Promise<T> {
    let open = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      this.#armed = { reached: resolve, opened: new Promise((done) => (open = done)) };
    });
    const called = call();
    called.catch(() => undefined);
    await reached;
    try {
      await happen();
    } finally {
      open();
    }
    return called;
  }
}

/** Two segments of 20 rows in files, nothing of them in memory but their keys, and what `grow` writes. */
async function opened(fields: readonly Field[], rowOf: (id: number) => object): Promise<{ readonly collection: Collection; readonly gate: Gate; readonly files: MemoryFiles }> {
  const files: MemoryFiles = new Map();
  const first = await testDatabase({ files });
  const functions = fields.some(({ name }) => name === 'words') ? { functions: [{ name: 'f', type: 'BM25' as const, inputFieldNames: ['text'] as [string], outputFieldNames: ['words'] as [string] }] } : {};
  const written = await first.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, ...fields], ...functions });
  for (const from of [0, 20]) {
    await written.insert(Array.from({ length: 20 }, (_, at) => ({ id: from + at, ...rowOf(from + at) })) as never);
    await written.flush();
  }
  await first.close();
  const gate = new Gate(files);
  db = await testDatabase({ storage: gate.storage, eagerBytes: 0 });
  const collection = await db.collection('c');
  // What is read ahead is let go again.
  for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
  await db.releaseCollection('c');
  await db.loadCollection('c');
  return { collection, gate, files };
}

const TEXT: readonly Field[] = [
  { name: 'text', type: 'VarChar', maxLength: 100, enableAnalyzer: true },
  { name: 'words', type: 'SparseFloatVector', metric: 'BM25' },
];
const VECTOR: readonly Field[] = [{ name: 'n', type: 'Int32' }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }];

test('a search for texts that waits for files has no row twice, though rows that grow are replaced meanwhile', async () => {
  const { collection, gate } = await opened(TEXT, (id) => ({ text: `kite ${id}` }));
  await collection.insert([{ id: 100, text: 'kite of old' }]);
  const search = (): Promise<{ readonly hits: unknown }> => collection.search({ annsField: 'words', data: 'old kite', limit: 3, outputFields: ['text'] });
  const { hits } = await gate.during(search, async () => {
    await collection.upsert(Array.from({ length: 20 }, (_, at) => ({ id: 100 + at, text: 'kite of old and new' })));
  });
  expect((hits as { readonly id: bigint }[]).filter(({ id }) => id >= 100n)).toEqual([{ id: 100n, score: expect.any(Number) as number, fields: { text: 'kite of old' } }]);
});

test('an explanation of a query that waits for files counts the rows of its moment', async () => {
  const { collection, gate } = await opened(VECTOR, (id) => ({ n: id % 2, v: [id, 0] }));
  await collection.insert([{ id: 100, n: 1, v: [0, 0] }]);
  await collection.delete({ ids: [100] });
  await collection.insert([{ id: 101, n: 1, v: [0, 0] }]);
  const { rows } = await gate.during(() => collection.explain({ filter: 'n == 1' }), async () => {
    await collection.upsert(Array.from({ length: 100 }, (_, at) => ({ id: 101 + at, n: 1, v: [0, 0] })));
  });
  expect(rows).toBe(21);
});

test('a page of hits that waits for files is whole, though its walk is ended and its rows are removed meanwhile', async () => {
  const { collection, gate } = await opened(VECTOR, (id) => ({ n: id, v: [id, 0] }));
  const request = { data: [0, 0], recall: 1, batchSize: 15, outputFields: ['n'] };
  const { next } = await collection.searchPage(request);
  if (next === undefined) throw new Error('there is one page only');
  await db?.releaseCollection('c');
  await db?.loadCollection('c');
  const { hits } = await gate.during(() => collection.searchPage(request, next), async () => {
    await collection.closePage(next);
    await db?.truncateCollection('c');
    for (const id of [100, 101]) {
      await collection.insert([{ id, n: 0, v: [0, 0] }]);
      await collection.flush();
    }
  });
  expect(hits.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, at) => BigInt(15 + at)));
}, 20_000);

test.each([
  ['keys', (collection: Collection) => collection.keys()],
  ['deletions by a filter', (collection: Collection) => collection.delete({ filter: 'n == 1' })],
] as const)('%s are refused where files prove damaged while they are read', async (_what, call) => {
  const { collection, files } = await opened(VECTOR, (id) => ({ n: id % 2, v: [id, 0] }));
  const [key = ''] = [...files.keys()].filter((name) => name.includes('rows-'));
  files.get(key)?.bytes.fill(0);
  await expect(call(collection)).rejects.toMatchObject({ code: 'Corrupt', message: expect.stringContaining('20 rows are missing') as string });
  expect(await collection.count()).toBe(20);
});

test('a search that waits for files while its field gets another metric answers by one of them', async () => {
  const { collection, gate } = await opened(VECTOR, (id) => ({ n: id, v: [id, 0] }));
  await collection.insert([{ id: 100, n: 0, v: [10, 0] }]);
  const request = { data: [1, 0], recall: 1, limit: 4 };
  const before = await collection.search(request);
  await db?.releaseCollection('c');
  await db?.loadCollection('c');
  const found = await gate.during(() => collection.search(request), async () => {
    await db?.createIndex('c', { fieldName: 'v', indexType: 'FLAT', metricType: 'IP' });
  });
  const after = await collection.search(request);
  expect(after.hits).not.toEqual(before.hits);
  expect([before.hits, after.hits]).toContainEqual(found.hits);
}, 20_000);
