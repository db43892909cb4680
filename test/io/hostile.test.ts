// Files that lie: cut off, with counts beyond the file, with nesting, with bytes flipped. Each is an ElanusError that names
// the file and the place, before anything is allocated by what the file claims; and what came before stays in.

import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import { importRows, type ImportOptions } from '../../src/io/import.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { random } from '../support/random.js';
import { parquet } from './parquet-file.js';
import { awkwardCollection, bytesOfExport, utf8 } from './support.js';

let database: SyncDatabase;
let made = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.close());

async function outcome(bytes: Uint8Array, options: ImportOptions): Promise<{ readonly error: unknown; readonly rows: number }> {
  const name = `h${made++}`;
  const collection = await database.createCollection({ name, dimension: 2, metric: 'L2' });
  try {
    const { rows } = await importRows(collection, bytes, { name: 'evil', ...options });
    return { error: undefined, rows };
  } catch (error) {
    return { error, rows: await collection.count() };
  } finally {
    await database.dropCollection(name);
  }
}

function expectNamed({ error, rows }: { readonly error: unknown; readonly rows: number }, message = /^evil: ./): void {
  expect(error).toBeInstanceOf(ElanusError);
  expect(error).toMatchObject({ file: 'evil', rows, message: expect.stringMatching(message) });
  expect(['Corrupt', 'InvalidArgument', 'Unsupported']).toContain((error as ElanusError).code);
}

const npy = (dict: string, body: Uint8Array = new Uint8Array(0), version = 1): Uint8Array => {
  const length = version === 1 ? Uint8Array.of(dict.length & 255, dict.length >> 8) : new Uint8Array(Uint32Array.of(dict.length).buffer);
  return Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0), length, utf8(dict), body]);
};

async function small(format: 'jsonl' | 'csv' | 'parquet' | 'npy' | 'fvecs'): Promise<Uint8Array> {
  const collection = await database.createCollection({ name: `s${made++}`, dimension: 2, metric: 'L2' });
  await collection.insert([{ id: 1, vector: [1, 2], note: 'a,"b"' }, { id: 2, vector: [3, 4] }]);
  return bytesOfExport(collection, { format });
}

describe.each(['jsonl', 'csv', 'parquet', 'npy', 'fvecs'] as const)('%s', (format) => {
  test('cut off at any length is whole rows or a named error', async () => {
    const bytes = await small(format);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      const found = await outcome(bytes.slice(0, length), { format });
      if (found.error === undefined) {
        expect(found.rows).toBeLessThanOrEqual(2);
        continue;
      }
      refused++;
      expectNamed(found);
    }
    // In texts a cut at a line's end leaves a shorter file.
    expect(refused).toBeGreaterThan(bytes.length * (format === 'csv' ? 0.1 : format === 'jsonl' ? 0.7 : 0.85));
  });

  test('with flipped bytes is rows or a named error', async () => {
    const bytes = await small(format);
    const seed = 20;
    const next = random(seed);
    for (let i = 0; i < 400; i++) {
      const flipped = bytes.slice();
      for (let n = 0; n < 1 + (i % 3); n++) flipped[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      const found = await outcome(flipped, { format });
      if (found.error !== undefined) expectNamed(found, /^evil/);
      else expect(found.rows, `seed ${seed}, file ${i}`).toBeLessThanOrEqual(4);
    }
  });
});

describe('npy', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a count of rows beyond the file', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2), }"), /row 0 \(byte 7\d\): expected 8 bytes for each of 2147483647 rows, found 0/],
    ['a count of rows beyond any', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 2), }"), /header: at most 2147483647 rows/],
    ['a dimension beyond any', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 99999999), }"), /header: expected vectors of 1 to 32768/],
    ['a dimension of none', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0), }"), /header: expected vectors of 1 to 32768/],
    ['one dimension', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (8,), }"), /shape of two dimensions/],
    ['Fortran order', npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }"), /Fortran order/],
    ['integers of 4 bytes', npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }"), /numbers of type <i4/],
    ['pickled objects', npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 2), }"), /expected descr/],
    ['a header beyond any', npy(''.padEnd(20_000), new Uint8Array(0), 2), /header: at most 10000 bytes, found 20000/],
    ['a version to come', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", new Uint8Array(8), 4), /version 4.0/],
    ['bytes after the end', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", new Uint8Array(9)), /expected the end after 1 rows of 2/],
    ['no number', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", new Uint8Array(Float32Array.of(1, Number.NaN).buffer)), /row 0 \(byte \d+\): field "vector": expected finite/],
    ['another file', utf8('not an array at all'), /expected \\x93NUMPY/],
  ])('with %s is refused', async (_, bytes, message) => expectNamed(await outcome(bytes, { format: 'npy' }), message));
});

describe('fvecs', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a dimension beyond any', new Uint8Array(Int32Array.of(2_000_000_000, 0).buffer), /row 0: expected a dimension/],
    ['a negative dimension', new Uint8Array(Int32Array.of(-2, 0).buffer), /row 0: expected a dimension/],
    ['another dimension later', new Uint8Array(Int32Array.of(2, 0, 0, 3, 0, 0).buffer), /row 1 \(byte 12\): expected dimension 2, found 3/],
  ])('with %s is refused', async (_, bytes, message) => expectNamed(await outcome(bytes, { format: 'fvecs' }), message));
});

describe('JSONL', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['nesting without end', `{"id":1,"vector":[1,2],"x":${'['.repeat(100_000)}`, /line 1 \(byte 0\): position \d+: expected at most 128 levels/],
    ['a list', '{"id":1,"vector":[1,2]}\n[1]', /line 2 \(byte 24\): expected a JSON object/],
    ['NaN', '{"id":1,"vector":[1,NaN]}', /line 1 \(byte 0\): position 20: expected a value/],
    ['a number beyond f32', '{"id":1,"vector":[1,1e39]}', /line 1 \(byte 0\): field "vector": expected finite f32/],
    ['an integer beyond 64 bits', '{"id":9223372036854775808,"vector":[1,2]}', /field "id": expected a bigint of 64 bits/],
    ['a key twice', '{"id":1,"id":2,"vector":[1,2]}', /expected a key that the object does not have yet/],
    ['a vector of another dimension', '{"id":1,"vector":[1,2,3]}', /field "vector": expected dimension 2, found 3/],
    ['a null where none may be', '{"id":1,"vector":null}', /field "vector": missing/],
    ['bytes that are no UTF-8', Buffer.concat([utf8('{"id":1,"vector":[1,2],"t":"'), Uint8Array.of(0xff), utf8('"}')]), /line 1 \(byte 0\): expected UTF-8/],
    ['a line beyond 16 MiB', Buffer.alloc(17 * 1024 * 1024, 0x20), /line 1: longer than 16777216 bytes/],
  ])('with %s is refused', async (_, given, message) => expectNamed(await outcome(typeof given === 'string' ? utf8(given) : given, { format: 'jsonl' }), message));
});

describe('CSV', () => {
  test.each<[string, string, RegExp]>([
    ['a quote that is never closed', 'id,vector\n1,"[1,2]\n', /line 2 \(byte 10\): a quote is opened and never closed/],
    ['a quote within a value', 'id,vector\n1,[1 "x" 2]\n', /line 2 \(byte 10\): value 2: a quote within/],
    ['text after a quote', 'id,vector\n1,"[1,2]"x\n', /value 2: expected a comma after/],
    ['a value too few', 'id,vector\n1\n', /expected 2 values, found 1/],
    ['two columns of one name', 'id,id\n1,1\n', /line 1 \(byte 0\): two columns are named "id"/],
    ['a column without a name', 'id,,vector\n1,1,1\n', /column 2 has no name/],
    ['a word for a number', 'id,vector\n1x,"[1,2]"\n', /field "id": expected an integer, found "1x"/],
    ['NaN', 'id,vector\n1,"[1,NaN]"\n', /field "vector": expected a vector as a JSON array/],
    ['an unknown column, where none is dynamic', 'id,vector,x\n1,"[1]",2\n', /dimension 2, found 1/],
  ])('with %s is refused', async (_, given, message) => expectNamed(await outcome(utf8(given), { format: 'csv' }), message));
});

describe('Parquet', () => {
  test('that tells the truth gets as far as its missing column', async () => expectNamed(await outcome(parquet(), { format: 'parquet' }), /row 0: field "vector": missing/));
  test.each<[string, Uint8Array, RegExp]>([
    ['rows beyond its values', parquet({ rows: 2 ** 30 }), /column "id": expected 1073741824 values, found 2/],
    ['rows beyond any', parquet({ rows: 2 ** 50 }), /row group 0: expected 0 to 2147483647 rows/],
    ['more values than rows', parquet({ values: 2 ** 26 }), /column "id": expected 2 values, found 67108864/],
    ['values beyond its pages', parquet({ rows: 1000, values: 1000, pageValues: 2 }), /row 0: field "vector": missing/],
    ['a page of more values than the column', parquet({ pageValues: 2 ** 25 }), /page at byte 4: 33554432 values, where the column has 2/],
    ['a page of more values than any', parquet({ pageValues: 2 ** 30 }), /page at byte 4: 16 bytes and 1073741824 values, at most 268435456 and 67108864/],
    ['a page that unpacks to more than any', parquet({ plainBytes: 2 ** 29, codec: 1 }), /536870912 bytes and 2 values, at most/],
    ['a page that grows beyond reason', parquet({ plainBytes: 2 ** 25, codec: 1 }), /16 bytes that claim to unpack to 33554432, more than 100 times/],
    ['a page that has not what it claims', parquet({ plainBytes: 17 }), /page at byte 4: UNCOMPRESSED: 16 bytes, expected 17/],
    ['a page longer than its column', parquet({ size: 20 }), /page at byte 4: 16 bytes where \d are left/],
    ['a CRC that is another', parquet({ crc: 1 }), /page at byte 4: expected CRC-32 00000001, found [0-9a-f]{8}/],
    ['a column beyond the file', parquet({ offset: 2 ** 40 }), /bytes at 1099511627776 do not fit/],
    ['a column larger than the file', parquet({ size: 2 ** 40 }), /1099511627776 bytes at 4 do not fit/],
    ['a codec that is not read', parquet({ codec: 3 }), /compressed by LZO, expected none or one of SNAPPY/],
    ['an encoding that is not read', parquet({ encoding: 77 }), /encoding 77 of type 2/],
    ['a dictionary that is not there', parquet({ encoding: 8 }), /values of a dictionary that is not there/],
    ['a footer longer than the file', Buffer.concat([utf8('PAR1'), Uint8Array.of(255, 255, 255, 127), utf8('PAR1')]), /footer: 2147483647 bytes do not fit/],
    ['an encrypted footer', Buffer.concat([utf8('PARE'), Uint8Array.of(0, 0, 0, 0), utf8('PARE')]), /footer: is encrypted/],
  ])('with %s is refused', async (_, bytes, message) => expectNamed(await outcome(bytes, { format: 'parquet' }), message));

  test('is not read from a stream', async () => {
    const collection = await awkwardCollection(database, 'streamed', 0);
    await expect(importRows(collection, new Blob(['PAR1']).stream(), { format: 'parquet' })).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('give a file') });
  });
});
