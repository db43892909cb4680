// BatchRefusal: why a server did not take a batch that a client pushed. It is kept until the client knows of it, so it is
// short. Format: docs/format.md, section 6.

import { requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf, decodeText, encodeText, paddingFor, requireZeros } from './bytes.js';

export interface BatchRefusal {
  /** Of an `ElanusError`. */
  readonly code: string;
  readonly message: string;
}

const CODE_BYTES_MAX = 32;
const MESSAGE_BYTES_MAX = 500;
const HEADER_BYTES = 8;
const ALIGNMENT = 8;

/** The message as far as it is kept, cut between characters. */
export function batchRefusal(code: string, message: string): BatchRefusal {
  const kept = new Uint8Array(MESSAGE_BYTES_MAX);
  const { written } = new TextEncoder().encodeInto(message, kept);
  return { code, message: decodeText(kept.subarray(0, written), 'a refusal', 'message') };
}

/** A multiple of 8 bytes. */
export function encodeBatchRefusal({ code, message }: BatchRefusal): Uint8Array<ArrayBuffer> {
  const [codeBytes, messageBytes] = [encodeText(code), encodeText(message)];
  const header = new Uint8Array(HEADER_BYTES);
  dataViewOf(header).setUint32(0, codeBytes.length, true);
  dataViewOf(header).setUint32(4, messageBytes.length, true);
  return concatBytes([header, codeBytes, messageBytes, new Uint8Array(paddingFor(codeBytes.length + messageBytes.length, ALIGNMENT))]);
}

/** The refusal at the beginning of `bytes`, and how many of them it takes. Errors: `Corrupt`, naming `where`. */
export function decodeBatchRefusal(bytes: Uint8Array, where: string): BatchRefusal & { readonly sizeBytes: number } {
  requireIntact(bytes.length >= HEADER_BYTES, where, 'expected a refusal, found the end');
  const view = dataViewOf(bytes);
  const [code, message] = [view.getUint32(0, true), view.getUint32(4, true)];
  requireIntact(code <= CODE_BYTES_MAX && message <= MESSAGE_BYTES_MAX, where, `a refusal: expected at most ${CODE_BYTES_MAX} and ${MESSAGE_BYTES_MAX} bytes, found ${code} and ${message}`);
  const end = HEADER_BYTES + code + message;
  const sizeBytes = end + paddingFor(end, ALIGNMENT);
  requireIntact(sizeBytes <= bytes.length, where, `a refusal: ends at ${sizeBytes}, beyond ${bytes.length} bytes`);
  requireZeros(bytes, end, sizeBytes, where);
  const text = (from: number, length: number, place: string): string => decodeText(bytes.subarray(from, from + length), where, place);
  return { code: text(HEADER_BYTES, code, 'code'), message: text(HEADER_BYTES + code, message, 'message'), sizeBytes };
}
