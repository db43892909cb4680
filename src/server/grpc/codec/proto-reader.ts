// ProtoReader: one protobuf message, field by field, as it came: its bytes are untrusted. Nothing is read beyond the
// message, nothing is allocated before its length is known to be there, and what is refused names message and field.
// Views that it gives lie in the memory of the message.

import { isUtf8 } from 'node:buffer';
import { RefusedRequest, STATUS } from '../../status.js';

/** How a value is written: the low three bits of a tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const VARINT_BYTES_MAX = 10;
const TWO_32 = 4_294_967_296;
/** Messages in messages. */
const DEPTH_MAX = 32;
/** Of a whole request: rows lie deeper. */
const FIELDS_MAX = 262_144;

/** An int64 in two halves, where nothing is allocated for it. */
export interface Halves {
  low: number;
  high: number;
}

export class ProtoReader {
  /** Number of the field that `next` came to. */
  field = 0;
  /** How its value is written. */
  wire = 0;
  readonly #bytes: Buffer;
  readonly #what: string;
  readonly #depth: number;
  #at: number;
  readonly #end: number;
  #fields = 0;
  #counted = 0;
  readonly #halves: Halves = { low: 0, high: 0 };

  /** `what` names the message. */
  constructor(bytes: Buffer, what: string, start = 0, end = bytes.length, depth = 0) {
    this.#bytes = bytes;
    this.#what = what;
    this.#at = start;
    this.#end = end;
    this.#depth = depth;
    if (depth > DEPTH_MAX) this.fail(`expected at most ${DEPTH_MAX} messages in each other`);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const tag = this.uint32();
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) this.fail('expected a field number above 0');
    if (this.#depth === 0) this.atMost(FIELDS_MAX, ++this.#fields);
    return true;
  }

  /** Passes over the value of a field that nobody asks for. */
  skip(): void {
    if (this.wire === WIRE.varint) this.#varint();
    else if (this.wire === WIRE.bytes) this.#take(this.#length());
    else if (this.wire === WIRE.fixed64) this.#take(8);
    else if (this.wire === WIRE.fixed32) this.#take(4);
    else this.fail(`expected wire type 0, 1, 2 or 5, found ${this.wire}`);
  }

  /** The low 32 bits of a varint. */
  uint32(): number {
    return this.#varint().low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    const { low, high } = this.#varint();
    return low !== 0 || high !== 0;
  }

  /** Signed; rounded beyond 2^53. */
  int64Number(): number {
    const { low, high } = this.#varint();
    return (high | 0) * TWO_32 + low;
  }

  int64(): bigint {
    const { low, high } = this.#varint();
    return (BigInt(high | 0) << 32n) | BigInt(low);
  }

  uint64(): bigint {
    const { low, high } = this.#varint();
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** What is given lasts until the next call. */
  halves(): Halves {
    return this.#varint();
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A view of length-delimited bytes. */
  bytes(): Buffer {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    const length = this.#length();
    const start = this.#take(length);
    const bytes = this.#bytes;
    if (!isUtf8(bytes.subarray(start, start + length))) this.fail('expected UTF-8');
    return bytes.toString('utf8', start, start + length);
  }

  /** A reader of a message in this one. */
  message(what: string): ProtoReader {
    const length = this.#length();
    const start = this.#take(length);
    return new ProtoReader(this.#bytes, what, start, start + length, this.#depth + 1);
  }

  /** A reader of the bytes of packed values. */
  packed(): ProtoReader {
    return this.message(`${this.#what}, field ${this.field}`);
  }

  /** Requires that the value of this field is written so. */
  expect(wire: number): void {
    if (this.wire !== wire) this.fail(`expected wire type ${wire}, found ${this.wire}`);
  }

  /** Copies what is left, which may lie anywhere, to the beginning of `target`. */
  copyTo(target: Uint8Array): void {
    target.set(this.#bytes.subarray(this.#at, this.#end));
    this.#at = this.#end;
  }

  /**
   * What is left, at the place before it where values of `size` bytes may lie: over the tag and the length in front of it, which nobody
   * reads again. REQUIRES: no other reader looks at the message; `size` is a power of 2, and no more than the bytes before it.
   */
  alignedRest(size: number): Buffer {
    const [start, end] = [this.#at, this.#end];
    const over = (this.#bytes.byteOffset + start) & (size - 1);
    if (over > 0) this.#bytes.copyWithin(start - over, start, end);
    this.#at = end;
    return this.#bytes.subarray(start - over, end - over);
  }

  /** Copies `count` bytes of what is left to `target` at `offset`. */
  copySome(target: Uint8Array, offset: number, count: number): void {
    const start = this.#take(count);
    target.set(this.#bytes.subarray(start, start + count), offset);
  }

  /** Varints in what is left; a varint ends with the byte that has no high bit. */
  countVarints(): number {
    const bytes = this.#bytes;
    let count = 0;
    for (let at = this.#at; at < this.#end; at++) if ((bytes[at] as number) < 0x80) count++;
    return count;
  }

  /** Requires that a list is no longer than that: empty values take two bytes here, and many times as much in memory. */
  atMost(max: number, length: number): void {
    if (length > max) this.fail(`expected at most ${max} values`);
  }

  /** To be told of each member of a list of which what comes later takes the place of what came. Errors: 1100 beyond `max`. */
  countOne(max: number): void {
    this.atMost(max, ++this.#counted);
  }

  /** Errors: 1100, always. */
  fail(why: string): never {
    throw new RefusedRequest(STATUS.invalidParameter, `invalid protobuf: ${this.#what}${this.field === 0 ? '' : `, field ${this.field}`}: ${why}`);
  }

  #length(): number {
    const { low, high } = this.#varint();
    if (high !== 0 || low > this.left) this.fail(`expected at most ${this.left} bytes, found a length of ${high * TWO_32 + low}`);
    return low;
  }

  /** Steps over `count` bytes, and gives where they begin. */
  #take(count: number): number {
    if (count > this.left) this.fail(`expected ${count} bytes, found ${this.left}`);
    const start = this.#at;
    this.#at += count;
    return start;
  }

  #varint(): Halves {
    const halves = this.#halves;
    const bytes = this.#bytes;
    const first = this.#at < this.#end ? (bytes[this.#at++] as number) : this.fail('expected a varint, found the end');
    halves.high = 0;
    halves.low = first;
    if (first < 0x80) return halves;
    let low = first & 0x7f;
    let high = 0;
    for (let count = 1; count < VARINT_BYTES_MAX; count++) {
      if (this.#at === this.#end) this.fail('expected the rest of a varint, found the end');
      const byte = bytes[this.#at++] as number;
      const bits = byte & 0x7f;
      if (count < 4) low |= bits << (7 * count);
      else if (count === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * count - 32);
      if (byte < 0x80) {
        halves.low = low >>> 0;
        halves.high = high >>> 0;
        return halves;
      }
    }
    return this.fail(`expected a varint of at most ${VARINT_BYTES_MAX} bytes`);
  }
}
