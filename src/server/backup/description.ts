// Description: what one backup is: which files, under which paths of a data directory, with the SHA-256 of each. It is stored last,
// so that a backup that was interrupted has none; its checksum tells when it is damaged.

import { arrayAt, integerAt, objectAt, stringAt } from '../../format/checks.js';
import { decodeEnvelope, encodeEnvelope } from '../../format/envelope.js';
import { requireIntact } from '../../model/errors.js';

export interface BackupFile {
  /** Below the data directory, with "/" between: `default/c…/rows-….parquet`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Backup {
  /** When it was begun, in UTC: 20261130T161502345Z. Ids in order are backups in order. */
  readonly id: string;
  /** Of the release that made it. */
  readonly release: string;
  readonly collections: number;
  readonly rows: number;
  readonly files: readonly BackupFile[];
}

export const BACKUP_BYTES_MAX = 256 * 1024 * 1024;
const FILES_MAX = 1_000_000;
const ID = /^\d{8}T\d{9}Z$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Segments of a path have no other characters, and none is `.` or `..`. */
const PATH = /^(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+\/)*(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

export function isBackupId(id: string): boolean {
  return ID.test(id);
}

export function backupIdAt(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:.]/g, '');
}

export function encodeBackup({ id, release, collections, rows, files }: Backup): Uint8Array {
  return encodeEnvelope({ id, release, collections, rows, files: files.map((file) => ({ ...file })) }, BACKUP_BYTES_MAX, 'backup');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeBackup(bytes: Uint8Array, where: string): Backup {
  const object = decodeEnvelope(bytes, BACKUP_BYTES_MAX, where);
  const id = stringAt(object['id'], where, 'id');
  requireIntact(isBackupId(id), where, 'id: expected a time like 20261130T161502345Z');
  const files = arrayAt(object['files'], FILES_MAX, where, 'files').map((value, i) => decodeFile(value, where, `files[${i}]`));
  requireIntact(new Set(files.map(({ path }) => path)).size === files.length, where, 'files: a path stands twice');
  const count = (name: string): number => integerAt(object[name], 0, Number.MAX_SAFE_INTEGER, where, name);
  return { id, release: stringAt(object['release'], where, 'release'), collections: count('collections'), rows: count('rows'), files };
}

function decodeFile(value: unknown, where: string, place: string): BackupFile {
  const file = objectAt(value, where, place);
  const path = stringAt(file['path'], where, `${place}.path`);
  requireIntact(PATH.test(path), where, `${place}.path: expected a path within a data directory, found ${JSON.stringify(path)}`);
  const sha256 = stringAt(file['sha256'], where, `${place}.sha256`);
  requireIntact(SHA256.test(sha256), where, `${place}.sha256: expected 64 hexadecimal digits`);
  return { path, sha256, sizeBytes: integerAt(file['sizeBytes'], 0, Number.MAX_SAFE_INTEGER, where, `${place}.sizeBytes`) };
}
