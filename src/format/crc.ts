// CRC-32 (zlib's polynomial, as Parquet pages and deletion vectors want it) and CRC-32C (Castagnoli, for our own
// files). Both reflected, initial value and final xor all ones; sixteen bytes a step (Kounavis and Berry, 2005).

import { dataViewOf } from './bytes.js';

const SLICES = 16;
const ZLIB_POLYNOMIAL = 0xedb88320;
const ZLIB = tablesOf(ZLIB_POLYNOMIAL);
const CASTAGNOLI = tablesOf(0x82f63b78);
/** The polynomial 1, reflected; x is half of it. */
const ONE = 0x8000_0000;

/** CRC-32 of `bytes`. With `seed`, the checksum of what came before, it goes on from there. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return update(ZLIB, bytes, seed);
}

/** CRC-32C of `bytes`, continued from `seed` likewise. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return update(CASTAGNOLI, bytes, seed);
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

function update(tables: Int32Array, bytes: Uint8Array, seed: number): number {
  const view = dataViewOf(bytes);
  const wholeEnd = bytes.length - (bytes.length % SLICES);
  const at = (slice: number, byte: number): number => tables[slice * 256 + (byte & 0xff)] as number;
  let crc = ~seed;
  let i = 0;
  for (; i < wholeEnd; i += SLICES) {
    const a = crc ^ view.getInt32(i, true);
    const b = view.getInt32(i + 4, true);
    const c = view.getInt32(i + 8, true);
    const d = view.getInt32(i + 12, true);
    crc = at(15, a) ^ at(14, a >>> 8) ^ at(13, a >>> 16) ^ at(12, a >>> 24) ^ at(11, b) ^ at(10, b >>> 8) ^ at(9, b >>> 16) ^ at(8, b >>> 24);
    crc ^= at(7, c) ^ at(6, c >>> 8) ^ at(5, c >>> 16) ^ at(4, c >>> 24) ^ at(3, d) ^ at(2, d >>> 8) ^ at(1, d >>> 16) ^ at(0, d >>> 24);
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[i] as number));
  return ~crc >>> 0;
}
