// Damage of rows files: no flipped bit and no truncation goes unnoticed, a forged page with a true checksum is
// refused for what it holds, and no number in a file makes the reader allocate more than the file can fill.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { bytesOf, concatBytes, dataViewOf, encodeText } from '../../src/format/bytes.js';
import { crc32, crc32Rows } from '../../src/format/crc.js';
import { canonicalJson } from '../../src/format/envelope.js';
import { encodeLists } from '../../src/format/parquet-levels.js';
import { encodeSums } from '../../src/format/row-sums.js';
import { encodeFooter, encodePageHeader, type Chunk } from '../../src/format/parquet.js';
import { decodeRows, encodeRows } from '../../src/format/rows-file.js';
import { schemaJson } from '../../src/format/schema-json.js';
import { checkSchema } from '../../src/model/schema.js';
import { expectEveryDamageRefused, flipped, refusalOf } from './damage.js';
import { columnsOf, SCHEMA, SMALL_SCHEMA } from './samples.js';

const FORGED_SCHEMA = checkSchema({
  fields: [
    { name: 'key', type: 'VarChar', primaryKey: true },
    { name: 'tiny', type: 'Int8' },
    { name: 'flag', type: 'Bool' },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ],
});
const ROWS = 2;

interface Forgery {
  readonly key?: Uint8Array;
  readonly tiny?: Uint8Array;
  readonly flag?: Uint8Array;
  readonly v?: Uint8Array;
  readonly rows?: number;
  readonly version?: string;
  readonly footer?: Uint8Array;
  /** Behind the vectors. */
  readonly sums?: Uint8Array;
  /** Zeros to put before each page, and before the footer. */
  readonly gaps?: readonly number[];
  readonly change?: (chunk: Chunk, i: number) => Chunk;
}

const VECTORS = bytesOf(Float32Array.of(1, 2, 3, 4));
const SUMS = encodeSums(crc32Rows(VECTORS, 8), 8);
const TRUE_PAGES = { key: textPage('ab', 'c'), tiny: bytesOf(Int32Array.of(-128, 127)), flag: Uint8Array.of(0b10), v: concatBytes([encodeLists(ROWS, 2, false), VECTORS]) };

function textPage(...texts: string[]): Uint8Array {
  return concatBytes(texts.flatMap((text) => [bytesOf(Uint32Array.of(encodeText(text).length)), encodeText(text)]));
}

/** A rows file of one row group whose checksums are all true, whatever its pages hold. */
function forge({ rows = ROWS, version = '1', footer: given, gaps = [], sums = SUMS, change = (chunk) => chunk, ...pages }: Forgery): Uint8Array {
  const parts = [encodeText('PAR1')];
  let position = 4;
  let values = 0;
  const chunks = Object.entries({ ...TRUE_PAGES, ...pages }).map(([name, body], i): Chunk => {
    const header = encodePageHeader({ values: name === 'v' ? rows * 2 : rows, bodyBytes: body.length, crc: crc32(body) });
    const padding = (name === 'v' ? (64 - ((position + header.length + body.length - rows * 8) % 64)) % 64 : 0) + (gaps[i] ?? 0);
    parts.push(new Uint8Array(padding), header, Uint8Array.from(body), Uint8Array.from(name === 'v' ? sums : []));
    const chunk = { offset: position + padding, sizeBytes: header.length + body.length, values: name === 'v' ? rows * 2 : rows, nulls: 0 };
    position = chunk.offset + chunk.sizeBytes;
    values = position - rows * 8;
    return change(chunk, i);
  });
  const keyValues = new Map([
    ['elanus.version', version],
    ['elanus.schema', canonicalJson(schemaJson(FORGED_SCHEMA))],
    ['elanus.vectors', canonicalJson({ v: [{ offset: values, rows }] })],
  ]);
  const footer = given ?? encodeFooter({ rows, groups: [{ rows, chunks }], keyValues }, FORGED_SCHEMA.fields);
  return concatBytes([...parts, new Uint8Array(gaps[4] ?? 0), footer, bytesOf(Uint32Array.of(footer.length)), encodeText('PAR1')]);
}

afterEach(() => vi.unstubAllGlobals());

/** Bytes of the largest typed array that `run` allocates. */
function largestAllocation(run: () => void): number {
  let largest = 0;
  for (const Type of [Uint8Array, Int8Array, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array]) {
    const construct = (target: typeof Type, given: unknown[]): object => {
      if (typeof given[0] === 'number') largest = Math.max(largest, given[0] * target.BYTES_PER_ELEMENT);
      return Reflect.construct(target, given) as object;
    };
    vi.stubGlobal(Type.name, new Proxy(Type as typeof Uint8Array, { construct: construct as never }));
  }
  run();
  vi.unstubAllGlobals();
  return largest;
}

describe('a damaged rows file', () => {
  test('with any bit flipped, any truncation or a byte more is refused', () => {
    const { bytes } = encodeRows(columnsOf(SMALL_SCHEMA, 3, 6), SMALL_SCHEMA, 2);
    expectEveryDamageRefused(bytes, (given) => decodeRows(given, SMALL_SCHEMA, 'FILE'));
  });

  test('of every type, with a bit of any byte flipped, is refused', () => {
    const { bytes } = encodeRows(columnsOf(SCHEMA, 9, 6), SCHEMA, 5);
    for (let at = 0; at < bytes.length; at++) {
      refusalOf(() => decodeRows(flipped(bytes, at, at % 8), SCHEMA, 'FILE'), `bit ${at % 8} of byte ${at} flipped`);
    }
  });

  test('says where: the row group and the column', () => {
    const { bytes, vectors } = encodeRows(columnsOf(SCHEMA, 9, 6), SCHEMA, 5);
    const error = refusalOf(() => decodeRows(flipped(bytes, vectors['vector']?.[1]?.offset ?? 0, 0), SCHEMA, 'FILE'), 'place');
    expect(error.message).toContain('FILE: row group 1, column "vector": header or checksum of its page');
  });

  test('is refused by a schema it was not made for', () => {
    const { bytes } = encodeRows(columnsOf(SMALL_SCHEMA, 3, 6), SMALL_SCHEMA);
    const other = checkSchema({ fields: SMALL_SCHEMA.fields.map((field) => (field.dim === undefined ? field : { ...field, dim: 3 })) });
    expect(refusalOf(() => decodeRows(bytes, other, 'FILE'), 'dimension').message).toContain('footer: made for another schema');
    expect(refusalOf(() => decodeRows(bytes, SCHEMA, 'FILE'), 'fields').message).toContain('footer: made for another schema');
  });
});

describe('a forged rows file with true checksums', () => {
  test('is read if it holds what it must', () => {
    const { byName } = decodeRows(forge({}), FORGED_SCHEMA, 'FILE');
    expect(byName.get('key')?.values).toEqual(['ab', 'c']);
    expect(byName.get('tiny')?.values).toEqual(Int8Array.of(-128, 127));
    expect(byName.get('flag')?.values).toEqual(Uint8Array.of(0, 1));
    expect(byName.get('v')?.values).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  test('of a newer version is unsupported', () => {
    expect(refusalOf(() => decodeRows(forge({ version: '2' }), FORGED_SCHEMA, 'FILE'), 'version').code).toBe('Unsupported');
    expect(refusalOf(() => decodeRows(forge({ version: '1.0' }), FORGED_SCHEMA, 'FILE'), 'version').code).toBe('Corrupt');
  });

  test.each<[string, Forgery, string]>([
    ['a text beyond its page', { key: bytesOf(Uint32Array.of(0, 0xffff_ffff)) }, 'text 1 of its row group ends beyond the page'],
    ['a text too few', { key: textPage('abcdefgh') }, 'text 1 of its row group'],
    ['a text too many', { key: textPage('a', 'b', 'c') }, 'expected 10 bytes of texts, found 15'],
    ['a page too short for its texts', { key: new Uint8Array(7) }, '2 texts do not fit 7 bytes'],
    ['text that is not UTF-8', { key: concatBytes([textPage('a'), bytesOf(Uint32Array.of(1)), Uint8Array.of(0xff)]) }, 'column "key": expected UTF-8'],
    ['an Int8 out of range', { tiny: bytesOf(Int32Array.of(0, 128)) }, 'column "tiny": row 1: 128 does not fit 8 bits'],
    ['a value too few', { tiny: bytesOf(Int32Array.of(0)) }, 'column "tiny": expected a page of 8 bytes, found 4'],
    ['unused bits of a Bool in use', { flag: Uint8Array.of(0b110) }, 'zero padding'],
    ['a Bool page too long', { flag: Uint8Array.of(1, 0) }, 'column "flag": expected a page of 1 bytes, found 2'],
    ['a vector too few', { v: concatBytes([encodeLists(1, 2, false), VECTORS.subarray(0, 8)]) }, 'column "v": a list has not 2 elements'],
    ['lists of other lengths', { v: concatBytes([Uint8Array.from(encodeLists(2, 2, false), (byte, i) => (i === 8 ? 0 : byte)), VECTORS]) }, 'a list has not 2 elements'],
    ['more rows than it holds', { rows: 1000 }, 'do not fit the file'],
    ['fewer rows than it holds', { rows: 1 }, 'expected the footer at'],
    ['a row group of too many rows', { rows: 65_537 }, 'expected 1 to 65536 rows'],
    ['pages that overlap', { change: (chunk, i) => (i === 1 ? { ...chunk, offset: chunk.offset - 1 } : chunk) }, 'do not fit the file'],
    ['a value too many in its footer', { change: (chunk, i) => (i === 1 ? { ...chunk, values: 3 } : chunk) }, 'column "tiny": expected 2 values, found 3'],
    ['a gap between pages', { change: (chunk, i) => (i === 1 ? { ...chunk, offset: chunk.offset + 1, sizeBytes: chunk.sizeBytes - 1 } : chunk) }, 'column "tiny"'],
    ['zeros between pages', { gaps: [0, 8] }, 'column "tiny": expected its page at'],
    ['more padding than it takes', { gaps: [0, 0, 0, 64] }, 'column "v": expected its page at'],
    ['a wrong row sum', { sums: encodeSums(crc32Rows(VECTORS, 8).fill(7, 1), 8) }, 'column "v": vector 1 of its row group does not match its row sum'],
    ['a wrong checksum of its row sums', { sums: SUMS.map((byte, i) => (i < 8 ? byte : 0)) }, 'column "v": the checksum of its row sums does not match'],
    ['row sums too few', { sums: SUMS.subarray(4) }, 'do not fit the file'],
    ['zeros before the footer', { gaps: [0, 0, 0, 0, 8] }, 'expected the footer at'],
    ['a page beyond the file', { change: (chunk, i) => (i === 3 ? { ...chunk, sizeBytes: 2 ** 40 } : chunk) }, 'do not fit the file'],
    ['a page before the file', { change: (chunk, i) => (i === 0 ? { ...chunk, offset: -8 } : chunk) }, 'do not fit the file'],
    ['a page of no bytes', { change: (chunk, i) => (i === 2 ? { ...chunk, sizeBytes: 0 } : chunk) }, 'expected a size of the column chunk'],
    ['row groups of no rows', { footer: Uint8Array.of(0x49, 0x2c, 0, 0, 0) }, 'expected rows in the row group'],
    ['an empty footer', { footer: Uint8Array.of(0) }, 'elanus.version'],
    ['a footer of no end', { footer: new Uint8Array(3).fill(0x15) }, 'footer: expected 1 more bytes'],
    ['a hostile list', { footer: Uint8Array.of(0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f) }, 'footer: expected 4294967295 more bytes'],
    ['a hostile text', { footer: Uint8Array.of(0x68, 0xff, 0xff, 0xff, 0xff, 0x0f) }, 'footer: expected 4294967295 more bytes'],
    ['an endless integer', { footer: new Uint8Array(12).fill(0xff).fill(0x36, 0, 1) }, 'more than 10 bytes'],
    ['structs in structs', { footer: new Uint8Array(200).fill(0x1c) }, 'nested deeper than 16'],
    ['lists in lists', { footer: Uint8Array.of(0x19, ...new Uint8Array(200).fill(0x19)) }, 'nested deeper than 16'],
    ['a type that Thrift has not', { footer: Uint8Array.of(0x1e, 0) }, 'unknown type 14'],
  ])('with %s is refused', (_, forgery, message) => {
    expect(refusalOf(() => decodeRows(forge(forgery), FORGED_SCHEMA, 'FILE'), message).message).toContain(message);
  });

  test('makes the reader allocate no more than the file can fill', () => {
    const hostile = [
      forge({ rows: 65_536 }),
      forge({ change: (chunk) => ({ ...chunk, sizeBytes: 2 ** 31 }) }),
      forge({ key: bytesOf(Uint32Array.of(0x7fff_ffff, 0)) }),
      forge({ footer: Uint8Array.of(0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f) }),
    ];
    for (const bytes of hostile) {
      const largest = largestAllocation(() => refusalOf(() => decodeRows(bytes, FORGED_SCHEMA, 'FILE'), 'hostile'));
      expect(largest).toBeLessThanOrEqual(bytes.length);
    }
    const { bytes } = encodeRows(columnsOf(SMALL_SCHEMA, 500, 1), SMALL_SCHEMA);
    expect(largestAllocation(() => decodeRows(bytes, SMALL_SCHEMA, 'FILE'))).toBeGreaterThanOrEqual(500 * 4);
  });

  test('whose footer says to be longer than the file is refused', () => {
    const bytes = forge({});
    dataViewOf(bytes).setUint32(bytes.length - 8, 0xffff_ffff, true);
    expect(refusalOf(() => decodeRows(bytes, FORGED_SCHEMA, 'FILE'), 'footer').message).toContain('footer of 4294967295 bytes does not fit');
  });
});
