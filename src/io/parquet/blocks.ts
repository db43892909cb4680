// Blocks: Snappy (google/snappy, format_description.txt) and LZ4's block format (lz4_Block_format.md), bounded on both sides.
// Also the framing that Hadoop gave LZ4, which Parquet's codec LZ4 may or may not have.

import { dataViewOf } from '../../format/bytes.js';

/** Where a decoder is: bytes read, bytes written. */
interface Copy {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  at: number;
  filled: number;
}

export function snappy(bytes: Uint8Array, length: number): Uint8Array {
  const copy: Copy = { from: bytes, to: new Uint8Array(length), at: 0, filled: 0 };
  let declared = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = next(copy);
    declared += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
    if (shift > 28) throw new Error('a length of more than 5 bytes');
  }
  if (declared !== length) throw new Error(`Snappy of ${declared} bytes, expected ${length}`);
  while (copy.at < bytes.length) {
    const tag = next(copy);
    const upper = tag >> 2;
    if ((tag & 3) === 0) literal(copy, upper < 60 ? upper + 1 : little(copy, upper - 59) + 1);
    else if ((tag & 3) === 1) repeat(copy, ((tag >> 5) << 8) | next(copy), (upper & 7) + 4);
    else repeat(copy, little(copy, (tag & 3) === 2 ? 2 : 4), upper + 1);
  }
  return whole(copy);
}

export function lz4Block(bytes: Uint8Array, length: number): Uint8Array {
  const copy: Copy = { from: bytes, to: new Uint8Array(length), at: 0, filled: 0 };
  while (copy.at < bytes.length) {
    const token = next(copy);
    literal(copy, extended(copy, token >> 4));
    // The last sequence has no copy.
    if (copy.at === bytes.length) break;
    const offset = little(copy, 2);
    repeat(copy, offset, extended(copy, token & 15) + 4);
  }
  return whole(copy);
}

/** LZ4 in Hadoop's framing: the unpacked and the packed length, big-endian, before each block; else a bare block. */
export function lz4Hadoop(bytes: Uint8Array, length: number): Uint8Array {
  const frames = hadoopFrames(bytes, length);
  if (frames === undefined) return lz4Block(bytes, length);
  const to = new Uint8Array(length);
  let filled = 0;
  for (const { block, plainBytes } of frames) {
    to.set(lz4Block(block, plainBytes), filled);
    filled += plainBytes;
  }
  return to;
}

/** Undefined if the lengths do not add up to both. */
function hadoopFrames(bytes: Uint8Array, length: number): readonly { readonly block: Uint8Array; readonly plainBytes: number }[] | undefined {
  const view = dataViewOf(bytes);
  const frames: { readonly block: Uint8Array; readonly plainBytes: number }[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) return undefined;
    const plainBytes = view.getUint32(at);
    const packed = view.getUint32(at + 4);
    total += plainBytes;
    if (packed === 0 || packed > bytes.length - at - 8 || total > length) return undefined;
    frames.push({ block: bytes.subarray(at + 8, at + 8 + packed), plainBytes });
    at += 8 + packed;
  }
  return total === length ? frames : undefined;
}

function next(copy: Copy): number {
  if (copy.at >= copy.from.length) throw new Error('ends within a block');
  return copy.from[copy.at++] as number;
}

function little(copy: Copy, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += next(copy) * 2 ** (8 * i);
  return value;
}

/** LZ4's lengths: 15 goes on in bytes, up to one below 255. */
function extended(copy: Copy, nibble: number): number {
  let length = nibble;
  if (nibble < 15) return length;
  for (let byte = 255; byte === 255; length += byte) byte = next(copy);
  return length;
}

function literal(copy: Copy, length: number): void {
  if (length > copy.from.length - copy.at || length > copy.to.length - copy.filled) throw new Error(`a literal of ${length} bytes does not fit`);
  copy.to.set(copy.from.subarray(copy.at, copy.at + length), copy.filled);
  copy.at += length;
  copy.filled += length;
}

function repeat(copy: Copy, offset: number, length: number): void {
  const { to, filled } = copy;
  if (offset === 0 || offset > filled || length > to.length - filled) throw new Error(`a copy of ${length} bytes from ${offset} back does not fit`);
  if (offset >= length) to.copyWithin(filled, filled - offset, filled - offset + length);
  else for (let i = filled, end = filled + length; i < end; i++) to[i] = to[i - offset] as number;
  copy.filled += length;
}

function whole({ to, filled }: Copy): Uint8Array {
  if (filled !== to.length) throw new Error(`unpacked ${filled} bytes, expected ${to.length}`);
  return to;
}
