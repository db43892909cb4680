// A log in OPFS. It holds the file's only handle while it is open; readers of the file share it. Bytes go to the
// place after the last good append.

import type { Log } from '../ports/storage.js';
import { writeFully } from './opfs-handles.js';

export class OpfsLog implements Log {
  private size: number;

  constructor(private readonly handle: FileSystemSyncAccessHandle, private readonly drop: () => Promise<void>) {
    this.size = handle.getSize();
  }

  get sizeBytes(): number {
    return this.size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    writeFully(this.handle, bytes, this.size);
    this.size += bytes.length;
  }

  async sync(): Promise<void> {
    this.handle.flush();
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.handle.truncate(sizeBytes);
    this.handle.flush();
    this.size = sizeBytes;
  }

  close(): Promise<void> {
    return this.drop();
  }
}
