// Publishing: makes a folder of files readable over plain HTTP, by an index of what is in it. What was sealed is
// published; logs, which change, are not.

import { encodeFileIndex, FILE_INDEX_KEY, type IndexedFile } from '../format/file-index.js';
import { lsnOf, RESERVE_KEY } from '../format/keys.js';
import { ElanusError } from '../model/errors.js';
import type { Storage } from '../ports/storage.js';

/** Writes the index in place of the one before; gives what it names. Errors: those of the storage. */
export async function publish(storage: Storage): Promise<readonly IndexedFile[]> {
  const files: IndexedFile[] = [];
  for (const key of await storage.list('')) {
    if (key === FILE_INDEX_KEY || key === RESERVE_KEY || lsnOf(key) !== undefined) continue;
    const sizeBytes = await storage.size(key);
    if (sizeBytes !== undefined) files.push({ key, sizeBytes });
  }
  await storage.remove(FILE_INDEX_KEY);
  if (!(await storage.create(FILE_INDEX_KEY, encodeFileIndex(files)))) throw new ElanusError('Busy', `${FILE_INDEX_KEY} came back: another writer is at work`, { file: FILE_INDEX_KEY });
  return files;
}
