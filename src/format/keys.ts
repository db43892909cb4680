// Keys: every name under which anything is stored is spelled here and nowhere else. These names are stored:
// do not change them. Numbers are 20 decimal digits, so that the order of keys is the order of numbers.

import { requireIntact } from '../model/errors.js';
import type { IndexFileKind } from '../model/index-kind.js';

export const CATALOG_PREFIX = 'catalog/';
/** Bytes of no meaning, given up where a full storage is to be told of what frees it. */
export const RESERVE_KEY = 'reserve.bin';

const DIGITS = 20;
const ID = /^[0-9a-f]{16}$/;
const NUMBERED = /^(?:catalog|relay\/[0-9a-f]{32}|c[0-9a-f]{16}\/(?:manifest|outbox|trust))\/(\d{20})\.json$/;
const LOG = /^c[0-9a-f]{16}\/wal\/(\d{20})\.log$/;
const INDEX = /^c[0-9a-f]{16}\/idx-[a-z]+-[0-9a-f]{64}\.bin$/;
const FILE_NAME = /^(?:rows-([0-9a-f]{64})\.parquet|del-([0-9a-f]{64})\.dv|idx-(?:graph|ivf|sparse)-([0-9a-f]{64})\.bin|push-([0-9a-f]{64})\.bin)$/;
const LSN_LIMIT = 1n << 64n;

/** True for a collection id: 16 lower-case hexadecimal digits. */
export function isCollectionId(id: string): boolean {
  return ID.test(id);
}

export function catalogKey(version: number): string {
  return `${CATALOG_PREFIX}${padded(version)}.json`;
}

/** Everything of one collection starts with this. */
export function collectionPrefix(id: string): string {
  return `c${id}/`;
}

export function manifestPrefix(id: string): string {
  return `${collectionPrefix(id)}manifest/`;
}

export function manifestKey(id: string, version: number): string {
  return `${manifestPrefix(id)}${padded(version)}.json`;
}

/** How far the own writes of a copy have come. */
export function outboxPrefix(id: string): string {
  return `${collectionPrefix(id)}outbox/`;
}

export function outboxKey(id: string, version: number): string {
  return `${outboxPrefix(id)}${padded(version)}.json`;
}

/** Whom a copy believes. */
export function trustPrefix(id: string): string {
  return `${collectionPrefix(id)}trust/`;
}

export function trustKey(id: string, version: number): string {
  return `${trustPrefix(id)}${padded(version)}.json`;
}

/** Of a batch of a copy that the server refused. */
export function refusedKey(id: string, lsn: bigint): string {
  return `${collectionPrefix(id)}refused/${padded(lsn)}.bin`;
}

export function logPrefix(id: string): string {
  return `${collectionPrefix(id)}wal/`;
}

export function logKey(id: string, firstLsn: bigint): string {
  return `${logPrefix(id)}${padded(firstLsn)}.log`;
}

/** As the id of a collection: files of rows that rules let through are in a folder of its own. */
export function scopedId(id: string): string {
  return `${id}/scoped`;
}

/** Beginnings of files that are being fetched. */
export function partPrefix(id: string): string {
  return `${collectionPrefix(id)}part/`;
}

export function partKey(id: string, sha256: string): string {
  return `${partPrefix(id)}${sha256}.bin`;
}

/** Key of a content-named file of the collection. REQUIRES: isFileName(name). */
export function fileKey(id: string, name: string): string {
  return `${collectionPrefix(id)}${name}`;
}

export function rowsName(sha256: string): string {
  return `rows-${sha256}.parquet`;
}

export function deletionsName(sha256: string): string {
  return `del-${sha256}.dv`;
}

/** Of the state of pushes. */
export function pushesName(sha256: string): string {
  return `push-${sha256}.bin`;
}

/** True for the name of an index that is used while it arrives: what comes of it first are 1-bit codes. */
export function isPlanesName(name: string): boolean {
  return /^idx-(graph|ivf)-/.test(name);
}

/** True for the name of a deletions file. REQUIRES: isFileName(name). */
export function isDeletionsName(name: string): boolean {
  return name.startsWith('del-');
}

/** What relays serve of one collection; `place` is that of `placeOf`. */
export function publicationPrefix(place: string): string {
  return `relay/${place}/`;
}

export function publicationKey(place: string, version: number): string {
  return `${publicationPrefix(place)}${padded(version)}.json`;
}

/** The version in a catalog's, manifest's, outbox's, trust's or publication's key; undefined if `key` is none. */
export function versionOf(key: string): number | undefined {
  const digits = NUMBERED.exec(key)?.[1];
  const version = digits === undefined ? undefined : Number(digits);
  return Number.isSafeInteger(version) ? version : undefined;
}

/** The first LSN in a log's key; undefined if `key` is none. */
export function lsnOf(key: string): bigint | undefined {
  const digits = LOG.exec(key)?.[1];
  if (digits === undefined) return undefined;
  const lsn = BigInt(digits);
  return lsn < LSN_LIMIT ? lsn : undefined;
}

/** Names index files of a kind. */
export function indexName(kind: IndexFileKind): (sha256: string) => string {
  return (sha256) => `idx-${kind}-${sha256}.bin`;
}

/** True for the name of a content-named file; nothing else of a name from outside may reach the storage. */
export function isFileName(name: string): boolean {
  return FILE_NAME.test(name);
}

/** True for the key of an index file, which is derived from others. */
export function isIndexKey(key: string): boolean {
  return INDEX.test(key);
}

/** The SHA-256, in hexadecimal, that a content-named file must have. Errors: `Corrupt` if it is no such name. */
export function hashOf(name: string): string {
  const match = FILE_NAME.exec(name);
  const hash = match?.slice(1).find((part) => part !== undefined);
  requireIntact(hash !== undefined, name, 'expected rows-<sha256>.parquet, del-<sha256>.dv, idx-graph-<sha256>.bin, idx-ivf-<sha256>.bin, idx-sparse-<sha256>.bin or push-<sha256>.bin');
  return hash;
}

function padded(value: number | bigint): string {
  return value.toString().padStart(DIGITS, '0');
}
