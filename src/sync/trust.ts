// Trust: whether what a server says of its newest state is believed. Who cannot sign cannot show anything; who can, cannot
// show less than he showed before, nor withhold what is newer for longer than a head lives.

import { bytesOfHex, hexOf } from '../format/bytes.js';
import { decodeHead, signedBytes, type SignedHead } from '../format/head.js';
import { sameMark } from '../format/row-scope.js';
import { trustKey, trustPrefix, versionOf } from '../format/keys.js';
import { decodeTrust, encodeTrust, type Trust } from '../format/trust.js';
import { ElanusError, require, type DistrustReason } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import { SIGNING_KEY_BYTES, type Signatures } from '../ports/cipher.js';
import type { Storage } from '../ports/storage.js';

export const HEAD_KEY_HEADER = 'elanus-public-key';
const KEY = /^[0-9a-f]{64}$/;
const KEYS_MAX = 16;

export type Trusted = 'first' | readonly string[];

/** Errors: `InvalidArgument`. */
export function checkTrusted(trust: unknown): Trusted | undefined {
  if (trust === undefined || trust === 'first') return trust;
  require(Array.isArray(trust) && trust.length >= 1 && trust.length <= KEYS_MAX && trust.every((key) => typeof key === 'string' && KEY.test(key)), () => `trust: expected 'first', or 1 to ${KEYS_MAX} public keys of ${SIGNING_KEY_BYTES * 2} hexadecimal digits`);
  return trust as readonly string[];
}

/** The first 16 digits of the SHA-256 of a public key. */
export async function keyIdOf(publicKey: Uint8Array, ambient: Pick<Ambient, 'sha256'>): Promise<string> {
  return hexOf(await ambient.sha256(publicKey)).slice(0, 16);
}

export interface Believing {
  readonly signatures: Signatures;
  readonly ambient: Pick<Ambient, 'sha256' | 'nowMs'>;
  /** What was believed before. */
  readonly before: Trust | undefined;
  readonly trusted: Trusted | undefined;
  /** Id of the collection that the copy is of; undefined before there is one. */
  readonly collection: string | undefined;
  /** Id of the scope that was asked for; undefined if it is all rows that the caller may have. */
  readonly asked?: string | undefined;
}

/** What `bytes` say, if they are to be believed; `offered` is the public key that came with them. Errors: `Untrusted`, `Corrupt`. */
export async function believe(bytes: Uint8Array, offered: string | undefined, where: string, by: Believing): Promise<Pick<Trust, 'publicKey' | 'head'>> {
  const head = decodeHead(bytes, where);
  const refuse = (reason: DistrustReason, why: string): never => {
    throw new ElanusError('Untrusted', `${where}: ${why}`, { reason });
  };
  const publicKey = (await keyOf(head, offered, by)) ?? refuse('key', `signed by key ${head.keyId}, which is not trusted`);
  if (!(await by.signatures.isSignedBy(bytesOfHex(publicKey), signedBytes(head), bytesOfHex(head.signature)))) refuse('signature', `the signature is not of key ${head.keyId}`);
  const nowMs = by.ambient.nowMs();
  if (head.expiresMs <= nowMs) refuse('expired', `it held until ${new Date(head.expiresMs).toISOString()}, now is ${new Date(nowMs).toISOString()}`);
  if (by.collection !== undefined && head.collection !== by.collection) refuse('collection', `it is of collection ${head.collection}, not ${by.collection}: drop the copy to take another`);
  if (head.scope?.asked !== by.asked) refuse('scope', 'it is not of the rows that were asked for');
  const before = by.before?.head;
  if (before === undefined || before.collection !== head.collection) return { publicKey, head };
  const [restoredMs, restoredBefore] = [head.restoredMs ?? 0, before.restoredMs ?? 0];
  if (restoredMs < restoredBefore) refuse('rollback', `it is from before ${new Date(restoredBefore).toISOString()}, when the server's data were put back`);
  // The server itself says that what it showed before is gone.
  if (restoredMs > restoredBefore) return { publicKey, head };
  if (head.version < before.version || (head.version === before.version && head.issuedMs < before.issuedMs)) refuse('rollback', `version ${head.version} issued at ${head.issuedMs} is older than ${before.version} issued at ${before.issuedMs}, which was seen before`);
  // Of other rows the manifests are others. The server may not have made the one before of these.
  if (!sameMark(head.scope, before.scope)) return { publicKey, head };
  const [next, same] = [head.version === before.version + 1, head.version === before.version];
  if (same && head.manifest.sha256 !== before.manifest.sha256) refuse('fork', `version ${head.version} has another manifest than before`);
  if (next && head.parent !== before.manifest.sha256 && (head.scope === undefined || head.parent !== undefined)) refuse('fork', `version ${head.version} does not follow version ${before.version} as it was`);
  return { publicKey, head };
}

/** The key that may have signed it: of those that are trusted, of the one that was, or, where any first one is, the one that is offered. */
async function keyOf(head: SignedHead, offered: string | undefined, { before, trusted, ambient }: Believing): Promise<string | undefined> {
  const candidates = Array.isArray(trusted) ? trusted : before !== undefined ? [before.publicKey] : trusted === 'first' && offered !== undefined && KEY.test(offered) ? [offered] : [];
  for (const key of candidates as readonly string[]) if ((await keyIdOf(bytesOfHex(key), ambient)) === head.keyId) return key;
  return undefined;
}

/** What the copy of that id has believed; undefined if nothing. Errors: `Corrupt` if that is damaged, as then anything older could be shown. */
export async function storedTrust(storage: Storage, id: string): Promise<Trust | undefined> {
  const keys = (await storage.list(trustPrefix(id))).filter((key) => versionOf(key) !== undefined);
  let damage: unknown;
  for (const key of [...keys].reverse()) {
    try {
      return decodeTrust(await storage.read(key), key);
    } catch (error) {
      // Torn by a crash: then the one before counts.
      damage = error;
    }
  }
  if (damage !== undefined) throw damage;
  return undefined;
}

export async function storeTrust(storage: Storage, id: string, trust: Pick<Trust, 'publicKey' | 'head'>): Promise<void> {
  const keys = (await storage.list(trustPrefix(id))).filter((key) => versionOf(key) !== undefined);
  const version = (versionOf(keys.at(-1) ?? '') ?? 0) + 1;
  const key = trustKey(id, version);
  if (!(await storage.create(key, encodeTrust({ ...trust, version })))) throw new ElanusError('Busy', `${key} exists already: another writer is at work`, { file: key });
  for (const old of keys.slice(0, -1)) await storage.remove(old);
}
