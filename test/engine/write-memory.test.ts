// What a write takes in memory is counted before it is made: what is refused for lack of it changed nothing, and is not there later.

import { expect, test } from 'vitest';
import { loadAnalyzers } from '../../src/engine/database/analyzers.js';
import { Table } from '../../src/engine/table/table.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import type { Columns } from '../../src/model/columns.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testCore, testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';
import { EVERY_TYPE, randomColumns } from './columns.js';

const TEXT_KEYS = checkSchema({
  fields: [
    { name: 'id', type: 'VarChar', primaryKey: true, maxLength: 100 },
    { name: 'vector', type: 'FloatVector', dim: 4, metric: 'L2', nullable: true },
  ],
});

const TEXTS = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'body', type: 'VarChar', maxLength: 1000, enableAnalyzer: true },
    { name: 'words', type: 'SparseFloatVector', metric: 'BM25' },
  ],
  functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['words'] }],
});

const batchOf = (schema: Schema, rows: readonly object[]): Columns => rowsToBatch(rows, schema, undefined).columns;

const makers: Readonly<Record<string, { readonly schema: Schema; readonly make: (first: number, count: number, next: () => number) => Columns }>> = {
  'every type': {
    schema: EVERY_TYPE,
    make: (first, count, next) => batchOf(EVERY_TYPE, randomColumns(EVERY_TYPE, count, next).rows.map((row, at) => ({ ...row, id: BigInt(first + at) }))),
  },
  'texts by BM25': {
    schema: TEXTS,
    make: (first, count, next) => batchOf(TEXTS, Array.from({ length: count }, (_, at) => ({ id: BigInt(first + at), body: Array.from({ length: randomInteger(next, 20) }, () => `word${randomInteger(next, 500)}`).join(' ') }))),
  },
  'text keys': {
    schema: TEXT_KEYS,
    make: (first, count, next) => batchOf(TEXT_KEYS, Array.from({ length: count }, (_, at) => ({ id: `key ${first + at}`, vector: first > 1000 && next() < 0.1 ? null : [1, 2, 3, 4] }))),
  },
};

test.each(Object.entries(makers))('what rows take is said before they are written: %s', async (_, { schema, make }) => {
  const seed = Date.now() % 2 ** 31;
  const next = random(seed);
  await loadAnalyzers(schema);
  const table = new Table(schema, await testCore());
  const bytes = (): number => (table.growing?.memoryBytes ?? 0) + table.keys.bytes;
  for (let first = 0; first < 3000; ) {
    const count = 1 + randomInteger(next, 150);
    const columns = make(first, count, next);
    const [before, said] = [bytes(), table.bytesToWrite(columns)];
    table.write(columns);
    expect(bytes() - before, `seed ${seed}, row ${first}`).toBe(said);
    first += count;
  }
  table.close();
});

const FIELDS = Array.from({ length: 40 }, (_, at) => `f${at}`);

test('what was refused for lack of memory is not there: neither at once, nor after a flush, nor when it is opened again', async () => {
  const seed = Date.now() % 2 ** 31;
  const next = random(seed);
  const files: MemoryFiles = new Map();
  const options = { storage: memoryStorage(files), memoryBytes: 4 * 2 ** 20 };
  const db = await testDatabase(options);
  const collection = await db.createCollection({
    name: 'c',
    fields: [{ name: 'id', type: 'Int64', primaryKey: true }, ...FIELDS.map((name) => ({ name, type: 'Double' as const })), { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' }],
  });
  const rows = new Map<number, number>();
  let refused = 0;
  for (let write = 0; write < 60; write++) {
    const [first, count] = [randomInteger(next, 8000), 1 + randomInteger(next, next() < 0.3 ? 5000 : 500)];
    const columns = { id: BigInt64Array.from({ length: count }, (_, at) => BigInt(first + at)), vector: new Float32Array(count * 2), ...Object.fromEntries(FIELDS.map((name) => [name, new Float64Array(count).fill(write)])) };
    const done = await collection.upsert({ columns }).catch((error: { code: string }) => error.code);
    if (typeof done !== 'string') for (let at = 0; at < count; at++) rows.set(first + at, write);
    else expect(done).toBe('OutOfMemory');
    refused += typeof done === 'string' ? 1 : 0;
    expect(await collection.count(), `seed ${seed}, write ${write}`).toBe(rows.size);
    const [there] = await collection.get({ ids: [first], outputFields: ['f7'] });
    expect(there?.['f7'], `seed ${seed}, write ${write}`).toBe(rows.get(first));
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(60);
  await collection.flush().catch(() => undefined);
  expect(await collection.count()).toBe(rows.size);
  await db.close();
  const again = await testDatabase({ storage: memoryStorage(files) });
  expect(await (await again.collection('c')).count()).toBe(rows.size);
  await again.close();
});
