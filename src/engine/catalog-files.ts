// CatalogFiles: the numbered catalogs of a database. A damaged newest one is passed over only if it can have been
// torn by a crash: if every collection that the one before does not list has never been written to.

import { CATALOG_PREFIX, catalogKey, lsnOf, manifestPrefix, versionOf } from '../format/keys.js';
import { decodeCatalog, encodeCatalog, type Catalog } from '../format/catalog.js';
import { ElanusError } from '../model/errors.js';
import type { ReadStorage, Storage } from '../ports/storage.js';

const EMPTY: Catalog = { formatVersion: 1, version: 0, collections: [] };
const CATALOGS_KEPT = 2;
const COLLECTION = /^c([0-9a-f]{16})\//;

export interface CurrentCatalog {
  readonly catalog: Catalog;
  readonly warnings: readonly string[];
}

/** Errors: `Corrupt`, `Unsupported`. */
export async function readCatalog(storage: ReadStorage): Promise<CurrentCatalog> {
  const keys = (await storage.list(CATALOG_PREFIX)).filter((key) => versionOf(key) !== undefined);
  const newest = keys.at(-1);
  if (newest === undefined) return { catalog: EMPTY, warnings: [] };
  try {
    return { catalog: decodeCatalog(await storage.read(newest), newest), warnings: [] };
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
    const before = keys.at(-2);
    const catalog = before === undefined ? EMPTY : decodeCatalog(await storage.read(before), before);
    if (await hasUnlistedData(storage, catalog)) throw error;
    return { catalog, warnings: [`${newest}: damaged; the catalog before it lists every collection with data`] };
  }
}

async function hasUnlistedData(storage: ReadStorage, catalog: Catalog): Promise<boolean> {
  for (const id of await unlistedCollections(storage, catalog)) {
    const keys = await storage.list(`c${id}/`);
    if (keys.some((key) => lsnOf(key) !== undefined || (key.startsWith(manifestPrefix(id)) && versionOf(key) !== 1))) return true;
  }
  return false;
}

/** Ids of collections that have files but are not in the catalog: left by a crash in creating or dropping. */
export async function unlistedCollections(storage: ReadStorage, catalog: Catalog): Promise<readonly string[]> {
  const listed = new Set(catalog.collections.map(({ id }) => id));
  const found = new Set((await storage.list('c')).flatMap((key) => COLLECTION.exec(key)?.[1] ?? []));
  return [...found].filter((id) => !listed.has(id));
}

/** Stores the next catalog. Errors: `Busy` if somebody else did. */
export async function putCatalog(storage: Storage, collections: Catalog['collections']): Promise<Catalog> {
  const versions = (await storage.list(CATALOG_PREFIX)).map((key) => versionOf(key) ?? 0);
  const catalog: Catalog = { formatVersion: 1, version: Math.max(0, ...versions) + 1, collections };
  const key = catalogKey(catalog.version);
  if (!(await storage.create(key, encodeCatalog(catalog)))) throw new ElanusError('Busy', `${key} exists already: another writer is at work`, { file: key });
  for (const version of versions) if (version > 0 && version <= catalog.version - CATALOGS_KEPT) await storage.remove(catalogKey(version));
  return catalog;
}
