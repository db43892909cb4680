// ProtoWriter: one protobuf message, written from its last byte to its first, so that the length of what is nested is
// known when it is written and nothing is measured beforehand or copied afterwards. So fields are written last first, and
// lists from their end. Fields that are given in the order of their numbers, backwards, come out in that order.

import { RefusedRequest, STATUS } from '../../status.js';
import { WIRE } from './proto-reader.js';

/** Bytes of one answer, as in Milvus (`quotaAndLimits.limits.maxOutputSize`). */
export const ANSWER_BYTES_MAX = 104_857_600;
const SIZE_FIRST = 1024;
const SHORT_TEXT_MAX = 24;

const word = new BigInt64Array(1);
const halves = new Uint32Array(word.buffer);

export class ProtoWriter {
  #bytes: Buffer;
  /** What is written begins here. */
  #at: number;

  /** `sizeBytes`: as much as it will probably take. */
  constructor(sizeBytes = SIZE_FIRST) {
    this.#bytes = Buffer.allocUnsafe(Math.max(SIZE_FIRST, Math.min(sizeBytes, ANSWER_BYTES_MAX)));
    this.#at = this.#bytes.length;
  }

  /** Bytes written. */
  get size(): number {
    return this.#bytes.length - this.#at;
  }

  /** The message: a view, so that nothing may be written after it. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  /** Puts what was written since `size` was `before` into a message that is this field. */
  enclose(field: number, before: number): void {
    this.#varint(this.size - before);
    this.#tag(field, WIRE.bytes);
  }

  bytes(field: number, value: Uint8Array): void {
    this.raw(value);
    this.#varint(value.length);
    this.#tag(field, WIRE.bytes);
  }

  text(field: number, value: string): void {
    const before = this.size;
    this.#text(value);
    this.enclose(field, before);
  }

  /** REQUIRES: an integer, 0 to 2^53 - 1. */
  unsigned(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, WIRE.varint);
  }

  bool(field: number, value: boolean): void {
    this.unsigned(field, value ? 1 : 0);
  }

  /** Signed or unsigned: its 64 bits. */
  int64(field: number, value: bigint): void {
    this.int64Value(value);
    this.#tag(field, WIRE.varint);
  }

  float(field: number, value: number): void {
    const at = this.room(4);
    this.#bytes.writeFloatLE(value, at);
    this.#tag(field, WIRE.fixed32);
  }

  /** A varint without a tag, within what is packed. */
  int64Value(value: bigint): void {
    word[0] = BigInt.asIntN(64, value);
    this.#halves(halves[0] as number, halves[1] as number);
  }

  /** The same of an integer of 32 bits: one below zero takes ten bytes. */
  int32Value(value: number): void {
    if (value >= 0) this.#varint(value);
    else this.#halves(value >>> 0, 0xffff_ffff);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.room(value.length);
    this.#bytes.set(value, at);
  }

  /** Takes `count` bytes before what is written, and gives where they begin in `target`. */
  room(count: number): number {
    if (this.#at < count) this.#grow(count);
    this.#at -= count;
    return this.#at;
  }

  /** The memory that `room` is in, until the next call of it. */
  get target(): Buffer {
    return this.#bytes;
  }

  #text(value: string): void {
    const { length } = value;
    if (length <= SHORT_TEXT_MAX) {
      const at = this.room(length);
      const bytes = this.#bytes;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + i] = code;
      }
      if (i === length) return;
      this.#at += length;
    }
    const size = Buffer.byteLength(value);
    const at = this.room(size);
    this.#bytes.write(value, at, size, 'utf8');
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): void {
    if (value < 0x80) {
      const at = this.room(1);
      this.#bytes[at] = value;
    } else this.#halves(value >>> 0, Math.floor(value / 4_294_967_296));
  }

  #halves(low: number, high: number): void {
    let count = 1;
    let l = low;
    let h = high;
    for (; h > 0 || l > 0x7f; count++) {
      l = ((l >>> 7) | (h << 25)) >>> 0;
      h >>>= 7;
    }
    let at = this.room(count);
    const bytes = this.#bytes;
    l = low;
    h = high;
    for (let i = 1; i < count; i++) {
      bytes[at++] = (l & 0x7f) | 0x80;
      l = ((l >>> 7) | (h << 25)) >>> 0;
      h >>>= 7;
    }
    bytes[at] = l;
  }

  #grow(count: number): void {
    const { size } = this;
    if (size + count > ANSWER_BYTES_MAX) throw new RefusedRequest(STATUS.tooLarge, `the answer takes more than ${ANSWER_BYTES_MAX} bytes: ask for fewer rows or fields at once`);
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(2 * this.#bytes.length, size + count), ANSWER_BYTES_MAX));
    this.#bytes.copy(bytes, bytes.length - size, this.#at);
    this.#bytes = bytes;
    this.#at = bytes.length - size;
  }
}
