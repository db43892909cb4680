// Head: what says which manifest of a collection is the newest, signed. Format: docs/format.md, "Replication".

import { ElanusError, requireIntact } from '../model/errors.js';
import { concatBytes, encodeText, sameBytes } from './bytes.js';
import { integerAt, objectAt, stringAt } from './checks.js';
import { canonicalJson, decodeEnvelope, encodeEnvelope, type JsonObject } from './envelope.js';
import { decodeMark, markJson, type ScopeMark } from './row-scope.js';

export const HEAD_BYTES_MAX = 4096;

const SIGNED = 'elanus-head-1\0';
const HEX_64 = /^[0-9a-f]{64}$/;
const HEX_16 = /^[0-9a-f]{16}$/;
const HEX_128 = /^[0-9a-f]{128}$/;
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;
/** The year 9999. */
const MS_MAX = 253_402_300_799_999;

export interface Head {
  /** Id of the collection. */
  readonly collection: string;
  /** Of the manifest. */
  readonly version: number;
  readonly manifest: { readonly sha256: string; readonly sizeBytes: number };
  /** SHA-256 of the manifest before it; absent of the first that the server knows. */
  readonly parent?: string;
  /** That of the manifest. */
  readonly scope?: ScopeMark;
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** When the server's data were last put back from a backup: what was shown before may then be newer. Absent if they never were. */
  readonly restoredMs?: number;
  /** Which key signed it. */
  readonly keyId: string;
}

export interface SignedHead extends Head {
  /** Ed25519, in hexadecimal digits. */
  readonly signature: string;
}

/** What is signed. */
export function signedBytes(head: Head): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeText(SIGNED), encodeText(canonicalJson({ ...jsonOf(head), formatVersion: 1 }))]);
}

export function encodeHead(head: SignedHead): Uint8Array<ArrayBuffer> {
  return encodeEnvelope({ ...jsonOf(head), signature: head.signature }, HEAD_BYTES_MAX, 'head');
}

/** Its signature is not looked at. Errors: `Corrupt`, `Unsupported`. */
export function decodeHead(bytes: Uint8Array, where: string): SignedHead {
  const value = decodeEnvelope(bytes, HEAD_BYTES_MAX, where);
  const manifest = objectAt(value['manifest'], where, 'manifest');
  const scope = decodeMark(value['scope'], where);
  const issuedMs = integerAt(value['issuedMs'], 0, MS_MAX, where, 'issuedMs');
  const head: SignedHead = {
    collection: digitsAt(value['collection'], HEX_16, where, 'collection'),
    version: integerAt(value['version'], 1, Number.MAX_SAFE_INTEGER, where, 'version'),
    manifest: { sha256: digitsAt(manifest['sha256'], HEX_64, where, 'manifest.sha256'), sizeBytes: integerAt(manifest['sizeBytes'], 1, MANIFEST_BYTES_MAX, where, 'manifest.sizeBytes') },
    ...(value['parent'] === undefined ? {} : { parent: digitsAt(value['parent'], HEX_64, where, 'parent') }),
    ...(scope === undefined ? {} : { scope }),
    issuedMs,
    expiresMs: integerAt(value['expiresMs'], issuedMs, MS_MAX, where, 'expiresMs'),
    ...(value['restoredMs'] === undefined ? {} : { restoredMs: integerAt(value['restoredMs'], 1, MS_MAX, where, 'restoredMs') }),
    keyId: digitsAt(value['keyId'], HEX_16, where, 'keyId'),
    signature: digitsAt(value['signature'], HEX_128, where, 'signature'),
  };
  requireIntact(sameBytes(encodeHead(head), bytes), where, 'not in canonical form, or with unknown members');
  return head;
}

function jsonOf({ collection, version, manifest, parent, scope, issuedMs, expiresMs, restoredMs, keyId }: Head): JsonObject {
  return { collection, version, manifest: { ...manifest }, parent, scope: scope && markJson(scope), issuedMs, expiresMs, restoredMs, keyId };
}

function digitsAt(value: unknown, pattern: RegExp, where: string, place: string): string {
  const text = stringAt(value, where, place);
  if (!pattern.test(text)) throw new ElanusError('Corrupt', `${where}: ${place}: expected ${pattern.source.replace(/\D*(\d+)\D*$/, '$1')} lower-case hexadecimal digits`, { file: where });
  return text;
}
