// A memory storage that takes so many bytes and no more, as a disk does: a file that does not fit is not there, an append
// that does not fit leaves as much of it as did.

import { concatBytes } from '../../src/format/bytes.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';

export interface Quota {
  bytes: number;
  /** Whether the storage tells how much it takes. */
  readonly told: boolean;
}

export function usedBytes(files: MemoryFiles): number {
  return [...files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

export function quotaStorage(files: MemoryFiles, quota: Quota): Storage {
  const storage = memoryStorage(files);
  const free = (): number => Math.max(0, quota.bytes - usedBytes(files));
  const refuse = (key: string): never => {
    throw new ElanusError('QuotaExceeded', `${key}: ${free()} of ${quota.bytes} bytes are free`);
  };
  const limited = (key: string, log: Log): Log => ({
    get sizeBytes() {
      return log.sizeBytes;
    },
    append: async (...parts) => {
      const bytes = concatBytes(parts);
      const fitting = Math.min(bytes.length, free());
      await log.append(bytes.subarray(0, fitting));
      if (fitting === bytes.length) return;
      refuse(key);
    },
    sync: () => log.sync(),
    truncate: (sizeBytes) => log.truncate(sizeBytes),
    close: () => log.close(),
  });
  return {
    kind: 'memory',
    read: (key, range) => storage.read(key, range),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    create: async (key, bytes) => {
      if ((await storage.size(key)) === undefined && bytes.length > free()) refuse(key);
      return storage.create(key, bytes);
    },
    remove: (key) => storage.remove(key),
    openLog: async (key) => limited(key, await storage.openLog(key)),
    usage: async () => (quota.told ? { usageBytes: usedBytes(files), quotaBytes: quota.bytes } : {}),
    close: () => storage.close(),
  };
}
