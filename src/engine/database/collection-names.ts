// CollectionNames: what a collection may be called next, and whether it may go.

import type { CatalogContent, CatalogEntry } from '../../format/catalog.js';
import { ElanusError, require } from '../../model/errors.js';
import { MILVUS } from '../../model/milvus-code.js';
import { checkName } from '../../model/schema.js';
import { aliasCalled, aliasesOf, collectionCalled, inDatabase, notFound, requireFree } from './catalog-names.js';
import { requireDatabase } from './databases.js';

interface FullName {
  readonly database: string;
  readonly name: string;
}

/** The collection of that name, if it may be dropped. Errors: `NotFound`; `InvalidArgument` for an alias, and where aliases stand for it. */
export function requireDroppable(content: CatalogContent, database: string, name: string): CatalogEntry {
  require(aliasCalled(content, database, name) === undefined, () => `cannot drop the collection via alias = ${name}`, MILVUS.aliasIsCollection);
  const entry = collectionCalled(content, database, name);
  if (entry === undefined) throw notFound(database, name);
  const aliases = aliasesOf(content, entry).map((alias) => alias.name);
  require(aliases.length === 0, () => `unable to drop the collection [${name}] because it has associated aliases [${aliases.join(' ')}], please remove all aliases before dropping the collection`, MILVUS.aliasIsCollection);
  return entry;
}

/** The collection called `from`, if it may be called `to`. Errors: `NotFound`, `AlreadyExists`, `InvalidArgument`; `ReadOnly` for a copy, whose name is the server's. */
export function requireRenamable(content: CatalogContent, from: FullName, to: FullName): CatalogEntry {
  checkName('collection name', to.name);
  requireDatabase(content, to.database);
  require(aliasCalled(content, from.database, from.name) === undefined, () => `unsupported use an alias to rename collection, alias:${from.name}`, MILVUS.aliasIsCollection);
  const entry = collectionCalled(content, from.database, from.name);
  if (entry === undefined) throw notFound(from.database, from.name);
  if (entry.origin !== undefined) throw new ElanusError('ReadOnly', `collection "${entry.name}" is a copy from ${entry.origin}, which finds it by its name`);
  requireFree(content, to.database, to.name);
  require(to.database === from.database || aliasesOf(content, entry).length === 0, () => 'fail to rename db name, must drop all aliases of this collection before rename', MILVUS.aliasIsCollection);
  return entry;
}

export function withRenamed(content: CatalogContent, entry: CatalogEntry, database: string, name: string): CatalogContent {
  const { database: _, ...rest } = entry;
  return { ...content, collections: content.collections.map((one) => (one === entry ? { ...rest, name, ...inDatabase(database) } : one)) };
}
