// Parquet levels: in front of the values of a page, what says which rows are null and how long lists are. A leaf's
// definition levels are one bit-packed run, a list's repetition and definition levels RLE runs as long as can be. So
// levels are a function of rows, and a reader encodes what it understood again and compares.

import { bitsetBytes, hasBit, setBit, type Bitset } from '../model/bitset.js';
import { requireIntact } from '../model/errors.js';
import { bytesOf, concatBytes, dataViewOf, sameBytes } from './bytes.js';
import { readVarint, varint, type Cursor } from './thrift.js';

/** Elements of `rows` lists, and which of these are null. */
export interface Lists {
  /** Row i has elements offsets[i] to offsets[i + 1]; a null row has none. */
  readonly offsets: Uint32Array;
  readonly valid?: Bitset | undefined;
}

const LENGTH_BYTES = 4;

/** Definition levels of `rows` values that may be null; all are there if `valid` is undefined. */
export function encodeValidity(rows: number, valid: Bitset | undefined): Uint8Array<ArrayBuffer> {
  const groups = Math.ceil(rows / 8);
  const bits = new Uint8Array(groups);
  if (valid === undefined) bits.fill(0xff);
  else bits.set(valid.subarray(0, groups));
  if (rows % 8 > 0) bits[groups - 1] = (bits[groups - 1] as number) & ((1 << (rows % 8)) - 1);
  return prefixed(concatBytes([Uint8Array.from(varint((groups << 1) | 1)), bits]));
}

/** Bytes that encodeValidity gives. */
export function validityBytes(rows: number): number {
  const groups = Math.ceil(rows / 8);
  return LENGTH_BYTES + varint((groups << 1) | 1).length + groups;
}

/** Which of `rows` values are there. REQUIRES: validityBytes(rows) bytes. Errors: `Corrupt`. */
export function decodeValidity(bytes: Uint8Array, rows: number, where: string, place: string): Bitset {
  const valid = new Uint8Array(bitsetBytes(rows));
  const groups = Math.ceil(rows / 8);
  valid.set(bytes.subarray(bytes.length - groups));
  if (rows % 8 > 0) valid[groups - 1] = (valid[groups - 1] as number) & ((1 << (rows % 8)) - 1);
  requireIntact(sameBytes(encodeValidity(rows, valid), bytes), where, `${place}: expected the definition levels of ${rows} rows`);
  return valid;
}

/** Repetition, then definition levels of `rows` lists of as many elements each, or of `lists`. */
export function encodeLists(rows: number, lists: Lists | number, nullable: boolean): Uint8Array<ArrayBuffer> {
  const most = nullable ? 2 : 1;
  const repetition = new Runs();
  const definition = new Runs();
  for (let row = 0; row < rows; row++) {
    const isNull = typeof lists !== 'number' && lists.valid !== undefined && !hasBit(lists.valid, row);
    const length = typeof lists === 'number' ? lists : (lists.offsets[row + 1] as number) - (lists.offsets[row] as number);
    repetition.add(0, 1);
    if (length > 1) repetition.add(1, length - 1);
    definition.add(isNull ? 0 : length === 0 ? most - 1 : most, Math.max(1, length));
  }
  return concatBytes([prefixed(repetition.end()), prefixed(definition.end())]);
}

/** Bytes that encodeLists gives for `rows` lists of `perRow` elements that are never null. REQUIRES: perRow >= 2. */
export function listsBytes(rows: number, perRow: number): number {
  return 2 * LENGTH_BYTES + rows * (2 + varint((perRow - 1) * 2).length + 1) + varint(rows * perRow * 2).length + 1;
}

/** The levels that `body` begins with, and how many bytes they take. `values` is how many there are in all. Errors: `Corrupt`. */
export function decodeLists(body: Uint8Array, rows: number, values: number, nullable: boolean, where: string, place: string): { readonly lists: Lists; readonly bytes: number } {
  const repetition = levelsAt(body, 0, where, place);
  const definition = levelsAt(body, repetition.end, where, place);
  const most = nullable ? 2 : 1;
  const offsets = new Uint32Array(rows + 1);
  const valid = new Uint8Array(bitsetBytes(rows));
  let row = 0;
  let elements = 0;
  let left = { repetition: 0, definition: 0 };
  let level = { repetition: 0, definition: 0 };
  for (let seen = 0; seen < values; ) {
    if (left.repetition === 0) ({ count: left.repetition, level: level.repetition } = readRun(repetition.cursor));
    if (left.definition === 0) ({ count: left.definition, level: level.definition } = readRun(definition.cursor));
    const count = Math.min(left.repetition, left.definition, values - seen);
    requireIntact(count > 0 && level.repetition <= 1 && level.definition <= most, where, `${place}: expected levels of lists`);
    const holds = level.definition === most;
    if (level.repetition === 1) {
      requireIntact(row > 0 && holds, where, `${place}: expected a list before the elements that go on with it`);
      elements += count;
      offsets[row] = elements;
    } else {
      requireIntact(row + count <= rows, where, `${place}: expected ${rows} lists, found more`);
      for (let i = 0; i < count; i++) {
        if (level.definition > 0 || !nullable) setBit(valid, row);
        if (holds) elements++;
        offsets[++row] = elements;
      }
    }
    left = { repetition: left.repetition - count, definition: left.definition - count };
    seen += count;
  }
  requireIntact(row === rows, where, `${place}: expected ${rows} lists, found ${row}`);
  const lists = { offsets, valid: nullable ? valid : undefined };
  const expected = encodeLists(rows, lists, nullable);
  requireIntact(sameBytes(expected, body.subarray(0, definition.end)), where, `${place}: levels are not as version 1 writes them`);
  return { lists, bytes: definition.end };
}

/** RLE runs of levels below 256, merged. */
class Runs {
  #bytes = new Uint8Array(64);
  #length = 0;
  #level = 0;
  #count = 0;

  add(level: number, count: number): void {
    if (level !== this.#level) this.#flush();
    this.#level = level;
    this.#count += count;
  }

  end(): Uint8Array {
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  #flush(): void {
    if (this.#count === 0) return;
    if (this.#length + 16 > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    let head = this.#count * 2;
    for (; head >= 128; head = Math.floor(head / 128)) this.#bytes[this.#length++] = (head % 128) | 128;
    this.#bytes[this.#length++] = head;
    this.#bytes[this.#length++] = this.#level;
    this.#count = 0;
  }
}

function readRun(cursor: Cursor): { count: number; level: number } {
  const head = readVarint(cursor);
  requireIntact(head % 2 === 0 && cursor.offset < cursor.bytes.length, cursor.where, `${cursor.place}: expected a run of levels before byte ${cursor.offset}`);
  return { count: head / 2, level: cursor.bytes[cursor.offset++] as number };
}

/** The levels at `start`, behind their length. */
function levelsAt(body: Uint8Array, start: number, where: string, place: string): { cursor: Cursor; end: number } {
  requireIntact(start + LENGTH_BYTES <= body.length, where, `${place}: expected a length of levels at ${start}`);
  const end = start + LENGTH_BYTES + dataViewOf(body).getUint32(start, true);
  requireIntact(end <= body.length, where, `${place}: levels up to ${end} do not fit a page of ${body.length} bytes`);
  return { cursor: { bytes: body.subarray(0, end), where, place: `${place}: levels`, offset: start + LENGTH_BYTES }, end };
}

function prefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([bytesOf(Uint32Array.of(bytes.length)), bytes]);
}
