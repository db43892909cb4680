// Batch: what is encoded comes back equal; what does not fit the schema or its own lengths is refused.

import { describe, expect, test } from 'vitest';
import { batchRefusal } from '../../src/format/batch-refusal.js';
import { bytesOf } from '../../src/format/bytes.js';
import { decodeBatch, encodeBatch, type Batch } from '../../src/format/batch.js';
import { bitsetOf } from '../../src/model/bitset.js';
import type { Column } from '../../src/model/columns.js';
import { checkSchema, storedFields } from '../../src/model/schema.js';
import { refusalOf } from './damage.js';
import { columnsOf, FULL_SCHEMA, randomOf, randomSchema, SCHEMA, SMALL_SCHEMA } from './samples.js';

const HEADER_BYTES = 8;
const COLUMN_HEADER_BYTES = 16;

function put(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint32(at, value, true);
  return changed;
}

describe('a batch', () => {
  test.each([0, 1, 2, 7, 8, 1000])('of %i rows of every type comes back equal', (rows) => {
    const batch: Batch = { kind: 'write', columns: columnsOf(SCHEMA, rows, rows + 1) };
    const bytes = encodeBatch(batch, SCHEMA);
    expect(bytes.length % 8).toBe(0);
    expect(decodeBatch(bytes, { schema: SCHEMA }, 'FILE')).toEqual(batch);
  });

  test.each([0, 1, 7, 8, 9, 64, 65, 300])('of %i rows of every type with nulls comes back equal', (rows) => {
    const batch: Batch = { kind: 'write', columns: columnsOf(FULL_SCHEMA, rows, rows + 1) };
    expect(decodeBatch(encodeBatch(batch, FULL_SCHEMA), { schema: FULL_SCHEMA }, 'FILE')).toEqual(batch);
  });

  test.each(Array.from({ length: 60 }, (_, i) => i + 1))('of a random schema comes back equal (seed %i)', (seed) => {
    const schema = randomSchema(seed);
    const batch: Batch = { kind: 'write', columns: columnsOf(schema, Math.floor(randomOf(seed)() * 50), seed) };
    expect(decodeBatch(encodeBatch(batch, schema), { schema }, 'FILE')).toEqual(batch);
  });

  test('keeps the bits of every float, also of NaN', () => {
    const values = new Float32Array(Uint32Array.of(0x7fc1_2345, 0xffc0_0001, 0x8000_0000).buffer);
    const byName = new Map(columnsOf(SCHEMA, 3, 5).byName).set('single', { type: 'Float', values });
    const back = decodeBatch(encodeBatch({ kind: 'write', columns: { rows: 3, byName } }, SCHEMA), { schema: SCHEMA }, 'FILE');
    const read = back.kind === 'write' ? back.columns.byName.get('single')?.values : undefined;
    expect(bytesOf(read as Float32Array)).toEqual(bytesOf(values));
  });

  test('of deletions comes back equal, for both kinds of key', () => {
    const numbers: Batch = { kind: 'delete', keys: BigInt64Array.of(-(1n << 63n), 0n, (1n << 63n) - 1n) };
    expect(decodeBatch(encodeBatch(numbers, SCHEMA), { schema: SCHEMA }, 'FILE')).toEqual(numbers);
    const texts: Batch = { kind: 'delete', keys: ['', 'é', '日本'] };
    expect(decodeBatch(encodeBatch(texts, SMALL_SCHEMA), { schema: SMALL_SCHEMA }, 'FILE')).toEqual(texts);
  });

  test('says behind its mark why it was refused, and every damage to the lengths of that is refused', () => {
    const refused: Batch = { kind: 'delete', keys: new BigInt64Array(0), mark: { client: new Uint8Array(16).fill(1), subject: new Uint8Array(8), id: 3n, chain: new Uint8Array(8), refusal: batchRefusal('Corrupt', 'é'.repeat(400)) } };
    const bytes = encodeBatch(refused, SCHEMA);
    expect(bytes.length % 8).toBe(0);
    expect(decodeBatch(bytes, { schema: SCHEMA }, 'FILE')).toEqual(refused);
    expect(refused.mark?.refusal?.message).toBe('é'.repeat(250));
    for (const length of [0, 33, 501, 0xffff_ffff]) for (const at of [48, 52]) refusalOf(() => decodeBatch(put(bytes, at, length), { schema: SCHEMA }, 'FILE'), `length ${length} at ${at}`);
    refusalOf(() => decodeBatch(put(bytes, 0, new DataView(bytes.buffer).getUint32(0, true) & ~16), { schema: SCHEMA }, 'FILE'), 'no mark');
  });

  test('views aligned bytes and copies others', () => {
    const bytes = encodeBatch({ kind: 'write', columns: columnsOf(SCHEMA, 5, 3) }, SCHEMA);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const [given, views] of [[bytes, true], [shifted.subarray(1), false]] as const) {
      const batch = decodeBatch(given, { schema: SCHEMA }, 'FILE');
      const values = batch.kind === 'write' ? (batch.columns.byName.get('vector')?.values as Float32Array) : new Float32Array();
      expect(values.buffer === given.buffer).toBe(views);
      expect(batch).toEqual(decodeBatch(bytes, { schema: SCHEMA }, 'FILE'));
    }
  });

  test('that lacks a column of its schema is our own mistake', () => {
    const columns = columnsOf(SMALL_SCHEMA, 2, 1);
    expect(() => encodeBatch({ kind: 'write', columns }, SCHEMA)).toThrow('column "id": expected 2 values of Int64');
    const [name, key] = [...columns.byName][0] as [string, Column];
    const withNulls = { rows: 2, byName: new Map(columns.byName).set(name, { ...key, valid: bitsetOf(2, false) }) };
    expect(() => encodeBatch({ kind: 'write', columns: withNulls }, SMALL_SCHEMA)).toThrow('column "key": expected 2 values of VarChar');
  });
});

describe('a damaged batch', () => {
  const bytes = encodeBatch({ kind: 'write', columns: columnsOf(SMALL_SCHEMA, 3, 11) }, SMALL_SCHEMA);
  const read = (given: Uint8Array) => () => decodeBatch(given, { schema: SMALL_SCHEMA }, 'FILE');

  test('is refused at every truncation, and when longer', () => {
    for (let length = 0; length < bytes.length; length++) refusalOf(read(bytes.subarray(0, length)), `cut to ${length} bytes`);
    refusalOf(read(Uint8Array.of(...bytes, ...new Uint8Array(8))), 'longer');
  });

  test.each([
    ['an unknown kind', 0, 0x0002_0105, 'unknown kind 5'],
    ['a wrong number of columns', 0, 0x0003_0101, 'expected 2 columns, found 3'],
    ['version 0', 0, 0x0002_0001, 'expected format version 1, found 0'],
    ['more rows than its columns', 4, 4, 'column "key"'],
    ['rows beyond the limit', 4, 0xffff_ffff, 'at most 1048576 rows'],
    ['another type', HEADER_BYTES, 23, 'expected type 21'],
    ['a length beyond the end', HEADER_BYTES + 8, 0xffff_fff8, 'beyond'],
    ['a reserved word in use', HEADER_BYTES + 12, 1, 'column "key"'],
    ['a first offset that is not 0', HEADER_BYTES + COLUMN_HEADER_BYTES, 1, 'first offset'],
    ['an offset beyond its texts', HEADER_BYTES + COLUMN_HEADER_BYTES + 4, 0xffff_ffff, 'does not fit'],
  ])('with %s is refused', (_, at, value, message) => {
    expect(refusalOf(read(put(bytes, at, value)), message).message).toContain(message);
  });

  test('of a newer version is unsupported', () => {
    expect(refusalOf(read(put(bytes, 0, 0x0002_0201)), 'version').code).toBe('Unsupported');
  });

  test('with a Bool that is neither 0 nor 1, text that is not UTF-8 or padding in use is refused', () => {
    const all = encodeBatch({ kind: 'write', columns: columnsOf(SCHEMA, 3, 2) }, SCHEMA);
    const flag = HEADER_BYTES + COLUMN_HEADER_BYTES + 24 + COLUMN_HEADER_BYTES;
    const readAll = (given: Uint8Array) => () => decodeBatch(given, { schema: SCHEMA }, 'FILE');
    expect(refusalOf(readAll(put(all, flag, 2)), 'Bool').message).toContain('column "flag": expected 0 or 1');
    expect(refusalOf(readAll(put(all, flag + 4, 1)), 'padding').message).toContain('zero padding');
    const text = encodeBatch({ kind: 'delete', keys: ['abcd'] }, SMALL_SCHEMA);
    expect(refusalOf(() => decodeBatch(put(text, HEADER_BYTES + COLUMN_HEADER_BYTES + 8, 0xff), { schema: SMALL_SCHEMA }, 'FILE'), 'text').message).toContain('expected UTF-8');
  });

  describe('of nullable fields and lists', () => {
    const schema = checkSchema({ fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'n', type: 'Int8', nullable: true },
      { name: 'a', type: 'Array', elementType: 'Int16' },
      { name: 's', type: 'SparseFloatVector' },
      { name: 't', type: 'Timestamptz' },
    ] });
    const columns = { rows: 3, byName: new Map<string, Column>([
      ['id', { type: 'Int64', values: BigInt64Array.of(1n, 2n, 3n) }],
      ['n', { type: 'Int8', values: Int8Array.of(5, 0, 6), valid: Uint8Array.of(0b101, 0, 0, 0, 0, 0, 0, 0) }],
      ['a', { type: 'Array', offsets: Uint32Array.of(0, 1, 1, 3), values: { type: 'Int16', values: Int16Array.of(7, 8, 9) } }],
      ['s', { type: 'SparseFloatVector', offsets: Uint32Array.of(0, 2, 2, 3), indices: Uint32Array.of(4, 5, 0), values: Float32Array.of(1, 2, 3) }],
      ['t', { type: 'Timestamptz', values: BigInt64Array.of(0n, 1n, 2n) }],
    ]) };
    const sound = encodeBatch({ kind: 'write', columns }, schema);
    const id = HEADER_BYTES;
    const n = id + COLUMN_HEADER_BYTES + 24;
    const a = n + COLUMN_HEADER_BYTES + 16;
    const s = a + COLUMN_HEADER_BYTES + 24;
    const t = s + COLUMN_HEADER_BYTES + 40;

    test('is read if it holds what it must', () => {
      expect(decodeBatch(sound, { schema }, 'FILE')).toEqual({ kind: 'write', columns });
    });

    test.each([
      ['nulls of a field that has none', id + 12, 1, 'column "id": expected no nulls'],
      ['an unknown flag', n + 12, 2, 'column "n": expected flags 0 or 1'],
      ['a row beyond its rows', n + 16, 0b1101, 'column "n": expected a null among its 3 rows, and none beyond them'],
      ['no null where it says so', n + 16, 0b111, 'column "n": expected a null among its 3 rows'],
      ['a null that has a value', n + 24, 0x0006_0105, 'column "n": row 1 is null and has a value'],
      ['elements of another type', a + 4, 2, 'column "a": expected type 22 of 3, found 22 of 2'],
      ['offsets that descend', a + 16 + 4, 2, 'column "a": expected offsets that ascend from 0'],
      ['a first offset that is not 0', a + 16, 1, 'column "a": expected offsets that ascend from 0'],
      ['more elements than it holds', a + 16 + 12, 4, 'column "a": expected 8 bytes, found 6'],
      ['fewer elements than it holds', s + 16 + 12, 2, 'column "s": expected 16 bytes of indices and values, found 24'],
      ['indices that do not ascend', s + 32, 5, 'column "s": row 0: expected ascending indices of finite values'],
      ['a value that is not finite', s + 32 + 12, 0x7f80_0000, 'column "s": row 0: expected ascending indices of finite values'],
      ['a year beyond the calendar', t + 16 + 4, 0x7fff_ffff, 'column "t": row 0'],
    ])('with %s is refused', (_, at, value, message) => {
      expect(refusalOf(() => decodeBatch(put(sound, at, value), { schema }, 'FILE'), message).message).toContain(message);
    });
  });

  test('is refused by a schema it was not made for', () => {
    expect(storedFields(SCHEMA).length).not.toBe(storedFields(SMALL_SCHEMA).length);
    refusalOf(() => decodeBatch(bytes, { schema: SCHEMA }, 'FILE'), 'other schema');
  });
});
