// A log on the file system. Bytes go to the place after the last good append, so that what a failed append left
// behind is overwritten by the next.

import type { FileHandle } from 'node:fs/promises';
import { ElanusError } from '../model/errors.js';
import type { Log } from '../ports/storage.js';

export class FsLog implements Log {
  constructor(private readonly file: FileHandle, private size: number) {}

  get sizeBytes(): number {
    return this.size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, this.size + done);
      if (bytesWritten === 0) throw new ElanusError('QuotaExceeded', `log: the file system took ${done} of ${bytes.length} bytes`);
      done += bytesWritten;
    }
    this.size += bytes.length;
  }

  async sync(): Promise<void> {
    await this.file.datasync();
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.file.truncate(sizeBytes);
    this.size = sizeBytes;
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
