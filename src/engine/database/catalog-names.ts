// CatalogNames: what the names of a catalog mean, and catalogs with other names. Nothing here stores anything: the verbs
// do, one at a time.

import { DEFAULT_DATABASE, type AliasEntry, type CatalogContent, type CatalogEntry, type Released } from '../../format/catalog.js';
import { ElanusError } from '../../model/errors.js';
import { MILVUS } from '../../model/milvus-code.js';

interface Named {
  readonly name: string;
  readonly database?: string;
}

/** Whether it is called so in that database. */
function isCalled({ name: own, database: home = DEFAULT_DATABASE }: Named, database: string, name: string): boolean {
  return own === name && home === database;
}

export function collectionCalled({ collections }: CatalogContent, database: string, name: string): CatalogEntry | undefined {
  return collections.find((entry) => isCalled(entry, database, name));
}

export function aliasCalled({ aliases = [] }: CatalogContent, database: string, name: string): AliasEntry | undefined {
  return aliases.find((alias) => isCalled(alias, database, name));
}

/** The collection of that name, or for which an alias of that name stands. */
export function collectionMeant(content: CatalogContent, database: string, name: string): CatalogEntry | undefined {
  const alias = aliasCalled(content, database, name);
  return alias === undefined ? collectionCalled(content, database, name) : content.collections.find(({ id }) => id === alias.collection);
}

/** Those of one collection. */
export function aliasesOf({ aliases = [] }: CatalogContent, { id }: CatalogEntry): readonly AliasEntry[] {
  return aliases.filter(({ collection }) => collection === id);
}

/** As an entry says that it is in `database`. */
export function inDatabase(database: string): { readonly database?: string } {
  return database === DEFAULT_DATABASE ? {} : { database };
}

export function notFound(database: string, name: unknown): ElanusError {
  return new ElanusError('NotFound', `collection not found[database=${database}][collection=${String(name)}]`);
}

/** Errors: `AlreadyExists` if a collection or an alias is called so. */
export function requireFree(content: CatalogContent, database: string, name: string): void {
  if (collectionCalled(content, database, name) !== undefined) throw new ElanusError('AlreadyExists', `collection "${name}" exists already`);
  const isAlias = aliasCalled(content, database, name) !== undefined;
  if (isAlias) throw new ElanusError('AlreadyExists', `collection name [${name}] conflicts with an existing alias, please choose a unique name`, { milvusCode: MILVUS.aliasIsCollection });
}

/** With other aliases. */
export function withAliases({ aliases: _, ...rest }: CatalogContent, aliases: readonly AliasEntry[]): CatalogContent {
  return { ...rest, ...(aliases.length === 0 ? {} : { aliases }) };
}

/** With a collection released so, or loaded; the same if it is. */
export function withReleased(content: CatalogContent, id: string, released: Released | undefined): CatalogContent {
  const before = content.collections.find((entry) => entry.id === id);
  if (before === undefined || String(before.released) === String(released)) return content;
  const { released: _, ...rest } = before;
  const entry: CatalogEntry = { ...rest, ...(released === undefined ? {} : { released }) };
  return { ...content, collections: content.collections.map((one) => (one === before ? entry : one)) };
}
