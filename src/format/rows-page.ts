// Rows page: one column chunk of a rows file: padding, page header, levels, values, row sums. Encoding is done in
// steps, so that who must not hold up a thread pauses between them.

import { countBits, type Bitset } from '../model/bitset.js';
import { definedRows, sliceColumn, spreadColumn } from '../model/column-rows.js';
import { elementField, withValid, type ArrayColumn, type Column } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { lengthOf, sameBytes } from './bytes.js';
import { crc32, crc32Joined, crc32Rows } from './crc.js';
import { isRun, vectorBytes } from './extents.js';
import { decodeLists, decodeValidity, encodeLists, encodeValidity, listsBytes, validityBytes, type Lists } from './parquet-levels.js';
import { decodeValues, encodeValues, valuesBytes } from './parquet-page.js';
import { encodePageHeader, isList, skipPageHeader, type Chunk } from './parquet.js';
import { encodeSums } from './row-sums.js';
import { leadPadding } from './rows-layout.js';
import type { Cursor } from './thrift.js';

export interface EncodedPage {
  /** Some are views of the column. */
  readonly parts: readonly Uint8Array[];
  readonly chunk: Chunk;
}

export interface DecodedPage {
  readonly column: Column;
  /** As they lie in the page, those of rows that are not null. */
  readonly values: Uint8Array;
}

/** Bytes that a step looks at: some 2 ms of checksums. */
const STEP_BYTES = 1024 * 1024;
/** Sums that a step joins. */
const STEP_SUMS = 8192;
const NO_BYTES = new Uint8Array(0);

/** The chunk of rows `first` to `end` behind byte `position` of the file. */
export function* encodePage(column: Column, field: Field, first: number, end: number, position: number): Generator<void, EncodedPage> {
  const rows = end - first;
  const part = sliceColumn(column, first, end);
  yield;
  const nulls = part.valid === undefined ? 0 : rows - countBits(part.valid);
  const levels = levelsOf(part, field, rows);
  yield;
  const values = yield* definedValues(part, field, rows);
  const bodyBytes = levels.length + lengthOf(values);
  const sums = isRun(field) ? yield* sumsInSteps(values, rows - nulls, vectorBytes(field)) : undefined;
  const crc = sums === undefined ? yield* crcInSteps([levels, ...values]) : yield* crcOfSums(sums, vectorBytes(field), crc32(levels));
  const count = countOf(part, field, rows, nulls);
  const header = encodePageHeader({ values: count, bodyBytes, crc });
  const padding = leadPadding(position, header.length + levels.length, field);
  const behind = sums === undefined ? [] : [encodeSums(sums, vectorBytes(field))];
  const chunk = { offset: position + padding, sizeBytes: header.length + bodyBytes, values: count, nulls };
  return { parts: [new Uint8Array(padding), header, levels, ...values, ...behind], chunk };
}

/** The column of one page, its header, checksum, length and levels checked; `bytes` is the chunk. Errors: `Corrupt`. */
export function decodePage(bytes: Uint8Array, chunk: Chunk, field: Field, rows: number, where: string, place: string): DecodedPage {
  const cursor: Cursor = { bytes, where, place: `${place}: page header`, offset: 0 };
  skipPageHeader(cursor);
  const body = bytes.subarray(cursor.offset);
  checkHeader(bytes.subarray(0, cursor.offset), chunk, body.length, crc32(body), where, place);
  const levels = openLevels(body, chunk, field, rows, where, place);
  const values = body.subarray(levels.bytes);
  const element = field.type === 'Array' ? elementField(field) : field;
  const count = field.type === 'Array' ? (levels.lists?.offsets[rows] as number) : rows - chunk.nulls;
  const valueBytes = valuesBytes(element, count) ?? values.length;
  requireIntact(values.length === valueBytes, where, `${place}: expected a page of ${levels.bytes + valueBytes} bytes, found ${body.length}`);
  const stored = decodeValues(values, element, count, where, `column "${field.name}"`);
  const { valid } = levels;
  if (field.type === 'Array') return { column: withValid({ type: 'Array', offsets: (levels.lists as Lists).offsets, values: stored } as ArrayColumn, valid), values };
  return { column: valid === undefined ? stored : spreadColumn(stored, valid, rows), values };
}

/** Which rows have a vector, by the part of a chunk in front of its vectors; verified by their row sums. Undefined if all have. REQUIRES: a dense vector. Errors: `Corrupt`. */
export function decodeVectorLead(bytes: Uint8Array, chunk: Chunk, field: Field, rows: number, sums: Uint32Array, where: string, place: string): Bitset | undefined {
  const cursor: Cursor = { bytes, where, place: `${place}: page header`, offset: 0 };
  skipPageHeader(cursor);
  const levels = bytes.subarray(cursor.offset);
  checkHeader(bytes.subarray(0, cursor.offset), chunk, chunk.sizeBytes - cursor.offset, crc32Joined(sums, vectorBytes(field), crc32(levels)), where, place);
  const found = openLevels(levels, chunk, field, rows, where, place);
  requireIntact(found.bytes === levels.length, where, `${place}: expected levels of ${levels.length} bytes, found ${found.bytes}`);
  return found.valid;
}

function checkHeader(header: Uint8Array, { values }: Chunk, bodyBytes: number, crc: number, where: string, place: string): void {
  requireIntact(sameBytes(header, encodePageHeader({ values, bodyBytes, crc })), where, `${place}: header or checksum of its page does not match`);
}

interface OpenedLevels {
  readonly bytes: number;
  /** Undefined if no row is null. */
  readonly valid?: Bitset | undefined;
  readonly lists?: Lists;
}

/** The levels that `body` begins with. */
function openLevels(body: Uint8Array, { values, nulls }: Chunk, field: Field, rows: number, where: string, place: string): OpenedLevels {
  const { dim = 0, nullable = false } = field;
  const known = isList(field) ? (field.type === 'Array' || nullable ? undefined : listsBytes(rows, dim)) : nullable ? validityBytes(rows) : 0;
  requireIntact(known === undefined || known <= body.length, where, `${place}: expected a page of at least ${known} bytes, found ${body.length}`);
  if (known !== undefined && isList(field)) {
    requireIntact(sameBytes(body.subarray(0, known), encodeLists(rows, dim, false)), where, `${place}: a list has not ${dim} elements`);
    return { bytes: known };
  }
  if (known === 0) return { bytes: 0 };
  const { lists, bytes } = known === undefined ? decodeLists(body, rows, values, nullable, where, place) : { lists: undefined, bytes: known };
  const valid = lists === undefined ? decodeValidity(body.subarray(0, bytes), rows, where, place) : lists.valid;
  requireIntact(valid === undefined || countBits(valid) === rows - nulls, where, `${place}: expected ${nulls} nulls, found ${valid && rows - countBits(valid)}`);
  if (lists !== undefined && field.type !== 'Array') {
    const row = lists.offsets.findIndex((offset, at) => at > 0 && offset !== (lists.offsets[at - 1] as number) && offset - (lists.offsets[at - 1] as number) !== dim);
    requireIntact(row === -1 && lists.offsets[rows] === (rows - nulls) * dim, where, `${place}: a list has not ${dim} elements`);
  }
  return { bytes, valid: nulls === 0 ? undefined : valid, ...(lists === undefined ? {} : { lists }) };
}

function levelsOf(part: Column, field: Field, rows: number): Uint8Array {
  const { dim = 0, nullable = false } = field;
  if (!isList(field)) return nullable ? encodeValidity(rows, part.valid) : NO_BYTES;
  if (part.type === 'Array') return encodeLists(rows, part, nullable);
  if (part.valid === undefined) return encodeLists(rows, dim, nullable);
  const { valid } = part;
  const offsets = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) offsets[row + 1] = (offsets[row] as number) + (((valid[row >> 3] as number) >> (row & 7)) & 1) * dim;
  return encodeLists(rows, { offsets, valid }, nullable);
}

/** List elements one by one, a list without any as one. */
function countOf(part: Column, field: Field, rows: number, nulls: number): number {
  if (part.type !== 'Array') return isList(field) ? (rows - nulls) * (field.dim ?? 0) + nulls : rows;
  let count = 0;
  for (let row = 0; row < rows; row++) count += Math.max(1, (part.offsets[row + 1] as number) - (part.offsets[row] as number));
  return count;
}

/** The values of the rows that are not null: vectors in portions, since they are copied. */
function* definedValues(part: Column, field: Field, rows: number): Generator<void, readonly Uint8Array[]> {
  if (part.type === 'Array') return yield* encodeValues(part.values, STEP_BYTES);
  if (part.valid === undefined || !isRun(field)) {
    const defined = definedRows(part);
    yield;
    return yield* encodeValues(defined, STEP_BYTES);
  }
  const parts: Uint8Array[] = [];
  const atOnce = Math.max(1, Math.floor(STEP_BYTES / vectorBytes(field)));
  for (let first = 0; first < rows; first += atOnce) {
    parts.push(...(yield* encodeValues(definedRows(sliceColumn(part, first, Math.min(rows, first + atOnce))), STEP_BYTES)));
    yield;
  }
  return parts;
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
      const some = crc32Rows(part.subarray(from, from + atOnce), sizeBytes);
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
