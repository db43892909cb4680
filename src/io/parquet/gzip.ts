// Gzip by hyparquet-compressors, which writes into memory of the declared length and checks nothing: gzip's own CRC-32 and
// length are checked here (RFC 1952). One decoder in every runtime, without a stream's detours for each page.

import { gunzip } from 'hyparquet-compressors/src/gzip.js';
import { dataViewOf } from '../../format/bytes.js';
import { crc32 } from '../../format/crc.js';

const HEADER_AND_TRAILER_BYTES = 18;

export function ungzip(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < HEADER_AND_TRAILER_BYTES) throw new Error(`${bytes.length} bytes of gzip`);
  const trailer = dataViewOf(bytes.subarray(bytes.length - 8));
  const declared = trailer.getUint32(4, true);
  if (declared !== length) throw new Error(`gzip of ${declared} bytes, expected ${length}`);
  const unpacked = gunzip(bytes, new Uint8Array(length));
  if (crc32(unpacked) !== trailer.getUint32(0, true)) throw new Error('the CRC of gzip is another');
  return unpacked;
}
