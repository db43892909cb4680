// File system storage for Node: a key is a path under one directory that this process owns. A new file is written
// under a temporary name, made durable, then linked to its own name, which fails if that is taken; so a file is
// there whole or not at all. Names that are no keys ("~lock…", "~tmp…") are ours and are never listed.

import { constants } from 'node:fs';
import { chmod, link, lstat, mkdir, open, readdir, realpath, rm, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ElanusError } from '../model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../ports/storage.js';
import { errnoOf, explainErrno } from './fs-errors.js';
import { lockDirectory } from './fs-lock.js';
import { FsHandles } from './fs-handles.js';
import { FsLog } from './fs-log.js';
import { GuardedStorage, type Backend } from './guard.js';
import { folderOf, isSegment } from './key.js';
import { rangeWithin } from './range.js';

const temporaryMark = '~tmp-';
/** What is written is durable at once. Elsewhere the system's own cache is not emptied by it, or nothing is known of that. */
const durableFlag = process.platform === 'linux' ? constants.O_DSYNC : undefined;
/** So much of a file is written and made durable at once: what a log writes meanwhile waits on the disk for no more than that. */
const pieceBytes = 2 * 1024 * 1024;
/** A range of no more is allocated before the file is asked for its size. */
const believedBytesMax = 8 * 1024 * 1024;
/** A read of 2 GiB at once ends the process. */
const readBytesMax = 1024 * 1024 * 1024;

export interface FsOptions {
  /** Nobody but the user of this process may read or write what it makes: modes 600 and 700. Default false: as the umask has it. */
  readonly isPrivate?: boolean;
}

interface Modes {
  readonly file: number;
  readonly folder: number;
}

const USUAL: Modes = { file: 0o666, folder: 0o777 };
const PRIVATE: Modes = { file: 0o600, folder: 0o700 };

/** Opens or makes the directory. Errors: `Busy` if a live process owns it, this one included. */
export async function openFsStorage(directory: string, { isPrivate = false }: FsOptions = {}): Promise<Storage> {
  const modes = isPrivate ? PRIVATE : USUAL;
  try {
    await mkdir(directory, { recursive: true, mode: modes.folder });
    const root = await realpath(directory);
    if (isPrivate) await chmod(root, modes.folder);
    const release = await lockDirectory(root);
    try {
      await sweepTemporaries(root);
      return new GuardedStorage(new FsBackend(root, release, modes));
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw error instanceof ElanusError ? error : explainErrno(error, directory);
  }
}

class FsBackend implements Backend {
  readonly kind = 'fs';
  readonly explain = explainErrno;
  private readonly folders = new Map<string, Promise<void>>();
  private readonly handles = new FsHandles((key) => this.openToRead(key));
  private temporaries = 0;

  constructor(private readonly root: string, private readonly release: () => Promise<void>, private readonly modes: Modes) {}

  async read(key: string, range: ByteRange | undefined, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    // Of a part, the file may be read again soon; a log grows, and is read whole.
    if (range !== undefined) return this.handles.use(key, async (file) => (await readAtOnce(file, range, room)) ?? readRange(file, key, range));
    const file = await this.openToRead(key);
    try {
      return await readRange(file, key, undefined);
    } finally {
      await file.close();
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      const status = await lstat(join(this.root, key));
      return status.isFile() ? status.size : undefined;
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    await walk(this.root, folderOf(prefix), (key) => {
      if (key.startsWith(prefix)) keys.push(key);
    });
    return keys;
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    const path = join(this.root, key);
    // Spares writing what the link would refuse; only the link decides.
    if ((await this.size(key)) !== undefined) return false;
    const folder = dirname(path);
    await this.makeFolder(folder);
    const temporary = join(folder, `${temporaryMark}${process.pid}-${this.temporaries++}`);
    try {
      await writeDurably(temporary, bytes, this.modes.file);
      if (!(await linkNew(temporary, path))) return await this.refuseFolder(key);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(folder);
    return true;
  }

  async remove(key: string): Promise<void> {
    this.handles.drop(key);
    const path = join(this.root, key);
    try {
      await unlink(path);
    } catch (error) {
      if (isAbsence(error)) return;
      throw error;
    }
    await syncFolder(dirname(path));
  }

  async openLog(key: string): Promise<Log> {
    const path = join(this.root, key);
    await this.makeFolder(dirname(path));
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, this.modes.file);
    try {
      await syncFolder(dirname(path));
      const openDurable = durableFlag === undefined ? undefined : (): Promise<FileHandle> => open(path, constants.O_RDWR | durableFlag);
      return new FsLog(file, (await file.stat()).size, openDurable);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async usage(): Promise<StorageUsage> {
    let usageBytes = 0;
    const keys = await this.list('');
    for (const key of keys) usageBytes += (await this.size(key)) ?? 0;
    const disk = await statfs(this.root);
    return { usageBytes, quotaBytes: usageBytes + disk.bavail * disk.bsize };
  }

  async close(): Promise<void> {
    try {
      await this.handles.close();
    } finally {
      await this.release();
    }
  }

  private async openToRead(key: string): Promise<FileHandle> {
    try {
      return await open(join(this.root, key), constants.O_RDONLY);
    } catch (error) {
      throw isAbsence(error) ? absent(key, error) : error;
    }
  }

  /** Makes a folder and all above it durable, once in the life of this storage. */
  private makeFolder(folder: string): Promise<void> {
    if (folder === this.root) return Promise.resolve();
    let made = this.folders.get(folder);
    if (made === undefined) {
      made = this.makeFolder(dirname(folder)).then(() => makeDurably(folder, this.modes.folder));
      this.folders.set(folder, made);
      made.catch(() => this.folders.delete(folder));
    }
    return made;
  }

  /** What took the name is a file, so the answer is false, or a folder of other keys. */
  private async refuseFolder(key: string): Promise<false> {
    if ((await lstat(join(this.root, key))).isDirectory()) {
      throw new ElanusError('InvalidArgument', `${key}: expected the key of a file, found a folder of other keys`);
    }
    return false;
  }
}

/** Most ranges, in one call. Undefined if the file has less, or the range is too long to be believed without looking. */
async function readAtOnce(file: FileHandle, { offset, length }: ByteRange, room: Uint8Array<ArrayBuffer> | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (length === 0 || length > (room === undefined ? believedBytesMax : readBytesMax)) return undefined;
  const bytes = room ?? new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset).catch(() => ({ bytesRead: 0 }));
  return bytesRead === length ? bytes : undefined;
}

async function readRange(file: FileHandle, key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const status = await file.stat();
  if (!status.isFile()) throw absent(key);
  const { offset, length } = rangeWithin(key, status.size, range);
  return readFully(file, key, offset, length);
}

async function readFully(file: FileHandle, key: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(readBytesMax, length - done), offset + done);
    if (bytesRead === 0) throw new ElanusError('Corrupt', `${key}: expected ${length} bytes at ${offset}, the file ended after ${done}`, { file: key });
    done += bytesRead;
  }
  return bytes;
}

async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (bytes.length > pieceBytes ? (durableFlag ?? 0) : 0), mode);
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, Math.min(pieceBytes, bytes.length - done), done);
      if (bytesWritten === 0) throw new ElanusError('QuotaExceeded', `the file system took ${done} of ${bytes.length} bytes`);
      done += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkNew(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function makeDurably(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  await syncFolder(dirname(folder));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Visits every file under `folder` whose path from `root` is a key. */
async function walk(root: string, folder: string, visit: (key: string) => void): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    if (!isSegment(entry.name)) continue;
    const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) visit(key);
    else if (entry.isDirectory()) await walk(root, key, visit);
  }
}

/** Removes what a crash in the middle of `create` left. */
async function sweepTemporaries(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.startsWith(temporaryMark)) await unlink(path);
    else if (entry.isDirectory()) await sweepTemporaries(path);
  }
}

function isAbsence(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function absent(key: string, cause?: unknown): ElanusError {
  return new ElanusError('NotFound', `${key}: no such file in the data directory`, { file: key, cause });
}
