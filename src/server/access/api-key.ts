// ApiKey: a long random secret by which a program logs in as a user, until it expires or is revoked. Shown once, when it is
// made; kept is the SHA-256 of its secret, which has 256 random bits, so that a slow hash would add nothing.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './state.js';

export interface NewKey {
  readonly key: ApiKey;
  /** What its user keeps; it cannot be had again. */
  readonly text: string;
}

export function makeApiKey({ user, nowMs, expiresMs, description }: { readonly user: string; readonly nowMs: number; readonly expiresMs?: number; readonly description?: string }): NewKey {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const key = { id, user, hash: hashOf(secret).toString('hex'), createdMs: nowMs, ...(expiresMs === undefined ? {} : { expiresMs }), ...(description === undefined ? {} : { description }) };
  return { key, text: `elk_${id}_${secret}` };
}

const NOBODY = randomBytes(32);

/** Takes as long where there is no such key. */
export function isValidKey(key: ApiKey | undefined, secret: string, nowMs: number): key is ApiKey {
  const same = timingSafeEqual(hashOf(secret), key === undefined ? NOBODY : Buffer.from(key.hash, 'hex'));
  return same && key !== undefined && (key.expiresMs === undefined || nowMs < key.expiresMs);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
