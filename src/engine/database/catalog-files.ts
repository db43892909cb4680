// CatalogFiles: the numbered catalogs of a database. Each is stored twice, under an odd version and the next: a change has
// happened once the second is durable. So a damaged odd one without its twin was torn by a crash and never acknowledged,
// and a damaged one with its twin harms nobody.

import { sameBytes } from '../../format/bytes.js';
import { CATALOG_PREFIX, catalogKey, versionOf } from '../../format/keys.js';
import { CATALOG_BYTES_MAX, decodeCatalog, encodeCatalog, type Catalog, type CatalogContent } from '../../format/catalog.js';
import { sealedSize } from '../../format/sealed-file.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { ReadStorage, Storage } from '../../ports/storage.js';
import { readBounded } from '../files/bounded-read.js';
import type { Keyring } from './keyring.js';

/** As it is stored: encrypted, it takes a little more. */
const STORED_BYTES_MAX = sealedSize(CATALOG_BYTES_MAX);
const EMPTY: Catalog = { formatVersion: 1, version: 0, collections: [] };
const COPIES = 2;
const COLLECTION = /^c([0-9a-f]{16})\//;

export interface CurrentCatalog {
  readonly catalog: Catalog;
  readonly warnings: readonly string[];
}

/** Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
export async function readCatalog(storage: ReadStorage, keyring: Keyring): Promise<CurrentCatalog> {
  const versions = (await storage.list(CATALOG_PREFIX)).flatMap((key) => versionOf(key) ?? []);
  const firsts = new Set(versions.map((version) => version - ((version + 1) % COPIES)));
  const warnings: string[] = [];
  for (const first of [...firsts].reverse()) {
    const copies = [first + 1, first].filter((version) => versions.includes(version));
    const catalog = await readCopies(storage, keyring, copies, warnings);
    if (catalog !== undefined) return { catalog, warnings };
  }
  return { catalog: EMPTY, warnings };
}

/** The first that is intact; undefined if a crash tore the only one. Errors: `Corrupt` if nothing else explains it. */
async function readCopies(storage: ReadStorage, keyring: Keyring, versions: readonly number[], warnings: string[]): Promise<Catalog | undefined> {
  const damage: ElanusError[] = [];
  for (const version of versions) {
    try {
      return await readVersion(storage, keyring, version);
    } catch (error) {
      if (!(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
      damage.push(error);
      warnings.push(`${catalogKey(version)}: damaged; the copy or the catalog before it counts: ${error.message}`);
    }
  }
  // The second copy was begun when the first was durable: no crash damages both.
  if (versions.some((version) => version % COPIES === 0)) throw damage[0];
  return undefined;
}

async function readVersion(storage: ReadStorage, keyring: Keyring, version: number): Promise<Catalog> {
  const key = catalogKey(version);
  const catalog = decodeCatalog(await keyring.openCatalog(await readBounded(storage, key, STORED_BYTES_MAX), key), key);
  requireIntact(catalog.version === version, key, `expected version ${version}, found ${catalog.version}`);
  return catalog;
}

/** Ids of collections that have files but are not in the catalog: left by a crash in creating or dropping. */
export async function unlistedCollections(storage: ReadStorage, catalog: Catalog): Promise<readonly string[]> {
  const listed = new Set(catalog.collections.map(({ id }) => id));
  const found = new Set((await storage.list('c')).flatMap((key) => COLLECTION.exec(key)?.[1] ?? []));
  return [...found].filter((id) => !listed.has(id));
}

/** What a writer knows of the catalogs. */
export interface KnownCatalog {
  /** Of the newest. */
  readonly version: number;
  /** What it tried to store above that, by version. */
  readonly attempts: Map<number, Uint8Array>;
}

// A change that is made of an older catalog would undo another writer's.
async function requireOwn(storage: Storage, version: number, { attempts }: KnownCatalog): Promise<void> {
  const key = catalogKey(version);
  const own = attempts.get(version);
  if (own === undefined || !sameBytes(own, await storage.read(key))) throw new ElanusError('Busy', `${key}: another writer changed which collections there are; open the database again`, { file: key });
}

export interface PutCatalog {
  readonly before: KnownCatalog;
  readonly keyring: Keyring;
  /** Told of old ones that stay behind: they cost room only, and the next call finds them. */
  readonly warn: (message: string) => void;
  /** Removes all older ones, so that keys that they had are gone; by default the last is kept for who is reading it. */
  readonly forget?: boolean;
}

/**
 * Stores the next catalog. Errors: `Busy` if somebody else did; after any error the storage may have it or not.
 */
export async function putCatalog(storage: Storage, content: CatalogContent, { before, keyring, warn, forget = false }: PutCatalog): Promise<Catalog> {
  const versions = (await storage.list(CATALOG_PREFIX)).flatMap((key) => versionOf(key) ?? []);
  const newest = Math.max(0, ...versions);
  if (storage.isShared === true) for (const version of versions) if (version > before.version) await requireOwn(storage, version, before);
  const first = newest + 1 + (newest % COPIES);
  await create(storage, keyring, { formatVersion: 1, version: first, ...content }, before);
  const catalog: Catalog = { formatVersion: 1, version: first + 1, ...content };
  await create(storage, keyring, catalog, before);
  try {
    for (const version of versions) if (version < (forget ? first : first - COPIES)) await storage.remove(catalogKey(version));
  } catch (error) {
    warn(`old catalogs could not be removed: ${String(error)}`);
  }
  return catalog;
}

/** Removes what attempts to store one above `version` may have left, the newest first. */
export async function removeNewerCatalogs(storage: Storage, version: number): Promise<void> {
  const newer = (await storage.list(CATALOG_PREFIX)).filter((key) => (versionOf(key) ?? 0) > version);
  for (const key of newer.reverse()) await storage.remove(key);
}

async function create(storage: Storage, keyring: Keyring, catalog: Catalog, { attempts }: KnownCatalog): Promise<void> {
  const key = catalogKey(catalog.version);
  const bytes = await keyring.sealCatalog(encodeCatalog(catalog), key);
  attempts.set(catalog.version, bytes);
  if (!(await storage.create(key, bytes))) throw new ElanusError('Busy', `${key} exists already: another writer is at work`, { file: key });
}
