// Trust: whom a copy believes, and the newest head that it has believed. Format: docs/format.md, "Replication".

import { requireIntact } from '../model/errors.js';
import { decodeText, encodeText, sameBytes } from './bytes.js';
import { integerAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';
import { decodeHead, encodeHead, type SignedHead } from './head.js';

export interface Trust {
  readonly version: number;
  /** 64 hexadecimal digits. */
  readonly publicKey: string;
  readonly head: SignedHead;
}

const BYTES_MAX = 8192;

export function encodeTrust({ version, publicKey, head }: Trust): Uint8Array<ArrayBuffer> {
  return encodeEnvelope({ version, publicKey, head: decodeText(encodeHead(head), 'head', 'bytes') }, BYTES_MAX, 'trust');
}

/** Errors: `Corrupt`, `Unsupported`. */
export function decodeTrust(bytes: Uint8Array, where: string): Trust {
  const object = decodeEnvelope(bytes, BYTES_MAX, where);
  const publicKey = stringAt(object['publicKey'], where, 'publicKey');
  requireIntact(/^[0-9a-f]{64}$/.test(publicKey), where, 'publicKey: expected 64 hexadecimal digits');
  const trust = { version: integerAt(object['version'], 1, Number.MAX_SAFE_INTEGER, where, 'version'), publicKey, head: decodeHead(encodeText(stringAt(object['head'], where, 'head')), where) };
  requireIntact(sameBytes(encodeTrust(trust), bytes), where, 'expected canonical JSON without other members');
  return trust;
}
