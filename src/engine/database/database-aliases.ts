// DatabaseAliases: other names of collections. An alias is switched by storing one catalog: who calls sees the one
// collection or the other.

import { DEFAULT_DATABASE, type AliasEntry, type CatalogContent, type CatalogEntry } from '../../format/catalog.js';
import { ElanusError } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import { checkName } from '../../model/schema.js';
import type { AliasDescription } from '../api.js';
import { aliasCalled, aliasesOf, collectionCalled, inDatabase, notFound, withAliases } from './catalog-names.js';

/** With an alias more; the same if it is there and stands for that collection. Errors: `NotFound`, `AlreadyExists`, `InvalidArgument`. */
export function withAlias(content: CatalogContent, database: string, collection: string, alias: string): CatalogContent {
  checkName('alias', alias);
  const entry = requireCollection(content, database, collection);
  const { aliases = [] } = content;
  const before = aliasCalled(content, database, alias);
  if (before?.collection === entry.id) return content;
  if (before !== undefined) throw new ElanusError('AlreadyExists', `alias "${alias}" stands for another collection: alter it`, { milvusCode: MILVUS.aliasDuplicate });
  if (collectionCalled(content, database, alias) !== undefined) throw new ElanusError('AlreadyExists', `alias and collection name conflict[database=${database}][alias=${alias}]`, { milvusCode: MILVUS.aliasIsCollection });
  if (aliases.length >= LIMITS.aliasesMax) throw new ElanusError('InvalidArgument', `at most ${LIMITS.aliasesMax} aliases`, { milvusCode: MILVUS.capacityExceeded });
  return withAliases(content, [...aliases, { name: alias, collection: entry.id, ...inDatabase(database) }]);
}

/** With the alias standing for another collection. Errors: `NotFound`. */
export function withAliasAltered(content: CatalogContent, database: string, collection: string, alias: string): CatalogContent {
  const before = requireAlias(content, database, alias);
  const entry = requireCollection(content, database, collection);
  if (before.collection === entry.id) return content;
  const { aliases = [] } = content;
  return withAliases(content, aliases.map((one) => (one === before ? { ...one, collection: entry.id } : one)));
}

/** Without the alias; the same if there is none, as dropping twice is dropping. */
export function withoutAlias(content: CatalogContent, database: string, alias: string): CatalogContent {
  checkName('alias', alias);
  const before = aliasCalled(content, database, alias);
  return before === undefined ? content : withAliases(content, (content.aliases ?? []).filter((one) => one !== before));
}

/** Errors: `NotFound`. */
export function describedAlias(content: CatalogContent, database: string, alias: string): AliasDescription {
  const { name, collection } = requireAlias(content, database, alias);
  return { alias: name, collection: (content.collections.find(({ id }) => id === collection) as CatalogEntry).name, database };
}

/** Names, in order of their making; of one collection if it is given. Errors: `NotFound`. */
export function aliasNames(content: CatalogContent, database: string, collection?: string): readonly string[] {
  const { aliases = [] } = content;
  const listed = collection === undefined ? aliases.filter((alias) => (alias.database ?? DEFAULT_DATABASE) === database) : aliasesOf(content, requireCollection(content, database, collection));
  return listed.map(({ name }) => name);
}

function requireAlias(content: CatalogContent, database: string, name: string): AliasEntry {
  checkName('alias', name);
  const alias = aliasCalled(content, database, name);
  if (alias === undefined) throw new ElanusError('NotFound', `alias not found[database=${database}][alias=${name}]`, { milvusCode: MILVUS.aliasNotFound });
  return alias;
}

// As in Milvus, an alias stands for a collection, never for another alias.
function requireCollection(content: CatalogContent, database: string, name: string): CatalogEntry {
  const entry = collectionCalled(content, database, name);
  if (entry === undefined) throw notFound(database, name);
  return entry;
}
