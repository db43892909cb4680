// Rows that come into a table a few at a time: until the last is there everybody sees what was there before, then all of them. So it
// is where rows take the place of others, of a batch that finds no memory, and of rows that move to leave the dead ones behind.

import { describe, expect, test, vi } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { ComingRows } from '../../src/engine/table/rows-in-pieces.js';
import { Table } from '../../src/engine/table/table.js';
import { columnsOf } from '../../src/engine/upkeep/sealer.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { Writer } from '../../src/engine/write/writer.js';
import { pickColumn } from '../../src/model/column-rows.js';
import type { Column, Columns } from '../../src/model/columns.js';
import type { PrimaryKey } from '../../src/model/row.js';
import { checkSchema, primaryField, type Schema } from '../../src/model/schema.js';
import type { Core } from '../../src/ports/core.js';
import { arraysOf, shortOfMemory } from '../sim/memory.js';
import { testAmbient, testCore, testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';
import { EVERY_TYPE, randomColumns } from './columns.js';

const TEXT_KEYS = checkSchema({
  fields: [
    { name: 'id', type: 'VarChar', primaryKey: true, maxLength: 100 },
    { name: 'vector', type: 'FloatVector', dim: 4, metric: 'L2', nullable: true },
  ],
});

/** One key of so many is compared by its values. */
const EACH = 61;
/** Of rows with up to 390 values in all. */
const TURN_ROWS = 256;

type Make = (count: number, next: () => number) => Columns;

const batchOf = (schema: Schema, rows: readonly object[]): Columns => rowsToBatch(rows, schema, undefined).columns;

// Keys come again, in the batch itself and in those before.
const makers: Readonly<Record<string, { readonly schema: Schema; readonly make: Make }>> = {
  'every type': { schema: EVERY_TYPE, make: (count, next) => batchOf(EVERY_TYPE, randomColumns(EVERY_TYPE, count, next).rows.map((row) => ({ ...row, id: BigInt(randomInteger(next, 1500)) }))) },
  'text keys': { schema: TEXT_KEYS, make: (count, next) => batchOf(TEXT_KEYS, Array.from({ length: count }, () => ({ id: `key ${randomInteger(next, 1500)}`, vector: next() < 0.1 ? null : [next(), 2, 3, 4] }))) },
};

function keysIn(columns: Columns, schema: Schema): readonly PrimaryKey[] {
  return [...(columns.byName.get(primaryField(schema).name) as { readonly values: Iterable<PrimaryKey> }).values].slice(0, columns.rows);
}

/** The same of keys alone. */
function keysAlone(schema: Schema): Schema {
  return { ...schema, fields: schema.fields.filter(({ primaryKey }) => primaryKey === true), enableDynamicField: false };
}

function textOf(columns: Columns, row: number): string {
  const values = Array.from(columns.byName, ([name, column]): readonly [string, Column] => [name, pickColumn(column, Uint32Array.of(row))]);
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : ArrayBuffer.isView(value) ? Array.from(value as Uint8Array | BigInt64Array, String) : value));
}

/** What a table shows of each key, as a text for some of them, and that both ways to a row agree. */
function seen(table: Table, schema: Schema): ReadonlyMap<PrimaryKey, string> {
  const found = new Map<PrimaryKey, string>();
  for (const segment of table.segments()) {
    const live = segment.rowsWhere(true);
    const keys = keysIn(columnsOf(segment, keysAlone(schema), live), schema);
    const some = live.filter((_, at) => Number(String(keys[at]).replace('key ', '')) % EACH === 0);
    const columns = columnsOf(segment, schema, some);
    const texts = new Map(Array.from(some, (row, at) => [row, textOf(columns, at)]));
    keys.forEach((key, at) => {
      const row = live[at] as number;
      const place = table.keys.get(key);
      if (place?.ordinal !== segment.ordinal || place.row !== row) throw new Error(`${String(key)}: found in row ${row}, looked for in ${place?.row}`);
      found.set(key, texts.get(row) ?? '');
    });
  }
  expect(table.liveRows).toBe(found.size);
  return found;
}

function live(table: Table, schema: Schema, pause: () => Promise<void>): ComingRows {
  const { growing } = table;
  if (growing === undefined) throw new Error('nothing grows');
  const rows = growing.rowsWhere(true);
  return { rows: rows.length, piece: (first, end) => columnsOf(growing, schema, rows.subarray(first, end)), pause };
}

/** The core, and how many vectors came to it since that was asked for last. */
function counting(core: Core): { readonly core: Core; readonly appended: () => number } {
  let rows = 0;
  const createFlat: Core['createFlat'] = (dim, metric, element) => {
    const flat = core.createFlat(dim, metric, element);
    const append = flat.append.bind(flat);
    flat.append = (vectors) => {
      const before = flat.size;
      append(vectors);
      rows += flat.size - before;
    };
    return flat;
  };
  return {
    core: { ...methodsOf(core), createFlat },
    appended: () => {
      const since = rows;
      rows = 0;
      return since;
    },
  };
}

function methodsOf(core: Core): Core {
  return shortOfMemory(core, () => false);
}

describe.each(Object.entries(makers))('%s', (_, { schema, make }) => {
  const vectors = schema.fields.filter(({ dim }) => dim !== undefined).length;

  test.each([1, 2, 3])('are seen together, and are what all at once come to (seed %i)', async (seed) => {
    const next = random(seed);
    const { core, appended } = counting(await testCore());
    const [table, atOnce] = [new Table(schema, core), new Table(schema, await testCore())];
    for (let step = 0; step < 4; step++) {
      const columns = make(TURN_ROWS + 1 + randomInteger(next, 500), next);
      const before = seen(table, schema);
      appended();
      let turns = 0;
      let written = 0;
      await table.writeInTurns(columns, async () => {
        turns++;
        expect(appended()).toBeLessThanOrEqual(TURN_ROWS * vectors);
        expect(seen(table, schema)).toEqual(before);
        expect(table.snapshot().parts.every(({ alive, segment }) => alive !== undefined || segment.liveRows === segment.rows)).toBe(true);
      }, () => written++);
      expect(appended()).toBeLessThanOrEqual(TURN_ROWS * vectors);
      expect([turns, written]).toEqual([expect.any(Number), 1]);
      expect(turns).toBeGreaterThanOrEqual(Math.ceil(columns.rows / TURN_ROWS) - 1);
      atOnce.write(columns);
      expect(seen(table, schema)).toEqual(seen(atOnce, schema));
      if (step === 1) for (const one of [table, atOnce]) one.freeze();
    }
    for (const one of [table, atOnce]) one.close();
  });

  test('that find no memory, whichever allocation fails, change nothing that is seen, and come whole the next time', async () => {
    const next = random(4);
    let failsIn = -1;
    const core = shortOfMemory(await testCore(), () => failsIn-- === 0);
    const table = new Table(schema, core, arraysOf(core));
    let failed = 0;
    for (let step = 0; step < 3; step++) {
      const columns = make(TURN_ROWS + 50, next);
      const before = seen(table, schema);
      for (let at = 0; ; at++, failed++) {
        failsIn = at;
        const done = await table.writeInTurns(columns, async () => undefined, () => undefined).then(() => 'written', (error: { readonly code: string }) => error.code);
        failsIn = -1;
        if (done === 'written') break;
        expect(done).toBe('OutOfMemory');
        expect(seen(table, schema), `step ${step}, allocation ${at}`).toEqual(before);
      }
      const after = seen(table, schema);
      expect([...new Set(keysIn(columns, schema))].every((key) => after.has(key))).toBe(true);
      if (step === 1) table.freeze();
    }
    expect(failed).toBeGreaterThan(5);
    table.close();
  });

  test('that leave dead ones behind move a few at a time, and are the same all the while, also where no memory is found', async () => {
    const next = random(5);
    let failsIn = -1;
    const { core: counted, appended } = counting(shortOfMemory(await testCore(), () => failsIn-- === 0));
    const table = new Table(schema, counted, (type, length) => {
      if (failsIn-- === 0) throw new RangeError('told to fail');
      return new type(length);
    });
    for (let step = 0; step < 3; step++) table.write(make(600, next));
    const before = seen(table, schema);
    const { growing } = table;
    for (let at = 0; ; at++) {
      let turns = 0;
      appended();
      failsIn = at;
      const done = await table.compactGrowing(live(table, schema, async () => {
        const left = failsIn;
        failsIn = -1;
        turns++;
        expect(appended()).toBeLessThanOrEqual(TURN_ROWS * vectors);
        expect(table.growing).toBe(growing);
        if (at % 7 === 0) expect(seen(table, schema)).toEqual(before);
        failsIn = left;
      })).then(() => 'moved', (error: unknown) => error);
      failsIn = -1;
      if (done === 'moved') {
        expect(turns).toBe(Math.ceil(before.size / TURN_ROWS) - 1);
        break;
      }
      expect(seen(table, schema), `allocation ${at}`).toEqual(before);
      expect(table.growing).toBe(growing);
    }
    expect(table.growing).toMatchObject({ rows: before.size, deadRows: 0 });
    expect(seen(table, schema)).toEqual(before);
    table.delete([...before.keys()]);
    await table.compactGrowing(live(table, schema, async () => undefined));
    expect([table.growing, table.liveRows]).toEqual([undefined, 0]);
    table.close();
  });
});

/** A collection whose pauses can be looked into. */
async function opened(more: object = {}): Promise<{ readonly collection: Collection; readonly database: Awaited<ReturnType<typeof testDatabase>>; readonly at: { pause: (() => Promise<void>) | undefined } }> {
  const at: { pause: (() => Promise<void>) | undefined } = { pause: undefined };
  const ambient = { ...testAmbient(1), pause: async () => at.pause?.() };
  const database = await testDatabase({ ambient, ...more });
  const collection = await database.createCollection({ name: 'c', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'year', type: 'Int32' }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  return { collection, database, at };
}

const rowsOf = (count: number, year: number): object[] => Array.from({ length: count }, (_, id) => ({ id, year, v: [id, year] }));

/** How many rows each year has, by every way there is. */
async function years(collection: Collection, count: number): Promise<ReadonlySet<string>> {
  const ids = Array.from({ length: count }, (_, id) => id);
  const byKey = await collection.get({ ids, outputFields: ['year'] });
  const byFilter = await collection.query({ filter: 'id >= 0', limit: 5000, outputFields: ['year'] });
  const { hits } = await collection.search({ data: [[0, 0]], limit: 5000, recall: 1, outputFields: ['year'] });
  const all = [byKey.map((row) => row['year']), byFilter.map((row) => row['year']), (hits[0] ?? []).map(({ fields }) => fields['year'])];
  return new Set([...all.map((found) => `${found.length} of ${[...new Set(found)].join()}`), `${await collection.count()} of ${[...new Set(all[0])].join()}`]);
}

test.each([false, true])('calls in the middle of a write see none of it, after it all (concurrent: %s)', async (concurrent) => {
  const { collection, database, at } = await opened({ concurrent });
  await collection.insert(rowsOf(1000, 1) as never);
  await collection.flush();
  await collection.upsert(rowsOf(500, 1) as never);
  let looked = 0;
  let isLooking = false;
  at.pause = async () => {
    if (isLooking) return;
    isLooking = true;
    expect(await years(collection, 1000)).toEqual(new Set(['1000 of 1']));
    isLooking = false;
    looked++;
  };
  await collection.upsert(rowsOf(1000, 2) as never, { inTurns: true });
  at.pause = undefined;
  // While they are checked, and while they are applied.
  expect(looked).toBeGreaterThanOrEqual(2 * Math.floor(1000 / TURN_ROWS));
  expect(await years(collection, 1000)).toEqual(new Set(['1000 of 2']));
  await database.close();
});

test.each(['close', 'drop', 'flush', 'delete', 'truncate'] as const)('a %s that is asked for in the middle comes after the write', async (what) => {
  const files = new Map();
  const { collection, database, at } = await opened({ files });
  await collection.insert(rowsOf(700, 1) as never);
  const written = collection.upsert(rowsOf(900, 2) as never, { inTurns: true });
  // Those of the rows that are checked come before it is logged, those of the rows that are applied behind it.
  const commit = vi.spyOn(Writer.prototype, 'commit');
  let asked: Promise<unknown> | undefined;
  at.pause = async () => {
    if (commit.mock.calls.length === 0) return;
    asked ??= what === 'close' ? database.close() : what === 'drop' ? database.dropCollection('c') : what === 'flush' ? collection.flush() : what === 'delete' ? collection.delete({ ids: [1, 899] }) : database.truncateCollection('c');
  };
  await written;
  commit.mockRestore();
  expect(asked).toBeDefined();
  await asked;
  if (what === 'drop') expect(await database.listCollections()).toEqual([]);
  else {
    const again = what === 'close' ? await testDatabase({ files }) : database;
    const reopened = await again.collection('c');
    expect(await reopened.count()).toBe(what === 'delete' ? 898 : what === 'truncate' ? 0 : 900);
    await again.close();
  }
});

test('dead rows are left behind by a seal a few rows at a time, with calls served in between, and writes after it', async () => {
  const { collection, database, at } = await opened();
  for (const year of [1, 2]) await collection.upsert(rowsOf(1500, year) as never);
  let pauses = 0;
  const asked: Promise<unknown>[] = [];
  at.pause = async () => {
    if (pauses++ !== 2) return;
    asked.push(collection.count().then((count) => expect(count).toBe(1500)), collection.upsert(rowsOf(10, 3) as never), collection.delete({ ids: [1400] }));
    expect(await years(collection, 1500)).toEqual(new Set(['1500 of 2']));
  };
  await collection.flush();
  at.pause = undefined;
  expect(pauses).toBeGreaterThanOrEqual(Math.ceil(1500 / TURN_ROWS));
  await Promise.all(asked);
  expect(await collection.count()).toBe(1499);
  expect((await collection.get({ ids: [0, 10, 1400], outputFields: ['year'] })).map((row) => row['year'])).toEqual([3, 2]);
  await database.close();
});
