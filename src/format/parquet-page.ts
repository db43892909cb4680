// Parquet page: the body of one column's page, PLAIN values of one row group, before it the levels of a vector.
// A vector's levels are a function of rows and dimension, so a reader compares them instead of decoding them.

import { requireIntact } from '../model/errors.js';
import type { Column } from '../model/columns.js';
import type { Field } from '../model/field.js';
import { bytesOf, concatBytes, dataViewOf, decodeText, encodeText, requireZeros } from './bytes.js';
import { varint } from './thrift.js';

/** What a short text costs beside its bytes, in bytes: a step is bounded in both. */
const TEXT_COST = 256;

/**
 * Repetition, then definition levels of `rows` lists of `dim` elements, in RLE runs: for each row one 0 and
 * dim - 1 ones; a single run of ones. REQUIRES: dim >= 2.
 */
export function encodeLevels(rows: number, dim: number): Uint8Array<ArrayBuffer> {
  const row = Uint8Array.of(...varint(1 << 1), 0, ...varint((dim - 1) << 1), 1);
  const defined = Uint8Array.of(...varint(rows * dim * 2), 1);
  const repeated = new Uint8Array(rows * row.length);
  for (let i = 0; i < rows; i++) repeated.set(row, i * row.length);
  return concatBytes([lengthOf(repeated), repeated, lengthOf(defined), defined]);
}

/** Bytes that encodeLevels gives, without making them. */
export function levelsBytes(rows: number, dim: number): number {
  return 4 + rows * (2 + varint((dim - 1) << 1).length + 1) + 4 + varint(rows * dim * 2).length + 1;
}

/** PLAIN bytes of rows `first` to `end`, in parts, some of them views of the column; a step makes about `stepBytes`. */
export function* encodeValues(column: Column, first: number, end: number, stepBytes: number): Generator<void, readonly Uint8Array[]> {
  switch (column.type) {
    case 'Bool':
      return [packBits(column.values.subarray(first, end))];
    case 'Int8':
    case 'Int16':
      return [bytesOf(new Int32Array(column.values.subarray(first, end)))];
    case 'VarChar':
    case 'JSON':
      return yield* encodeTexts(column.values, first, end, stepBytes);
    case 'FloatVector':
      return [bytesOf(column.values.subarray(first * column.dim, end * column.dim))];
    default:
      return [bytesOf(column.values.subarray(first, end))];
  }
}

/** Bytes of `rows` values of `field`, or undefined where it depends on the values. */
export function valuesBytes(field: Field, rows: number): number | undefined {
  switch (field.type) {
    case 'Bool':
      return Math.ceil(rows / 8);
    case 'VarChar':
    case 'JSON':
      return undefined;
    case 'Int64':
    case 'Double':
      return rows * 8;
    default:
      return rows * (field.dim ?? 1) * 4;
  }
}

/** The column of one page, copied. REQUIRES: `bytes` has valuesBytes(field, rows) bytes. Errors: `Corrupt`. */
export function decodeValues(bytes: Uint8Array, field: Field, rows: number, where: string): Column {
  const { type } = field;
  const place = `column "${field.name}"`;
  switch (type) {
    case 'Bool':
      return { type, values: unpackBits(bytes, rows, where) };
    case 'Int8':
      return { type, values: narrow(new Int32Array(bytes.slice().buffer), new Int8Array(rows), where, place) };
    case 'Int16':
      return { type, values: narrow(new Int32Array(bytes.slice().buffer), new Int16Array(rows), where, place) };
    case 'Int32':
      return { type, values: new Int32Array(bytes.slice().buffer) };
    case 'Int64':
      return { type, values: new BigInt64Array(bytes.slice().buffer) };
    case 'Float':
      return { type, values: new Float32Array(bytes.slice().buffer) };
    case 'Double':
      return { type, values: new Float64Array(bytes.slice().buffer) };
    case 'VarChar':
    case 'JSON':
      return { type, values: decodeTexts(bytes, rows, where, place) };
    case 'FloatVector':
      return { type, dim: field.dim ?? 0, values: new Float32Array(bytes.slice().buffer) };
  }
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  return bytesOf(Uint32Array.of(bytes.length));
}

function packBits(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => (bits[i >> 3] = (bits[i >> 3] as number) | (value << (i & 7))));
  return bits;
}

function unpackBits(bytes: Uint8Array, rows: number, where: string): Uint8Array {
  const values = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) values[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1;
  if (rows & 7) requireZeros(Uint8Array.of((bytes[rows >> 3] as number) >> (rows & 7)), 0, 1, where);
  return values;
}

function narrow<T extends Int8Array | Int16Array>(wide: Int32Array, values: T, where: string, place: string): T {
  values.set(wide);
  const row = wide.findIndex((value, i) => value !== values[i]);
  requireIntact(row === -1, where, `${place}: row ${row}: ${wide[row]} does not fit ${values.BYTES_PER_ELEMENT * 8} bits`);
  return values;
}

function* encodeTexts(texts: readonly string[], first: number, end: number, stepBytes: number): Generator<void, readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let row = first; row < end; ) {
    const encoded: Uint8Array[] = [];
    let length = 0;
    for (; row < end && length < stepBytes; row++) {
      const text = encodeText(texts[row] as string);
      encoded.push(text);
      length += 4 + text.length + TEXT_COST;
    }
    parts.push(prefixed(encoded));
    yield;
  }
  return parts;
}

/** Each with its length before it. */
function prefixed(texts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(texts.reduce((total, text) => total + 4 + text.length, 0));
  const view = dataViewOf(joined);
  let offset = 0;
  for (const text of texts) {
    view.setUint32(offset, text.length, true);
    joined.set(text, offset + 4);
    offset += 4 + text.length;
  }
  return joined;
}

function decodeTexts(bytes: Uint8Array, rows: number, where: string, place: string): readonly string[] {
  requireIntact(rows * 4 <= bytes.length, where, `${place}: ${rows} texts do not fit ${bytes.length} bytes`);
  const view = dataViewOf(bytes);
  let end = 0;
  const texts = Array.from({ length: rows }, (_, row) => {
    const start = end + 4;
    end = start <= bytes.length ? start + view.getUint32(end, true) : Infinity;
    if (end > bytes.length) requireIntact(false, where, `${place}: text ${row} of its row group ends beyond the page`);
    return decodeText(bytes.subarray(start, end), where, place);
  });
  requireIntact(end === bytes.length, where, `${place}: expected ${end} bytes of texts, found ${bytes.length}`);
  return texts;
}
