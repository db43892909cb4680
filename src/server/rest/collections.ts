// Collections: the routes below collections/ that make, tell, change and remove one.

import { Type } from 'typebox';
import { factsOf } from '../milvus/facts.js';
import { ofCollection, ofDatabase, ofServer } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { COLLECTION, Count, DB, Flag, Int64, Name, Properties, PropertyKeys, Request, SomeObject, Text } from './schema.js';
import { definitionFrom, describedCollection, INDEX_PARAM, SCHEMA } from './definition.js';
import { propertiesFrom } from './parameters.js';

const CREATE = Request({
  ...COLLECTION,
  dimension: Count('Of the vectors, where no schema is given.'),
  metricType: Text('Of the quick form: COSINE (default), L2, IP.'),
  idType: Text('Of the quick form: Int64 (default) or VarChar.'),
  autoID: Flag('Of the quick form: keys are generated.'),
  autoId: Flag('As autoID.'),
  primaryFieldName: Text('Of the quick form; default "id".'),
  vectorFieldName: Text('Of the quick form; default "vector".'),
  description: Text('Of the collection.'),
  schema: Type.Optional(SCHEMA),
  indexParams: Type.Optional(Type.Array(INDEX_PARAM)),
  params: SomeObject('max_length, enableDynamicField, shardsNum, consistencyLevel, partitionsNum, ttlSeconds, partitionKeyIsolation.'),
});

const DESCRIBED = Type.Object({ collectionID: Int64, collectionName: Type.String(), fields: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })), indexes: Type.Array(Type.Object({ fieldName: Type.String() })), load: Type.String() });

export const COLLECTION_ROUTES: readonly Route[] = [
  route({
    path: 'collections/create',
    summary: 'Makes a collection: by a schema, or with a key and a vector by its dimension alone. With indexes it is loaded.',
    request: CREATE,
    rule: ofDatabase('CreateCollection'),
    async run({ database }, body) {
      const { definition, loaded } = definitionFrom(body);
      await database.createCollection({ ...definition, loaded });
      return DONE;
    },
  }),
  route({
    path: 'collections/drop',
    summary: 'Removes a collection and its rows. One that is not there is no error.',
    request: Request(COLLECTION),
    rule: ofCollection('DropCollection'),
    async run({ database }, { collectionName }) {
      if (await database.hasCollection(collectionName)) await database.dropCollection(collectionName);
      return DONE;
    },
  }),
  route({
    path: 'collections/has',
    summary: 'Whether a collection is there.',
    request: Request(COLLECTION),
    answer: Type.Object({ has: Type.Boolean() }),
    rule: ofCollection('DescribeCollection'),
    run: async ({ database }, { collectionName }) => ({ data: { has: await database.hasCollection(collectionName) } }),
  }),
  route({
    path: 'collections/list',
    summary: 'The names of the collections that the caller may see.',
    request: Request(DB),
    answer: Type.Array(Type.String()),
    rule: { privilege: 'LoggedIn' },
    run: async ({ caller, database, databaseName }) => ({ data: (await database.listCollections()).filter((name) => caller?.sees?.(databaseName, name) ?? true) }),
  }),
  route({
    path: 'collections/describe',
    summary: 'The schema of a collection, its indexes, properties and aliases, and whether it is loaded.',
    request: Request(COLLECTION),
    answer: DESCRIBED,
    rule: ofCollection('DescribeCollection'),
    run: async ({ database }, { collectionName }) => ({ data: { collectionID: BigInt((await factsOf(database, collectionName)).id), ...describedCollection(await database.describeCollection(collectionName), await database.getLoadState(collectionName)) } }),
  }),
  route({
    path: 'collections/get_stats',
    summary: 'How many rows a collection has.',
    request: Request(COLLECTION),
    answer: Type.Object({ rowCount: Type.Integer() }),
    rule: ofCollection('GetStatistics'),
    run: async ({ database }, { collectionName }) => ({ data: { rowCount: (await database.describeCollection(collectionName)).rows } }),
  }),
  route({
    path: 'collections/rename',
    summary: 'Gives a collection another name, in another database if one is named.',
    request: Request({ ...COLLECTION, newCollectionName: Name('The new name.'), newDbName: Text('The database that it moves to.') }),
    rule: ofServer('RenameCollection'),
    async run({ database, databaseName }, { collectionName, newCollectionName, newDbName = '' }) {
      await database.renameCollection(collectionName, newCollectionName, newDbName === '' ? databaseName : newDbName);
      return DONE;
    },
  }),
  route({
    path: 'collections/truncate',
    summary: 'Removes every row of a collection at once.',
    request: Request(COLLECTION),
    rule: ofCollection('TruncateCollection'),
    async run({ database }, { collectionName }) {
      await database.truncateCollection(collectionName);
      return DONE;
    },
  }),
  route({
    path: 'collections/alter_properties',
    summary: 'Sets properties of a collection, such as collection.ttl.seconds; others stay.',
    request: Request({ ...COLLECTION, properties: Properties }),
    rule: ofCollection('AlterCollection'),
    async run({ database }, { collectionName, properties = {} }) {
      await database.alterCollectionProperties(collectionName, propertiesFrom(properties, 'properties'));
      return DONE;
    },
  }),
  route({
    path: 'collections/drop_properties',
    summary: 'Removes properties of a collection.',
    request: Request({ ...COLLECTION, propertyKeys: Type.Optional(PropertyKeys) }),
    rule: ofCollection('AlterCollection'),
    async run({ database }, { collectionName, propertyKeys = [] }) {
      await database.dropCollectionProperties(collectionName, propertyKeys);
      return DONE;
    },
  }),
];
