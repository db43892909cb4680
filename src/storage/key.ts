// Key: the name of a stored file, the same in every storage. Segments of [A-Za-z0-9._-] joined by "/", none of
// them "." or "..", so that a key joined to a folder never leaves it. Nothing else reaches a platform.

import { ElanusError } from '../model/errors.js';

/** Names that file systems take. */
const segmentLengthMax = 255;
/** Object stores take 1,024 bytes with their prefix. */
export const keyLengthMax = 900;

const segmentPattern = /^[A-Za-z0-9._-]+$/;

export function checkKey(key: string): void {
  if (!isKey(key)) throw invalid('key', key, 'segments of [A-Za-z0-9._-] joined by "/"');
}

/** A prefix is what some key starts with, or empty. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '' && !isKey(prefix) && !isKey(`${prefix}x`)) throw invalid('prefix', prefix, 'the beginning of a key');
}

export function isKey(key: unknown): key is string {
  return typeof key === 'string' && key.length <= keyLengthMax && key.split('/').every(isSegment);
}

/** One folder or file name of a key. Names that are none are the storage's own, such as "~lock". */
export function isSegment(name: string): boolean {
  return name.length <= segmentLengthMax && segmentPattern.test(name) && name !== '.' && name !== '..';
}

/** The folder that holds every key starting with `prefix`: '' or the part before the last "/". */
export function folderOf(prefix: string): string {
  return prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
}

function invalid(what: string, found: unknown, expected: string): ElanusError {
  const shown = JSON.stringify(String(found).slice(0, 100));
  return new ElanusError('InvalidArgument', `storage ${what} ${shown}: expected ${expected}, at most ${keyLengthMax} characters`);
}
