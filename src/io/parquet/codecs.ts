// Codecs: a page's bytes unpacked. Each decoder writes into memory of the size that the page's header declares, which its
// caller has checked, and never beyond: what would give more or fewer bytes is damage. Snappy and LZ4 are beside this file;
// gzip, Zstandard and Brotli are libraries that the first such page loads.

import { lz4Hadoop, lz4Block, snappy } from './blocks.js';

/** Of parquet.thrift. */
export const CODEC = { none: 0, snappy: 1, gzip: 2, brotli: 4, hadoopLz4: 5, zstd: 6, lz4: 7 } as const;
export const CODEC_NAMES: Readonly<Record<number, string>> = { 0: 'UNCOMPRESSED', 1: 'SNAPPY', 2: 'GZIP', 3: 'LZO', 4: 'BROTLI', 5: 'LZ4', 6: 'ZSTD', 7: 'LZ4_RAW' };

export const isKnownCodec = (codec: number): boolean => Object.values(CODEC).some((known) => known === codec);

/** `length` bytes. Errors: an `Error` that says what is wrong. */
export async function unpack(codec: number, bytes: Uint8Array, length: number): Promise<Uint8Array> {
  if (codec === CODEC.none) return exactly(bytes, length);
  if (codec === CODEC.snappy) return snappy(bytes, length);
  if (codec === CODEC.lz4) return lz4Block(bytes, length);
  if (codec === CODEC.hadoopLz4) return lz4Hadoop(bytes, length);
  if (codec === CODEC.gzip) return (await import('./gzip.js')).ungzip(bytes, length);
  if (codec === CODEC.zstd) return (await import('./zstd.js')).unzstd(bytes, length);
  return (await import('./brotli.js')).unbrotli(bytes, length);
}

export function exactly(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new Error(`${bytes.length} bytes, expected ${length}`);
  return bytes;
}
