// Aliases: the routes below aliases/.

import { Type } from 'typebox';
import { ofAlias, ofCollection, ofCollections } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { COLLECTION, DB, Name, Request, Text } from './schema.js';

const ALIAS = { aliasName: Name('The alias.') };

export const ALIAS_ROUTES: readonly Route[] = [
  route({
    path: 'aliases/create',
    summary: 'Gives a collection another name.',
    request: Request({ ...COLLECTION, ...ALIAS }),
    rule: ofCollection('CreateAlias'),
    async run({ database }, { collectionName, aliasName }) {
      await database.createAlias(collectionName, aliasName);
      return DONE;
    },
  }),
  route({
    path: 'aliases/alter',
    summary: 'Makes an alias stand for another collection, at once for everybody.',
    request: Request({ ...COLLECTION, ...ALIAS }),
    // Of the collection that it stands for until now, too: nobody takes away the alias of another's.
    rule: { privilege: 'CreateAlias', object: 'Collection', collections: ({ collectionName, aliasName }) => [collectionName, aliasName] },
    async run({ database }, { collectionName, aliasName }) {
      await database.alterAlias(collectionName, aliasName);
      return DONE;
    },
  }),
  route({
    path: 'aliases/drop',
    summary: 'Removes an alias. One that is not there is no error.',
    request: Request({ ...DB, ...ALIAS }),
    rule: ofAlias('DropAlias'),
    async run({ database }, { aliasName }) {
      await database.dropAlias(aliasName);
      return DONE;
    },
  }),
  route({
    path: 'aliases/describe',
    summary: 'For which collection an alias stands.',
    request: Request({ ...DB, ...ALIAS }),
    answer: Type.Object({ dbName: Type.String(), collectionName: Type.String(), aliasName: Type.String() }),
    rule: ofAlias('DescribeAlias'),
    async run({ database }, { aliasName }) {
      const { alias, collection, database: dbName } = await database.describeAlias(aliasName);
      return { data: { dbName, collectionName: collection, aliasName: alias } };
    },
  }),
  route({
    path: 'aliases/list',
    summary: 'The aliases of a collection, or of the database.',
    request: Request({ ...DB, collectionName: Text('The collection; default: all.') }),
    answer: Type.Array(Type.String()),
    rule: ofCollections('ListAliases'),
    run: async ({ database }, { collectionName = '' }) => ({ data: await database.listAliases(collectionName === '' ? undefined : collectionName) }),
  }),
];
