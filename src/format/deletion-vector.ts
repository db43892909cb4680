// Deletion vector: the deleted rows of one segment, as a blob `deletion-vector-v1` of Apache Iceberg (the same
// bytes as Delta Lake's): length and CRC-32 big-endian, between them a magic and a portable 64-bit Roaring bitmap.
// Row numbers stay below 2^31, so the bitmap has one 32-bit part, or none.

import { LIMITS } from '../model/limits.js';
import { requireIntact } from '../model/errors.js';
import { bytesOf, concatBytes, dataViewOf, sameBytes } from './bytes.js';
import { crc32 } from './crc.js';
import { decodeRoaring, encodeRoaring } from './roaring.js';

const MAGIC = Uint8Array.of(0xd1, 0xd3, 0x39, 0x64);
const LENGTH_BYTES = 4;
const CRC_BYTES = 4;
const PARTS_BYTES = 8;
const KEY_BYTES = 4;
const BYTES_MIN = LENGTH_BYTES + MAGIC.length + PARTS_BYTES + CRC_BYTES;

/** `rows` strictly ascending, below 2^31. */
export function encodeDeletions(rows: Uint32Array): Uint8Array<ArrayBuffer> {
  const parts = rows.length === 0 ? [] : [new Uint8Array(KEY_BYTES), encodeRoaring(rows)];
  const content = concatBytes([MAGIC, bytesOf(BigUint64Array.of(rows.length === 0 ? 0n : 1n)), ...parts]);
  return concatBytes([bigEndian(content.length), content, bigEndian(crc32(content))]);
}

/** The deleted rows, ascending, all below `rowsMax`. Errors: `Corrupt`, naming `where`. */
export function decodeDeletions(bytes: Uint8Array, rowsMax: number, where: string): Uint32Array {
  requireIntact(bytes.length >= BYTES_MIN, where, `expected at least ${BYTES_MIN} bytes, found ${bytes.length}`);
  const view = dataViewOf(bytes);
  const end = bytes.length - CRC_BYTES;
  requireIntact(view.getUint32(0) === end - LENGTH_BYTES, where, `expected a length of ${end - LENGTH_BYTES}, found ${view.getUint32(0)}`);
  const content = bytes.subarray(LENGTH_BYTES, end);
  requireIntact(sameBytes(content.subarray(0, MAGIC.length), MAGIC), where, 'expected the magic of a deletion vector');
  requireIntact(view.getUint32(end) === crc32(content), where, 'checksum does not match');
  const bitmap = content.subarray(MAGIC.length);
  const parts = dataViewOf(bitmap).getBigUint64(0, true);
  if (parts === 0n) {
    requireIntact(bitmap.length === PARTS_BYTES, where, `expected ${PARTS_BYTES} bytes of an empty bitmap, found ${bitmap.length}`);
    return new Uint32Array(0);
  }
  requireIntact(parts === 1n && bitmap.length >= PARTS_BYTES + KEY_BYTES && dataViewOf(bitmap).getUint32(PARTS_BYTES, true) === 0, where, 'expected one 32-bit bitmap, under key 0');
  return decodeRoaring(bitmap.subarray(PARTS_BYTES + KEY_BYTES), Math.min(rowsMax, LIMITS.rowsPerSegmentMax), where);
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  dataViewOf(bytes).setUint32(0, value);
  return bytes;
}
