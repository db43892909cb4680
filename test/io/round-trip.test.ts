// What is exported comes back equal, in every format, for every type and for values that break careless writers; and what
// other programs read of it, and write, is the same.

import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportOptions } from '../../src/io/export.js';
import { exportRows } from '../../src/io/index.js';
import { importCollection, importRows } from '../../src/io/import.js';
import { jsonOf } from '../../src/io/jsonl.js';
import { testDatabase } from '../support/database.js';
import { random } from '../support/random.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { awkwardCollection, awkwardRows, bytesOfExport, FIELDS, inPieces, rowsOf, utf8 } from './support.js';

let database: SyncDatabase;
let folder = '';
let made = 0;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'elanus-io-'));
});

afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const fresh = (): string => `c${made++}`;
const empty = () => awkwardCollection(database, fresh(), 0);

describe.each(['jsonl', 'csv', 'parquet'] as const)('%s', (format) => {
  test.each([0, 1, 200])('of %i rows of every type comes back equal', async (count) => {
    const before = await awkwardCollection(database, fresh(), count);
    const bytes = await bytesOfExport(before, { format });
    const after = await empty();
    expect(await importRows(after, bytes, { format })).toMatchObject({ rows: count, skipped: 0, bytes: format === 'parquet' ? expect.any(Number) : bytes.length });
    expect(await rowsOf(after)).toEqual(await rowsOf(before));
  });
});

describe.each(['jsonl', 'csv'] as const)('%s', (format) => {
  test.each([1, 7, 64])('may come in pieces of %i bytes', async (size) => {
    const before = await awkwardCollection(database, fresh(), 40);
    const bytes = await bytesOfExport(before, { format });
    const after = await empty();
    await importRows(after, inPieces(bytes, size), { format, batchRows: 7 });
    expect(await rowsOf(after)).toEqual(await rowsOf(before));
  });

  test('comes back equal into a collection that was inferred from it, where types are told by values', async () => {
    const before = await database.createCollection({ name: fresh(), fields: [{ name: 'isbn', type: 'VarChar', primaryKey: true }, { name: 'pages', type: 'Int64' }, { name: 'price', type: 'Double' }, { name: 'meaning', type: 'FloatVector', dim: 2, metric: 'L2' }] });
    await before.insert([{ isbn: 'x1', pages: 2n ** 62n, price: 0.5, meaning: [1, 2] }, { isbn: 'x2', pages: 3, price: 7, meaning: [0.1, -3] }]);
    const name = fresh();
    const { definition } = await importCollection(database, name, await bytesOfExport(before, { format }), { format, key: 'isbn', metric: 'L2' });
    expect(definition.fields.map((field) => [field.name, field.type])).toEqual([['isbn', 'VarChar'], ['meaning', 'FloatVector'], ['pages', 'Int64'], ['price', 'Double']]);
    expect(await rowsOf(await database.collection(name))).toEqual(await rowsOf(before));
  });
});

test('a Parquet file of ours makes a collection of the same schema', async () => {
  const before = await awkwardCollection(database, fresh(), 20);
  const name = fresh();
  await importCollection(database, name, new Blob([new Uint8Array(await bytesOfExport(before, { format: 'parquet' }))]), { format: 'parquet' });
  const after = await database.collection(name);
  expect(after.schema).toEqual(before.schema);
  expect(await rowsOf(after)).toEqual(await rowsOf(before));
});

describe.each(['npy', 'fvecs'] as const)('%s', (format) => {
  test.each([0, 1, 100])('of %i rows, with the other fields in JSONL beside it, comes back equal', async (count) => {
    const before = await awkwardCollection(database, fresh(), count);
    const vectors = await bytesOfExport(before, { format });
    const rest = await bytesOfExport(before, { format: 'jsonl', omit: ['meaning'] });
    const after = await empty();
    await importRows(after, inPieces(vectors, 13), { format, rest });
    expect(await rowsOf(after)).toEqual(await rowsOf(before));
  });

  test('alone takes row numbers for keys, or generates them', async () => {
    const before = await database.createCollection({ name: fresh(), dimension: 2, metric: 'L2' });
    await before.insert([{ id: 7, vector: [1, 2] }, { id: 9, vector: [3, 4] }]);
    const vectors = await bytesOfExport(before, { format });
    const numbered = await database.createCollection({ name: fresh(), dimension: 2, metric: 'L2' });
    await importRows(numbered, vectors, { format });
    expect(await rowsOf(numbered)).toEqual([{ id: 0n, vector: Float32Array.of(1, 2) }, { id: 1n, vector: Float32Array.of(3, 4) }]);
    const generated = await database.createCollection({ name: fresh(), dimension: 2, metric: 'L2', autoId: true });
    await importRows(generated, vectors, { format });
    expect((await rowsOf(generated)).map(({ vector }) => vector)).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  });
});

describe('other programs', () => {
  const queried = async (sql: string): Promise<readonly unknown[][]> => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };
  const sql = (path: string): string => `select id::varchar, title, large::varchar, twice::varchar from`.replace('from', `from ${path} order by id`);

  test('DuckDB reads our JSONL, CSV and Parquet alike', async () => {
    const rows = awkwardRows(60).filter(({ title }) => !(title as string).startsWith('\ufeff'));
    const collection = await empty();
    await collection.insert(rows);
    const answers = [];
    for (const format of ['parquet', 'jsonl', 'csv'] as const) {
      const path = join(folder, `rows.${format}`);
      writeFileSync(path, await bytesOfExport(collection, { format, omit: format === 'parquet' ? [] : ['more'] }));
      const types = "columns={'id':'BIGINT','title':'VARCHAR','large':'BIGINT','twice':'DOUBLE'}";
      const read = { parquet: `read_parquet('${path}')`, jsonl: `read_json('${path}', format='newline_delimited', ${types})`, csv: `read_csv('${path}', all_varchar=true, header=true, strict_mode=true)` }[format];
      const cast = format === 'csv' ? `select id::bigint::varchar, coalesce(title, ''), large, twice::double::varchar from ${read} order by id::bigint` : sql(read);
      answers.push(await queried(cast));
    }
    expect(answers[0]).toHaveLength(rows.length);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test('what DuckDB writes as Parquet, CSV and JSONL is imported alike', async () => {
    const make = "select i as id, 'row ' || i || ' \"q\", x' || chr(10) as title, i * 0.25 as price, i % 2 = 0 as good, (i * 1000003)::int as medium, (9223372036854775807 - i)::bigint as large, [i::float, 0.5::float, -1.25::float] as vec, case when i % 3 = 0 then null else i end as gap from range(1000) t(i)";
    const imported = [];
    for (const [format, options] of [['parquet', 'format parquet, row_group_size 256'], ['csv', 'format csv, header'], ['jsonl', 'format json']] as const) {
      const path = join(folder, `duck.${format}`);
      await queried(`copy (${make}) to '${path}' (${options})`);
      const name = fresh();
      const { rows } = await importCollection(database, name, readFileSync(path), { format, vector: 'vec', metric: 'L2' });
      expect(rows).toBe(1000);
      imported.push(await rowsOf(await database.collection(name)));
    }
    const plain = (rows: unknown): unknown => JSON.parse(JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value === null ? undefined : value)).replaceAll(/"gap":"?(\d+)"?/g, '"gap":"$1"').replaceAll(/"medium":"?(\d+)"?/g, '"medium":"$1"'));
    expect(imported[0]?.[7]).toMatchObject({ id: 7n, title: 'row 7 "q", x\n', price: 1.75, good: false, large: 2n ** 63n - 8n, vec: Float32Array.of(7, 0.5, -1.25), gap: 7n });
    // A column of the file is a field that may be null; JSONL has no columns.
    expect(imported.map((rows) => rows[3]?.['gap'])).toEqual([null, null, undefined]);
    expect(plain(imported[1])).toEqual(plain(imported[0]));
    expect(plain(imported[2])).toEqual(plain(imported[0]));
  });
});

test('every f32 is written in digits that read as the same', () => {
  const seed = 5;
  const next = random(seed);
  const bits = new Uint32Array(20_000).map((_, i) => (i % 2 === 0 ? next() * 2 ** 32 : 0x3c00_0000 + next() * 0x0500_0000));
  const values = new Float32Array(bits.buffer).map((x) => (Number.isFinite(x) ? x : 0));
  const text = jsonOf(values);
  expect(Float32Array.from(JSON.parse(text) as number[]), `seed ${seed}`).toEqual(values);
  expect(text.length / values.length).toBeLessThan(14);
  expect(jsonOf(Float32Array.of(0.1, -1 / 3, 1e-40, 16_777_217, -0, 3.4028234663852886e38, 8_388_607.5))).toBe('[0.1,-0.33333334,9.99995e-41,16777216,-0.0,3.4028234663852886e+38,8388607.5]');
});

describe('an export', () => {
  test('holds live rows that match, the fields asked for, in order of their keys', async () => {
    const collection = await awkwardCollection(database, fresh(), 50);
    await collection.flush();
    await collection.delete({ ids: [2n ** 53n + 7n] });
    const bytes = await bytesOfExport(collection, { format: 'jsonl', filter: 'small < -32756', fields: ['small'] });
    expect(Buffer.from(bytes).toString()).toBe('{"id":-9223372036854775808,"small":-32768}\n{"id":9007199254740994,"small":-32766}\n{"id":9007199254740995,"small":-32765}\n{"id":9007199254740996,"small":-32764}\n{"id":9007199254740997,"small":-32763}\n{"id":9007199254740998,"small":-32762}\n{"id":9007199254741000,"small":-32760}\n{"id":9007199254741001,"small":-32759}\n{"id":9007199254741002,"small":-32758}\n{"id":9007199254741003,"small":-32757}\n{"id":9223372036854775807,"small":-32767}\n');
    expect(await bytesOfExport(collection, { format: 'csv', fields: ['title'], filter: 'small in [-32768, -32767]' })).toEqual(Buffer.from('id,title\r\n-9223372036854775808,""\r\n9223372036854775807, \r\n'));
  });

  test('is a stream that makes no more than is read of it, and ends when it is cancelled', async () => {
    const collection = await awkwardCollection(database, fresh(), 3000);
    let rows = 0;
    const reader = exportRows(collection, { format: 'jsonl', onProgress: (progress) => (rows = progress.rows) }).getReader();
    await reader.read();
    await reader.cancel();
    expect(rows).toBeLessThan(3000);
  });

  test('tells its progress and ends when it is aborted', async () => {
    const collection = await awkwardCollection(database, fresh(), 2500);
    const seen: number[] = [];
    const abort = new AbortController();
    const options: ExportOptions = { format: 'csv', signal: abort.signal, onProgress: ({ rows, rowsTotal }) => { seen.push(rows); expect(rowsTotal).toBe(2500); if (rows === 1088) abort.abort('enough'); } };
    await expect(bytesOfExport(collection, options)).rejects.toMatchObject({ code: 'Closed', message: 'the export was aborted', cause: 'enough' });
    expect(seen).toEqual([64, 1088]);
  });

  test.each<[Partial<ExportOptions>, RegExp]>([
    [{ format: 'arrow' as never }, /format: expected one of/],
    [{ omit: ['id'] }, /primary key is always written/],
    [{ format: 'parquet', omit: ['meaning'] }, /needs a vector/],
    [{ order: 'none' as never }, /order: expected/],
  ])('refuses %j', async (options, message) => {
    await expect(bytesOfExport(await empty(), { format: 'jsonl', ...options })).rejects.toThrow(message);
  });
});

test('the fields of the tests are all there are', () => {
  expect(FIELDS).toHaveLength(21);
  expect(utf8('é')).toHaveLength(2);
});
