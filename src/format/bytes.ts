// Bytes: the few verbs on byte arrays that every format module shares. All stored numbers are little-endian,
// as is every machine that we run on, so typed arrays are copied as they are. Nothing here trusts a length.

import { ElanusError, requireIntact } from '../model/errors.js';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}

/** Writes the UTF-8 of `text`; gives how many bytes it is. REQUIRES: room for three bytes a UTF-16 unit. */
export function encodeTextInto(text: string, target: Uint8Array): number {
  return ENCODER.encodeInto(text, target).written;
}

/** The text of UTF-8 `bytes`. Errors: `Corrupt`, naming `where` and `place`. */
export function decodeText(bytes: Uint8Array, where: string, place: string): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new ElanusError('Corrupt', `${where}: ${place}: expected UTF-8`, { file: where, cause });
  }
}

/** Of all of them together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(lengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** All in one place: the only one as it is, else a copy. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The memory of a typed array, not a copy. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function dataViewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes to add to `length` to reach a multiple of `alignment`. */
export function paddingFor(length: number, alignment: number): number {
  return (alignment - (length % alignment)) % alignment;
}

/** Errors: `Corrupt` unless bytes `from` to `to` are all zero. */
export function requireZeros(bytes: Uint8Array, from: number, to: number, where: string): void {
  const found = bytes.subarray(from, to).findIndex((byte) => byte !== 0);
  requireIntact(found === -1, where, `expected zero padding from ${from} to ${to}`);
}

/** Two lower-case hexadecimal digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes that hexadecimal digits, two for each, stand for. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}
