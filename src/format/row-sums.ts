// Row sums: behind the vectors of a row group, where no Parquet reader looks, a CRC-32 of each vector, then one of
// these sums. So a few vectors can be read by offset and still be verified. Bytes: docs/format.md, section 7.

import { requireIntact } from '../model/errors.js';
import { bytesOf, concatBytes, dataViewOf, paddingFor, requireZeros } from './bytes.js';
import { crc32, crc32Rows } from './crc.js';

const SUM_BYTES = 4;

/** Bytes from the end of `vectors` vectors of `vectorBytes` bytes to the end of their sums: zeros up to a multiple of 4, then these. */
export function sumsBytes(vectors: number, vectorBytes: number): number {
  return paddingFor(vectors * vectorBytes, SUM_BYTES) + (vectors + 1) * SUM_BYTES;
}

/** What stands behind the vectors. */
export function encodeSums(sums: Uint32Array, vectorBytes: number): Uint8Array<ArrayBuffer> {
  const own = bytesOf(sums);
  return concatBytes([new Uint8Array(paddingFor(sums.length * vectorBytes, SUM_BYTES)), own, bytesOf(Uint32Array.of(crc32(own)))]);
}

/** The sums in `bytes`, copied. REQUIRES: sumsBytes(vectors, vectorBytes) bytes. Errors: `Corrupt`, naming `where` and `place`. */
export function decodeSums(bytes: Uint8Array, vectors: number, vectorBytes: number, where: string, place: string): Uint32Array<ArrayBuffer> {
  const start = paddingFor(vectors * vectorBytes, SUM_BYTES);
  const end = bytes.length - SUM_BYTES;
  requireZeros(bytes, 0, start, where);
  const own = bytes.slice(start, end);
  requireIntact(dataViewOf(bytes).getUint32(end, true) === crc32(own), where, `${place}: the checksum of its row sums does not match`);
  return new Uint32Array(own.buffer);
}

/** Checks each vector in `bytes` by its sum; `first` is the number of the first. Errors: `Corrupt`, naming `where`, `place` and the row. */
export function checkSums(bytes: Uint8Array, vectorBytes: number, sums: Uint32Array, first: number, where: string, place: string): void {
  const found = crc32Rows(bytes, vectorBytes);
  for (let i = 0; i < found.length; i++) {
    if (found[i] !== sums[first + i]) requireIntact(false, where, `${place}: vector ${first + i} of its row group does not match its row sum`);
  }
}
