// CRC-32 (zlib's polynomial, as Parquet pages and deletion vectors want it) and CRC-32C (Castagnoli, for our own
// files). Both reflected, initial value and final xor all ones; eight bytes a step (Kounavis and Berry, 2005).

import { dataViewOf } from './bytes.js';

type Tables = readonly Uint32Array[];

const ZLIB = tablesOf(0xedb88320);
const CASTAGNOLI = tablesOf(0x82f63b78);

/** CRC-32 of `bytes`. With `seed`, the checksum of what came before, it goes on from there. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return update(ZLIB, bytes, seed);
}

/** CRC-32C of `bytes`, continued from `seed` likewise. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return update(CASTAGNOLI, bytes, seed);
}

function tablesOf(polynomial: number): Tables {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  const first = tables[0] as Uint32Array;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    first[byte] = crc;
  }
  for (let t = 1; t < 8; t++) {
    const previous = tables[t - 1] as Uint32Array;
    const table = tables[t] as Uint32Array;
    for (let byte = 0; byte < 256; byte++) {
      const crc = previous[byte] as number;
      table[byte] = (crc >>> 8) ^ (first[crc & 0xff] as number);
    }
  }
  return tables;
}

function update(tables: Tables, bytes: Uint8Array, seed: number): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const at = (table: Uint32Array, index: number): number => table[index & 0xff] as number;
  const view = dataViewOf(bytes);
  const wholeEnd = bytes.length - (bytes.length % 8);
  let crc = ~seed;
  let i = 0;
  for (; i < wholeEnd; i += 8) {
    const low = crc ^ view.getInt32(i, true);
    const high = view.getInt32(i + 4, true);
    crc = at(t7, low) ^ at(t6, low >>> 8) ^ at(t5, low >>> 16) ^ at(t4, low >>> 24) ^ at(t3, high) ^ at(t2, high >>> 8) ^ at(t1, high >>> 16) ^ at(t0, high >>> 24);
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ at(t0, crc ^ (bytes[i] as number));
  return ~crc >>> 0;
}
