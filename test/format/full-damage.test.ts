// Damage of files that hold every type and nulls: no flipped bit and no truncation of a rows file, a manifest or a log
// goes unnoticed; a forged page with a true checksum is refused for what it holds.

import { describe, expect, test } from 'vitest';
import { decodeBatch, encodeBatch, type Batch } from '../../src/format/batch.js';
import { bytesOf, concatBytes } from '../../src/format/bytes.js';
import { crc32 } from '../../src/format/crc.js';
import { encodeLogHeader, encodeRecordHeader, LOG_HEADER_BYTES, readLog } from '../../src/format/log.js';
import { decodeManifest, encodeManifest } from '../../src/format/manifest.js';
import { encodeValidity } from '../../src/format/parquet-levels.js';
import { encodePageHeader } from '../../src/format/parquet.js';
import { decodeRows, encodeRows } from '../../src/format/rows-file.js';
import { decodePage } from '../../src/format/rows-page.js';
import type { Field } from '../../src/model/field.js';
import { checkSchema, storedFields } from '../../src/model/schema.js';
import { FULL_COLUMNS, FULL_MANIFEST, FULL_SCHEMA as GOLDEN_SCHEMA } from '../golden/samples.js';
import { expectEveryDamageRefused, flipped, refusalOf } from './damage.js';
import { columnsOf, NULL_SCHEMA } from './samples.js';

describe('every flipped bit and every truncation is refused', () => {
  test('of a rows file with nulls, two bits of each byte', () => {
    const { bytes } = encodeRows(columnsOf(NULL_SCHEMA, 3, 6), NULL_SCHEMA, 2);
    for (let at = 0; at < bytes.length; at++) for (const bit of [at % 8, (at + 5) % 8]) refusalOf(() => decodeRows(flipped(bytes, at, bit), NULL_SCHEMA, 'FILE'), `bit ${bit} of byte ${at} flipped`);
  });

  test('of a rows file of every type, a bit of each byte', () => {
    const { bytes } = encodeRows(FULL_COLUMNS, GOLDEN_SCHEMA, 3);
    for (let at = 0; at < bytes.length; at++) {
      refusalOf(() => decodeRows(flipped(bytes, at, at % 8), GOLDEN_SCHEMA, 'FILE'), `byte ${at} flipped`);
      refusalOf(() => decodeRows(bytes.subarray(0, at), GOLDEN_SCHEMA, 'FILE'), `cut to ${at}`);
    }
  });

  test('of a manifest with several vectors', () => {
    expectEveryDamageRefused(encodeManifest(FULL_MANIFEST), (bytes) => decodeManifest(bytes, 'FILE'));
  });

  test('of a log, by its record, which then is not there', () => {
    const batch: Batch = { kind: 'write', columns: FULL_COLUMNS };
    const payload = encodeBatch(batch, GOLDEN_SCHEMA);
    const log = concatBytes([encodeLogHeader('00000000000000ff', 1n, 7), encodeRecordHeader(7, 1n, 1n, payload), payload]);
    for (let at = LOG_HEADER_BYTES; at < log.length; at++) {
      for (let bit = 0; bit < 8; bit++) expect(readLog(flipped(log, at, bit), 'FILE').records, `bit ${bit} of byte ${at}`).toEqual([]);
      expect(readLog(log.subarray(0, at), 'FILE').records, `cut to ${at}`).toEqual([]);
    }
    const [record] = readLog(log, 'FILE').records;
    expect(decodeBatch(record?.payload as Uint8Array, { schema: GOLDEN_SCHEMA }, 'FILE')).toEqual(batch);
  });

  test('of a batch by itself: refused, or read as what these bytes are', () => {
    const bytes = encodeBatch({ kind: 'write', columns: FULL_COLUMNS }, GOLDEN_SCHEMA);
    for (let at = 0; at < bytes.length; at++) {
      refusalOf(() => decodeBatch(bytes.subarray(0, at), { schema: GOLDEN_SCHEMA }, 'FILE'), `cut to ${at}`);
      const changed = flipped(bytes, at, at % 8);
      let batch: Batch;
      try {
        batch = decodeBatch(changed, { schema: GOLDEN_SCHEMA }, 'FILE');
      } catch (error) {
        refusalOf(() => { throw error; }, `byte ${at} flipped`);
        continue;
      }
      expect(encodeBatch(batch, GOLDEN_SCHEMA), `byte ${at} flipped`).toEqual(changed);
    }
  });
});

describe('a forged page with a true checksum', () => {
  const fields = storedFields(checkSchema({ fields: [
    { name: 'key', type: 'Int64', primaryKey: true },
    { name: 'n', type: 'Int32', nullable: true },
    { name: 'a', type: 'Array', elementType: 'Int32' },
    { name: 'na', type: 'Array', elementType: 'Bool', nullable: true },
    { name: 'v', type: 'FloatVector', dim: 2, nullable: true },
    { name: 's', type: 'SparseFloatVector' },
    { name: 't', type: 'Timestamptz' },
  ] }));
  const field = (name: string): Field => fields.find((candidate) => candidate.name === name) as Field;
  const levels = (...runs: number[]): Uint8Array => concatBytes([bytesOf(Uint32Array.of(runs.length)), Uint8Array.from(runs)]);
  const ints = (...values: number[]): Uint8Array => bytesOf(Int32Array.from(values));
  const read = (name: string, values: number, nulls: number, ...parts: Uint8Array[]) => () => {
    const body = concatBytes(parts);
    const page = concatBytes([encodePageHeader({ values, bodyBytes: body.length, crc: crc32(body) }), body]);
    return decodePage(page, { offset: 4, sizeBytes: page.length, values, nulls }, field(name), 3, 'FILE', `column "${name}"`).column;
  };

  test('is read if it holds what it must', () => {
    expect(read('n', 3, 1, encodeValidity(3, Uint8Array.of(0b101, 0, 0, 0, 0, 0, 0, 0)), ints(7, 8))()).toEqual({ type: 'Int32', values: Int32Array.of(7, 0, 8), valid: Uint8Array.of(0b101, 0, 0, 0, 0, 0, 0, 0) });
    expect(read('a', 4, 0, levels(4, 0, 2, 1, 2, 0), levels(2, 0, 6, 1), ints(1, 2, 3))()).toEqual({ type: 'Array', offsets: Uint32Array.of(0, 0, 2, 3), values: { type: 'Int32', values: Int32Array.of(1, 2, 3) } });
  });

  test.each<[string, () => unknown, string]>([
    ['another number of nulls', read('n', 3, 2, encodeValidity(3, Uint8Array.of(0b101)), ints(7, 8)), 'expected 2 nulls, found 1'],
    ['levels beyond its rows', read('n', 3, 1, levels(3, 0b1101), ints(7, 8)), 'expected the definition levels of 3 rows'],
    ['levels of other rows', read('n', 3, 0, levels(5, 0b111, 0), ints(7, 8, 9)), 'expected'],
    ['no levels', read('n', 3, 0), 'expected a page of at least 6 bytes'],
    ['a value too few', read('n', 3, 0, encodeValidity(3, undefined), ints(7, 8)), 'expected a page of 18 bytes, found 14'],
    ['levels that are cut', read('a', 3, 0, Uint8Array.of(9, 0, 0, 0, 2)), 'levels up to 13 do not fit a page of 5 bytes'],
    ['hostile levels', read('a', 3, 0, bytesOf(Uint32Array.of(0xffff_ffff))), 'levels up to 4294967299 do not fit'],
    ['runs of nothing', read('a', 3, 0, levels(0, 0), levels(6, 1), ints(1, 2, 3)), 'expected levels of lists'],
    ['a bit-packed run', read('a', 3, 0, levels(3, 0), levels(6, 1), ints(1, 2, 3)), 'expected a run of levels'],
    ['runs that end', read('a', 3, 0, levels(2, 0), levels(6, 1), ints(1, 2, 3)), 'expected 1 more bytes'],
    ['runs that could be one', read('a', 3, 0, levels(2, 0, 4, 0), levels(6, 1), ints(1, 2, 3)), 'levels are not as version 1 writes them'],
    ['a list that goes on before it begins', read('a', 3, 0, levels(2, 1, 4, 0), levels(6, 1), ints(1, 2, 3)), 'expected a list before the elements'],
    ['an empty list that goes on', read('a', 4, 0, levels(2, 0, 2, 1, 4, 0), levels(4, 0, 4, 1), ints(1, 2)), 'expected a list before the elements'],
    ['a list too many', read('a', 4, 0, levels(8, 0), levels(8, 1), ints(1, 2, 3, 4)), 'expected 3 lists, found more'],
    ['a list too few', read('a', 2, 0, levels(4, 0), levels(4, 1), ints(1, 2)), 'expected 3 lists, found 2'],
    ['a definition level too high', read('a', 3, 0, levels(6, 0), levels(6, 2), ints(1, 2, 3)), 'expected levels of lists'],
    ['a null where none can be', read('na', 3, 1, levels(6, 0), levels(6, 1), new Uint8Array(0)), 'expected 1 nulls, found 0'],
    ['Bool elements too few', read('na', 11, 0, levels(2, 0, 16, 1, 4, 0), levels(22, 2), Uint8Array.of(1)), 'column "na": expected a page of '],
    ['a vector too long', read('v', 5, 1, levels(4, 0, 4, 1, 2, 0), levels(2, 0, 8, 2), ints(1, 2, 3, 4)), 'a list has not 2 elements'],
    ['a vector that is empty', read('v', 5, 0, levels(4, 0, 2, 1, 2, 0, 2, 1), levels(2, 1, 8, 2), ints(1, 2, 3, 4)), 'a list has not 2 elements'],
    ['a sparse vector of half an entry', read('s', 3, 0, ints(0, 0, 4, 1)), 'row 2: expected pairs of 8 bytes, found 4 bytes'],
    ['a sparse vector out of order', read('s', 3, 0, ints(0, 0, 16, 5, 0, 5, 0)), 'row 2: expected ascending indices'],
    ['a sparse vector beyond its page', read('s', 3, 0, ints(0, 0, 16)), 'vector 2 of its row group ends beyond the page'],
    ['a year beyond the calendar', read('t', 3, 0, bytesOf(BigInt64Array.of(0n, 1n << 62n, 0n))), 'row 1: 4611686018427387904 is not of the years'],
  ])('with %s is refused', (_, reading, message) => {
    expect(refusalOf(reading, message).message).toContain(message);
  });
});
