// Rows page: one column chunk of a rows file: padding, page header, levels, values, row sums. Encoding is done in
// steps, so that who must not hold up a thread pauses between them.

import type { Column } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { sameBytes } from './bytes.js';
import { crc32, crc32Joined } from './crc.js';
import { encodeLevels, encodeValues, levelsBytes, valuesBytes } from './parquet-page.js';
import { encodePageHeader, skipPageHeader, valuesOf, type Chunk } from './parquet.js';
import { encodeSums, sumsOf } from './row-sums.js';
import { leadPadding, vectorBytes } from './rows-layout.js';
import type { Cursor } from './thrift.js';

export interface EncodedPage {
  /** Some are views of the column. */
  readonly parts: readonly Uint8Array[];
  readonly chunk: Chunk;
}

/** Bytes that a step looks at: some 2 ms of checksums. */
const STEP_BYTES = 1024 * 1024;
/** Sums that a step joins. */
const STEP_SUMS = 8192;
const NO_BYTES = new Uint8Array(0);

/** The chunk of rows `first` to `end` behind byte `position` of the file. */
export function* encodePage(column: Column, field: Field, first: number, end: number, position: number): Generator<void, EncodedPage> {
  const rows = end - first;
  const levels = field.dim === undefined ? NO_BYTES : encodeLevels(rows, field.dim);
  yield;
  const values = yield* encodeValues(column, first, end, STEP_BYTES);
  const sums = field.dim === undefined ? undefined : yield* sumsInSteps(values, rows, vectorBytes(field));
  const crc = sums === undefined ? yield* crcInSteps(values) : yield* crcOfSums(sums, vectorBytes(field), crc32(levels));
  const header = encodePageHeader({ values: valuesOf(field, rows), bodyBytes: levels.length + valuesLength(values), crc });
  const lead = header.length + levels.length;
  const padding = leadPadding(position, lead, field);
  const behind = sums === undefined ? [] : [encodeSums(sums, vectorBytes(field))];
  const chunk = { offset: position + padding, sizeBytes: lead + valuesLength(values) };
  return { parts: [new Uint8Array(padding), header, levels, ...values, ...behind], chunk };
}

/** The values of one page, its header, checksum, length and levels checked; `bytes` is the chunk. Errors: `Corrupt`. */
export function openPage(bytes: Uint8Array, field: Field, rows: number, where: string, place: string): Uint8Array {
  const cursor: Cursor = { bytes, where, place: `${place}: page header`, offset: 0 };
  skipPageHeader(cursor);
  const body = bytes.subarray(cursor.offset);
  const expected = encodePageHeader({ values: valuesOf(field, rows), bodyBytes: body.length, crc: crc32(body) });
  requireIntact(sameBytes(bytes.subarray(0, cursor.offset), expected), where, `${place}: header or checksum of its page does not match`);
  const levelBytes = field.dim === undefined ? 0 : levelsBytes(rows, field.dim);
  const valueBytes = valuesBytes(field, rows) ?? body.length;
  requireIntact(body.length === levelBytes + valueBytes, where, `${place}: expected a page of ${levelBytes + valueBytes} bytes, found ${body.length}`);
  if (field.dim !== undefined) requireIntact(sameBytes(body.subarray(0, levelBytes), encodeLevels(rows, field.dim)), where, `${place}: a list has not ${field.dim} elements`);
  return body.subarray(levelBytes);
}

function valuesLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}

function* crcInSteps(parts: readonly Uint8Array[]): Generator<void, number> {
  let crc = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += STEP_BYTES) {
      crc = crc32(part.subarray(from, from + STEP_BYTES), crc);
      yield;
    }
  }
  return crc;
}

function* sumsInSteps(parts: readonly Uint8Array[], vectors: number, sizeBytes: number): Generator<void, Uint32Array> {
  const sums = new Uint32Array(vectors);
  const atOnce = Math.max(1, Math.floor(STEP_BYTES / sizeBytes)) * sizeBytes;
  let done = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += atOnce) {
      const some = sumsOf(part.subarray(from, from + atOnce), sizeBytes);
      sums.set(some, done);
      done += some.length;
      yield;
    }
  }
  return sums;
}

function* crcOfSums(sums: Uint32Array, sizeBytes: number, seed: number): Generator<void, number> {
  let crc = seed;
  for (let from = 0; from < sums.length; from += STEP_SUMS) {
    crc = crc32Joined(sums.subarray(from, from + STEP_SUMS), sizeBytes, crc);
    yield;
  }
  return crc;
}
