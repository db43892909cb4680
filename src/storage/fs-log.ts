// A log on the file system. Bytes go to the place after the last good append, so that what a failed append left
// behind is overwritten by the next. All parts of an append are one call of the system, as far as it takes them.

import type { FileHandle } from 'node:fs/promises';
import { lengthOf } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import type { Log } from '../ports/storage.js';

/** IOV_MAX of Linux, the least that POSIX systems in use have. */
const partsMax = 1024;

export class FsLog implements Log {
  constructor(private readonly file: FileHandle, private size: number) {}

  get sizeBytes(): number {
    return this.size;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const length = lengthOf(parts);
    let rest = parts;
    for (let done = 0; done < length; ) {
      const { bytesWritten } = await this.file.writev(rest.slice(0, partsMax), this.size + done);
      if (bytesWritten === 0) throw new ElanusError('QuotaExceeded', `log: the file system took ${done} of ${length} bytes`);
      done += bytesWritten;
      if (done < length) rest = without(rest, bytesWritten);
    }
    this.size += length;
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

/** What is left when the first `count` bytes are gone. */
function without(parts: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let first = 0;
  let skipped = 0;
  while (first < parts.length && skipped + (parts[first] as Uint8Array).length <= count) skipped += (parts[first++] as Uint8Array).length;
  const rest = parts.slice(first);
  if (rest[0] !== undefined) rest[0] = rest[0].subarray(count - skipped);
  return rest;
}
