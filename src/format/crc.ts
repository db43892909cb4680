// CRC-32 (zlib's polynomial, as Parquet pages and deletion vectors want it) and CRC-32C (Castagnoli, for our own
// files). Both reflected, initial value and final xor all ones; eight bytes a step (Kounavis and Berry, 2005).

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
  const at = (table: Uint32Array, index: number): number => table[index] as number;
  const byte = (index: number): number => bytes[index] as number;
  const wholeEnd = bytes.length - (bytes.length % 8);
  let crc = ~seed;
  let i = 0;
  for (; i < wholeEnd; i += 8) {
    crc ^= byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    crc =
      at(t7, crc & 0xff) ^ at(t6, (crc >>> 8) & 0xff) ^ at(t5, (crc >>> 16) & 0xff) ^ at(t4, crc >>> 24) ^
      at(t3, byte(i + 4)) ^ at(t2, byte(i + 5)) ^ at(t1, byte(i + 6)) ^ at(t0, byte(i + 7));
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ at(t0, (crc ^ byte(i)) & 0xff);
  return ~crc >>> 0;
}
