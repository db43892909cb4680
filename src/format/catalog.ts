// Catalog: the numbered, immutable list of a database's collections. Ids and names are unique in it.
// A collection is created or dropped by creating the catalog's next version.

import { requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { sameBytes } from './bytes.js';
import { arrayAt, integerAt, nameAt, objectAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';
import { isCollectionId } from './keys.js';
import { sealedKeyOfHex } from './sealed-key.js';

export interface Catalog {
  readonly formatVersion: 1;
  readonly version: number;
  readonly collections: readonly CatalogEntry[];
}

export interface CatalogEntry {
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** Where the collection was pulled from; it is then read-only. */
  readonly origin?: string;
  /** Its data key as the master key wrapped it, 120 hexadecimal digits; in an encrypted database alone. */
  readonly key?: string;
}

export const CATALOG_BYTES_MAX = 64 * 1024 * 1024;

/** Errors: `InvalidArgument` if it is longer than CATALOG_BYTES_MAX. */
export function encodeCatalog(catalog: Catalog): Uint8Array<ArrayBuffer> {
  const collections = catalog.collections.map(({ id, name, origin, key }) => ({ id, name, origin, key }));
  return encodeEnvelope({ collections, version: catalog.version }, CATALOG_BYTES_MAX, 'catalog');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeCatalog(bytes: Uint8Array, where: string): Catalog {
  const object = decodeEnvelope(bytes, CATALOG_BYTES_MAX, where);
  const version = integerAt(object['version'], 0, Number.MAX_SAFE_INTEGER, where, 'version');
  const given = arrayAt(object['collections'], LIMITS.collectionsMax, where, 'collections');
  const collections = given.map((entry, i) => decodeEntry(entry, where, `collections[${i}]`));
  requireIntact(new Set(collections.map((entry) => entry.id)).size === collections.length, where, 'collections: duplicate id');
  requireIntact(new Set(collections.map((entry) => entry.name)).size === collections.length, where, 'collections: duplicate name');
  const catalog: Catalog = { formatVersion: 1, version, collections };
  requireIntact(sameBytes(encodeCatalog(catalog), bytes), where, 'expected canonical JSON without other members');
  return catalog;
}

function decodeKey(value: unknown, where: string, place: string): string {
  const key = stringAt(value, where, place);
  sealedKeyOfHex(key, where, place);
  return key;
}

function decodeEntry(value: unknown, where: string, place: string): CatalogEntry {
  const entry = objectAt(value, where, place);
  const id = stringAt(entry['id'], where, `${place}.id`);
  requireIntact(isCollectionId(id), where, `${place}.id: expected 16 hexadecimal digits`);
  const name = nameAt(entry['name'], where, `${place}.name`);
  const origin = entry['origin'];
  const key = entry['key'];
  return { id, name, ...(origin === undefined ? {} : { origin: stringAt(origin, where, `${place}.origin`) }), ...(key === undefined ? {} : { key: decodeKey(key, where, `${place}.key`) }) };
}
