// BackupFolder: a folder of backups. Content is under `files/` by its SHA-256, once for all backups that have it; each backup is a
// description under `backups/`, whole or not there. One that was begun and has none left `ID.begun` behind.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ElanusError, requireIntact } from '../../model/errors.js';
import { errnoOf, explainErrno } from '../../storage/fs-errors.js';
import { BACKUP_BYTES_MAX, decodeBackup, encodeBackup, isBackupId, type Backup, type BackupFile } from './description.js';

const BEGUN = '.begun';
const DONE = '.json';
const TEMPORARY = '~tmp-';
const PRIVATE = 0o700;
const PRIVATE_FILE = 0o600;
const HASH_STEP_BYTES = 4 * 1024 * 1024;

export interface KnownBackups {
  /** Oldest first. */
  readonly complete: readonly string[];
  /** Begun, and not ended. */
  readonly interrupted: readonly string[];
}

export class BackupFolder {
  readonly path: string;
  readonly #made = new Set<string>();
  #temporaries = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Empty where there is no such folder. */
  async list(): Promise<KnownBackups> {
    const names = await readdir(join(this.path, 'backups')).catch((error: unknown) => absent(error, this.path, []));
    const ids = (ending: string): readonly string[] => names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)).filter(isBackupId).sort();
    const complete = ids(DONE);
    return { complete, interrupted: ids(BEGUN).filter((id) => !complete.includes(id)) };
  }

  /** Errors: `NotFound`, `Corrupt`. */
  async read(id: string): Promise<Backup> {
    const path = this.#description(id, DONE);
    const bytes = await readFile(path).catch((error: unknown) => {
      throw explainErrno(error, path);
    });
    requireIntact(bytes.length <= BACKUP_BYTES_MAX, path, `expected at most ${BACKUP_BYTES_MAX} bytes`);
    const backup = decodeBackup(bytes, path);
    requireIntact(backup.id === id, path, `expected backup ${id}, found ${backup.id}`);
    return backup;
  }

  /** Marks one as begun. Errors: `Busy` if there is one of that id. */
  async begin(id: string): Promise<void> {
    await this.#folder(join(this.path, 'files'));
    await this.#folder(join(this.path, 'backups'));
    const file = await open(this.#description(id, BEGUN), 'wx').catch((error: unknown) => {
      throw errnoOf(error) === 'EEXIST' ? new ElanusError('Busy', `${this.path}: a backup was begun at this very moment; try again`) : explainErrno(error, this.path);
    });
    await file.close();
  }

  /** It is whole from now on, also after a crash. */
  async complete(backup: Backup): Promise<void> {
    for (const path of this.#made) await syncFolder(path);
    await this.#write(this.#description(backup.id, DONE), encodeBackup(backup));
    await rm(this.#description(backup.id, BEGUN), { force: true });
  }

  /** Removes a description; content that no other has goes with `collect`. */
  async forget(id: string): Promise<void> {
    for (const ending of [DONE, BEGUN]) await rm(this.#description(id, ending), { force: true });
  }

  /** Removes content that no complete backup names, and what interrupted ones left. Gives how many files. REQUIRES: none is being made. */
  async collect(): Promise<number> {
    const { complete, interrupted } = await this.list();
    const named = new Set<string>();
    for (const id of complete) for (const { sha256 } of (await this.read(id)).files) named.add(sha256);
    let removed = 0;
    for (const shelf of await readdir(join(this.path, 'files')).catch((error: unknown) => absent(error, this.path, []))) {
      for (const name of await readdir(join(this.path, 'files', shelf))) {
        if (named.has(name)) continue;
        await rm(join(this.path, 'files', shelf, name), { force: true });
        removed++;
      }
    }
    for (const id of interrupted) await this.forget(id);
    return removed;
  }

  /** True if the content is there, by its name and size. */
  async has({ sha256, sizeBytes }: Pick<BackupFile, 'sha256' | 'sizeBytes'>): Promise<boolean> {
    const found = await stat(this.#content(sha256)).catch((error: unknown) => absent(error, this.path, undefined));
    return found?.size === sizeBytes;
  }

  /** Takes a file of a database, which never changes: by a link where that is possible, else by a copy. Errors: `NotFound`, `QuotaExceeded`. */
  async take(source: string, sha256: string): Promise<'linked' | 'copied'> {
    const target = this.#content(sha256);
    await this.#folder(dirname(target));
    const temporary = this.#temporary(dirname(target));
    try {
      const how = await linkOrCopy(source, temporary);
      await rename(temporary, target);
      return how;
    } catch (error) {
      throw explainErrno(error, source);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async put(bytes: Uint8Array, sha256: string): Promise<void> {
    await this.#write(this.#content(sha256), bytes);
  }

  /** Copies content to a new file, durably, and checks every byte of it. Errors: `Corrupt`, `NotFound`. */
  async copyTo(target: string, file: BackupFile): Promise<void> {
    const source = this.#content(file.sha256);
    try {
      await mkdir(dirname(target), { recursive: true, mode: PRIVATE });
      await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await synced(target);
    } catch (error) {
      throw explainErrno(error, source);
    }
    await requireHash(target, file, source);
  }

  /** Errors: `Corrupt`, `NotFound`. */
  async check(file: BackupFile): Promise<void> {
    await requireHash(this.#content(file.sha256), file, this.#content(file.sha256));
  }

  #description(id: string, ending: string): string {
    return join(this.path, 'backups', `${id}${ending}`);
  }

  #content(sha256: string): string {
    return join(this.path, 'files', sha256.slice(0, 2), sha256);
  }

  #temporary(folder: string): string {
    return join(folder, `${TEMPORARY}${process.pid}-${this.#temporaries++}`);
  }

  async #folder(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    try {
      // What is in it is nobody else's business: rows, and what passwords are checked by.
      await mkdir(path, { recursive: true, mode: PRIVATE });
    } catch (error) {
      throw explainErrno(error, path);
    }
    this.#made.add(path);
  }

  /** Whole or not at all. */
  async #write(target: string, bytes: Uint8Array): Promise<void> {
    await this.#folder(dirname(target));
    const temporary = this.#temporary(dirname(target));
    try {
      const file = await open(temporary, 'wx', PRIVATE_FILE);
      await using(file, async () => {
        await file.writeFile(bytes);
        await file.sync();
      });
      await rename(temporary, target);
      await syncFolder(dirname(target));
    } catch (error) {
      throw explainErrno(error, target);
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

/** Errno of what a link across file systems, or on one without links, gives. */
const NO_LINK: readonly string[] = ['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'];

async function linkOrCopy(source: string, target: string): Promise<'linked' | 'copied'> {
  try {
    await link(source, target);
    return 'linked';
  } catch (error) {
    if (!NO_LINK.includes(errnoOf(error))) throw error;
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await synced(target);
    return 'copied';
  }
}

async function requireHash(path: string, { sha256, sizeBytes }: BackupFile, named: string): Promise<void> {
  const hash = createHash('sha256');
  let total = 0;
  try {
    const file = await open(path);
    await using(file, async () => {
      const bytes = Buffer.allocUnsafe(HASH_STEP_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(bytes, 0, bytes.length, total);
        if (bytesRead === 0) return;
        hash.update(bytes.subarray(0, bytesRead));
        total += bytesRead;
      }
    });
  } catch (error) {
    throw explainErrno(error, named);
  }
  requireIntact(total === sizeBytes, named, `expected ${sizeBytes} bytes, found ${total}`);
  const found = hash.digest('hex');
  requireIntact(found === sha256, named, `expected SHA-256 ${sha256}, found ${found}`);
}

async function using(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await using(file, () => file.sync());
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await using(folder, () => folder.sync());
}

function absent<T>(error: unknown, about: string, instead: T): T {
  if (errnoOf(error) === 'ENOENT') return instead;
  throw explainErrno(error, about);
}
