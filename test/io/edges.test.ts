// The edges of files: nothing in them, too much in one line, one wrong row behind many right ones. What is wrong names the
// file and the place, and the error says how many rows are in; no more is read than it takes to see it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { importRows, type ImportOptions, type ImportProgress } from '../../src/io/import.js';
import type { ByteSource } from '../../src/io/source.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { missingPython, runPython } from '../support/python.js';
import { parquet } from './parquet-file.js';
import { bytesOfExport, rowsOf, utf8 } from './support.js';

const MB = 1024 * 1024;
let database: SyncDatabase;
let made = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.close());

const fresh = (): Promise<Collection> => database.createCollection({ name: `e${made++}`, fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'n', type: 'Int64' }, { name: 'vec', type: 'FloatVector', dim: 2, metric: 'L2' }] });

/** How the import ends and what is in then. */
async function ended(source: ByteSource | string, options: ImportOptions): Promise<{ readonly message: string; readonly code: string; readonly rows: number; readonly collection: Collection }> {
  const collection = await fresh();
  const bytes = typeof source === 'string' ? utf8(source) : source;
  const error = await importRows(collection, bytes, { name: 'file', ...options }).catch((thrown: unknown) => thrown as { message: string; code: string; rows: number });
  expect(await collection.count()).toBe(error.rows);
  return { message: 'message' in error ? error.message : '', code: 'code' in error ? error.code : '', rows: error.rows, collection };
}

describe('a file of nothing', () => {
  test.each(['jsonl', 'fvecs', 'bvecs'] as const)('is no rows of %s', async (format) => expect(await ended('', { format })).toMatchObject({ message: '', rows: 0 }));
  test.each([
    ['csv', 'file: line 1: expected a record that names the columns, found no line; 0 rows are in'],
    ['parquet', 'file: footer: expected at least 12 bytes, found 0; 0 rows are in'],
    ['npy', 'file: byte 0: header: expected 8 bytes, found 0; 0 rows are in'],
  ] as const)('is no %s', async (format, message) => expect(await ended('', { format })).toMatchObject({ message, code: 'Corrupt' }));
  test.each(['jsonl', 'csv', 'parquet', 'npy', 'fvecs'] as const)('without rows, as %s is exported, is no rows', async (format) => {
    expect(await ended(await bytesOfExport(await fresh(), { format }), { format })).toMatchObject({ message: '', rows: 0 });
  });
  test.each(['id,n,vec', 'id,n,vec\n', '\ufeffid,n,vec\r\n', 'id,n,vec\n\n\r\n'])('but %j is no rows', async (text) => expect(await ended(text, { format: 'csv' })).toMatchObject({ message: '', rows: 0 }));
});

describe('CSV', () => {
  test('with a byte order mark and CRLF is read, and an LF within quotes too', async () => {
    const { collection, message } = await ended('\ufeffid,n,vec\r\n1,5,"[1,\r\n2]"\r\n2,6,"[3,4]"', { format: 'csv' });
    expect(message).toBe('');
    expect(await rowsOf(collection)).toEqual([{ id: 1n, n: 5n, vec: Float32Array.of(1, 2) }, { id: 2n, n: 6n, vec: Float32Array.of(3, 4) }]);
  });
  test.each<[string, string, RegExp]>([
    ['100,000 columns', `${Array.from({ length: 100_000 }, (_, i) => `c${i}`).join()}\n`, /^file: line 1 \(byte 0\): at most 33792 columns, found 100000; 0 rows are in$/],
    ['a column missing', 'id,vec\n1,"[1,2]"\n', /^file: line 2 \(byte 7\): field "n": missing; 0 rows are in$/],
    ['two columns of one name', 'id,n,n,vec\n', /^file: line 1 \(byte 0\): two columns are named "n"; 0 rows are in$/],
    ['an integer beyond 64 bits', 'id,n,vec\n1,9223372036854775807,"[1,2]"\n2,9223372036854775808,"[1,2]"\n', /^file: line 3 \(byte 39\): field "n": .*; 1 rows are in$/],
    ['an integer of 30 digits', 'id,n,vec\n1,123456789012345678901234567890,"[1,2]"\n', /field "n": expected an integer/],
    ['a fraction for an integer', 'id,n,vec\n1,1.5,"[1,2]"\n', /field "n": expected an integer, found "1.5"/],
    ['another count of components in row 2', 'id,n,vec\n1,1,"[1,2]"\n2,1,"[1,2,3]"\n', /^file: line 3 \(byte 21\): field "vec": expected dimension 2, found 3; 1 rows are in$/],
  ])('with %s is refused', async (_, text, message) => expect((await ended(text, { format: 'csv' })).message).toMatch(message));
});

describe('one wrong row behind 70,000 right ones', () => {
  const right = 70_000;
  const numbers = Array.from({ length: right }, (_, i) => i);
  const fvecs = (): Uint8Array => {
    const all = new Float32Array((right + 1) * 3);
    const dims = new Int32Array(all.buffer);
    for (let i = 0; i <= right; i++) dims[i * 3] = i === right ? 3 : 2;
    return new Uint8Array(all.buffer);
  };
  const npy = (): Uint8Array => {
    const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${right + 1}, 2), }`;
    return Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dict.length, 0), utf8(dict), new Uint8Array(right * 8 + 3)]);
  };
  test.each<[string, ImportOptions['format'], () => Uint8Array, RegExp]>([
    ['JSONL, of another dimension', 'jsonl', () => utf8([...numbers.map((i) => `{"id":${i},"n":1,"vec":[${i},1]}`), '{"id":-1,"n":1,"vec":[1,2,3]}'].join('\n')), /^file: line 70001 \(byte \d+\): field "vec": expected dimension 2, found 3; 70000 rows are in$/],
    ['CSV, of another dimension', 'csv', () => utf8(['id,n,v0,v1', ...numbers.map((i) => `${i},1,${i},1`), '-1,1,2'].join('\r\n')), /^file: line 70002 \(byte \d+\): expected 4 values, found 3; 70000 rows are in$/],
    ['fvecs, of another dimension', 'fvecs', fvecs, /^file: row 70000 \(byte 840000\): expected dimension 2, found 3; 70000 rows are in$/],
    ['npy, cut off', 'npy', npy, /^file: row 70000 \(byte \d+\): expected 8 bytes for each of 70001 rows, found 3; 70000 rows are in$/],
  ])('%s: those are in', async (_, format, make, message) => {
    const rest: ImportOptions = format === 'fvecs' || format === 'npy' ? { rest: utf8(numbers.concat(right).map((i) => `{"id":${i},"n":1}\n`).join('')) } : {};
    expect(await ended(make(), { ...rest, ...(format === undefined ? {} : { format }) })).toMatchObject({ message: expect.stringMatching(message), rows: right });
  });
});

test('a line of 100 MB is refused once 16 MiB of it are read', async () => {
  let pulled = 0;
  const line = (async function* () {
    yield utf8('{"id":1,"n":1,"vec":[1,2]}\n{"id":2,"n":');
    for (; pulled < 100; pulled++) yield new Uint8Array(MB).fill(0x20);
  })();
  expect(await ended(line, { format: 'jsonl' })).toMatchObject({ code: 'Corrupt', message: 'file: line 2: longer than 16777216 bytes; 1 rows are in', rows: 1 });
  expect(pulled).toBeLessThan(18);
});

describe('a Parquet file', () => {
  test('of two columns of one name is refused', async (context) => {
    const missing = missingPython(['pyarrow']);
    if (missing !== undefined) context.skip(missing);
    const bytes = Buffer.from(runPython('test/io/edges.py', ['twice']), 'hex');
    expect(await ended(bytes, { format: 'parquet' })).toMatchObject({ code: 'Corrupt', message: 'file: schema: two columns are named "id"; 0 rows are in' });
  });
  test('of no rows, and of no row groups, is no rows', async (context) => {
    const missing = missingPython(['pyarrow']);
    if (missing !== undefined) context.skip(missing);
    for (const which of ['empty', 'none']) expect(await ended(Buffer.from(runPython('test/io/edges.py', [which]), 'hex'), { format: 'parquet' }), which).toMatchObject({ message: '', rows: 0 });
  });
  test('with a damaged page keeps the rows before it, and names the page', async (context) => {
    const missing = missingPython(['pyarrow']);
    if (missing !== undefined) context.skip(missing);
    const bytes = Buffer.from(runPython('test/io/edges.py', ['pages']), 'hex');
    const at = bytes.indexOf(Buffer.from(BigInt64Array.of(777_777n).buffer));
    bytes[at] = 0;
    const { message, rows } = await ended(bytes, { format: 'parquet', batchRows: 100 });
    expect(message).toMatch(/^file: row group \d, column "id", page at byte \d+: expected CRC-32 [0-9a-f]{8}, found [0-9a-f]{8}; \d+ rows are in$/);
    expect(rows).toBeGreaterThan(2000);
    expect(rows).toBeLessThan(3000);
  });
  test('says 100 % when its last row is in', async () => {
    const seen: ImportProgress[] = [];
    const bytes = await bytesOfExport(await database.createCollection({ name: `e${made++}`, dimension: 2, metric: 'L2' }).then(async (collection) => (await collection.insert([{ id: 1, vector: [1, 2] }]), collection)), { format: 'parquet' });
    const collection = await database.createCollection({ name: `e${made++}`, dimension: 2, metric: 'L2' });
    await importRows(collection, bytes, { format: 'parquet', onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ rows: 1, skipped: 0, bytes: bytes.length, bytesTotal: bytes.length });
  });
  test('of a schema without end, or without a column, is refused', async () => {
    expect((await ended(parquet({ members: 2 }), { format: 'parquet' })).message).toBe('file: schema: a group has fewer members than it claims; 0 rows are in');
    expect((await ended(parquet({ path: ['other'] }), { format: 'parquet' })).message).toBe('file: row group 0: its columns are not those of the schema; 0 rows are in');
  });
});
