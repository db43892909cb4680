// Databases: the namespaces within one storage. The default one is always there.

import { DEFAULT_DATABASE, type CatalogContent, type DatabaseEntry } from '../../format/catalog.js';
import type { Properties } from '../../format/properties.js';
import { ElanusError, require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import { checkName } from '../../model/schema.js';
import type { DatabaseDescription, PropertiesInput } from '../api.js';
import { mergedProperties, withoutProperties } from '../collection/properties.js';

export function databaseNames({ databases = [] }: CatalogContent): readonly string[] {
  return [DEFAULT_DATABASE, ...databases.map(({ name }) => name).filter((name) => name !== DEFAULT_DATABASE)];
}

/** Errors: `NotFound`. */
export function requireDatabase(content: CatalogContent, name: string): void {
  if (!databaseNames(content).includes(name)) throw new ElanusError('NotFound', `database not found[database=${String(name)}]`, { milvusCode: MILVUS.databaseNotFound });
}

/** Errors: `InvalidArgument`, `AlreadyExists`. */
export function withDatabase(content: CatalogContent, name: string, properties: PropertiesInput, nowMs: number): CatalogContent {
  checkDatabaseName(name);
  const names = databaseNames(content);
  if (names.includes(name)) throw new ElanusError('AlreadyExists', `database already exist: ${name}`);
  require(names.length < LIMITS.databasesMax, () => `at most ${LIMITS.databasesMax} databases`, MILVUS.databasesTooMany);
  return withDatabases(content, [...(content.databases ?? []), entryOf(name, mergedProperties({}, properties), Math.floor(nowMs))]);
}

/** Errors: `InvalidArgument` for the default one, and one that has collections; `NotFound`. */
export function withoutDatabase(content: CatalogContent, name: string): CatalogContent {
  require(name !== DEFAULT_DATABASE, () => 'can not drop default database');
  requireDatabase(content, name);
  require(!content.collections.some(({ database }) => database === name), () => `database:${name} not empty, must drop all collections before drop database`);
  return withDatabases(content, (content.databases ?? []).filter((database) => database.name !== name));
}

/** Errors: `NotFound`. */
export function describedDatabase(content: CatalogContent, name: string): DatabaseDescription {
  requireDatabase(content, name);
  const createdMs = createdMsOf(content, name);
  return { name, properties: propertiesOf(content, name), ...(createdMs === undefined ? {} : { createdMs }) };
}

/** With properties set, and others taken away; the same if nothing changes. Errors: `NotFound`, `InvalidArgument`. */
export function withDatabaseProperties(content: CatalogContent, name: string, set: PropertiesInput, dropped: readonly string[]): CatalogContent {
  requireDatabase(content, name);
  const before = propertiesOf(content, name);
  const properties = withoutProperties(mergedProperties(before, set), dropped);
  const others = (content.databases ?? []).filter((database) => database.name !== name);
  const entry = entryOf(name, properties, createdMsOf(content, name));
  // The default one is listed for its properties alone.
  return withDatabases(content, name === DEFAULT_DATABASE && entry.properties === undefined ? others : [...others, entry]);
}

function propertiesOf({ databases = [] }: CatalogContent, name: string): Properties {
  return databases.find((database) => database.name === name)?.properties ?? {};
}

function createdMsOf({ databases = [] }: CatalogContent, name: string): number | undefined {
  return databases.find((database) => database.name === name)?.createdMs;
}

function entryOf(name: string, properties: Properties, createdMs: number | undefined): DatabaseEntry {
  return { name, ...(Object.keys(properties).length === 0 ? {} : { properties }), ...(createdMs === undefined ? {} : { createdMs }) };
}

function withDatabases({ databases: _, ...rest }: CatalogContent, databases: readonly DatabaseEntry[]): CatalogContent {
  return { ...rest, ...(databases.length === 0 ? {} : { databases }) };
}

function checkDatabaseName(name: unknown): asserts name is string {
  try {
    checkName('database name', name);
  } catch (error) {
    throw new ElanusError('InvalidArgument', (error as ElanusError).message, { milvusCode: MILVUS.databaseNameInvalid });
  }
}
