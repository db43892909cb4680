// Parquet metadata: the footer and page headers of our profile, from and to bytes. Every value below is the
// number that parquet.thrift (parquet-format 2.x) gives it. The footer is a function of what `Footer` holds,
// so a reader encodes what it read again and compares: no bit of it is without meaning.

import { requireIntact } from '../model/errors.js';
import type { DataType, Field } from '../model/field.js';
import { i32, i64, i8, list, readInteger, readList, readStruct, readText, struct, text, THRIFT, thriftBytes, TRUE, type Cursor, type Encoded } from './thrift.js';

export interface Footer {
  readonly rows: number;
  readonly groups: readonly RowGroup[];
  readonly keyValues: ReadonlyMap<string, string>;
}

export interface RowGroup {
  readonly rows: number;
  /** In order of fields. */
  readonly chunks: readonly Chunk[];
}

/** One page, header and body: `sizeBytes` from byte `offset` of the file on. */
export interface Chunk {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface PageHeader {
  /** List elements count one by one. */
  readonly values: number;
  readonly bodyBytes: number;
  readonly crc: number;
}

interface ParquetType {
  readonly physical: number;
  readonly converted?: number;
  readonly logical?: Encoded;
}

const CREATED_BY = 'elanus version 1';
const REQUIRED = 0;
const REPEATED = 2;
const LIST = { converted: 3, logical: struct({ 3: struct({}) }) };
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;

const TYPES: { readonly [T in DataType]: ParquetType } = {
  Bool: { physical: 0 },
  Int8: { physical: 1, converted: 15, logical: struct({ 10: struct({ 1: i8(8), 2: TRUE }) }) },
  Int16: { physical: 1, converted: 16, logical: struct({ 10: struct({ 1: i8(16), 2: TRUE }) }) },
  Int32: { physical: 1 },
  Int64: { physical: 2 },
  Float: { physical: 4 },
  Double: { physical: 5 },
  VarChar: { physical: 6, converted: 0, logical: struct({ 1: struct({}) }) },
  JSON: { physical: 6, converted: 19, logical: struct({ 12: struct({}) }) },
  FloatVector: { physical: 4 },
};

export function encodeFooter({ rows, groups, keyValues }: Footer, fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const root = struct({ 4: text('schema'), 5: i32(fields.length) });
  const pairs = [...keyValues].map(([key, value]) => struct({ 1: text(key), 2: text(value) }));
  const metadata = struct({
    1: i32(1),
    2: list([root, ...fields.flatMap(schemaElements)]),
    3: i64(rows),
    4: list(groups.map((group) => encodeGroup(group, fields))),
    5: list(pairs),
    6: text(CREATED_BY),
  });
  return thriftBytes(metadata);
}

/** What a footer says, as far as our profile leaves it open; the caller compares the rest. Errors: `Corrupt`. */
export function decodeFooter(bytes: Uint8Array, where: string): Footer {
  const cursor: Cursor = { bytes, where, place: 'footer', offset: 0 };
  let rows = 0;
  const groups: RowGroup[] = [];
  const keyValues = new Map<string, string>();
  readStruct(cursor, (id, type) => {
    if (id === 3 && type === THRIFT.i64) rows = readInteger(cursor);
    else if (id === 4 && type === THRIFT.list) readList(cursor, () => groups.push(decodeGroup(cursor)));
    else if (id === 5 && type === THRIFT.list) readList(cursor, () => keyValues.set(...decodeKeyValue(cursor)));
    else return false;
    return true;
  });
  requireIntact(cursor.offset === bytes.length, where, `footer: expected ${cursor.offset} bytes, found ${bytes.length}`);
  return { rows, groups, keyValues };
}

export function encodePageHeader({ values, bodyBytes, crc }: PageHeader): Uint8Array<ArrayBuffer> {
  const data = struct({ 1: i32(values), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE) });
  return thriftBytes(struct({ 1: i32(DATA_PAGE), 2: i32(bodyBytes), 3: i32(bodyBytes), 4: i32(crc | 0), 5: data }));
}

/** Moves `cursor` past a page header. Errors: `Corrupt`. */
export function skipPageHeader(cursor: Cursor): void {
  readStruct(cursor, () => false);
}

/** Values that a chunk of `rows` rows holds, list elements counted one by one. */
export function valuesOf(field: Field, rows: number): number {
  return rows * (field.dim ?? 1);
}

function schemaElements({ name, type }: Field): readonly Encoded[] {
  const { physical, converted, logical } = TYPES[type];
  if (type !== 'FloatVector') {
    return [struct({ 1: i32(physical), 3: i32(REQUIRED), 4: text(name), 6: converted === undefined ? undefined : i32(converted), 10: logical })];
  }
  return [
    struct({ 3: i32(REQUIRED), 4: text(name), 5: i32(1), 6: i32(LIST.converted), 10: LIST.logical }),
    struct({ 3: i32(REPEATED), 4: text('list'), 5: i32(1) }),
    struct({ 1: i32(physical), 3: i32(REQUIRED), 4: text('element') }),
  ];
}

function encodeGroup({ rows, chunks }: RowGroup, fields: readonly Field[]): Encoded {
  const columns = chunks.map((chunk, i) => encodeChunk(chunk, fields[i] as Field, rows));
  const sizeBytes = chunks.reduce((total, chunk) => total + chunk.sizeBytes, 0);
  return struct({ 1: list(columns), 2: i64(sizeBytes), 3: i64(rows) });
}

function encodeChunk({ offset, sizeBytes }: Chunk, field: Field, rows: number): Encoded {
  const path = field.type === 'FloatVector' ? [field.name, 'list', 'element'] : [field.name];
  const metadata = struct({
    1: i32(TYPES[field.type].physical),
    2: list([i32(PLAIN), i32(RLE)]),
    3: list(path.map(text)),
    4: i32(UNCOMPRESSED),
    5: i64(valuesOf(field, rows)),
    6: i64(sizeBytes),
    7: i64(sizeBytes),
    9: i64(offset),
  });
  return struct({ 2: i64(offset), 3: metadata });
}

function decodeGroup(cursor: Cursor): RowGroup {
  let rows = 0;
  const chunks: Chunk[] = [];
  readStruct(cursor, (id, type) => {
    if (id === 1 && type === THRIFT.list) readList(cursor, () => chunks.push(decodeChunk(cursor)));
    else if (id === 3 && type === THRIFT.i64) rows = readInteger(cursor);
    else return false;
    return true;
  });
  requireIntact(rows > 0, cursor.where, `footer: expected rows in the row group before byte ${cursor.offset}`);
  return { rows, chunks };
}

function decodeChunk(cursor: Cursor): Chunk {
  let offset = 0;
  let sizeBytes = 0;
  readStruct(cursor, (id, type) => {
    if (id !== 3 || type !== THRIFT.struct) return false;
    readStruct(cursor, (member, memberType) => {
      if (memberType !== THRIFT.i64 || (member !== 7 && member !== 9)) return false;
      const value = readInteger(cursor);
      if (member === 7) sizeBytes = value;
      else offset = value;
      return true;
    });
    return true;
  });
  requireIntact(sizeBytes > 0, cursor.where, `footer: expected a size of the column chunk before byte ${cursor.offset}`);
  return { offset, sizeBytes };
}

function decodeKeyValue(cursor: Cursor): [string, string] {
  let key = '';
  let value = '';
  readStruct(cursor, (id, type) => {
    if (type !== THRIFT.binary || (id !== 1 && id !== 2)) return false;
    if (id === 1) key = readText(cursor);
    else value = readText(cursor);
    return true;
  });
  return [key, value];
}
