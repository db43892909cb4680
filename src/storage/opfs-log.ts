// A log in OPFS. It keeps the file's only handle while it is open; readers of the file share it. Bytes go to the
// place after the last good append, also where the handle was given up in between.

import { lengthOf } from '../format/bytes.js';
import type { Log } from '../ports/storage.js';
import { writeFully } from './opfs-handles.js';

/** Does `work` with the handle of the log's file. */
export type UseHandle = <T>(work: (handle: FileSystemSyncAccessHandle) => T) => Promise<T>;

export class OpfsLog implements Log {
  private size: number;

  constructor(private readonly use: UseHandle, sizeBytes: number, private readonly drop: () => Promise<void>) {
    this.size = sizeBytes;
  }

  get sizeBytes(): number {
    return this.size;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    await this.use((handle) => {
      let at = this.size;
      for (const part of parts) {
        writeFully(handle, part, at);
        at += part.length;
      }
    });
    this.size += lengthOf(parts);
  }

  sync(): Promise<void> {
    return this.use((handle) => handle.flush());
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.use((handle) => {
      handle.truncate(sizeBytes);
      handle.flush();
    });
    this.size = sizeBytes;
  }

  close(): Promise<void> {
    return this.drop();
  }
}
