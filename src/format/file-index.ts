// File index: the list of a published database's files, for who reads it over plain HTTP, where nothing can be listed.
// It is written when a database is published, into the same folder as the files, and names every file but the logs.

import { requireIntact } from '../model/errors.js';
import { sameBytes } from './bytes.js';
import { arrayAt, integerAt, objectAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';

export interface IndexedFile {
  readonly key: string;
  readonly sizeBytes: number;
}

export const FILE_INDEX_KEY = 'index.json';
export const FILE_INDEX_BYTES_MAX = 64 * 1024 * 1024;

const FILES_MAX = 400_000;
const KEY_LENGTH_MAX = 900;
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}$/;

/** In order of their keys. Errors: `InvalidArgument` if it is longer than FILE_INDEX_BYTES_MAX. */
export function encodeFileIndex(files: readonly IndexedFile[]): Uint8Array<ArrayBuffer> {
  const sorted = files.map(({ key, sizeBytes }) => ({ key, sizeBytes })).sort((a, b) => (a.key < b.key ? -1 : 1));
  return encodeEnvelope({ files: sorted }, FILE_INDEX_BYTES_MAX, 'file index');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeFileIndex(bytes: Uint8Array, where: string): readonly IndexedFile[] {
  const object = decodeEnvelope(bytes, FILE_INDEX_BYTES_MAX, where);
  const files = arrayAt(object['files'], FILES_MAX, where, 'files').map((value, i) => {
    const entry = objectAt(value, where, `files[${i}]`);
    const key = stringAt(entry['key'], where, `files[${i}].key`);
    const isKey = key.length <= KEY_LENGTH_MAX && key.split('/').every((segment) => SEGMENT.test(segment));
    requireIntact(isKey, where, `files[${i}].key: expected a key, found ${JSON.stringify(key.slice(0, 100))}`);
    return { key, sizeBytes: integerAt(entry['sizeBytes'], 0, Number.MAX_SAFE_INTEGER, where, `files[${i}].sizeBytes`) };
  });
  requireIntact(new Set(files.map(({ key }) => key)).size === files.length, where, 'files: duplicate key');
  requireIntact(sameBytes(encodeFileIndex(files), bytes), where, 'expected canonical JSON without other members');
  return files;
}
