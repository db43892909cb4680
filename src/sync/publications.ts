// Publications: those of a collection that are in a storage, as who publishes and who relays find them.

import { publicationKey, publicationPrefix, versionOf } from '../format/keys.js';
import { decodePublication, type Publication } from '../format/publication.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { ReadStorage } from '../ports/storage.js';

/**
 * The newest publication that is whole, and the numbers of all that are there, ascending. If that is still `known`, it is not read
 * again. Errors: `Unsupported`, those of the storage.
 */
export async function newestPublication(storage: ReadStorage, place: string, known?: Publication): Promise<{ readonly newest: Publication | undefined; readonly versions: readonly number[] }> {
  const versions = (await storage.list(publicationPrefix(place))).flatMap((key) => versionOf(key) ?? []);
  for (const version of [...versions].reverse()) {
    const publication = known?.version === version ? known : await publicationAt(storage, place, version);
    if (publication !== undefined) return { newest: publication, versions };
  }
  return { newest: undefined, versions };
}

/** Undefined if it is not whole, as a crash leaves one, or was removed meanwhile. */
export async function publicationAt(storage: ReadStorage, place: string, version: number): Promise<Publication | undefined> {
  const key = publicationKey(place, version);
  try {
    const publication = decodePublication(await storage.read(key), key);
    requireIntact(publication.version === version, key, `expected version ${version}, found ${publication.version}`);
    return publication;
  } catch (error) {
    if (error instanceof ElanusError && (error.code === 'Corrupt' || error.code === 'NotFound')) return undefined;
    throw error;
  }
}

/** Of its manifest and of the one before. */
export function filesNamed({ files, before }: Publication): readonly string[] {
  return [...files, ...(before?.files ?? [])].map(({ name }) => name);
}
