// Sealed file: how the bytes of an encrypted file lie: a header with a salt, then blocks, each encrypted under its number and
// whether it is the last. So a block that is missing, moved or from elsewhere does not decrypt. These values are stored: do not change them.

import { ElanusError, requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf, encodeText, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';

export const SEALED_HEADER_BYTES = 48;
/** What a block holds; the last may hold less, and of an empty file nothing. */
export const SEALED_BLOCK_BYTES = 65_536;
export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;
export const SALT_BYTES = 32;

const FILE_MAGIC = encodeText('ELANUSEF');
const LOG_MAGIC = encodeText('ELANUSEL');
const VERSION = 1;
const AT = { version: 8, salt: 12, crc: 44 } as const;
const STORED_BLOCK_BYTES = SEALED_BLOCK_BYTES + TAG_BYTES;
const BLOCKS_MAX = 2 ** 32;

/** REQUIRES: `salt` has SALT_BYTES. */
export function encodeSealedHeader(salt: Uint8Array, kind: 'file' | 'log' = 'file'): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(SEALED_HEADER_BYTES);
  const view = dataViewOf(header);
  header.set(kind === 'file' ? FILE_MAGIC : LOG_MAGIC, 0);
  view.setUint32(AT.version, VERSION, true);
  header.set(salt, AT.salt);
  view.setUint32(AT.crc, crc32c(header.subarray(0, AT.crc)), true);
  return header;
}

/** The salt. Errors: `Corrupt`; `Unsupported` if it is of a newer version. */
export function readSealedHeader(bytes: Uint8Array, where: string, kind: 'file' | 'log' = 'file'): Uint8Array {
  const header = bytes.subarray(0, SEALED_HEADER_BYTES);
  requireIntact(header.length === SEALED_HEADER_BYTES, where, `expected the header of an encrypted ${kind}, found ${header.length} bytes`);
  const magic = header.subarray(0, AT.version);
  requireIntact(sameBytes(magic, kind === 'file' ? FILE_MAGIC : LOG_MAGIC), where, `header: this is no encrypted ${kind}`);
  const view = dataViewOf(header);
  requireIntact(view.getUint32(AT.crc, true) === crc32c(header.subarray(0, AT.crc)), where, 'header: checksum does not match');
  const version = view.getUint32(AT.version, true);
  if (version !== VERSION) throw new ElanusError('Unsupported', `${where}: encryption version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  return header.subarray(AT.salt, AT.crc);
}

/** True if the bytes begin as an encrypted file does. */
export function isSealed(bytes: Uint8Array): boolean {
  return sameBytes(bytes.subarray(0, FILE_MAGIC.length), FILE_MAGIC);
}

export function blocksOf(plainBytes: number): number {
  return Math.max(1, Math.ceil(plainBytes / SEALED_BLOCK_BYTES));
}

/** Errors: `InvalidArgument` for a file of 2^32 blocks (256 TiB) or more. */
export function sealedSize(plainBytes: number): number {
  const blocks = blocksOf(plainBytes);
  if (blocks >= BLOCKS_MAX) throw new ElanusError('InvalidArgument', `an encrypted file has fewer than ${BLOCKS_MAX} blocks, found ${blocks}`);
  return SEALED_HEADER_BYTES + plainBytes + blocks * TAG_BYTES;
}

/** What an encrypted file of that size holds. Errors: `Corrupt` if none has that size. */
export function plainSizeOf(storedBytes: number, where: string): number {
  const body = storedBytes - SEALED_HEADER_BYTES;
  const blocks = Math.ceil(body / STORED_BLOCK_BYTES);
  const plain = body - blocks * TAG_BYTES;
  requireIntact(blocks >= 1 && blocks < BLOCKS_MAX && plain >= 0 && blocksOf(plain) === blocks, where, `no encrypted file has ${storedBytes} bytes`);
  return plain;
}

/** Where block `number` is stored, its tag included. */
export function storedBlock(number: number, storedBytes: number): { readonly offset: number; readonly length: number } {
  const offset = SEALED_HEADER_BYTES + number * STORED_BLOCK_BYTES;
  return { offset, length: Math.min(STORED_BLOCK_BYTES, storedBytes - offset) };
}

/** The nonce of a block: its number (4 bytes), 1 if it is the last, else 0 (4 bytes), zeros. Its key encrypts this file alone. */
export function blockNonce(number: number, isLast: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES);
  const view = dataViewOf(nonce);
  view.setUint32(0, number, true);
  view.setUint32(4, isLast ? 1 : 0, true);
  return nonce;
}

/** The HKDF info from which the key of a file comes: what the file is, so that none can stand for another. */
export function keyInfo(about: string): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeText('elanus encryption 1\n'), encodeText(about)]);
}
