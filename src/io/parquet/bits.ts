// Bits: Parquet's hybrid of runs and packed integers, and its packed differences (apache/parquet-format, Encodings.md).
// What is read is as many values as were asked for; bytes that end before are an error, never a zero.

/** A place in a page's bytes. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  at: number;
}

function byteAt(cursor: ByteCursor): number {
  if (cursor.at >= cursor.bytes.length) throw new Error('ends within its values');
  return cursor.bytes[cursor.at++] as number;
}

/** Unsigned LEB128 of at most 32 bits. */
export function varint(cursor: ByteCursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    const byte = byteAt(cursor);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw new Error('an integer of more than 32 bits');
}

function zigzag64(cursor: ByteCursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = byteAt(cursor);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return (value >> 1n) ^ -(value & 1n);
  }
  throw new Error('an integer of more than 64 bits');
}

/** Fills `out` with integers of `width` bits. Errors: `Error` for a width beyond 32, and where they end too early. */
export function readHybrid(cursor: ByteCursor, width: number, out: Uint8Array | Uint32Array): void {
  if (width > 32) throw new Error(`integers of ${width} bits`);
  for (let filled = 0; filled < out.length; ) {
    const head = varint(cursor);
    const count = Math.min((head & 1) === 1 ? (head >>> 1) * 8 : head >>> 1, out.length - filled);
    if ((head & 1) === 0) {
      let value = 0;
      for (let bits = 0; bits < width; bits += 8) value += byteAt(cursor) * 2 ** bits;
      out.fill(value, filled, filled + count);
    } else {
      const bytes = (head >>> 1) * width;
      // The last run may be cut off behind the last value that counts.
      if (cursor.at + Math.ceil((count * width) / 8) > cursor.bytes.length) throw new Error('ends within its values');
      unpackBits(cursor.bytes, cursor.at, width, out, filled, count);
      cursor.at = Math.min(cursor.at + bytes, cursor.bytes.length);
    }
    if (head < 2) throw new Error('a run of no values');
    filled += count;
  }
}

/** `count` integers of `width` <= 32 bits, lowest bits first. */
function unpackBits(bytes: Uint8Array, start: number, width: number, out: Uint8Array | Uint32Array, to: number, count: number): void {
  if (width === 1) {
    for (let i = 0; i < count; i++) out[to + i] = ((bytes[start + (i >> 3)] as number) >> (i & 7)) & 1;
    return;
  }
  let held = 0;
  let heldBits = 0;
  let at = start;
  const scale = 2 ** width;
  for (let i = 0; i < count; i++) {
    // Doubles hold the 39 bits that may come together.
    for (; heldBits < width; heldBits += 8) held += (bytes[at++] as number) * 2 ** heldBits;
    out[to + i] = held % scale;
    held = Math.floor(held / scale);
    heldBits -= width;
  }
}

/** DELTA_BINARY_PACKED: as many values as it says, which must be `count`. Sums wrap in 64 bits. */
export function readDeltas(cursor: ByteCursor, count: number): BigInt64Array {
  const blockValues = varint(cursor);
  const miniblocks = varint(cursor);
  const total = varint(cursor);
  const perMiniblock = blockValues / miniblocks;
  if (!(perMiniblock >= 8 && perMiniblock % 8 === 0 && miniblocks <= 4096 && blockValues <= 2 ** 20)) throw new Error(`differences in ${miniblocks} blocks of ${blockValues}`);
  if (total !== count) throw new Error(`${total} differences, expected ${count}`);
  const values = new BigInt64Array(count);
  let value = zigzag64(cursor);
  if (count > 0) values[0] = value;
  for (let filled = 1; filled < count; ) {
    const least = zigzag64(cursor);
    const widths = Array.from({ length: miniblocks }, () => byteAt(cursor));
    for (const width of widths) {
      if (filled >= count) break;
      const bytes = (width * perMiniblock) / 8;
      if (width > 64 || bytes > cursor.bytes.length - cursor.at) throw new Error('ends within its values');
      const end = Math.min(filled + perMiniblock, count);
      for (let i = 0; filled < end; i++, filled++) {
        value = BigInt.asIntN(64, value + least + bitsAt(cursor.bytes, cursor.at, i * width, width));
        values[filled] = value;
      }
      cursor.at += bytes;
    }
  }
  return values;
}

function bitsAt(bytes: Uint8Array, start: number, bit: number, width: number): bigint {
  if (width === 0) return 0n;
  let at = start + (bit >> 3);
  const skipped = bit & 7;
  if (width + skipped <= 32) {
    let small = 0;
    for (let held = 0; held < width + skipped; held += 8) small += (bytes[at++] as number) * 2 ** held;
    return BigInt(Math.floor(small / 2 ** skipped) % 2 ** width);
  }
  let value = 0n;
  for (let held = 0; held < width + skipped; held += 8) value |= BigInt(bytes[at++] as number) << BigInt(held);
  return (value >> BigInt(skipped)) & ((1n << BigInt(width)) - 1n);
}
