// Column bytes: one column as contiguous bytes, the way a batch holds it. Numbers lie as in memory; what has no fixed
// size follows rows + 1 ascending u32 offsets. Decoding views the bytes where they are aligned, else copies.

import { bitsetBytes, countBits, hasBit, type Bitset } from '../model/bitset.js';
import { requireIntact } from '../model/errors.js';
import { elementField, isNumbers, isNumberType, isTexts, NUMBER_ARRAYS, numberColumn, rowsOf, valuesPerRow, withValid, type Column, type Columns, type NumberColumn, type TextColumn } from '../model/columns.js';
import type { Field } from '../model/field.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../model/timestamp.js';
import { bytesOf, concatBytes, dataViewOf, decodeText, paddingFor, requireZeros } from './bytes.js';
import { TextSink } from './text-sink.js';

const ALIGNMENT = 8;

/** The column of `field`. Throws if `columns` is not what its type promises: that is our own mistake. */
export function columnOf(columns: Columns, field: Field): Column {
  const column = columns.byName.get(field.name);
  const fits = column?.type === field.type && rowsOf(column) === columns.rows && validFits(column.valid, columns.rows, field);
  if (!fits || (column.type === 'Array' && column.values.type !== field.elementType) || (isNumbers(column) && valuesPerRow(column) !== valuesPerRow(field))) {
    throw new Error(`column "${field.name}": expected ${columns.rows} values of ${field.type}, found ${column && rowsOf(column)} of ${column?.type}`);
  }
  return column;
}

/** That of nullable fields alone, and only where something is null. */
function validFits(valid: Bitset | undefined, rows: number, { nullable = false }: Field): boolean {
  return valid === undefined || (nullable && valid.length === bitsetBytes(rows) && countBits(valid) < rows);
}

/** The values; before them, if there are nulls, a bitset of the rows that are not null. */
export function encodeColumn(column: Column): Uint8Array {
  const values = encodeValues(column);
  return column.valid === undefined ? values : concatBytes([column.valid.subarray(0, bitsetBytes(rowsOf(column))), values]);
}

/** `rows` values of `field` that fill `bytes` exactly, with a bitset before them if `nulls`. Errors: `Corrupt`, naming `where` and the field. */
export function decodeColumn(bytes: Uint8Array, field: Field, rows: number, nulls: boolean, where: string): Column {
  const place = `column "${field.name}"`;
  if (!nulls) return decodeValues(bytes, field, rows, where, place);
  const size = bitsetBytes(rows);
  requireIntact(bytes.length >= size, where, `${place}: expected ${size} bytes of validity, found ${bytes.length}`);
  const valid = bytes.slice(0, size);
  checkValid(valid, rows, where, place);
  const column = decodeValues(bytes.subarray(size), field, rows, where, place);
  requireEmptyNulls(column, valid, rows, where, place);
  return withValid(column, valid);
}

/** Errors: `Corrupt` unless some row is null, and no bit is set beyond the rows. */
export function checkValid(valid: Bitset, rows: number, where: string, place: string): void {
  let beyond = 0;
  for (let row = rows; row < valid.length * 8; row++) if (hasBit(valid, row)) beyond++;
  requireIntact(beyond === 0 && countBits(valid) < rows, where, `${place}: expected a null among its ${rows} rows, and none beyond them`);
}

/** Errors: `Corrupt` for a Timestamptz that no calendar has, for sparse vectors whose indices do not ascend. */
export function checkValues(column: Column, where: string, place: string): void {
  if (column.type === 'Timestamptz') {
    const row = column.values.findIndex((micros) => micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX);
    requireIntact(row === -1, where, `${place}: row ${row}: ${String(column.values[row])} is not of the years 0000 to 9999`);
  }
  if (column.type !== 'SparseFloatVector') return;
  const { offsets, indices, values } = column;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) {
      const ascends = at === offsets[row] || (indices[at] as number) > (indices[at - 1] as number);
      if (!ascends || !Number.isFinite(values[at])) requireIntact(false, where, `${place}: row ${row}: expected ascending indices of finite values`);
    }
  }
}

function encodeValues(column: Column): Uint8Array {
  if (isNumbers(column)) return bytesOf(column.values);
  if (isTexts(column)) return encodeTexts(column.values);
  const offsets = concatBytes([bytesOf(column.offsets), new Uint8Array(paddingFor(column.offsets.byteLength, ALIGNMENT))]);
  return concatBytes(column.type === 'Array' ? [offsets, encodeValues(column.values)] : [offsets, bytesOf(column.indices), bytesOf(column.values)]);
}

function decodeValues(bytes: Uint8Array, field: Field, rows: number, where: string, place: string): Column {
  const { type } = field;
  if (isNumberType(type)) return decodeNumbers(bytes, field, rows, where, place);
  if (type === 'VarChar' || type === 'JSON' || type === 'Geometry') return { type, values: decodeTexts(bytes, rows, where, place) };
  const { offsets, rest } = decodeOffsets(bytes, rows, where, place);
  const count = offsets[rows] as number;
  if (type === 'Array') return { type, offsets, values: decodeValues(rest, elementField(field), count, where, place) as NumberColumn | TextColumn };
  requireIntact(rest.length === count * 8, where, `${place}: expected ${count * 8} bytes of indices and values, found ${rest.length}`);
  const buffer = rest.slice().buffer as ArrayBuffer;
  const column: Column = { type: 'SparseFloatVector', offsets, indices: new Uint32Array(buffer, 0, count), values: new Float32Array(buffer, count * 4, count) };
  checkValues(column, where, place);
  return column;
}

function decodeNumbers(bytes: Uint8Array, field: Field, rows: number, where: string, place: string): NumberColumn {
  const Values = NUMBER_ARRAYS[field.type as NumberColumn['type']];
  const count = rows * valuesPerRow(field);
  const size = Values.BYTES_PER_ELEMENT;
  requireIntact(bytes.length === count * size, where, `${place}: expected ${count * size} bytes, found ${bytes.length}`);
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const column = numberColumn(field, new Values(buffer as ArrayBuffer, byteOffset, count));
  if (column.type === 'Bool') requireIntact(column.values.every((value) => value <= 1), where, `${place}: expected 0 or 1 in each byte`);
  checkValues(column, where, place);
  return column;
}

/** Ascending from 0, and what follows them. */
function decodeOffsets(bytes: Uint8Array, rows: number, where: string, place: string): { offsets: Uint32Array; rest: Uint8Array } {
  const size = (rows + 1) * 4;
  const start = size + paddingFor(size, ALIGNMENT);
  requireIntact(bytes.length >= start, where, `${place}: expected at least ${start} bytes, found ${bytes.length}`);
  requireZeros(bytes, size, start, where);
  const offsets = new Uint32Array(bytes.slice(0, size).buffer);
  requireIntact(offsets[0] === 0 && offsets.every((offset, i) => i === 0 || offset >= (offsets[i - 1] as number)), where, `${place}: expected offsets that ascend from 0`);
  return { offsets, rest: bytes.subarray(start) };
}

function requireEmptyNulls(column: Column, valid: Bitset, rows: number, where: string, place: string): void {
  const perRow = isNumbers(column) ? valuesPerRow(column) : 1;
  const isEmpty = (row: number): boolean => {
    if (isTexts(column)) return column.values[row] === '';
    if (!isNumbers(column)) return column.offsets[row] === column.offsets[row + 1];
    return bytesOf(column.values.subarray(row * perRow, (row + 1) * perRow)).every((byte) => byte === 0);
  };
  for (let row = 0; row < rows; row++) if (!hasBit(valid, row) && !isEmpty(row)) requireIntact(false, where, `${place}: row ${row} is null and has a value`);
}

function encodeTexts(texts: readonly string[]): Uint8Array {
  const offsets = new Uint32Array(texts.length + 1);
  const sink = new TextSink(texts.reduce((sum, text) => sum + text.length, 0));
  for (let i = 0; i < texts.length; i++) offsets[i + 1] = sink.add(texts[i] as string);
  return concatBytes([bytesOf(offsets), sink.bytes]);
}

function decodeTexts(bytes: Uint8Array, rows: number, where: string, place: string): readonly string[] {
  const textsStart = (rows + 1) * 4;
  requireIntact(bytes.length >= textsStart, where, `${place}: expected at least ${textsStart} bytes, found ${bytes.length}`);
  const view = dataViewOf(bytes);
  const texts = bytes.subarray(textsStart);
  let start = 0;
  requireIntact(view.getUint32(0, true) === 0, where, `${place}: expected the first offset to be 0`);
  if (rows === 0) requireIntact(texts.length === 0, where, `${place}: expected no texts, found ${texts.length} bytes`);
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
