// Fetching a file: in parts that are kept, so that after a break no more than one is fetched again. What has not the hash
// that its name says is thrown away and fetched once more before it is an error.

import type { PullOptions } from '../engine/api.js';
import type { CollectionFiles } from '../engine/files/collection-files.js';
import { partKey, partPrefix } from '../format/keys.js';
import type { FileEntry } from '../format/manifest.js';
import { ElanusError, require } from '../model/errors.js';
import type { Storage } from '../ports/storage.js';
import type { RemoteCollection } from './pull.js';

const PART_BYTES = 4 * 1024 * 1024;
const PART_BYTES_MIN = 64 * 1024;
const ATTEMPTS = 2;

/** `onBytes` is told how many of the file are there. Errors: `NotFound`, `Network`; `Corrupt` if it is not what its name says; `QuotaExceeded`, then what came stays. */
export async function fetchFile(files: CollectionFiles, file: FileEntry, storage: Storage, remote: RemoteCollection, onBytes: (bytes: number) => void, options: Pick<PullOptions, 'partBytes'>): Promise<void> {
  const partBytes = partBytesOf(options, PART_BYTES);
  const key = partKey(files.id, file.sha256);
  for (let attempt = 1; ; attempt++) {
    try {
      await files.putReceived(file, file.sizeBytes <= partBytes ? (await remote.file(file)).bytes : await inParts(file, storage, key, remote, onBytes, partBytes));
      return await storage.remove(key);
    } catch (error) {
      if (!(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
      await storage.remove(key);
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** Bytes to ask for at once. Errors: `InvalidArgument`. */
export function partBytesOf({ partBytes }: Pick<PullOptions, 'partBytes'>, usual: number): number {
  if (partBytes === undefined) return usual;
  require(Number.isSafeInteger(partBytes) && partBytes >= PART_BYTES_MIN, () => `partBytes: expected ${PART_BYTES_MIN} or more, found ${String(partBytes)}`);
  return partBytes;
}

async function inParts(file: FileEntry, storage: Storage, key: string, remote: RemoteCollection, onBytes: (bytes: number) => void, partBytes: number): Promise<Uint8Array> {
  const { sizeBytes } = file;
  const log = await storage.openLog(key);
  try {
    // Longer than the file it is none of it.
    if (log.sizeBytes > sizeBytes) await log.truncate(0);
    while (log.sizeBytes < sizeBytes) {
      onBytes(log.sizeBytes);
      const length = Math.min(partBytes, sizeBytes - log.sizeBytes);
      const { bytes, isPart } = await remote.file(file, { offset: log.sizeBytes, length });
      if (!isPart) return bytes;
      if (bytes.length !== length) throw new ElanusError('Network', `${file.name}: expected ${length} bytes from ${log.sizeBytes} on, received ${bytes.length}`);
      await log.append(bytes);
      await log.sync();
    }
  } finally {
    await log.close();
  }
  return storage.read(key);
}

/** Removes what was begun and is not needed any more. */
export async function dropParts(storage: Storage, id: string): Promise<void> {
  for (const key of await storage.list(partPrefix(id))) await storage.remove(key);
}
