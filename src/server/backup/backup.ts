// Backup: a database into a folder of backups while it is written to, and back. What is there already by its hash is not copied
// again. A backup is whole once its description is stored; one that ends before leaves nothing that is taken for one.

import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../../../package.json';
import type { Snapshot, SnapshotFile } from '../../engine/database/snapshot.js';
import { ElanusError } from '../../model/errors.js';
import { errnoOf, explainErrno } from '../../storage/fs-errors.js';
import { BackupFolder, syncFolder } from './backup-folder.js';
import { backupIdAt, type Backup, type BackupFile } from './description.js';

/** What can be backed up. */
export interface Snapshotable {
  snapshot(): Promise<Snapshot>;
}

export interface BackupSource {
  readonly database: Snapshotable;
  /** The data directory. */
  readonly directory: string;
  /** Its folder within that. */
  readonly name: string;
  /** Small files elsewhere in the data directory, by their paths below it. */
  readonly beside?: () => Promise<readonly SnapshotFile[]>;
}

export interface BackupOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the backup that are there, and of all of it. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
}

export interface BackupResult {
  readonly id: string;
  readonly collections: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** That were not there before. */
  readonly newFiles: number;
  readonly newBytes: number;
}

/** A collection that is dropped meanwhile takes its files with it; then the whole is begun again. */
const ATTEMPTS_MAX = 3;

/** Errors: those of the snapshot; `QuotaExceeded`, `StorageFailed`, `Closed` if aborted. */
export async function makeBackup({ database, directory, name, beside }: BackupSource, folder: BackupFolder, options: BackupOptions = {}): Promise<BackupResult> {
  const id = backupIdAt((options.nowMs ?? Date.now)());
  await folder.begin(id);
  for (let attempt = 1; ; attempt++) {
    const snapshot = await database.snapshot();
    try {
      const files = [...(await beside?.() ?? []), ...snapshot.files.map((file) => ({ ...file, key: `${name}/${file.key}` }))];
      return await copyFiles({ ...snapshot, files }, directory, id, folder, options);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof ElanusError) || error.code !== 'NotFound') throw error;
    } finally {
      snapshot.release();
    }
  }
}

async function copyFiles({ files, collections, rows }: Omit<Snapshot, 'release'>, directory: string, id: string, folder: BackupFolder, { signal, onProgress }: BackupOptions): Promise<BackupResult> {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  let newFiles = 0;
  let newBytes = 0;
  for (const file of files) {
    if (signal?.aborted === true) throw new ElanusError('Closed', 'the backup was aborted', { cause: signal.reason });
    if (!(await folder.has(file))) {
      await keep(file, directory, folder);
      newFiles++;
      newBytes += file.sizeBytes;
    }
    doneBytes += file.sizeBytes;
    onProgress?.(doneBytes, bytes);
  }
  const described = files.map(({ key, sizeBytes, sha256 }): BackupFile => ({ path: key, sizeBytes, sha256 }));
  await folder.complete({ id, release: version, collections, rows, files: described });
  return { id, collections, rows, files: files.length, bytes, newFiles, newBytes };
}

async function keep({ key, bytes, sha256 }: SnapshotFile, directory: string, folder: BackupFolder): Promise<void> {
  if (bytes === undefined) await folder.take(join(directory, key), sha256);
  else await folder.put(bytes, sha256);
}

/** The newest complete one, or that of `id`. Errors: `NotFound`, telling which there are. */
export async function chooseBackup(folder: BackupFolder, id?: string): Promise<Backup> {
  const { complete, interrupted } = await folder.list();
  const chosen = id ?? complete.at(-1);
  if (chosen !== undefined && complete.includes(chosen)) return folder.read(chosen);
  const state = chosen !== undefined && interrupted.includes(chosen) ? ` (${chosen} was begun and never completed)` : '';
  const wanted = id === undefined ? 'no complete backup' : `no complete backup "${id}"${state}`;
  throw new ElanusError('NotFound', `${folder.path}: ${wanted}; there ${complete.length === 0 ? 'is none' : `are ${complete.join(', ')}`}${interrupted.length === 0 ? '' : `; interrupted: ${interrupted.join(', ')}`}`);
}

/** Of a restore that did not end. */
const UNFINISHED = '~restore-';

/** Puts a backup into a data directory that has nothing of what it brings. Errors: `AlreadyExists`, `Corrupt`, `QuotaExceeded`; then nothing is there. */
export async function restoreBackup(folder: BackupFolder, backup: Backup, directory: string, { signal, onProgress }: BackupOptions = {}): Promise<void> {
  const tops = [...new Set(backup.files.map(({ path }) => path.split('/')[0] ?? ''))];
  await makeFolder(directory);
  for (const name of tops) await requireFree(join(directory, name));
  for (const name of await readdir(directory)) if (name.startsWith(UNFINISHED)) await rm(join(directory, name), { recursive: true });
  const unfinished = join(directory, `${UNFINISHED}${process.pid}`);
  const bytes = backup.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  try {
    for (const file of backup.files) {
      if (signal?.aborted === true) throw new ElanusError('Closed', 'the restore was aborted', { cause: signal.reason });
      await folder.copyTo(join(unfinished, file.path), file);
      doneBytes += file.sizeBytes;
      onProgress?.(doneBytes, bytes);
    }
    for (const name of tops) await rename(join(unfinished, name), join(directory, name));
    await syncFolder(directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw explainErrno(error, path);
  }
}

async function requireFree(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw explainErrno(error, path);
  });
  if (found !== undefined) throw new ElanusError('AlreadyExists', `${path}: is there already; restore into an empty folder, or move it away first`);
}
