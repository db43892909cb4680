// Writes and searches that are done a few rows, or queries, at a time: they come to what all at once comes to, calls keep their
// order, and what is written in between changes nothing of an answer.

import { describe, expect, test, vi } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import { NO_HIDDEN } from '../../src/engine/collection/hidden-column.js';
import { BatchRoom, freshArray } from '../../src/engine/write/batch-room.js';
import { columnsToBatch } from '../../src/engine/write/column-batch.js';
import { areOneTurn, columnsToBatchInTurns } from '../../src/engine/write/columns-in-turns.js';
import { rowsToBatch } from '../../src/engine/write/row-batch.js';
import { rowsToBatchInTurns } from '../../src/engine/write/rows-in-turns.js';
import { encodeBatch } from '../../src/format/batch.js';
import type { Ambient } from '../../src/ports/ambient.js';
import { testAmbient, testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';
import { EVERY_TYPE, randomColumns } from './columns.js';

const pause = (): Promise<void> => Promise.resolve();

describe('many rows', () => {
  test.each([1, 2, 3, 4, 5, 6])('of every type give the bytes that all at once give (seed %i)', async (seed) => {
    const next = random(seed);
    const { rows } = randomColumns(EVERY_TYPE, 257 + randomInteger(next, 600), next);
    let turns = 0;
    const inTurns = await rowsToBatchInTurns(rows, EVERY_TYPE, undefined, freshArray, NO_HIDDEN, () => (turns++, pause()));
    const atOnce = rowsToBatch(rows, EVERY_TYPE, undefined);
    expect(turns).toBeGreaterThan(1);
    expect(inTurns.ids).toEqual(atOnce.ids);
    expect(Buffer.from(encodeBatch({ kind: 'write', columns: inTurns.columns }, EVERY_TYPE)).equals(encodeBatch({ kind: 'write', columns: atOnce.columns }, EVERY_TYPE))).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('as columns of every type and form give the bytes that all at once give (seed %i)', async (seed) => {
    const next = random(seed);
    const { columns } = randomColumns(EVERY_TYPE, 257 + randomInteger(next, 600), next);
    expect(areOneTurn(columns, EVERY_TYPE)).toBe(false);
    let turns = 0;
    const inTurns = await columnsToBatchInTurns(columns, EVERY_TYPE, undefined, freshArray, NO_HIDDEN, () => (turns++, pause()));
    const atOnce = columnsToBatch(columns, EVERY_TYPE, undefined);
    expect(turns).toBeGreaterThan(1);
    expect(inTurns.ids).toEqual(atOnce.ids);
    expect(Buffer.from(encodeBatch({ kind: 'write', columns: inTurns.columns }, EVERY_TYPE)).equals(encodeBatch({ kind: 'write', columns: atOnce.columns }, EVERY_TYPE))).toBe(true);
  });

  test.each([
    ['a value', { v: Float32Array.from({ length: 1800 }, (_, at) => (at === 1401 ? NaN : 1)) }, 'row 700, field "v"'],
    ['a length', { v: new Float32Array(1799) }, 'field "v"'], ['one row less', { v: new Float32Array(1798) }, 'field "v": expected values of 900 rows'],
    ['a text', { v: new Float32Array(1800), $meta: { texts: Array.from({ length: 900 }, (_, at) => (at === 700 ? '{' : '{}')) } }, 'row 700, field "$meta"'],
    ['a member', { v: { values: new Float32Array(1800), more: 1 } }, 'field "v": expected no more than'],
  ])('as columns are refused whole for %s, as all at once are', async (_what, wrong, message) => {
    const { collection } = await opened();
    const columns = { id: BigInt64Array.from({ length: 900 }, (_, at) => BigInt(at)), ...wrong };
    await expect(collection.insert({ columns } as never, { inTurns: true })).rejects.toThrow(message);
    await expect(collection.insert({ columns } as never)).rejects.toThrow(message);
    expect(await collection.count()).toBe(0);
  });

  test('of an answer are read with others served in between, those of a short one at once', async () => {
    let turns = 0;
    const ambient = { ...testAmbient(1), pause: (): Promise<void> => (turns++, pause()) };
    const { collection } = await opened({ ambient });
    await collection.insert(rowsOf(2000));
    turns = 0;
    expect(await collection.query({ limit: 1500, outputFields: ['v'] })).toHaveLength(1500);
    expect(turns).toBe(Math.ceil(1500 / 256));
    turns = 0;
    expect(await collection.query({ limit: 200, outputFields: ['v'] })).toHaveLength(200);
    expect(turns).toBe(0);
  });

  test.each([
    ['by their keys', { limit: 5 }, 2048], ['by a value that is parsed', { limit: 5, orderBy: [{ field: 'n' }] }, 256],
    ['in groups', { groupBy: ['n'], outputFields: ['n', 'count(*)'] }, 256], ['as a sum', { outputFields: ['max(id)'] }, 2048],
  ])('that match are looked at with others served in between, %s', async (_what, options, count) => {
    let turns = 0;
    const ambient = { ...testAmbient(1), pause: (): Promise<void> => (turns++, pause()) };
    const { collection } = await opened({ ambient });
    await collection.insert(rowsOf(5000).map((row, at) => ({ ...row, n: at % 7 })));
    turns = 0;
    await collection.query({ outputFields: ['id'], ...options });
    expect(turns).toBe(Math.ceil(5000 / count) - 1);
  });

  test('that match are looked at and sorted in turns, as they were when it began', async () => {
    const { collection } = await opened();
    const rows = rowsOf(9000).map((row, at) => ({ ...row, n: (at * 7919) % 9001 }));
    await collection.insert(rows.slice(0, 5000));
    await collection.flush();
    await collection.insert(rows.slice(5000));
    await collection.delete({ ids: [3, 8000] });
    const left = rows.filter(({ id }) => id !== 3 && id !== 8000);
    const firstOf = (sorted: typeof rows, count: number): readonly bigint[] => sorted.slice(0, count).map(({ id }) => BigInt(id));
    const asked = async (options: object): Promise<readonly unknown[]> => {
      const answered = collection.query({ outputFields: ['id'], ...options });
      // While it waits for its turns.
      const changes = [collection.upsert(rowsOf(10, 100).map((row) => ({ ...row, n: -1 }))), collection.insert(rowsOf(500, 20_000)), collection.delete({ ids: [0, 8999] })];
      const found = await answered;
      await Promise.all(changes);
      await collection.upsert(rows.filter(({ id }) => id === 0 || id === 8999 || (id >= 100 && id < 110)));
      await collection.delete({ filter: 'id >= 20000' });
      return found.map((row) => row['id'] ?? row['count(*)']);
    };
    expect(await asked({ limit: 5 })).toEqual(firstOf(left, 5));
    expect(await asked({ limit: 10_000 })).toEqual(firstOf(left, 10_000));
    expect(await asked({ limit: 8000, orderBy: [{ field: 'n' }] })).toEqual(firstOf([...left].sort((a, b) => a.n - b.n), 8000));
    expect(await asked({ outputFields: ['count(*)'], filter: 'n >= 0' })).toEqual([left.length]);
  });

  test.each([
    ['a value', { v: [1, 'x'] }, 'row 700, field "v"'], ['a key', { id: 1.5, v: [1, 2] }, 'row 700, field "id"'], ['a field that is missing', { id: 1 }, 'row 700, field "v": missing'],
    ['no object', 7, 'row 700: expected an object'], ['a dynamic value', { id: 1, v: [1, 2], more: NaN }, 'row 700, dynamic fields'],
  ])('are refused whole for %s, by the number of its row', async (_what, wrong, message) => {
    const { collection } = await opened();
    const rows: unknown[] = rowsOf(900);
    rows[700] = typeof wrong === 'object' && !('id' in wrong) ? { id: 700, ...wrong } : wrong;
    await expect(collection.insert(rows as never, { inTurns: true })).rejects.toThrow(message);
    expect(await collection.count()).toBe(0);
  });

  test('are written before what was asked for after them', async () => {
    const { collection } = await opened();
    const calls = [
      collection.insert(rowsOf(600), { inTurns: true }),
      collection.upsert([{ id: 599, v: [9, 9] }]),
      collection.delete({ ids: [0, 1] }),
      collection.insert(rowsOf(300), { inTurns: true }),
      collection.delete({ ids: [598] }),
      collection.flush(),
    ];
    await Promise.all(calls);
    expect(await collection.count()).toBe(599);
    expect((await collection.get({ ids: [0, 598, 599] })).map((row) => [row['id'], [...(row['v'] as Float32Array)]])).toEqual([[0n, [0, 0]], [599n, [9, 9]]]);
  });

  test('lie in the memory of those that were written before, once these are durable', async () => {
    const { collection } = await opened();
    const made: ArrayBufferLike[] = [];
    const real = BatchRoom.prototype.memory;
    const memory = vi.spyOn(BatchRoom.prototype, 'memory').mockImplementation(function (this: BatchRoom) {
      const { make, free } = real.call(this);
      return { free, make: (type, length) => {
        const array = make(type, length);
        made.push(array.buffer);
        return array;
      } };
    });
    for (const first of [0, 10_000, 20_000]) await collection.insert(rowsOf(10_000, first), { inTurns: true });
    memory.mockRestore();
    expect(made).toHaveLength(3);
    expect(new Set(made).size).toBe(1);
    expect(await collection.count()).toBe(30_000);
    expect((await collection.get({ ids: [1, 10_001] })).map((row) => [...(row['v'] as Float32Array)])).toEqual([1, 10_001].map((at) => rowsOf(1, at)[0]?.v));
  });

  test('wait for a field that is added while they are checked, and have its default', async () => {
    const { database, collection } = await opened();
    const written = collection.insert(rowsOf(2000), { inTurns: true });
    await database.addField('c', { name: 'stars', type: 'Int8', defaultValue: 3 });
    await written;
    expect(await collection.count()).toBe(2000);
    expect((await collection.get({ ids: [0, 1999] })).map((row) => row['stars'])).toEqual([3, 3]);
  });
});

describe('searches of a server', () => {
  test('over several segments answer as at once, and of the moment at which they began', async () => {
    const { database, collection } = await opened({ concurrent: true });
    const alone = await opened();
    for (const one of [collection, alone.collection]) {
      for (const first of [0, 400, 800]) {
        await one.insert(rowsOf(400, first));
        if (first < 800) await one.flush();
      }
      await one.delete({ filter: 'id % 7 == 0' });
    }
    const data = Array.from({ length: 30 }, (_, at) => [at / 10, 1 - at / 20]);
    const asked = { data, limit: 20, filter: 'id > 3', recall: 1 } as const;
    const expected = (await alone.collection.search(asked)).hits;
    expect((await collection.search(asked)).hits).toEqual(expected);
    const searching = collection.search(asked);
    // While it waits for its turns.
    const changes = [collection.upsert(rowsOf(50, 100).map(({ id }) => ({ id, v: [0, 0] }))), collection.insert(rowsOf(200, 5000)), collection.delete({ ids: [4, 5, 6] })];
    expect((await searching).hits).toEqual(expected);
    await Promise.all(changes);
    expect((await collection.search(asked)).hits).not.toEqual(expected);
    const sealed = collection.search(asked);
    await collection.flush();
    expect((await sealed).hits).toEqual((await collection.search(asked)).hits);
    await database.close();
  });

  test('are read, done a few queries at a time, and ranked in turns of their own', async () => {
    let turns = 0;
    const ambient = { ...testAmbient(1), pause: (): Promise<void> => (turns++, pause()) };
    const database = await testDatabase({ concurrent: true, ambient });
    const collection = await database.createCollection({ name: 's', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 's', type: 'SparseFloatVector', metric: 'IP' }] });
    await collection.insert(Array.from({ length: 50 }, (_, id) => ({ id, s: { [id % 7]: 1 } })));
    turns = 0;
    expect((await collection.search({ data: Array.from({ length: 10 }, (_, at) => ({ [at]: 1 })), limit: 3 })).hits).toHaveLength(10);
    // Four queries in one.
    expect(turns).toBe(Math.ceil(10 / 4) + 1);
    await database.close();
  });

  test('for sparse vectors and texts answer as at once', async () => {
    const results: unknown[] = [];
    for (const concurrent of [true, false]) {
      const database = await testDatabase({ concurrent });
      const texts = await database.createCollection({
        name: 't', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 100, enableAnalyzer: true }, { name: 'words', type: 'SparseFloatVector', metric: 'BM25' }, { name: 's', type: 'SparseFloatVector', metric: 'IP' }],
        functions: [{ name: 'f', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
      });
      const next = random(3);
      const word = (): string => `w${randomInteger(next, 40)}`;
      for (let part = 0; part < 3; part++) {
        await texts.insert(Array.from({ length: 200 }, (_, at) => ({ id: part * 200 + at, text: `${word()} ${word()} ${word()}`, s: { [randomInteger(next, 30)]: 1 + next(), [30 + randomInteger(next, 30)]: next() } })));
        if (part < 2) await texts.flush();
      }
      await texts.delete({ ids: [3, 250, 590] });
      const words = Array.from({ length: 9 }, () => `${word()} ${word()}`);
      const sparse = Array.from({ length: 9 }, () => ({ [randomInteger(next, 30)]: 1, [30 + randomInteger(next, 30)]: 2 }));
      results.push([(await texts.search({ annsField: 'words', data: words, limit: 7 })).hits, (await texts.search({ annsField: 's', data: sparse, limit: 7, filter: 'id > 20' })).hits]);
      await database.close();
    }
    expect(results[0]).toEqual(results[1]);
    expect(JSON.stringify(results[0], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).length).toBeGreaterThan(2000);
  });
});

interface Opened {
  readonly database: Database;
  readonly collection: Collection;
}

async function opened(options: { readonly concurrent?: boolean; readonly ambient?: Ambient } = {}): Promise<Opened> {
  const database = await testDatabase(options);
  const fields = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
  return { database, collection: await database.createCollection({ name: 'c', fields: [...fields], enableDynamicField: true }) };
}

function rowsOf(count: number, first = 0): { readonly id: number; readonly v: readonly number[] }[] {
  return Array.from({ length: count }, (_, at) => ({ id: first + at, v: [((first + at) * 7919) % 101, ((first + at) * 104_729) % 97] }));
}
