// ObjectStore: what S3 and R2 have in common. Objects are whole, replaced whole, and seen by everyone at once when a
// put resolves; a put may ask that nothing of that name be there yet. Every put carries a tag, a random number that
// tells it from every other, so that who got no answer can look whether the object that is there is its own.

import { require } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import { isKey } from './key.js';

export interface ObjectHead {
  readonly sizeBytes: number;
  /** '' for an object that somebody else put. */
  readonly tag: string;
  /** True for the first piece of a log (object-log.ts). */
  readonly isLog: boolean;
}

export interface ObjectContent extends ObjectHead {
  /** Of the range, as far as the object reaches. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ObjectMark {
  readonly tag: string;
  readonly isLog?: boolean;
}

export interface ListedObject {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Names are those in the folder of the database. Errors of all: `ElanusError`, or what the platform throws. */
export interface ObjectReader {
  readonly kind: string;
  head(name: string): Promise<ObjectHead | undefined>;
  /** Undefined if the object is absent, 'beyond' if the range begins behind its end. REQUIRES: the range is not empty. */
  get(name: string, range?: ByteRange): Promise<ObjectContent | 'beyond' | undefined>;
  /** Every object whose name starts with `prefix`, of whatever name. */
  list(prefix: string): Promise<ListedObject[]>;
}

export interface ObjectStore extends ObjectReader {
  /** False, and nothing put, if another put has the name. */
  putNew(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<boolean>;
  /** Replaces what is there. */
  put(name: string, bytes: Uint8Array, mark: ObjectMark): Promise<void>;
  /** An absent object is no error. */
  remove(name: string): Promise<void>;
}

/** Names of metadata under which a mark is stored: do not change them. */
export const tagName = 'elanus-tag';
export const logName = 'elanus-log';

/** Stores take names of 1,024 bytes: a key and the number of a piece need most of them. */
const folderLengthMax = 90;

/** Sixteen hexadecimal digits that nobody else has. */
export function newTag(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Throws `InvalidArgument` unless `prefix` is empty or the path of a folder of a bucket, ending in "/". */
export function checkFolder(what: string, prefix: string): void {
  const isFolder = prefix.endsWith('/') && isKey(prefix.slice(0, -1)) && prefix.length <= folderLengthMax;
  require(prefix === '' || isFolder, () => `${what} prefix ${JSON.stringify(prefix)}: expected "" or a folder of the bucket ending in "/", at most ${folderLengthMax} characters`);
}
