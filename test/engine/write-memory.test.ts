// What a write takes in memory is counted before it is made: what is refused for lack of it changed nothing, and is not there later.

import { expect, test } from 'vitest';
import { loadAnalyzers } from '../../src/engine/database/analyzers.js';
import type { StoredSegment } from '../../src/engine/table/segment.js';
import { Table } from '../../src/engine/table/table.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import type { Place } from '../../src/engine/table/key-index.js';
import { pickColumn } from '../../src/model/column-rows.js';
import type { Column, Columns } from '../../src/model/columns.js';
import { isDenseVector } from '../../src/model/field.js';
import type { PrimaryKey } from '../../src/model/row.js';
import { checkSchema, primaryField, type Schema } from '../../src/model/schema.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testCore, testDatabase } from '../support/database.js';
import { arraysOf, shortOfMemory } from '../sim/memory.js';
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

/** All that a table shows of its rows. */
function shown(table: Table): unknown {
  return table.segments().map((segment) => ({
    rows: segment.rows,
    alive: [...segment.rowsWhere(true)],
    columns: structuredClone([...segment.columns.snapshot().byName].map(([name, column]) => [name, 'values' in column && !('offsets' in column) ? { ...column, values: column.values.slice(0, segment.rows) } : column])),
    vectors: [...segment.vectors.values()].map((part) => Array.from({ length: segment.rows }, (_, row) => part.read(row))),
  }));
}

test.each(Object.entries(makers))('an allocation that fails, whichever it is, changes nothing, and the next write is whole: %s', async (_, { schema, make }) => {
  const seed = Date.now() % 2 ** 31;
  const next = random(seed);
  await loadAnalyzers(schema);
  const core = await testCore();
  let failsIn = -1;
  const failing = shortOfMemory(core, () => failsIn-- === 0);
  const table = new Table(schema, failing, arraysOf(failing));
  let failed = 0;
  for (let step = 0, first = 0; step < 12; step++) {
    const count = 1 + randomInteger(next, 40);
    // Some rows replace others, also of segments that grow no more.
    const columns = make(Math.max(0, first - randomInteger(next, 10)), count, next);
    if (step === 5) table.freeze();
    for (failsIn = 0; ; failed++) {
      const before = shown(table);
      const at = failsIn;
      try {
        table.write(columns);
        break;
      } catch (error) {
        expect(error, `seed ${seed}, step ${step}`).toMatchObject({ code: 'OutOfMemory' });
        expect(shown(table), `seed ${seed}, step ${step}, allocation ${at}`).toEqual(before);
        expect(table.liveRows).toBe(table.segments().reduce((sum, { liveRows }) => sum + liveRows, 0));
      }
      failsIn = at + 1;
    }
    failsIn = -1;
    expect(table.liveRows, `seed ${seed}, step ${step}`).toBe(table.segments().reduce((sum, { liveRows }) => sum + liveRows, 0));
    const { name } = primaryField(schema);
    const keys = columns.byName.get(name)?.values as readonly PrimaryKey[];
    keys.slice(0, 3).forEach((key, at) => {
      const place = table.keys.get(key) as Place;
      const segment = table.segment(place.ordinal);
      for (const field of schema.fields) {
        if (isDenseVector(field.type) || field.type === 'SparseFloatVector') continue;
        const [found, given] = [segment.columns.snapshot().byName.get(field.name) as Column, columns.byName.get(field.name) as Column];
        expect(pickColumn(found, Uint32Array.of(place.row)), `seed ${seed}, step ${step}, ${field.name}`).toEqual(pickColumn(given, Uint32Array.of(at)));
      }
    });
    first += count;
  }
  expect(failed).toBeGreaterThan(5);
  table.close();
});

test('nulls that found no memory leave a column without nulls, as a file has it', async () => {
  const schema = checkSchema({ fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'year', type: 'Int32', nullable: true }, { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  let fails = false;
  const core = shortOfMemory(await testCore(), (): boolean => fails);
  const table = new Table(schema, core);
  table.write(batchOf(schema, [{ id: 1, year: 2000, vector: [1, 2] }]));
  fails = true;
  expect(() => table.write(batchOf(schema, [{ id: 2, year: null, vector: [1, 2] }]))).toThrow('told to fail');
  expect(table.growing?.columns.snapshot().byName.get('year')?.valid).toBeUndefined();
  fails = false;
  table.write(batchOf(schema, [{ id: 2, year: null, vector: [1, 2] }]));
  expect(table.growing?.columns.snapshot().byName.get('year')?.valid?.[0]).toBe(1);
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
    const done = await collection.upsert({ columns }, { inTurns: next() < 0.5 }).catch((error: { code: string }) => error.code);
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

test.each(['Int64', 'VarChar'] as const)('a segment that was prepared is adopted without more memory than was made room for, keys of %s', async (type) => {
  const schema = type === 'VarChar' ? TEXT_KEYS : checkSchema({ fields: [{ name: 'id', type, primaryKey: true }, { name: 'vector', type: 'FloatVector', dim: 4, metric: 'L2' }] });
  let isShort = false;
  const failing = shortOfMemory(await testCore(), () => isShort);
  const table = new Table(schema, failing, arraysOf(failing));
  const { name } = primaryField(schema);
  const rows = Array.from({ length: 100 }, (_, at) => ({ [name]: type === 'Int64' ? BigInt(at) : `key ${at}`, vector: [at, 0, 0, 1] }));
  table.write(batchOf(schema, rows));
  table.freeze();
  table.stored(table.epoch);
  const segment = table.prepare({ entry: { rows: 40 }, files: {} } as unknown as StoredSegment, Uint32Array.of(3));
  table.reserveToAdopt(40);
  isShort = true;
  table.adopt(segment, { rows: 40, byName: new Map([[name, batchOf(schema, rows.slice(0, 40)).byName.get(name) as Column]]) });
  expect(table.segments().map(({ liveRows }) => liveRows).sort((a, b) => a - b)).toEqual([39, 61]);
  expect(table.keys.size).toBe(100);
});
