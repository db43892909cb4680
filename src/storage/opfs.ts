// OPFS storage: the origin private file system, in a dedicated worker, by synchronous handles. A key is a path
// under elanus/<name>, which one worker owns. A browser gives no way to create a file whole or not at all that all
// of them have, so a crash in the middle of `create` may leave a short file under its name, as the port allows.

import { ElanusError, requireIntact } from '../model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../ports/storage.js';
import { explainDomError, nameOf } from './dom-errors.js';
import { GuardedStorage, type Backend } from './guard.js';
import { checkKey, folderOf, isSegment } from './key.js';
import { OpfsHandles, openHandle, writeFully } from './opfs-handles.js';
import { OpfsLog } from './opfs-log.js';
import { originUsage } from './origin-usage.js';
import { own } from './owner.js';
import { rangeWithin } from './range.js';

const probeName = '~probe';

export interface OpfsStorage extends Storage {
  /**
   * Closes every file, which the next call opens again: for a page that is hidden, frozen or left, as browsers keep the
   * handles of such pages from everyone else, some for hours. The database stays owned; open logs stay open.
   */
  suspend(): Promise<void>;
}

/** Opens or makes the folder. Errors: `Busy`; `Unsupported` outside a dedicated worker or where OPFS does not work. */
export async function openOpfsStorage(name: string, patienceMs?: number): Promise<OpfsStorage> {
  checkKey(name);
  requireHandles(name);
  const release = await own(name, patienceMs);
  try {
    const origin = await navigator.storage.getDirectory();
    const root = await descend(origin, `elanus/${name}`, true);
    // Some browsers have the names but refuse the handle (private windows), and only trying tells.
    (await openHandle(await root.getFileHandle(probeName, { create: true }))).close();
    return new GuardedOpfs(new OpfsBackend(root, release));
  } catch (error) {
    release();
    throw error instanceof ElanusError ? error : explainDomError(error, `OPFS folder ${name}`);
  }
}

class OpfsBackend implements Backend {
  readonly kind = 'opfs';
  readonly explain = explainDomError;
  private readonly handles = new OpfsHandles((key) => this.find(key));
  /** Keys being created or removed. No one sees them, so no reader's handle is in the way. */
  private readonly hidden = new Set<string>();

  constructor(private readonly root: FileSystemDirectoryHandle, private readonly release: () => void) {}

  async read(key: string, range: ByteRange | undefined, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await this.handles.use(key, (handle) => readRange(handle, key, range, room));
    } catch (error) {
      throw isAbsence(error) ? absent(key, error) : error;
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return await this.handles.use(key, (handle) => handle.getSize());
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<string[]> {
    const folder = folderOf(prefix);
    const keys: string[] = [];
    try {
      await walk(await descend(this.root, folder, false), folder, (key) => {
        if (key.startsWith(prefix) && !this.hidden.has(key)) keys.push(key);
      });
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
    return keys;
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    if (await this.exists(key)) return false;
    await this.whileHidden(key, async () => {
      try {
        await writeFile(await this.locate(key, true), bytes);
      } catch (error) {
        await this.removeEntry(key);
        throw error;
      }
    });
    return true;
  }

  remove(key: string): Promise<void> {
    return this.whileHidden(key, () => this.removeEntry(key));
  }

  async openLog(key: string): Promise<Log> {
    await this.locate(key, true);
    const sizeBytes = (await this.keep(key)).getSize();
    return new OpfsLog((work) => this.handles.use(key, work), sizeBytes, () => this.handles.drop(key));
  }

  suspend(): Promise<void> {
    return this.handles.suspend();
  }

  usage(): Promise<StorageUsage> {
    return originUsage();
  }

  async close(): Promise<void> {
    try {
      await this.handles.close();
    } finally {
      this.release();
    }
  }

  private async keep(key: string): Promise<FileSystemSyncAccessHandle> {
    try {
      return await this.handles.keep(key);
    } catch (error) {
      // There is no log to close it later.
      await this.handles.drop(key);
      throw error;
    }
  }

  private async whileHidden(key: string, work: () => Promise<void>): Promise<void> {
    this.hidden.add(key);
    try {
      await this.handles.drop(key);
      await work();
    } finally {
      this.hidden.delete(key);
    }
  }

  private async exists(key: string): Promise<boolean> {
    try {
      await this.locate(key, false);
      return true;
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return false;
      throw error;
    }
  }

  private async removeEntry(key: string): Promise<void> {
    try {
      const folder = await descend(this.root, folderOf(key), false);
      await folder.removeEntry(lastSegment(key));
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }

  private async find(key: string): Promise<FileSystemFileHandle> {
    if (this.hidden.has(key)) throw absent(key);
    return this.locate(key, false);
  }

  private async locate(key: string, create: boolean): Promise<FileSystemFileHandle> {
    const folder = await descend(this.root, folderOf(key), create);
    return folder.getFileHandle(lastSegment(key), { create });
  }
}

class GuardedOpfs extends GuardedStorage<OpfsBackend> implements OpfsStorage {
  suspend(): Promise<void> {
    return this.run('suspend', () => this.backend.suspend());
  }
}

function readRange(handle: FileSystemSyncAccessHandle, key: string, range: ByteRange | undefined, room: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  const { offset, length } = rangeWithin(key, handle.getSize(), range);
  const bytes = room ?? new Uint8Array(length);
  const found = handle.read(bytes, { at: offset });
  requireIntact(found === length, key, `expected ${length} bytes at ${offset}, found ${found}`);
  return bytes;
}

async function writeFile(file: FileSystemFileHandle, bytes: Uint8Array): Promise<void> {
  const handle = await openHandle(file);
  try {
    writeFully(handle, bytes, 0);
    handle.flush();
  } finally {
    handle.close();
  }
}

function requireHandles(name: string): void {
  const works = globalThis.FileSystemFileHandle !== undefined && 'createSyncAccessHandle' in FileSystemFileHandle.prototype;
  if (!works) throw new ElanusError('Unsupported', `OPFS folder ${name}: synchronous file handles exist only in a dedicated worker of a browser that has OPFS`);
}

async function descend(from: FileSystemDirectoryHandle, path: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  let folder = from;
  for (const segment of path === '' ? [] : path.split('/')) folder = await folder.getDirectoryHandle(segment, { create });
  return folder;
}

/** Visits every file under `folder`, whose path is `path`. */
async function walk(folder: FileSystemDirectoryHandle, path: string, visit: (key: string) => void): Promise<void> {
  for await (const [name, entry] of folder.entries()) {
    if (!isSegment(name)) continue;
    const key = path === '' ? name : `${path}/${name}`;
    if (entry.kind === 'file') visit(key);
    else await walk(entry as FileSystemDirectoryHandle, key, visit);
  }
}

function lastSegment(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** No such file, or a file where the path has a folder, or the other way round. */
function isAbsence(error: unknown): boolean {
  const code = error instanceof ElanusError ? error.code : nameOf(error);
  return code === 'NotFound' || code === 'NotFoundError' || code === 'TypeMismatchError';
}

function absent(key: string, cause?: unknown): ElanusError {
  return new ElanusError('NotFound', `${key}: no such file in OPFS`, { file: key, cause });
}
