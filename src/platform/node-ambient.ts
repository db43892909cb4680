// Ambient of Node: as over web standards, but that hashing copies nothing: WebCrypto copies what it is given, at once and
// in the calling thread, which for a file takes more of that thread than hashing it piece by piece with others in between.

import { createHash } from 'node:crypto';
import type { Ambient } from '../ports/ambient.js';
import { silentLog, webAmbient, type LogFunction } from './ambient.js';

/** Hashed between two pauses: about a millisecond. */
const stepBytes = 1024 * 1024;

export function nodeAmbient(log: LogFunction = silentLog): Ambient {
  const ambient = webAmbient(log);
  return { ...ambient, sha256: (bytes) => sha256(bytes, ambient.pause) };
}

async function sha256(bytes: Uint8Array, pause: () => Promise<void>): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += stepBytes) {
    if (at > 0) await pause();
    hash.update(bytes.subarray(at, at + stepBytes));
  }
  return new Uint8Array(hash.digest());
}
