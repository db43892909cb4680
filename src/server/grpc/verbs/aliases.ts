// Aliases: remote procedures about other names of collections.

import type { OfCollection } from '../messages.js';
import { onCollection, onCollections } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface OfAlias {
  readonly alias: string;
}

const ofAlias = (privilege: 'DropAlias' | 'DescribeAlias') => onCollections<OfAlias>(privilege, ({ alias }) => [alias]);

export const ALIAS_VERBS: Verbs = {
  CreateAlias: verb<OfCollection & OfAlias, object>({
    rule: onCollection('CreateAlias'),
    run: async ({ database }, { collection_name, alias }) => {
      await database.createAlias(collection_name, alias);
      return {};
    },
  }),
  AlterAlias: verb<OfCollection & OfAlias, object>({
    // Of the collection that it stands for until now, too: nobody takes away the alias of another's.
    rule: onCollections('CreateAlias', ({ collection_name, alias }) => [collection_name, alias]),
    run: async ({ database }, { collection_name, alias }) => {
      await database.alterAlias(collection_name, alias);
      return {};
    },
  }),
  DropAlias: verb<OfAlias, object>({
    rule: ofAlias('DropAlias'),
    run: async ({ database }, { alias }) => {
      await database.dropAlias(alias);
      return {};
    },
  }),
  DescribeAlias: verb<OfAlias, object>({
    rule: ofAlias('DescribeAlias'),
    run: async ({ database }, { alias }) => {
      const { collection, database: name } = await database.describeAlias(alias);
      return { db_name: name, alias, collection };
    },
  }),
  ListAliases: verb<OfCollection, object>({ rule: onCollections('ListAliases', ({ collection_name }) => [collection_name === '' ? '*' : collection_name]), run: list }),
};

async function list({ database, databaseName }: GrpcCall, { collection_name }: OfCollection): Promise<object> {
  const aliases = await database.listAliases(collection_name === '' ? undefined : collection_name);
  return { db_name: databaseName, collection_name, aliases };
}
