// Imports as their caller sees them: what becomes of wrong rows, progress, ends before the end, and schemas by looking.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { Field } from '../../src/model/field.js';
import { i32, i64, list, struct, text, thriftBytes, type Encoded } from '../../src/format/thrift.js';
import { importCollection, importRows, inferCollection, type ImportProgress } from '../../src/io/import.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import type { ByteSource } from '../../src/io/source.js';
import { bytesOfExport, inPieces, rowsOf, utf8 } from './support.js';

let database: SyncDatabase;
let made = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => database.close());

const plain = (fields: readonly Field[] = []): Promise<Collection> =>
  database.createCollection({ name: `i${made++}`, fields: [{ name: 'pk', type: 'Int64', primaryKey: true }, { name: 'vec', type: 'FloatVector', dim: 2, metric: 'L2' }, ...fields] });
const lines = (count: number, wrong: readonly number[] = []): Uint8Array => utf8(Array.from({ length: count }, (_, i) => (wrong.includes(i) ? `{"pk":${i}}\n` : `{"pk":${i},"vec":[${i},1]}\n`)).join(''));

describe('a row that does not fit', () => {
  test('ends the import; the rows before it are in, and the error says where and how many', async () => {
    const collection = await plain();
    const error = await importRows(collection, lines(100, [57, 80]), { format: 'jsonl', name: 'rows.jsonl', batchRows: 25 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidArgument', file: 'rows.jsonl', rows: 57, message: expect.stringMatching(/^rows\.jsonl: line 58 \(byte \d+\): field "vec": missing; 57 rows are in$/) });
    expect(await collection.count()).toBe(57);
  });

  test('is skipped if asked, counted and told', async () => {
    const collection = await plain();
    const bytes = Buffer.concat([lines(100, [0, 57, 80]), utf8('no json\n'), lines(1)]);
    const result = await importRows(collection, bytes, { format: 'jsonl', batchRows: 25, onError: 'skip' });
    expect(result).toMatchObject({ rows: 98, skipped: 4 });
    expect(result.refusals).toHaveLength(4);
    expect(result.refusals.join('\n')).toMatch(/^import: line 101 \(byte \d+\): position 0: expected a value/m);
    expect(await collection.count()).toBe(98);
  });
});

describe('a partition', () => {
  test('is what an import goes into, and what an export is limited to', async () => {
    const collection = await plain();
    await database.createPartition(collection.name, 'p');
    await importRows(collection, lines(3), { format: 'jsonl' });
    await importRows(collection, utf8('{"pk":7,"vec":[7,1]}\n{"pk":1,"vec":[9,9]}\n'), { format: 'jsonl', partitionName: 'p' });
    const exported = async (partitionNames: readonly string[]): Promise<readonly string[]> =>
      new TextDecoder().decode(await bytesOfExport(collection, { format: 'jsonl', fields: ['pk'], partitionNames })).split('\n').filter(Boolean);
    expect(await exported(['p'])).toEqual(['{"pk":1}', '{"pk":7}']);
    expect(await exported(['_default'])).toEqual(['{"pk":0}', '{"pk":2}']);
    expect(await exported(['_default', 'p'])).toHaveLength(4);
    await expect(exported(['none'])).rejects.toMatchObject({ code: 'NotFound', milvusCode: 200 });
    await expect(importRows(collection, lines(3), { format: 'jsonl', partitionName: 'none' })).rejects.toMatchObject({ code: 'NotFound', milvusCode: 200, rows: 0 });
    expect(await collection.count()).toBe(4);
  });

  test('is made with the collection that an import makes, and takes keys that are given', async () => {
    const name = `i${made++}`;
    await importCollection(database, name, lines(2), { format: 'jsonl', key: 'pk', partitionName: 'p' });
    expect((await database.getPartitionStats(name, 'p')).rows).toBe(2);
    const generated = await database.createCollection({ name: `i${made++}`, dimension: 2, autoId: true });
    await database.createPartition(generated.name, 'p');
    await importRows(generated, utf8('{"id":5,"vector":[7,1]}\n{"vector":[7,1]}\n'), { format: 'jsonl', partitionName: 'p' });
    expect((await database.getPartitionStats(generated.name, 'p')).rows).toBe(2);
  });
});

describe('an import', () => {
  test('tells its progress', async () => {
    const bytes = lines(50);
    const seen: ImportProgress[] = [];
    await importRows(await plain(), bytes, { format: 'jsonl', batchRows: 20, onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ rows }) => rows)).toEqual([20, 40, 50]);
    expect(seen.at(-1)).toEqual({ rows: 50, skipped: 0, bytes: bytes.length, bytesTotal: bytes.length });
  });

  test('ends when it is aborted, with what is in, and cancels its source', async () => {
    const collection = await plain();
    const abort = new AbortController();
    let cancelled = false;
    const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(lines(10)), cancel: () => void (cancelled = true) });
    const done = importRows(collection, source, { format: 'jsonl', batchRows: 10, signal: abort.signal, onProgress: ({ rows }) => rows === 30 && abort.abort() });
    await expect(done).rejects.toMatchObject({ code: 'Closed', rows: 30 });
    expect(cancelled).toBe(true);
  });

  test.each<[string, (never: Promise<never>) => ByteSource]>([
    ['a stream', () => new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(lines(10)) })],
    ['an iterable', async function* (never) { yield lines(10); await never; }],
  ])('ends when it is aborted while %s gives nothing', async (_, make) => {
    const collection = await plain();
    const abort = new AbortController();
    const done = importRows(collection, make(new Promise(() => undefined)), { format: 'jsonl', signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 50);
    await expect(done).rejects.toMatchObject({ code: 'Closed', message: 'import: the import was aborted; 0 rows are in' });
  });

  test('ends when it is aborted though no row fits', async () => {
    const abort = new AbortController();
    let pieces = 0;
    const source = (async function* () { for (;;) { if (++pieces === 5) abort.abort(); yield utf8('{"pk":1}\n'); } })();
    await expect(importRows(await plain(), source, { format: 'jsonl', onError: 'skip', signal: abort.signal })).rejects.toMatchObject({ code: 'Closed', rows: 0 });
  });

  test('takes the key and the vector from columns of other names', async () => {
    const collection = await plain([{ name: 'title', type: 'VarChar' }]);
    await importRows(collection, utf8('isbn,title,v0,v1\n7,,1,2\n9,"x",3,4\n'), { format: 'csv', key: 'isbn' });
    expect(await rowsOf(collection)).toEqual([{ pk: 7n, title: '', vec: Float32Array.of(1, 2) }, { pk: 9n, title: 'x', vec: Float32Array.of(3, 4) }]);
  });

  test('takes the names of the columns from the caller', async () => {
    const collection = await plain();
    await importRows(collection, utf8('7,"[1,2]"'), { format: 'csv', columns: ['pk', 'vec'] });
    expect(await rowsOf(collection)).toEqual([{ pk: 7n, vec: Float32Array.of(1, 2) }]);
  });

  test('keeps keys that the collection would generate, and generates those that are missing', async () => {
    const collection = await database.createCollection({ name: `i${made++}`, dimension: 2, metric: 'L2', autoId: true });
    await importRows(collection, utf8('{"vector":[1,2]}\n{"id":5,"vector":[3,4]}\n{"vector":[5,6]}\n'), { format: 'jsonl' });
    const rows = await rowsOf(collection);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({ id: 5n, vector: Float32Array.of(3, 4) });
  });

  test.each<[object, RegExp]>([
    [{}, /its name does not tell its format/],
    [{ format: 'xml' }, /format: expected one of/],
    [{ format: 'jsonl', batchRows: 0 }, /batchRows: expected 1 to 65536, found 0/],
    [{ format: 'jsonl', rest: new Uint8Array(0) }, /only npy, fvecs and bvecs/],
  ])('refuses %j', async (options, message) => {
    await expect(importRows(await plain(), lines(1), options)).rejects.toThrow(message);
  });

  test('tells the format by the name', async () => {
    const collection = await plain();
    await importRows(collection, lines(3), { name: 'a.b.NDJSON' });
    expect(await collection.count()).toBe(3);
  });
});

describe('a dry run', () => {
  test('checks every row as an import does, and stores nothing', async () => {
    const collection = await plain();
    const seen: number[] = [];
    expect(await importRows(collection, lines(5000), { format: 'jsonl', dryRun: true, onProgress: ({ rows }) => seen.push(rows) })).toMatchObject({ rows: 5000, skipped: 0 });
    expect(seen.at(-1)).toBe(5000);
    await expect(importRows(collection, lines(100, [57]), { format: 'jsonl', dryRun: true, name: 'a.jsonl' })).rejects.toMatchObject({ rows: 57, message: expect.stringMatching(/^a\.jsonl: line 58 .*missing; 57 rows would be in$/) });
    expect(await importRows(collection, lines(100, [3, 57]), { format: 'jsonl', dryRun: true, onError: 'skip' })).toMatchObject({ rows: 98, skipped: 2, refusals: { length: 2 } });
    expect(await collection.count()).toBe(0);
  });
  test('makes no collection', async () => {
    const name = `i${made++}`;
    const options = { format: 'jsonl', key: 'pk', dryRun: true, sampleRows: 2 } as const;
    await expect(importCollection(database, name, lines(2000, [1500]), options)).rejects.toMatchObject({ rows: 1500 });
    expect(await importCollection(database, name, lines(2000, [1500]), { ...options, onError: 'skip' })).toMatchObject({ rows: 1999, skipped: 1, definition: { name } });
    expect(await database.hasCollection(name)).toBe(false);
  });
});

describe('numbers of NumPy and TEXMEX', () => {
  const header = (descr: string, version: number): Uint8Array => {
    const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (2, 2), }\n`;
    const length = version === 1 ? [dict.length, 0] : [dict.length, 0, 0, 0];
    return Buffer.concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length), utf8(dict)]);
  };
  test.each<[string, number, ArrayBufferView]>([
    ['<f4', 1, Float32Array.of(1, -2, 0.5, 4)],
    ['<f8', 2, Float64Array.of(1, -2, 0.5, 4)],
    ['<f2', 3, Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4400)],
    ['>f4', 1, Buffer.from(Float32Array.of(1, -2, 0.5, 4).buffer).swap32()],
    ['>f8', 1, Buffer.from(Float64Array.of(1, -2, 0.5, 4).buffer).swap64()],
    ['>f2', 1, Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4400).buffer).swap16()],
  ])('of type %s in version %i are read', async (descr, version, body) => {
    const collection = await plain();
    const bytes = Buffer.concat([header(descr, version), new Uint8Array(body.buffer, body.byteOffset, body.byteLength)]);
    await importRows(collection, inPieces(bytes, 3), { format: 'npy' });
    expect((await rowsOf(collection)).map(({ vec }) => vec)).toEqual([Float32Array.of(1, -2), Float32Array.of(0.5, 4)]);
  });
  test.each<[string, number[], number[]]>([
    ['|i1', [1, 255, 128, 127], [1, -1, -128, 127]],
    ['|u1', [1, 255, 128, 127], [1, 255, 128, 127]],
  ])('of type %s are read', async (descr, body, expected) => {
    const collection = await plain();
    await importRows(collection, Buffer.concat([header(descr, 1), Uint8Array.from(body)]), { format: 'npy' });
    expect((await rowsOf(collection)).flatMap(({ vec }) => [...(vec as Float32Array)])).toEqual(expected);
  });
  test('of bvecs are read', async () => {
    const collection = await plain();
    await importRows(collection, Uint8Array.of(2, 0, 0, 0, 1, 255, 2, 0, 0, 0, 3, 4), { format: 'bvecs' });
    expect((await rowsOf(collection)).map(({ vec }) => vec)).toEqual([Float32Array.of(1, 255), Float32Array.of(3, 4)]);
  });
});

describe('a Parquet file of FIXED_LEN_BYTE_ARRAY vectors', () => {
  /** Columns id INT64 and vec of `bytes` bytes, two rows, made by hand. */
  const file = (bytes: number, vectors: ArrayBufferView): Uint8Array => {
    const column = (name: string, type: number, body: Uint8Array, offset: number): { readonly page: Uint8Array; readonly meta: Encoded; readonly element: Encoded } => {
      const header = thriftBytes(struct({ 1: i32(0), 2: i32(body.length), 3: i32(body.length), 5: struct({ 1: i32(2), 2: i32(0), 3: i32(3), 4: i32(3) }) }));
      const size = i64(header.length + body.length);
      const meta = struct({ 1: i32(type), 2: list([i32(0)]), 3: list([text(name)]), 4: i32(0), 5: i64(2), 6: size, 7: size, 9: i64(offset) });
      const element = struct({ 1: i32(type), 2: type === 7 ? i32(bytes) : undefined, 3: i32(0), 4: text(name) });
      return { page: Buffer.concat([header, body]), meta, element };
    };
    const id = column('id', 2, new Uint8Array(BigInt64Array.of(1n, 2n ** 60n).buffer), 4);
    const vec = column('vec', 7, new Uint8Array(vectors.buffer), 4 + id.page.length);
    const group = struct({ 1: list([id, vec].map(({ meta }) => struct({ 2: i64(0), 3: meta }))), 2: i64(0), 3: i64(2) });
    const footer = thriftBytes(struct({ 1: i32(1), 2: list([struct({ 4: text('schema'), 5: i32(2) }), id.element, vec.element]), 3: i64(2), 4: list([group]) }));
    return Buffer.concat([utf8('PAR1'), id.page, vec.page, footer, new Uint8Array(Uint32Array.of(footer.length).buffer), utf8('PAR1')]);
  };
  test.each<[string, number, ArrayBufferView]>([
    ['f32', 8, Float32Array.of(1, -2, 0.5, 4)],
    ['f16', 4, Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4400)],
    ['int8', 2, Int8Array.of(1, -2, 3, 4)],
  ])('of %s is read', async (kind, bytes, vectors) => {
    const collection = await plain();
    await importRows(collection, file(bytes, vectors), { format: 'parquet', key: 'id' });
    expect((await rowsOf(collection)).map(({ pk, vec }) => [pk, vec])).toEqual([[1n, Float32Array.of(1, -2)], [2n ** 60n, Float32Array.of(...(kind === 'int8' ? [3, 4] : [0.5, 4]))]]);
  });
  test('gives a schema of f32', async () => {
    const { fields } = await inferCollection('c', file(8, Float32Array.of(1, 2, 3, 4)), { format: 'parquet' });
    expect(fields.map(({ name, type, dim }) => [name, type, dim])).toEqual([['id', 'Int64', undefined], ['vec', 'FloatVector', 2]]);
  });
});

describe('a schema by looking', () => {
  const infer = (text: string, options: object): ReturnType<typeof inferCollection> => inferCollection('c', utf8(text), { name: 'x', ...options });

  test('has the types that all values share; what is not in every row is dynamic', async () => {
    const text = '{"id":1,"n":1,"x":1,"t":"a","b":true,"j":[1],"o":null,"m":1,"embedding":[1,2,3]}\n{"id":2,"n":2,"x":0.5,"t":"b","b":false,"j":{"a":1},"o":1,"m":"x","embedding":[4,5,6]}\n';
    expect(await infer(text, { format: 'jsonl', metric: 'IP' })).toEqual({
      name: 'c',
      fields: [
        { name: 'id', type: 'Int64', primaryKey: true },
        { name: 'embedding', type: 'FloatVector', dim: 3, metric: 'IP' },
        { name: 'n', type: 'Int64' },
        { name: 'x', type: 'Double' },
        { name: 't', type: 'VarChar' },
        { name: 'b', type: 'Bool' },
        { name: 'j', type: 'JSON' },
      ],
      enableDynamicField: true,
    });
  });
  test('has dynamic fields where the file gathers them in a column', async () => {
    const text = 'id,vector,$meta\n1,"[1,2]","{""a"":1}"\n';
    expect(await infer(text, { format: 'csv' })).toMatchObject({ fields: [{ name: 'id' }, { name: 'vector' }], enableDynamicField: true });
    const name = `i${made++}`;
    await importCollection(database, name, utf8(text), { format: 'csv', metric: 'L2' });
    expect(await rowsOf(await database.collection(name))).toEqual([{ id: 1n, vector: Float32Array.of(1, 2), a: 1 }]);
  });
  test('has nullable fields for columns that rows lack, where the file has columns', async () => {
    const text = 'id,vector,n,t,none\n1,"[1,2]",,"",\n2,"[1,2]",5,,\n';
    const { fields } = await infer(text, { format: 'csv' });
    expect(fields.slice(2)).toEqual([{ name: 'n', type: 'Int64', nullable: true }, { name: 't', type: 'VarChar', nullable: true }]);
    const name = `i${made++}`;
    await importCollection(database, name, utf8(text), { format: 'csv', metric: 'L2' });
    expect(await rowsOf(await database.collection(name))).toEqual([{ id: 1n, vector: Float32Array.of(1, 2), n: null, t: '' }, { id: 2n, vector: Float32Array.of(1, 2), n: 5n, t: null }]);
  });
  test('gives what is null or absent the default of its field', async () => {
    const collection = await plain([{ name: 'level', type: 'Int16', defaultValue: 7 }, { name: 'word', type: 'VarChar', defaultValue: 'none' }]);
    await importRows(collection, utf8('pk,vec,level,word\n1,"[1,2]",,\n2,"[1,2]",3,""\n'), { format: 'csv' });
    await importRows(collection, utf8('{"pk":3,"vec":[1,2],"level":null}\n'), { format: 'jsonl' });
    expect((await rowsOf(collection)).map(({ level, word }) => [level, word])).toEqual([[7, 'none'], [3, ''], [7, 'none']]);
  });
  test('generates a key where no column is one', async () => {
    const { fields } = await infer('name,vector\nx,"[1,2]"\n', { format: 'csv' });
    expect(fields[0]).toEqual({ name: 'id', type: 'Int64', primaryKey: true, autoId: true });
    expect(fields.map(({ name }) => name)).toEqual(['id', 'vector', 'name']);
  });
  test.each<[string, object, RegExp]>([
    ['{"id":1}', {}, /no column holds vectors.*columns are id/],
    ['', {}, /none, for there are no rows/],
    ['{"id":1,"v":[1,2]}\n{"id":2,"v":[1,2,3]}', { vector: 'v' }, /column "v" does not hold a vector in every row/],
    ['{"id":1,"v":[1,2]}', { key: 'pk' }, /column "pk" does not hold a key/],
    ['{"id":1,"v":[1,2]}', { sampleRows: 0 }, /sampleRows: expected/],
  ])('of %j with %j is refused', async (text, options, message) => {
    await expect(infer(text, { format: 'jsonl', ...options })).rejects.toThrow(message);
  });
  test('is not made where the collection is there', async () => {
    const { name } = await plain();
    await expect(importCollection(database, name, lines(1), { format: 'jsonl' })).rejects.toMatchObject({ code: 'AlreadyExists' });
  });
  test('looks at rows that are imported too', async () => {
    const { definition, ...result } = await importCollection(database, `i${made++}`, inPieces(lines(5000), 1000), { format: 'jsonl', key: 'pk', sampleRows: 3 });
    expect(result).toMatchObject({ rows: 5000, skipped: 0 });
    expect(definition.fields[0]).toEqual({ name: 'pk', type: 'Int64', primaryKey: true });
  });
});
