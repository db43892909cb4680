// Sealed key: a data key as the master key wrapped it, in front of an encrypted catalog, in a catalog's entries as
// hexadecimal digits, and behind its collection's id where a copy asks for it.

import { ElanusError, requireIntact } from '../model/errors.js';
import { bytesOfHex, concatBytes, dataViewOf, encodeText, hexOf, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';
import { isCollectionId } from './keys.js';
import { NONCE_BYTES, TAG_BYTES } from './sealed-file.js';

export interface SealedKey {
  readonly nonce: Uint8Array;
  /** 32 encrypted bytes and their tag. */
  readonly wrapped: Uint8Array;
}

/** What a key is bound to that is wrapped only to tell whether another has the same master key. It is never stored. */
export const KEY_PROOF = 'proof';

export const SEALED_KEY_BYTES = 76;
export const SENT_KEY_BYTES = 16 + SEALED_KEY_BYTES;

const CRC_BYTES = 4;
const MAGIC = encodeText('ELANUSEK');
const VERSION = 1;
const ID_BYTES = SENT_KEY_BYTES - SEALED_KEY_BYTES;
const WRAPPED_BYTES = 32 + TAG_BYTES;
const AT = { version: 8, nonce: 12, wrapped: 12 + NONCE_BYTES, crc: 72 } as const;
const HEX = /^(?:[0-9a-f]{2}){60}$/;

export function encodeSealedKey({ nonce, wrapped }: SealedKey): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SEALED_KEY_BYTES);
  const view = dataViewOf(bytes);
  bytes.set(MAGIC, 0);
  view.setUint32(AT.version, VERSION, true);
  bytes.set(nonce, AT.nonce);
  bytes.set(wrapped, AT.wrapped);
  view.setUint32(AT.crc, crc32c(bytes.subarray(0, AT.crc)), true);
  return bytes;
}

/** What a key that is wrapped for `about` is bound to: the id of a collection, `catalog`, KEY_PROOF. */
export function keyAbout(about: string): Uint8Array {
  return encodeText(`elanus key 1\n${about}`);
}

/** True if the bytes begin as a sealed key does. */
export function startsWithSealedKey(bytes: Uint8Array): boolean {
  return sameBytes(bytes.subarray(0, MAGIC.length), MAGIC);
}

/** The key that `bytes` begin with. Errors: `Corrupt`; `Unsupported` if it is of a newer version. */
export function decodeSealedKey(bytes: Uint8Array, where: string): SealedKey {
  requireIntact(bytes.length >= SEALED_KEY_BYTES && startsWithSealedKey(bytes), where, 'expected an encrypted key');
  const view = dataViewOf(bytes);
  requireIntact(view.getUint32(AT.crc, true) === crc32c(bytes.subarray(0, AT.crc)), where, 'encrypted key: checksum does not match');
  const version = view.getUint32(AT.version, true);
  if (version !== VERSION) throw new ElanusError('Unsupported', `${where}: encryption version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  return { nonce: bytes.slice(AT.nonce, AT.wrapped), wrapped: bytes.slice(AT.wrapped, AT.crc) };
}

/** An encrypted catalog: its key, the encrypted file, and a checksum that tells a torn one without any key. */
export function encodeSealedCatalog(sealedKey: SealedKey, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = concatBytes([encodeSealedKey(sealedKey), file]);
  const tail = new Uint8Array(CRC_BYTES);
  dataViewOf(tail).setUint32(0, crc32c(head), true);
  return concatBytes([head, tail]);
}

/** Errors: `Corrupt`; `Unsupported` if it is of a newer version. */
export function decodeSealedCatalog(bytes: Uint8Array, where: string): { readonly sealedKey: SealedKey; readonly file: Uint8Array } {
  const end = bytes.length - CRC_BYTES;
  requireIntact(end >= SEALED_KEY_BYTES && dataViewOf(bytes).getUint32(end, true) === crc32c(bytes.subarray(0, end)), where, 'checksum does not match');
  return { sealedKey: decodeSealedKey(bytes, where), file: bytes.subarray(SEALED_KEY_BYTES, end) };
}

/** As a server sends the key of a collection: its id, then the key. REQUIRES: isCollectionId(id). */
export function encodeSentKey(id: string, sealedKey: SealedKey): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeText(id), encodeSealedKey(sealedKey)]);
}

/** Errors: `Corrupt`; `Unsupported` if it is of a newer version. */
export function decodeSentKey(bytes: Uint8Array, where: string): { readonly id: string; readonly sealedKey: SealedKey } {
  requireIntact(bytes.length === SENT_KEY_BYTES, where, `expected ${SENT_KEY_BYTES} bytes, found ${bytes.length}`);
  const id = String.fromCharCode(...bytes.subarray(0, ID_BYTES));
  requireIntact(isCollectionId(id), where, 'expected the id of a collection');
  return { id, sealedKey: decodeSealedKey(bytes.subarray(ID_BYTES), where) };
}

/** As a catalog's entry has it: nonce and wrapped key. */
export function sealedKeyHex({ nonce, wrapped }: SealedKey): string {
  return hexOf(concatBytes([nonce, wrapped]));
}

/** Errors: `Corrupt`. */
export function sealedKeyOfHex(hex: string, where: string, place: string): SealedKey {
  requireIntact(HEX.test(hex), where, `${place}: expected ${NONCE_BYTES + WRAPPED_BYTES} bytes in hexadecimal digits`);
  const bytes = bytesOfHex(hex);
  return { nonce: bytes.subarray(0, NONCE_BYTES), wrapped: bytes.subarray(NONCE_BYTES) };
}
