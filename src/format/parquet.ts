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
  /** List elements count one by one; a list that is null or empty counts as one. */
  readonly values: number;
  /** Rows that are null. */
  readonly nulls: number;
}

export interface PageHeader {
  readonly values: number;
  readonly bodyBytes: number;
  readonly crc: number;
}

interface ParquetType {
  readonly physical: number;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly length?: (dim: number) => number;
  readonly converted?: number;
  readonly logical?: Encoded;
}

const CREATED_BY = 'elanus version 1';
const REQUIRED = 0;
const OPTIONAL = 1;
const REPEATED = 2;
const LIST = { converted: 3, logical: struct({ 3: struct({}) }) };
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;

const FIXED = 7;
const TYPES: { readonly [T in Exclude<DataType, 'Array'>]: ParquetType } = {
  Bool: { physical: 0 },
  Int8: { physical: 1, converted: 15, logical: struct({ 10: struct({ 1: i8(8), 2: TRUE }) }) },
  Int16: { physical: 1, converted: 16, logical: struct({ 10: struct({ 1: i8(16), 2: TRUE }) }) },
  Int32: { physical: 1 },
  Int64: { physical: 2 },
  Float: { physical: 4 },
  Double: { physical: 5 },
  VarChar: { physical: 6, converted: 0, logical: struct({ 1: struct({}) }) },
  JSON: { physical: 6, converted: 19, logical: struct({ 12: struct({}) }) },
  Geometry: { physical: 6, converted: 0, logical: struct({ 1: struct({}) }) },
  Timestamptz: { physical: 2, converted: 10, logical: struct({ 8: struct({ 1: TRUE, 2: struct({ 2: struct({}) }) }) }) },
  FloatVector: { physical: 4 },
  Float16Vector: { physical: FIXED, length: () => 2, logical: struct({ 15: struct({}) }) },
  BFloat16Vector: { physical: FIXED, length: (dim) => dim * 2 },
  Int8Vector: { physical: FIXED, length: (dim) => dim },
  BinaryVector: { physical: FIXED, length: (dim) => dim / 8 },
  SparseFloatVector: { physical: 6 },
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

/** Whether a field is a LIST, whose elements are the values. */
export function isList({ type }: Field): boolean {
  return type === 'Array' || type === 'FloatVector' || type === 'Float16Vector';
}

/** Of the values: an Array's are its elements. */
function typeOf({ type, elementType = 'Bool' }: Field): ParquetType {
  return TYPES[type === 'Array' ? elementType : type];
}

function schemaElements(field: Field): readonly Encoded[] {
  const { name, dim = 0, nullable = false } = field;
  const { physical, length, converted, logical } = typeOf(field);
  const repetition = i32(nullable ? OPTIONAL : REQUIRED);
  const value = { 1: i32(physical), 2: length && i32(length(dim)), 6: converted === undefined ? undefined : i32(converted), 10: logical };
  if (!isList(field)) return [struct({ ...value, 3: repetition, 4: text(name) })];
  return [
    struct({ 3: repetition, 4: text(name), 5: i32(1), 6: i32(LIST.converted), 10: LIST.logical }),
    struct({ 3: i32(REPEATED), 4: text('list'), 5: i32(1) }),
    struct({ ...value, 3: i32(REQUIRED), 4: text('element') }),
  ];
}

function encodeGroup({ rows, chunks }: RowGroup, fields: readonly Field[]): Encoded {
  const columns = chunks.map((chunk, i) => encodeChunk(chunk, fields[i] as Field));
  const sizeBytes = chunks.reduce((total, chunk) => total + chunk.sizeBytes, 0);
  return struct({ 1: list(columns), 2: i64(sizeBytes), 3: i64(rows) });
}

function encodeChunk({ offset, sizeBytes, values, nulls }: Chunk, field: Field): Encoded {
  const path = isList(field) ? [field.name, 'list', 'element'] : [field.name];
  const metadata = struct({
    1: i32(typeOf(field).physical),
    2: list([i32(PLAIN), i32(RLE)]),
    3: list(path.map(text)),
    4: i32(UNCOMPRESSED),
    5: i64(values),
    6: i64(sizeBytes),
    7: i64(sizeBytes),
    9: i64(offset),
    12: field.nullable === true ? struct({ 3: i64(nulls) }) : undefined,
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
  const chunk = { offset: 0, sizeBytes: 0, values: 0, nulls: 0 };
  readStruct(cursor, (id, type) => {
    if (id !== 3 || type !== THRIFT.struct) return false;
    readStruct(cursor, (member, memberType) => {
      if (member === 12 && memberType === THRIFT.struct) readStruct(cursor, (statistic, kind) => readI64(statistic === 3, kind, (value) => (chunk.nulls = value)));
      else if (member === 5) return readI64(true, memberType, (value) => (chunk.values = value));
      else if (member === 7) return readI64(true, memberType, (value) => (chunk.sizeBytes = value));
      else return readI64(member === 9, memberType, (value) => (chunk.offset = value));
      return true;
    });
    return true;
  });
  requireIntact(chunk.sizeBytes > 0, cursor.where, `footer: expected a size of the column chunk before byte ${cursor.offset}`);
  return chunk;

  function readI64(wanted: boolean, type: number, take: (value: number) => void): boolean {
    if (!wanted || type !== THRIFT.i64) return false;
    take(readInteger(cursor));
    return true;
  }
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
