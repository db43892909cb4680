// CRC-32 (zlib's polynomial, as Parquet pages and deletion vectors want it) and CRC-32C (Castagnoli, for our own
// files). Both reflected, initial value and final xor all ones; sixteen bytes a step (Kounavis and Berry, 2005).

const SLICES = 16;
const ZLIB_POLYNOMIAL = 0xedb88320;
const ZLIB = tablesOf(ZLIB_POLYNOMIAL);
const CASTAGNOLI = tablesOf(0x82f63b78);
/** The polynomial 1, reflected; x is half of it. */
const ONE = 0x8000_0000;

/** The same checksums by the processor's own instructions. */
export interface FastChecksums {
  crc32(bytes: Uint8Array, seed: number): number;
  crc32c(bytes: Uint8Array, seed: number): number;
  /** The CRC-32 of each of `sums.length` rows of `rowBytes` bytes. */
  crc32Rows(bytes: Uint8Array, rowBytes: number, sums: Uint32Array): void;
}

let fast: FastChecksums | undefined;
/** Fewer bytes are done before the other side is called. */
const FAST_BYTES_MIN = 512;

/** From now on these compute what is long, for everyone in this process: they give the same. */
export function useChecksums(checksums: FastChecksums): void {
  fast = checksums;
}

/** CRC-32 of `bytes`. With `seed`, the checksum of what came before, it goes on from there. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return fast !== undefined && bytes.length >= FAST_BYTES_MIN ? fast.crc32(bytes, seed) : update(ZLIB, bytes, seed);
}

/** CRC-32C of `bytes`, continued from `seed` likewise. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return fast !== undefined && bytes.length >= FAST_BYTES_MIN ? fast.crc32c(bytes, seed) : update(CASTAGNOLI, bytes, seed);
}

/** The CRC-32 of each row of `rowBytes` bytes. REQUIRES: whole rows. */
export function crc32Rows(bytes: Uint8Array, rowBytes: number): Uint32Array<ArrayBuffer> {
  const sums = new Uint32Array(bytes.length / rowBytes);
  if (fast !== undefined && bytes.length >= FAST_BYTES_MIN) fast.crc32Rows(bytes, rowBytes, sums);
  else for (let row = 0; row < sums.length; row++) sums[row] = update(ZLIB, bytes.subarray(row * rowBytes, (row + 1) * rowBytes), 0);
  return sums;
}

/** CRC-32 of what `seed` is the checksum of, then of parts of `partBytes` bytes each, from the parts' own checksums. */
export function crc32Joined(parts: Uint32Array, partBytes: number, seed = 0): number {
  const shift = power(partBytes * 8);
  let crc = seed;
  for (let i = 0; i < parts.length; i++) crc = multiply(shift, crc) ^ (parts[i] as number);
  return crc >>> 0;
}

/** x to the power of `exponent` modulo zlib's polynomial. */
function power(exponent: number): number {
  let result = ONE;
  let square = ONE >>> 1;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

/** The product modulo zlib's polynomial; the highest bit stands for x to the power of 0. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let rest = a | 0, term = b; rest !== 0; rest <<= 1) {
    if (rest < 0) product ^= term;
    term = term & 1 ? (term >>> 1) ^ ZLIB_POLYNOMIAL : term >>> 1;
  }
  return product >>> 0;
}

/** Table t, from 256 t on: the effect of a byte that t more bytes follow. */
function tablesOf(polynomial: number): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const crc = tables[i - 256] as number;
    tables[i] = (crc >>> 8) ^ (tables[crc & 0xff] as number);
  }
  return tables;
}

function update(table: Int32Array, bytes: Uint8Array, seed: number): number {
  // Words are read at multiples of four; what is in front of the first and behind the last, byte by byte.
  const head = Math.min(bytes.length, -bytes.byteOffset & 3);
  const wordCount = ((bytes.length - head) >> 4) << 2;
  let crc = updateBytes(table, bytes, 0, head, ~seed);
  if (wordCount > 0) crc = updateWords(table, new Int32Array(bytes.buffer, bytes.byteOffset + head, wordCount), crc);
  return ~updateBytes(table, bytes, head + wordCount * 4, bytes.length, crc) >>> 0;
}

function updateBytes(table: Int32Array, bytes: Uint8Array, from: number, to: number, before: number): number {
  let crc = before;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] as number)) & 255] as number);
  return crc;
}

// Every index is written out, table 15 being at 3840: a function for it costs half the speed where it is not inlined.
function updateWords(t: Int32Array, words: Int32Array, before: number): number {
  let crc = before;
  for (let i = 0; i < words.length; i += 4) {
    const a = crc ^ words[i]!;
    const b = words[i + 1]!;
    const c = words[i + 2]!;
    const d = words[i + 3]!;
    crc = t[3840 | (a & 255)]! ^ t[3584 | ((a >>> 8) & 255)]! ^ t[3328 | ((a >>> 16) & 255)]! ^ t[3072 | (a >>> 24)]!;
    crc ^= t[2816 | (b & 255)]! ^ t[2560 | ((b >>> 8) & 255)]! ^ t[2304 | ((b >>> 16) & 255)]! ^ t[2048 | (b >>> 24)]!;
    crc ^= t[1792 | (c & 255)]! ^ t[1536 | ((c >>> 8) & 255)]! ^ t[1280 | ((c >>> 16) & 255)]! ^ t[1024 | (c >>> 24)]!;
    crc ^= t[768 | (d & 255)]! ^ t[512 | ((d >>> 8) & 255)]! ^ t[256 | ((d >>> 16) & 255)]! ^ t[d >>> 24]!;
  }
  return crc;
}
