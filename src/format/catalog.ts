// Catalog: the numbered, immutable list of what a storage holds: databases, collections and aliases. Ids are unique in
// it, and names of collections and aliases within their database. Every change is the catalog's next version.

import { requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { sameBytes } from './bytes.js';
import { arrayAt, integerAt, nameAt, objectAt, stringAt } from './checks.js';
import { decodeEnvelope, encodeEnvelope, type JsonObject } from './envelope.js';
import { isCollectionId } from './keys.js';
import { PARTITION_NUMBER_MAX } from './partitions.js';
import { decodeProperties, type Properties } from './properties.js';
import { sealedKeyOfHex } from './sealed-key.js';

/** What a catalog says, whatever its number. */
export interface CatalogContent {
  readonly collections: readonly CatalogEntry[];
  /** Absent if there are none. */
  readonly aliases?: readonly AliasEntry[];
  /** Databases beside the default one, and that too if it has properties; absent if there are none. */
  readonly databases?: readonly DatabaseEntry[];
}

export interface Catalog extends CatalogContent {
  readonly formatVersion: 1;
  readonly version: number;
}

export interface CatalogEntry {
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** Where the collection was pulled from; it is then read-only. */
  readonly origin?: string;
  /** Its data key as the master key wrapped it, 120 hexadecimal digits; in an encrypted database alone. */
  readonly key?: string;
  /** The database that it is in; absent of the default one. */
  readonly database?: string;
  /** When it was made, or pulled first, in milliseconds since 1970; absent if that is not known. */
  readonly createdMs?: number;
  /** Which of it reads are refused until it is loaded: everything, or partitions by their numbers; absent if nothing. */
  readonly released?: Released;
}

export type Released = 'all' | readonly number[];

export interface AliasEntry {
  readonly name: string;
  /** Id of the collection that it stands for. */
  readonly collection: string;
  readonly database?: string;
}

export interface DatabaseEntry {
  readonly name: string;
  readonly properties?: Properties;
  /** As of a collection. */
  readonly createdMs?: number;
}

/** The database that is always there. */
export const DEFAULT_DATABASE = 'default';
export const CATALOG_BYTES_MAX = 64 * 1024 * 1024;

/** Errors: `InvalidArgument` if it is longer than CATALOG_BYTES_MAX. */
export function encodeCatalog(catalog: Catalog): Uint8Array<ArrayBuffer> {
  const collections = catalog.collections.map(({ id, name, origin, key, database, createdMs, released }) => ({ id, name, origin, key, database, createdMs, released }));
  const aliases = catalog.aliases?.map(({ name, collection, database }) => ({ name, collection, database }));
  const databases = catalog.databases?.map(({ name, properties, createdMs }): JsonObject => ({ name, properties: properties && { ...properties }, createdMs }));
  return encodeEnvelope({ aliases, collections, databases, version: catalog.version }, CATALOG_BYTES_MAX, 'catalog');
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeCatalog(bytes: Uint8Array, where: string): Catalog {
  const object = decodeEnvelope(bytes, CATALOG_BYTES_MAX, where);
  const version = integerAt(object['version'], 0, Number.MAX_SAFE_INTEGER, where, 'version');
  const given = arrayAt(object['collections'], LIMITS.collectionsMax, where, 'collections');
  const collections = given.map((entry, i) => decodeEntry(entry, where, `collections[${i}]`));
  const aliases = optionalAt(object['aliases'], LIMITS.aliasesMax, where, 'aliases', decodeAlias);
  const databases = optionalAt(object['databases'], LIMITS.databasesMax, where, 'databases', decodeDatabase);
  const catalog: Catalog = { formatVersion: 1, version, collections, ...(aliases === undefined ? {} : { aliases }), ...(databases === undefined ? {} : { databases }) };
  requireConsistent(catalog, where);
  requireIntact(sameBytes(encodeCatalog(catalog), bytes), where, 'expected canonical JSON without other members');
  return catalog;
}

function optionalAt<T>(value: unknown, max: number, where: string, place: string, decode: (value: unknown, where: string, place: string) => T): readonly T[] | undefined {
  if (value === undefined) return undefined;
  const given = arrayAt(value, max, where, place);
  requireIntact(given.length > 0, where, `${place}: expected at least one`);
  return given.map((one, i) => decode(one, where, `${place}[${i}]`));
}

function requireConsistent({ collections, aliases = [], databases = [] }: CatalogContent, where: string): void {
  const ids = new Set(collections.map(({ id }) => id));
  requireIntact(ids.size === collections.length, where, 'collections: duplicate id');
  const fullName = ({ database = DEFAULT_DATABASE, name }: CatalogEntry | AliasEntry): string => `${database}.${name}`;
  requireIntact(new Set(collections.map(fullName)).size === collections.length, where, 'collections: duplicate name');
  requireIntact(new Set([...collections, ...aliases].map(fullName)).size === collections.length + aliases.length, where, 'aliases: duplicate name');
  requireIntact(aliases.every(({ collection }) => ids.has(collection)), where, 'aliases: no collection of that id');
  const names = new Set(databases.map(({ name }) => name));
  requireIntact(names.size === databases.length, where, 'databases: duplicate name');
  requireIntact([...collections, ...aliases].every(({ database }) => database === undefined || (database !== DEFAULT_DATABASE && names.has(database))), where, 'database: not among databases');
}

function decodeKey(value: unknown, where: string, place: string): string {
  const key = stringAt(value, where, place);
  sealedKeyOfHex(key, where, place);
  return key;
}

function decodeEntry(value: unknown, where: string, place: string): CatalogEntry {
  const entry = objectAt(value, where, place);
  const id = idAt(entry['id'], where, `${place}.id`);
  const name = nameAt(entry['name'], where, `${place}.name`);
  const { origin, key } = entry;
  return {
    id,
    name,
    ...(origin === undefined ? {} : { origin: stringAt(origin, where, `${place}.origin`) }),
    ...(key === undefined ? {} : { key: decodeKey(key, where, `${place}.key`) }),
    ...databaseAt(entry['database'], where, `${place}.database`),
    ...createdAt(entry['createdMs'], where, `${place}.createdMs`),
    ...(entry['released'] === undefined ? {} : { released: releasedAt(entry['released'], where, `${place}.released`) }),
  };
}

function createdAt(value: unknown, where: string, place: string): { readonly createdMs?: number } {
  return value === undefined ? {} : { createdMs: integerAt(value, 0, Number.MAX_SAFE_INTEGER, where, place) };
}

function releasedAt(value: unknown, where: string, place: string): Released {
  if (value === 'all') return value;
  const given = arrayAt(value, LIMITS.partitionsMax, where, place);
  requireIntact(given.length > 0, where, `${place}: expected at least one`);
  return given.map((number, i) => integerAt(number, 0, PARTITION_NUMBER_MAX, where, `${place}[${i}]`));
}

function decodeAlias(value: unknown, where: string, place: string): AliasEntry {
  const entry = objectAt(value, where, place);
  return { name: nameAt(entry['name'], where, `${place}.name`), collection: idAt(entry['collection'], where, `${place}.collection`), ...databaseAt(entry['database'], where, `${place}.database`) };
}

function decodeDatabase(value: unknown, where: string, place: string): DatabaseEntry {
  const entry = objectAt(value, where, place);
  const properties = decodeProperties(entry['properties'], where, `${place}.properties`);
  return { name: nameAt(entry['name'], where, `${place}.name`), ...(properties === undefined ? {} : { properties }), ...createdAt(entry['createdMs'], where, `${place}.createdMs`) };
}

function databaseAt(value: unknown, where: string, place: string): { readonly database?: string } {
  return value === undefined ? {} : { database: nameAt(value, where, place) };
}

function idAt(value: unknown, where: string, place: string): string {
  const id = stringAt(value, where, place);
  requireIntact(isCollectionId(id), where, `${place}: expected 16 hexadecimal digits`);
  return id;
}
