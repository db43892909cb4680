// Packed: lists of numbers in a message. They come in one piece as clients write them, but may come in several, or one by
// one. What has a fixed size is taken as it is, whatever its alignment; only little-endian machines are supported.

import { LIMITS } from '../../../model/limits.js';
import { WIRE, type ProtoReader } from './proto-reader.js';

/** Shorter lists have memory of their own, so that they do not keep that of the message. */
const LONG_BYTES = 64 * 1024;

type Numbers = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** Reads one or several values of the field that `reader` is at, after those of `before`. */
export function readFloats(reader: ProtoReader, before: Float32Array | undefined): Float32Array {
  if (reader.wire === WIRE.fixed32) return appended(reader, before, Float32Array.of(reader.float()));
  reader.expect(WIRE.bytes);
  return appended(reader, before, fixed(reader.packed(), 4, before, (memory, offset, length) => new Float32Array(memory, offset, length)));
}

export function readDoubles(reader: ProtoReader, before: Float64Array | undefined): Float64Array {
  if (reader.wire === WIRE.fixed64) return appended(reader, before, Float64Array.of(reader.double()));
  reader.expect(WIRE.bytes);
  return appended(reader, before, fixed(reader.packed(), 8, before, (memory, offset, length) => new Float64Array(memory, offset, length)));
}

/** 0 or 1 each. */
export function readBools(reader: ProtoReader, before: Uint8Array | undefined): Uint8Array {
  if (reader.wire === WIRE.varint) return appended(reader, before, Uint8Array.of(reader.bool() ? 1 : 0));
  reader.expect(WIRE.bytes);
  const packed = reader.packed();
  const values = new Uint8Array(countOf(packed));
  for (let at = 0; packed.left > 0; at++) values[at] = packed.bool() ? 1 : 0;
  return appended(reader, before, values);
}

export function readInts(reader: ProtoReader, before: Int32Array | undefined): Int32Array {
  if (reader.wire === WIRE.varint) return appended(reader, before, Int32Array.of(reader.int32()));
  reader.expect(WIRE.bytes);
  const packed = reader.packed();
  const values = new Int32Array(countOf(packed));
  for (let at = 0; packed.left > 0; at++) values[at] = packed.int32();
  return appended(reader, before, values);
}

export function readLongs(reader: ProtoReader, before: BigInt64Array | undefined): BigInt64Array {
  if (reader.wire === WIRE.varint) return appended(reader, before, BigInt64Array.of(reader.int64()));
  reader.expect(WIRE.bytes);
  const packed = reader.packed();
  const values = new BigInt64Array(countOf(packed));
  const words = new Uint32Array(values.buffer);
  for (let at = 0; packed.left > 0; at += 2) {
    const { low, high } = packed.halves();
    words[at] = low;
    words[at + 1] = high;
  }
  return appended(reader, before, values);
}

function countOf(packed: ProtoReader): number {
  const count = packed.countVarints();
  packed.atMost(LIMITS.rowsPerBatchMax, count);
  return count;
}

// Memory that is written whole need not be cleared before. What is long stays in the message: memory that nobody used yet takes
// the system many times as long as to move the values by the few bytes that they lack to where such values may lie.
function fixed<T extends Float32Array | Float64Array>(packed: ProtoReader, size: number, before: T | undefined, over: (memory: ArrayBuffer, offset: number, length: number) => T): T {
  const { left } = packed;
  if (left % size !== 0) packed.fail(`expected values of ${size} bytes, found ${left} bytes`);
  // Behind other values there are no tags that are long enough to move over.
  const stays = left >= LONG_BYTES && (before === undefined || before.length === 0);
  const bytes = stays ? packed.alignedRest(size) : Buffer.allocUnsafeSlow(left);
  if (!stays) packed.copyTo(bytes);
  return over(bytes.buffer as ArrayBuffer, bytes.byteOffset, left / size);
}

/** Values that may come before the last piece of a list: what comes in many pieces is copied as often, and no client sends it so. */
const PIECES_VALUES_MAX = 16_384;

function appended<T extends Numbers>(reader: ProtoReader, before: T | undefined, values: T): T {
  if (before === undefined || before.length === 0) return values;
  reader.atMost(PIECES_VALUES_MAX, before.length);
  if (values.length === 0) return before;
  const all = new (before.constructor as new (length: number) => T)(before.length + values.length);
  (all as Uint8Array).set(before as Uint8Array);
  (all as Uint8Array).set(values as Uint8Array, before.length);
  return all;
}
