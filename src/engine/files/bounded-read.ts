// BoundedRead: a file that is read whole and has a longest length: one that is longer is refused before there is memory for it.

import { requireIntact } from '../../model/errors.js';
import type { ReadStorage } from '../../ports/storage.js';

/** Errors: `Corrupt` if it has more than `bytesMax` bytes, `NotFound`, those of the storage. */
export async function readBounded(storage: ReadStorage, key: string, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  // Elsewhere than in files of this machine to ask costs a way there and back, and who answers says the length first.
  if (isLocal(storage)) {
    const size = await storage.size(key);
    requireIntact(size === undefined || size <= bytesMax, key, `expected at most ${bytesMax} bytes, found ${String(size)}`);
  }
  const bytes = await storage.read(key);
  requireIntact(bytes.length <= bytesMax, key, `expected at most ${bytesMax} bytes, found ${bytes.length}`);
  return bytes;
}

function isLocal(storage: ReadStorage): boolean {
  return 'create' in storage && !('isShared' in storage && storage.isShared === true);
}
