// The open synchronous handles of an OPFS storage. A browser gives a file one such handle and an origin a few
// hundred (Safari: 252), so readers of one file share it, and the longest unused is closed for the next.
// Work with a handle is synchronous: whoever asked before a handle was dropped is done before it closes.

import { ElanusError } from '../model/errors.js';
import { nameOf } from './dom-errors.js';

const openMax = 64;
const attemptsMax = 10;
const firstWaitMs = 5;
const waitMsMax = 300;

type Opening = Promise<FileSystemSyncAccessHandle>;

export class OpfsHandles {
  /** In order of last use. */
  private readonly shared = new Map<string, Opening>();
  /** Handles of open logs, which readers share but never close; undefined while they are given up. */
  private readonly kept = new Map<string, Opening | undefined>();

  constructor(private readonly find: (key: string) => Promise<FileSystemFileHandle>) {}

  async use<T>(key: string, work: (handle: FileSystemSyncAccessHandle) => T): Promise<T> {
    return work(await (this.kept.has(key) ? this.keep(key) : this.share(key)));
  }

  /** The handle stays open until the key is dropped. */
  keep(key: string): Opening {
    const opening = this.kept.get(key) ?? this.closeShared(key).then(() => this.find(key)).then(openHandle);
    this.kept.set(key, opening);
    opening.catch(() => {
      if (this.kept.get(key) === opening) this.kept.set(key, undefined);
    });
    return opening;
  }

  /** Closes every handle, flushed; each is opened again when it is next used. */
  async suspend(): Promise<void> {
    for (const [key, opening] of this.kept) {
      this.kept.set(key, undefined);
      await opening?.then((handle) => handle.flush(), () => {});
      await closed(opening);
    }
    for (const key of [...this.shared.keys()]) await this.closeShared(key);
  }

  /** Closes the key's handle, if there is one. */
  async drop(key: string): Promise<void> {
    const kept = this.kept.get(key);
    this.kept.delete(key);
    await closed(kept);
    await this.closeShared(key);
  }

  async close(): Promise<void> {
    for (const key of [...this.kept.keys(), ...this.shared.keys()]) await this.drop(key);
  }

  private share(key: string): Opening {
    const opening = this.shared.get(key) ?? this.find(key).then(openHandle);
    this.shared.delete(key);
    this.shared.set(key, opening);
    opening.catch(() => {
      if (this.shared.get(key) === opening) this.shared.delete(key);
    });
    const [oldest] = this.shared.keys();
    if (this.shared.size > openMax && oldest !== undefined) void this.closeShared(oldest);
    return opening;
  }

  private async closeShared(key: string): Promise<void> {
    const opening = this.shared.get(key);
    this.shared.delete(key);
    await closed(opening);
  }
}

async function closed(opening: Opening | undefined): Promise<void> {
  // One that could not be opened needs no closing; who asked for it was told.
  await opening?.then((handle) => handle.close(), () => {});
}

/** Tries again where another handle is about to be closed, as that of a worker that just ended. */
export async function openHandle(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const passing = nameOf(error) === 'NoModificationAllowedError' || nameOf(error) === 'InvalidStateError';
      if (!passing || attempt === attemptsMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(firstWaitMs * 2 ** attempt, waitMsMax)));
    }
  }
}

/** -8, which Chromium's file system means by no space, in 32 bits. */
const NO_SPACE = 2 ** 32 - 8;

/** Errors: `QuotaExceeded` also where the browser just writes less than it was asked to. */
export function writeFully(handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): void {
  const view = bytes as Uint8Array<ArrayBuffer>;
  for (let done = 0; done < bytes.length; ) {
    const written = handle.write(view.subarray(done), { at: at + done });
    // Chromium does not throw where there is no room: it writes a part, and gives the number of an error as unsigned.
    if (written === 0 || written === NO_SPACE) throw new ElanusError('QuotaExceeded', `OPFS took ${handle.getSize() - at} of ${bytes.length} bytes`);
    if (!(written <= bytes.length - done)) throw new ElanusError('StorageFailed', `OPFS says that it took ${written} of ${bytes.length - done} bytes`);
    done += written;
  }
}
