// Thrift's compact protocol, as much as Parquet's footer and page headers need. Encoding is by value, without
// state; reading goes through a Cursor that never leaves its bytes and never believes a count.
// Source: thrift-compact-protocol.md of Apache Thrift. Integers are those that a JavaScript number holds exactly.

import { requireIntact } from '../model/errors.js';
import { decodeText, encodeText } from './bytes.js';

export const THRIFT = { true: 1, false: 2, i8: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, struct: 12 } as const;

/** Bytes in pieces, joined once at the end. */
type Pieces = readonly (number | Uint8Array | Pieces)[];

export interface Encoded {
  readonly type: number;
  readonly pieces: Pieces;
}

export const TRUE: Encoded = { type: THRIFT.true, pieces: [] };

/** The bytes of `value`, without its type. */
export function thriftBytes({ pieces }: Encoded): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  append(bytes, pieces);
  return Uint8Array.from(bytes);
}

export function i8(value: number): Encoded {
  return { type: THRIFT.i8, pieces: [value & 0xff] };
}

export function i32(value: number): Encoded {
  return { type: THRIFT.i32, pieces: zigzag(value) };
}

export function i64(value: number): Encoded {
  return { type: THRIFT.i64, pieces: zigzag(value) };
}

export function text(value: string): Encoded {
  const bytes = encodeText(value);
  return { type: THRIFT.binary, pieces: [varint(bytes.length), bytes] };
}

/** A list; an empty one says that its elements are structs. */
export function list(elements: readonly Encoded[]): Encoded {
  const type = elements[0]?.type ?? THRIFT.struct;
  const head = elements.length < 15 ? [(elements.length << 4) | type] : [0xf0 | type, ...varint(elements.length)];
  return { type: THRIFT.list, pieces: [head, elements.map((element) => element.pieces)] };
}

/** A struct of its members by field id; undefined ones are left out. */
export function struct(members: { readonly [id: number]: Encoded | undefined }): Encoded {
  const pieces: (number | Pieces)[] = [];
  let last = 0;
  for (const [key, member] of Object.entries(members)) {
    if (member === undefined) continue;
    const id = Number(key);
    pieces.push(id - last < 16 ? ((id - last) << 4) | member.type : [member.type, zigzag(id)], member.pieces);
    last = id;
  }
  pieces.push(0);
  return { type: THRIFT.struct, pieces };
}

/** Unsigned LEB128. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return bytes;
}

function zigzag(value: number): number[] {
  return varint(value < 0 ? -2 * value - 1 : 2 * value);
}

function append(bytes: number[], pieces: Pieces | Uint8Array): void {
  for (const piece of pieces) {
    if (typeof piece === 'number') bytes.push(piece);
    else append(bytes, piece);
  }
}

/** A place in `bytes`; every read moves it on. `where` and `place` are for error messages. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly where: string;
  readonly place: string;
  offset: number;
}

const DEPTH_MAX = 16;
const VARINT_BYTES_MAX = 10;

/** Calls `visit` at the value of each field; it reads the value and returns true, or returns false to skip it. */
export function readStruct(cursor: Cursor, visit: (id: number, type: number) => boolean): void {
  let id = 0;
  for (let head = readByte(cursor); head !== 0; head = readByte(cursor)) {
    const type = head & 0x0f;
    id = head >> 4 === 0 ? readInteger(cursor) : id + (head >> 4);
    if (!visit(id, type)) skip(cursor, type, 0);
  }
}

/** Calls `read` at each element. Every element takes at least a byte, so a count beyond what is left is refused. */
export function readList(cursor: Cursor, read: () => void): void {
  const { count } = readListHead(cursor);
  for (let i = 0; i < count; i++) read();
}

/** A zigzag integer of any width. */
export function readInteger(cursor: Cursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function readText(cursor: Cursor): string {
  return decodeText(readBinary(cursor), cursor.where, cursor.place);
}

function readListHead(cursor: Cursor): { type: number; count: number } {
  const head = readByte(cursor);
  const count = head >> 4 === 15 ? readVarint(cursor) : head >> 4;
  requireRoom(cursor, count);
  return { type: head & 0x0f, count };
}

function readBinary(cursor: Cursor): Uint8Array {
  const length = readVarint(cursor);
  requireRoom(cursor, length);
  cursor.offset += length;
  return cursor.bytes.subarray(cursor.offset - length, cursor.offset);
}

/** Unsigned LEB128 of any width. */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let i = 0, scale = 1; i < VARINT_BYTES_MAX; i++, scale *= 128) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 128) {
      requireIntact(Number.isSafeInteger(value), cursor.where, `${cursor.place}: integer beyond 2^53 before byte ${cursor.offset}`);
      return value;
    }
  }
  requireIntact(false, cursor.where, `${cursor.place}: integer of more than ${VARINT_BYTES_MAX} bytes before byte ${cursor.offset}`);
}

function readByte(cursor: Cursor): number {
  requireRoom(cursor, 1);
  return cursor.bytes[cursor.offset++] as number;
}

function requireRoom({ bytes, offset, where, place }: Cursor, count: number): void {
  if (count > bytes.length - offset) requireIntact(false, where, `${place}: expected ${count} more bytes at ${offset}, found ${bytes.length - offset}`);
}

/** Skips a value that no one here knows. A boolean takes a byte in a list, none in a struct. */
function skip(cursor: Cursor, type: number, depth: number): void {
  requireIntact(depth < DEPTH_MAX, cursor.where, `${cursor.place}: nested deeper than ${DEPTH_MAX}`);
  if (type === THRIFT.true || type === THRIFT.false) return;
  if (type === THRIFT.i8) readByte(cursor);
  else if (type === THRIFT.i16 || type === THRIFT.i32 || type === THRIFT.i64) readVarint(cursor);
  else if (type === THRIFT.double) for (let i = 0; i < 8; i++) readByte(cursor);
  else if (type === THRIFT.binary) readBinary(cursor);
  else if (type === THRIFT.list || type === THRIFT.set) skipList(cursor, depth);
  else if (type === THRIFT.struct) skipStruct(cursor, depth);
  else requireIntact(false, cursor.where, `${cursor.place}: unknown type ${type} before byte ${cursor.offset}`);
}

function skipList(cursor: Cursor, depth: number): void {
  const { type, count } = readListHead(cursor);
  for (let i = 0; i < count; i++) {
    if (type === THRIFT.true || type === THRIFT.false) readByte(cursor);
    else skip(cursor, type, depth + 1);
  }
}

function skipStruct(cursor: Cursor, depth: number): void {
  readStruct(cursor, (_, type) => {
    skip(cursor, type, depth + 1);
    return true;
  });
}
