// Files in a page: from <input type=file>, from and to OPFS, larger than what is held of them, in every codec of Parquet, with
// progress in bytes and an end when aborted.

import { afterEach, describe, expect, test } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import { exportRows, importCollection, importRows, open, type ImportProgress } from 'elanus';
import codecs from '../io/codecs.json' with { type: 'json' };

const MB = 1024 * 1024;
const FILE = 'elanus-test-file';
const opened: Database[] = [];

async function fresh(): Promise<Database> {
  const database = await open(`files_${crypto.randomUUID().replaceAll('-', '_')}`, { storage: 'memory' });
  opened.push(database);
  return database;
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await (await navigator.storage.getDirectory()).removeEntry(FILE).catch(() => undefined);
});

const opfsFile = async (): Promise<FileSystemFileHandle> => (await navigator.storage.getDirectory()).getFileHandle(FILE, { create: true });

/** The file as a user chooses it. */
function chosen(file: File): Promise<File> {
  const input = document.createElement('input');
  input.type = 'file';
  const transfer = new DataTransfer();
  transfer.items.add(file);
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] as File));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
  });
}

/** A collection that keeps nothing. */
function sink(dim: number): Collection & { rows: number } {
  const schema = { fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'vector', type: 'FloatVector', dim, metric: 'L2' }], enableDynamicField: false };
  const made = { schema, rows: 0, insert: (rows: readonly unknown[]) => ((made.rows += rows.length), Promise.resolve({ ids: [], count: rows.length })) };
  return made as unknown as Collection & { rows: number };
}

const percentOf = ({ bytes, bytesTotal }: ImportProgress): number => Math.floor((bytes / (bytesTotal as number)) * 100);

describe('a file that is chosen', () => {
  test.each(Object.entries(codecs))('is imported: Parquet, %s', async (_, base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const database = await fresh();
    const seen: number[] = [];
    const file = await chosen(new File([bytes], 'rows.parquet'));
    const { rows } = await importCollection(database, 'c', file, { name: file.name, metric: 'L2', onProgress: (progress) => seen.push(percentOf(progress)) });
    expect([rows, seen.at(-1)]).toEqual([40, 100]);
    const collection = await database.collection('c');
    expect(await collection.get({ ids: [39] })).toEqual([{ id: 39n, title: `row 39 ${'kite'.repeat(10)}`, vec: Float32Array.of(39, 19.5, -39) }]);
  });
});

describe('a file in OPFS', () => {
  test('is written by a stream, and imported equal, with progress in percent', async () => {
    const database = await fresh();
    const books = await database.createCollection({ name: 'books', dimension: 16, metric: 'L2' });
    const count = 20_000;
    await books.insert(Array.from({ length: count }, (_, i) => ({ id: i, vector: Float32Array.from({ length: 16 }, (_, c) => i / (c + 3)), title: `row ${i}` })));
    for (const format of ['parquet', 'csv', 'jsonl'] as const) {
      const handle = await opfsFile();
      const shares: number[] = [];
      await exportRows(books, { format, onProgress: ({ rows, rowsTotal }) => shares.push(rows / rowsTotal) }).pipeTo(await handle.createWritable());
      expect([shares.at(-1), shares.length > 10]).toEqual([1, true]);
      const file = await handle.getFile();
      const percents: number[] = [];
      const { rows } = await importCollection(database, format, file, { format, metric: 'L2', onProgress: (progress) => percents.push(percentOf(progress)) });
      expect(rows).toBe(count);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      expect(percents.at(-1)).toBe(100);
      const copy = await database.collection(format);
      expect(await copy.get({ ids: [0, 7, count - 1] })).toEqual(await books.get({ ids: [0, 7, count - 1] }));
    }
  }, 120_000);

  test('larger than what is held of it is read by pieces', async () => {
    const dim = 1024;
    const handle = await opfsFile();
    const writable = await handle.createWritable();
    const piece = new Float32Array((dim + 1) * 256);
    for (let row = 0; row < 256; row++) new Int32Array(piece.buffer)[row * (dim + 1)] = dim;
    const pieces = 150;
    for (let i = 0; i < pieces; i++) await writable.write(piece);
    await writable.close();
    const file = await handle.getFile();
    expect(file.size).toBeGreaterThan(150 * MB);
    const into = sink(dim);
    const heap = (performance as unknown as { readonly memory: { readonly usedJSHeapSize: number } }).memory;
    const before = heap.usedJSHeapSize;
    let most = 0;
    const { rows } = await importRows(into, file, { format: 'fvecs', onProgress: () => (most = Math.max(most, heap.usedJSHeapSize - before)) });
    expect([rows, into.rows]).toEqual([pieces * 256, pieces * 256]);
    expect(most).toBeLessThan(file.size / 2);
  }, 120_000);

  test('is left alone when the import or the export is aborted', async () => {
    const database = await fresh();
    const books = await database.createCollection({ name: 'books', dimension: 2, metric: 'L2' });
    await books.insert(Array.from({ length: 5000 }, (_, i) => ({ id: i, vector: [i, 1] })));
    const handle = await opfsFile();
    const abort = new AbortController();
    const stream = exportRows(books, { format: 'jsonl', signal: abort.signal, onProgress: ({ rows }) => rows >= 2000 && abort.abort() });
    await expect(stream.pipeTo(await handle.createWritable())).rejects.toMatchObject({ code: 'Closed', message: 'the export was aborted' });
    expect((await handle.getFile()).size).toBe(0);

    await exportRows(books, { format: 'jsonl' }).pipeTo(await handle.createWritable());
    const copy = await database.createCollection({ name: 'copy', dimension: 2, metric: 'L2' });
    const again = new AbortController();
    const options = { format: 'jsonl', batchRows: 500, signal: again.signal, onProgress: ({ rows }: ImportProgress) => rows === 1500 && again.abort() } as const;
    await expect(importRows(copy, await handle.getFile(), options)).rejects.toMatchObject({ code: 'Closed', rows: 1500 });
    expect(await copy.count()).toBe(1500);
  });
});
