// Databases: the routes below databases/. They are about a database that need not be there, so the call gets the default one.

import { Type } from 'typebox';
import { ofDatabase, ofServer } from './rules.js';
import { DONE, route, type Route } from './route.js';
import { KeyValues, Name, Properties, PropertyKeys, Request } from './schema.js';
import { keyValuesOf, propertiesFrom } from './parameters.js';

const NAMED = { dbName: Name('The database.') };

export const DATABASE_ROUTES: readonly Route[] = [
  route({
    path: 'databases/create',
    summary: 'Makes a database.',
    request: Request({ ...NAMED, properties: Properties }),
    rule: ofServer('CreateDatabase'),
    database: 'default',
    async run({ database }, { dbName, properties = {} }) {
      await database.createDatabase(dbName, propertiesFrom(properties, 'properties'));
      return DONE;
    },
  }),
  route({
    path: 'databases/drop',
    summary: 'Removes a database that has no collections.',
    request: Request(NAMED),
    rule: ofServer('DropDatabase'),
    database: 'default',
    async run({ database }, { dbName }) {
      await database.dropDatabase(dbName);
      return DONE;
    },
  }),
  route({
    path: 'databases/list',
    summary: 'The names of the databases that the caller may see.',
    request: Request({}),
    answer: Type.Array(Type.String()),
    rule: { privilege: 'LoggedIn' },
    database: 'default',
    run: async ({ caller, database }) => ({ data: (await database.listDatabases()).filter((name) => caller?.sees?.(name) ?? true) }),
  }),
  route({
    path: 'databases/describe',
    summary: 'The properties of a database.',
    request: Request(NAMED),
    answer: Type.Object({ dbName: Type.String(), properties: KeyValues }),
    rule: ofDatabase('DescribeDatabase'),
    database: 'default',
    async run({ database }, { dbName }) {
      const { name, properties } = await database.describeDatabase(dbName);
      return { data: { dbName: name, properties: keyValuesOf(properties) } };
    },
  }),
  ...['databases/alter', 'databases/alter_properties'].map((path) =>
    route({
      path,
      summary: 'Sets properties of a database; others stay.',
      request: Request({ ...NAMED, properties: Properties }),
      rule: ofDatabase('AlterDatabase'),
      database: 'default',
      async run({ database }, { dbName, properties = {} }) {
        await database.alterDatabase(dbName, propertiesFrom(properties, 'properties'));
        return DONE;
      },
    }),
  ),
  route({
    path: 'databases/drop_properties',
    summary: 'Removes properties of a database.',
    request: Request({ ...NAMED, propertyKeys: Type.Optional(PropertyKeys) }),
    rule: ofDatabase('AlterDatabase'),
    database: 'default',
    async run({ database }, { dbName, propertyKeys = [] }) {
      await database.dropDatabaseProperties(dbName, propertyKeys);
      return DONE;
    },
  }),
];
