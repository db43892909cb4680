// DataBackups: the backups of one data directory: its databases, and the users and roles beside them. One is made at a time.

import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SnapshotFile } from '../../engine/database/snapshot.js';
import { ElanusError } from '../../model/errors.js';
import { errnoOf, explainErrno } from '../../storage/fs-errors.js';
import { makeBackup, type BackupOptions, type BackupResult, type BackupSource } from './backup.js';
import { BackupFolder, type KnownBackups } from './backup-folder.js';

/** Of the databases, within a data directory: Milvus' name for the one that a client gets if it names none. */
export const DATABASE_FOLDER = 'default';
/** Of users and roles; no database can have that name. Its audit log is not backed up. */
export const ACCESS_PATH = 'server-state/access';

export interface MakeOptions extends BackupOptions {
  /** Then remove all but the newest so many. */
  readonly keep?: number;
}

export interface DataBackups {
  list(): Promise<KnownBackups>;
  /** Errors: `Busy` while another is being made, and those of `makeBackup`. */
  make(options?: MakeOptions): Promise<BackupResult>;
}

export function dataBackups(source: BackupSource, path: string): DataBackups {
  const folder = new BackupFolder(path);
  let isBusy = false;
  return {
    list: () => folder.list(),
    async make({ keep, ...options } = {}) {
      if (isBusy) throw new ElanusError('Busy', 'a backup is being made; try again when it is done');
      isBusy = true;
      try {
        const result = await makeBackup({ ...source, beside: () => filesIn(source.directory, ACCESS_PATH) }, folder, options);
        if (keep !== undefined) await thin(folder, keep);
        return result;
      } finally {
        isBusy = false;
      }
    },
  };
}

async function thin(folder: BackupFolder, keep: number): Promise<void> {
  const { complete } = await folder.list();
  for (const id of complete.slice(0, Math.max(0, complete.length - keep))) await folder.forget(id);
  await folder.collect();
}

const READS_MAX = 5;

/** Small files that are replaced and never changed: read anew where one was removed meanwhile. */
async function filesIn(directory: string, path: string): Promise<readonly SnapshotFile[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const names = (await readdir(join(directory, path))).filter((name) => !name.startsWith('~'));
      return await Promise.all(names.sort().map(async (name) => small(`${path}/${name}`, await readFile(join(directory, path, name)))));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw explainErrno(error, path);
      if (!(await exists(join(directory, path)))) return [];
      if (attempt === READS_MAX) throw explainErrno(error, path);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(() => true, () => false);
}

function small(key: string, bytes: Uint8Array): SnapshotFile {
  return { key, sizeBytes: bytes.length, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
