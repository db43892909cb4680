// The shipped bundle in a page: the database in its worker, over each storage that a browser has.

import { afterEach, describe, expect, test } from 'vitest';
import type { BrowserOptions } from '../../src/presets/browser.js';
import type { Database } from '../../src/engine/api.js';
import { ElanusError, exportRows, importCollection, importRows, open, type ImportProgress } from 'elanus';
import { check, answerBy, fill, type ConformanceFile } from '../conformance/conformance.js';
import file from '../conformance/conformance.json' with { type: 'json' };
import { relaxedKernels } from '../support/relaxed.js';

const opened: Database[] = [];
let names = 0;

async function fresh(options: BrowserOptions = {}, name = `page_${Date.now()}_${names++}`): Promise<Database> {
  const database = await open(name, options);
  opened.push(database);
  return database;
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

describe('a database in a page', () => {
  test('needs no special headers and keeps its data in OPFS', async () => {
    expect(globalThis.crossOriginIsolated).toBe(false);
    const health = await (await fresh()).health();
    expect(health).toMatchObject({ storage: 'opfs', durable: true, core: 'wasm', kernels: await relaxedKernels(), warnings: [] });
  });

  test('conformance through the public API', async () => {
    const database = await fresh({ gpu: false });
    await fill(database, file as ConformanceFile, false);
    await check('wasm in the database worker, Chromium', file as ConformanceFile, answerBy(database));
  });

  test.each(['opfs', 'idb'] as const)('what was written is there after closing and opening: %s', async (storage) => {
    const first = await fresh({ storage });
    const collection = await first.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await collection.insert([{ id: 1, vector: [1, 2], colour: 'red' }, { id: 2n ** 60n, vector: [3, 4] }]);
    await collection.flush();
    await collection.delete({ ids: [1] });
    await collection.upsert([{ id: 3, vector: Float32Array.of(5, 6), colour: 'blue' }]);
    await first.close();
    const again = await (await fresh({ storage }, first.name)).collection('c');
    expect(await again.query()).toEqual([
      { id: 3n, vector: Float32Array.of(5, 6), colour: 'blue' },
      { id: 2n ** 60n, vector: Float32Array.of(3, 4) },
    ]);
    expect((await again.search({ data: [5, 6], limit: 1, outputFields: ['colour'] })).hits).toEqual([{ id: 3n, score: 0, fields: { colour: 'blue' } }]);
  });

  test.each([['opfs', 'share'], ['opfs', 'alone'], ['memory', 'alone']] as const)('columns reach the worker in memory of their own, and what was given stays: %s, %s', async (storage, tabs) => {
    const database = await fresh({ storage, tabs });
    const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    const tensor = Float32Array.of(0, 0, 1, 2, 3, 4, 9);
    const ids = BigInt64Array.of(1n, 2n);
    const written = collection.insert({ columns: { id: ids, vector: tensor.subarray(2, 6), colour: { values: ['red'], valid: Uint8Array.of(1, 0) } } });
    tensor.fill(7);
    expect(await written).toEqual({ ids: [1n, 2n], count: 2 });
    expect([tensor.length, ids.length]).toEqual([7, 2]);
    await collection.upsert({ columns: { id: [3], vector: [[5, 6]], colour: ['blue'] } });
    expect(await collection.query({ outputFields: ['*'] })).toEqual([
      { id: 1n, vector: Float32Array.of(1, 2), colour: 'red' },
      { id: 2n, vector: Float32Array.of(3, 4) },
      { id: 3n, vector: Float32Array.of(5, 6), colour: 'blue' },
    ]);
    await expect(collection.insert({ columns: { id: [1, 2], vector: Float32Array.of(1, 2, 3) } })).rejects.toThrow('field "vector": expected vectors of dimension 2');
    await expect(collection.insert({ columns: null } as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('texts are searched in the worker, with a stemmer that it loads when it is asked for', async () => {
    const database = await fresh({ storage: 'memory' });
    const analyzerParams = { tokenizer: 'standard', filter: ['lowercase', { type: 'stop', stop_words: ['_german_'] }, { type: 'stemmer', language: 'german' }] };
    const collection = await database.createCollection({
      name: 'texts',
      fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'body', type: 'VarChar', enableAnalyzer: true, analyzerParams }, { name: 'terms', type: 'SparseFloatVector' }],
      functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['terms'] }],
    });
    await collection.insert([{ id: 1, body: 'Die alten Häuser der Stadt' }, { id: 2, body: 'Ein Hund und eine Katze' }]);
    await collection.flush();
    await collection.insert([{ id: 3, body: 'Das Haus' }]);
    expect((await collection.search({ data: 'häusern', limit: 5 })).hits.map(({ id }) => id)).toEqual([3n, 1n]);
    expect((await database.runAnalyzer('Die Häuser', { collection: 'texts', field: 'body' })).map(({ token }) => token)).toEqual(['haus']);
    await expect(database.runAnalyzer('a', { analyzerParams: { type: 'klingon' } })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('searches of every kind and batches of both iterators come through the worker', async () => {
    const database = await fresh({ storage: 'memory' });
    const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await collection.insert(Array.from({ length: 20 }, (_, id) => ({ id, vector: [id, 0], colour: ['red', 'blue'][id % 2] as string })));
    const data = [0, 0];
    const { hits } = await collection.search({ data, groupByField: 'colour', groupSize: 2, strictGroupSize: true, recall: 1, explain: true });
    expect(hits.map(({ id, group }) => [id, group])).toEqual([[0n, 'red'], [2n, 'red'], [1n, 'blue'], [3n, 'blue']]);
    const hybrid = await collection.hybridSearch({ searches: [{ data }, { data: [19, 0], rerank: { kind: 'boost', weight: 1 } }], rerank: { kind: 'weighted', weights: [1, 0] }, limit: 3 });
    expect(hybrid.hits.map(({ id }) => id)).toEqual([0n, 1n, 2n]);
    expect(await collection.query({ aggregate: ['count(*)', 'max(id)'], groupBy: ['colour'] })).toEqual([{ colour: 'blue', 'count(*)': 10, 'max(id)': 19n }, { colour: 'red', 'count(*)': 10, 'max(id)': 18n }]);
    expect((await collection.explain({ filter: 'id < 5' })).rows).toBe(5);
    const found: unknown[] = [];
    for await (const batch of await collection.searchIterator({ data, batchSize: 7, recall: 1 })) {
      found.push(...batch.map(({ id }) => id));
      await collection.insert([{ id: 100, vector: [10, 0] }]);
    }
    expect(found).toEqual(Array.from({ length: 20 }, (_, id) => BigInt(id)));
    const rows: unknown[] = [];
    for await (const batch of await collection.queryIterator({ filter: 'colour == "blue"', batchSize: 3 })) rows.push(...batch.map(({ id }) => id));
    expect(rows).toEqual(Array.from({ length: 10 }, (_, at) => BigInt(at * 2 + 1)));
  });

  test.each([['opfs', 'share'], ['opfs', 'alone'], ['idb', 'share'], ['idb', 'alone'], ['memory', 'alone']] as const)('a page that was hidden or frozen goes on where it was: %s, %s', async (storage, tabs) => {
    const database = await fresh({ storage, tabs });
    const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
    await collection.insert([{ id: 1, vector: [1, 2] }]);
    for (const event of [[globalThis, 'pagehide'], [document, 'freeze']] as const) {
      event[0].dispatchEvent(new Event(event[1]));
      await collection.insert([{ id: 2, vector: [3, 4] }]);
      expect(await collection.count()).toBe(2);
    }
    await collection.flush();
    expect(await collection.query({ outputFields: ['id'] })).toHaveLength(2);
  });

  test('filters reach the worker as text with values and as objects, and refusals come back with their place', async () => {
    const database = await fresh({ storage: 'memory', tabs: 'alone' });
    const fields = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'at', type: 'Timestamptz' }, { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
    const collection = await database.createCollection({ name: 'c', enableDynamicField: true, fields });
    const days = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];
    await collection.insert(days.map((at, row) => ({ id: 2n ** 60n + BigInt(row), at, vector: [row, 0], colour: 'red' })));
    const after = { at: { $gt: new Date('2026-01-15T00:00:00Z') }, colour: { $in: ['red'] } };
    expect(await collection.count(after)).toBe(1);
    expect(await collection.count('id == {id} and at in {days}', { id: 2n ** 60n + 1n, days })).toBe(1);
    expect((await collection.search({ data: [0, 0], filter: after })).hits.map(({ id }) => id)).toEqual([2n ** 60n + 1n]);
    await expect(collection.query({ filter: 'id ==' })).rejects.toMatchObject({ name: 'ElanusError', code: 'InvalidFilter', position: 5 });
    expect(await collection.delete({ filter: 'colour == {colour}', filterParams: { colour: 'red' } })).toEqual({ count: 2 });
  });

  test('a published database is read over HTTP, and a page that is none says so', async () => {
    await expect(fresh({ storage: { kind: 'http', url: `${location.origin}/no-such-folder` } })).rejects.toMatchObject({ name: 'ElanusError' });
  });

  test('files are imported and exported as streams, through the worker', async () => {
    const database = await fresh();
    const lines = Array.from({ length: 3000 }, (_, i) => `{"id":${i},"vector":[${i},0.5],"title":"row ${i} 🪁"}\n`).join('');
    const stream = new Blob([lines]).stream();
    const progress: ImportProgress[] = [];
    const { rows, definition } = await importCollection(database, 'books', stream, { format: 'jsonl', metric: 'L2', batchRows: 1000, onProgress: (now) => progress.push(now) });
    expect(rows).toBe(3000);
    expect(definition.fields.map(({ name }) => name)).toEqual(['id', 'vector', 'title']);
    expect(progress.map((now) => now.rows)).toEqual([1000, 2000, 3000]);
    const books = await database.collection('books');
    expect(await new Response(exportRows(books, { format: 'jsonl' })).text()).toBe(lines);
    const parquet = await new Response(exportRows(books, { format: 'parquet', filter: 'id < 1500' })).blob();
    await importCollection(database, 'again', parquet, { format: 'parquet' });
    const again = await database.collection('again');
    expect(again.schema).toEqual(books.schema);
    expect(await again.get({ ids: [1499, 1500] })).toEqual([{ id: 1499n, vector: Float32Array.of(1499, 0.5), title: 'row 1499 🪁' }]);
    await expect(importRows(again, new Blob(['{"id":1,"vector":[1]}']), { name: 'short.jsonl' })).rejects.toMatchObject({ name: 'ElanusError', rows: 0, file: 'short.jsonl' });
  });

  test('indexes go by Milvus\' names, and errors say what was wrong with them', async () => {
    const database = await fresh();
    await database.createCollection({ name: 'c', dimension: 4, metric: 'L2' });
    const index = { fieldName: 'vector', indexName: 'near', indexType: 'HNSW_SQ', metricType: 'L2', params: { M: '16', refine: true } };
    await database.createIndex('c', index);
    expect(await database.describeIndex('c', { indexName: 'near' })).toEqual({ ...index, state: 'Finished', totalRows: 0, indexedRows: 0, pendingRows: 0 });
    expect((await database.describeCollection('c')).indexes).toEqual([index]);
    await expect(database.createIndex('c', { ...index, params: { M: 1 } })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining("param 'M' (1) should be in range [2, 2048]") as string });
    await expect(database.describeIndex('c', { indexName: 'none' })).rejects.toMatchObject({ code: 'NotFound' });
    await database.dropIndex('c', { fieldName: 'vector' });
    expect(await database.listIndexes('c')).toEqual(['vector']);
    expect(await database.listIndexes('c', 'id')).toEqual([]);
  });

  test('partitions are released and loaded through the worker, and refusals keep Milvus\' codes', async () => {
    const database = await fresh();
    const collection = await database.createCollection({ name: 'c', dimension: 2 });
    await database.createPartition('c', 'p');
    await collection.insert([{ id: 1, vector: [1, 2], big: 2n ** 63n - 1n }], { partitionName: 'p' });
    expect(await collection.query({ outputFields: ['big'] })).toEqual([{ id: 1n, big: 2n ** 63n - 1n }]);
    await database.releasePartitions('c', ['p']);
    expect([await collection.count(), await database.getLoadState('c', 'p'), await database.getLoadState('c')]).toEqual([0, 'LoadStateNotLoad', 'LoadStateLoaded']);
    await expect(collection.query({ partitionNames: ['p'] })).rejects.toMatchObject({ milvusCode: 201 });
    await expect(database.loadPartitions('c', ['none'])).rejects.toMatchObject({ code: 'NotFound', milvusCode: 200 });
    await database.loadPartitions('c', ['p']);
    expect(await collection.count()).toBe(1);
  });

  test('memory storage says that it keeps nothing', async () => {
    expect(await (await fresh({ storage: 'memory' })).health()).toMatchObject({ storage: 'memory', durable: false });
  });

  test.each(['opfs', 'idb'] as const)('a second opening is told that the first has it alone: %s', async (storage) => {
    const first = await fresh({ storage, tabs: 'alone' });
    await expect(open(first.name, { storage, tabs: 'alone' })).rejects.toMatchObject({ name: 'ElanusError', code: 'Busy' });
    await first.close();
    await fresh({ storage }, first.name);
  });

  test('an error keeps its class, code and position on the way from the worker', async () => {
    const database = await fresh();
    const collection = await database.createCollection({ name: 'c', dimension: 2 });
    const error: unknown = await collection.search({ data: [1, 2], filter: 'id >' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ElanusError);
    expect(error).toMatchObject({ code: 'InvalidFilter', position: expect.any(Number) as number });
    await expect(database.collection('nope')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(collection.insert([{ id: 1, vector: [1] }])).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(database.pull('http://127.0.0.1:1', 'c2')).rejects.toMatchObject({ code: 'Network' });
    expect(await collection.count()).toBe(0);
  });

  test('an aborted pull is Closed', async () => {
    const database = await fresh();
    const abort = new AbortController();
    abort.abort();
    await expect(database.pull('http://127.0.0.1:1', 'c', { signal: abort.signal })).rejects.toMatchObject({ code: 'Closed' });
  });

  test('after close every call is refused', async () => {
    const database = await fresh();
    const collection = await database.createCollection({ name: 'c', dimension: 2 });
    await database.close();
    await expect(database.listCollections()).rejects.toMatchObject({ code: 'Closed' });
    await expect(collection.count()).rejects.toMatchObject({ code: 'Closed' });
  });
});
