// Column bytes: one column as contiguous bytes, the way a batch holds it. Numbers lie as in memory; texts are
// rows + 1 ascending u32 offsets, then their UTF-8. Decoding views the bytes where they are aligned, else copies.

import { requireIntact } from '../model/errors.js';
import type { Column, Columns } from '../model/columns.js';
import type { DataType, Field } from '../model/field.js';
import { bytesOf, concatBytes, dataViewOf, decodeText, encodeText } from './bytes.js';

/** Bytes of one value in memory; a text's is not fixed. */
export const VALUE_BYTES = { Bool: 1, Int8: 1, Int16: 2, Int32: 4, Int64: 8, Float: 4, Double: 8, FloatVector: 4 } as const satisfies Partial<Record<DataType, number>>;

/** The column of `field`. Throws if `columns` is not what its type promises: that is our own mistake. */
export function columnOf(columns: Columns, field: Field): Column {
  const column = columns.byName.get(field.name);
  const length = field.type === 'FloatVector' ? columns.rows * (field.dim ?? 0) : columns.rows;
  if (column?.type !== field.type || column.values.length !== length) {
    throw new Error(`column "${field.name}": expected ${length} values of ${field.type}, found ${column?.values.length} of ${column?.type}`);
  }
  return column;
}

export function encodeColumn({ values }: Column): Uint8Array {
  return ArrayBuffer.isView(values) ? bytesOf(values) : encodeTexts(values);
}

/** `rows` values of `field` that fill `bytes` exactly. Errors: `Corrupt`, naming `where` and the field. */
export function decodeColumn(bytes: Uint8Array, field: Field, rows: number, where: string): Column {
  const { type } = field;
  const place = `column "${field.name}"`;
  if (type === 'VarChar' || type === 'JSON') return { type, values: decodeTexts(bytes, rows, where, place) };
  const dim = field.dim ?? 1;
  const size = VALUE_BYTES[type];
  requireIntact(bytes.length === rows * dim * size, where, `${place}: expected ${rows * dim * size} bytes, found ${bytes.length}`);
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  switch (type) {
    case 'Bool':
      requireIntact(bytes.every((value) => value <= 1), where, `${place}: expected 0 or 1 in each byte`);
      return { type, values: bytes };
    case 'Int8':
      return { type, values: new Int8Array(buffer, byteOffset, rows) };
    case 'Int16':
      return { type, values: new Int16Array(buffer, byteOffset, rows) };
    case 'Int32':
      return { type, values: new Int32Array(buffer, byteOffset, rows) };
    case 'Int64':
      return { type, values: new BigInt64Array(buffer, byteOffset, rows) };
    case 'Float':
      return { type, values: new Float32Array(buffer, byteOffset, rows) };
    case 'Double':
      return { type, values: new Float64Array(buffer, byteOffset, rows) };
    case 'FloatVector':
      return { type, dim, values: new Float32Array(buffer, byteOffset, rows * dim) };
  }
}

function encodeTexts(texts: readonly string[]): Uint8Array {
  const offsets = new Uint32Array(texts.length + 1);
  let end = 0;
  const parts = texts.map((text, i) => {
    const part = encodeText(text);
    end += part.length;
    offsets[i + 1] = end;
    return part;
  });
  return concatBytes([bytesOf(offsets), ...parts]);
}

function decodeTexts(bytes: Uint8Array, rows: number, where: string, place: string): readonly string[] {
  const textsStart = (rows + 1) * 4;
  requireIntact(bytes.length >= textsStart, where, `${place}: expected at least ${textsStart} bytes, found ${bytes.length}`);
  const view = dataViewOf(bytes);
  const texts = bytes.subarray(textsStart);
  let start = 0;
  requireIntact(view.getUint32(0, true) === 0, where, `${place}: expected the first offset to be 0`);
  return Array.from({ length: rows }, (_, i) => {
    const end = view.getUint32((i + 1) * 4, true);
    if (end < start || end > texts.length || (i === rows - 1 && end !== texts.length)) {
      requireIntact(false, where, `${place}: row ${i}: text from ${start} to ${end} does not fit ${texts.length} bytes`);
    }
    const text = decodeText(texts.subarray(start, end), where, place);
    start = end;
    return text;
  });
}
