// A log on the file system. Bytes go to the place after the last good append, so that what a failed append left
// behind is overwritten by the next. All parts of an append are one call of the system, as far as it takes them; where the
// system can make what a call writes durable within it (O_DSYNC), so is a durable append.

import type { FileHandle } from 'node:fs/promises';
import { lengthOf } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import type { Log } from '../ports/storage.js';

/** IOV_MAX of Linux, the least that POSIX systems in use have. */
const partsMax = 1024;

export class FsLog implements Log {
  readonly appendDurably?: (...parts: readonly Uint8Array[]) => Promise<void>;
  private durable: FileHandle | undefined;

  /** `openDurable` opens the same file so that what is written by it is durable at once. */
  constructor(private readonly file: FileHandle, private size: number, openDurable?: () => Promise<FileHandle>) {
    if (openDurable === undefined) return;
    this.appendDurably = async (...parts) => this.write((this.durable ??= await openDurable()), parts);
  }

  get sizeBytes(): number {
    return this.size;
  }

  append(...parts: readonly Uint8Array[]): Promise<void> {
    return this.write(this.file, parts);
  }

  private async write(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
    const length = lengthOf(parts);
    let rest = parts;
    for (let done = 0; done < length; ) {
      const { bytesWritten } = await file.writev(rest.slice(0, partsMax), this.size + done);
      if (bytesWritten === 0) throw new ElanusError('QuotaExceeded', `log: the file system took ${done} of ${length} bytes`);
      done += bytesWritten;
      if (done < length) rest = without(rest, bytesWritten);
    }
    this.size += length;
  }

  async sync(): Promise<void> {
    await this.syncing.datasync();
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.file.truncate(sizeBytes);
    this.size = sizeBytes;
    await this.syncing.datasync();
  }

  // The system tells each open file once of what it could not write: the one that was told goes on.
  private get syncing(): FileHandle {
    return this.durable ?? this.file;
  }

  async close(): Promise<void> {
    try {
      await this.durable?.close();
    } finally {
      await this.file.close();
    }
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
