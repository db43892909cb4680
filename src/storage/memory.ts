// Memory storage: files in a Map. Durable for as long as the Map is; who keeps it may open it again, as a test
// of recovery does.

import { lengthOf } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../ports/storage.js';
import { GuardedStorage, type Backend } from './guard.js';
import { rangeWithin } from './range.js';

export type MemoryFiles = Map<string, MemoryFile>;

/** The first `sizeBytes` of `bytes` are the content; the rest is room to grow. */
export interface MemoryFile {
  bytes: Uint8Array<ArrayBuffer>;
  sizeBytes: number;
}

export function memoryStorage(files: MemoryFiles = new Map()): Storage {
  return new GuardedStorage(new MemoryBackend(files));
}

class MemoryBackend implements Backend {
  readonly kind = 'memory';

  constructor(private readonly files: MemoryFiles) {}

  async read(key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.files.get(key);
    if (file === undefined) throw new ElanusError('NotFound', `${key}: no such file in memory storage`, { file: key });
    const { offset, length } = rangeWithin(key, file.sizeBytes, range);
    return file.bytes.slice(offset, offset + length);
  }

  async size(key: string): Promise<number | undefined> {
    return this.files.get(key)?.sizeBytes;
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.files.keys()].filter((key) => key.startsWith(prefix));
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.files.has(key)) return false;
    this.files.set(key, { bytes: new Uint8Array(bytes), sizeBytes: bytes.length });
    return true;
  }

  async remove(key: string): Promise<void> {
    this.files.delete(key);
  }

  async openLog(key: string): Promise<Log> {
    const file = this.files.get(key) ?? { bytes: new Uint8Array(0), sizeBytes: 0 };
    this.files.set(key, file);
    return new MemoryLog(file);
  }

  async usage(): Promise<StorageUsage> {
    let usageBytes = 0;
    for (const file of this.files.values()) usageBytes += file.sizeBytes;
    return { usageBytes };
  }

  async close(): Promise<void> {}

  explain(error: unknown, about: string): ElanusError {
    return new ElanusError('OutOfMemory', `${about}: memory storage could not grow: ${String(error)}`, { cause: error });
  }
}

class MemoryLog implements Log {
  constructor(private readonly file: MemoryFile) {}

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const end = this.file.sizeBytes + lengthOf(parts);
    if (end > this.file.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.file.bytes.length));
      grown.set(this.file.bytes.subarray(0, this.file.sizeBytes));
      this.file.bytes = grown;
    }
    for (const part of parts) {
      this.file.bytes.set(part, this.file.sizeBytes);
      this.file.sizeBytes += part.length;
    }
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    this.file.sizeBytes = sizeBytes;
  }

  async close(): Promise<void> {}
}
