// Databases: remote procedures that make, tell, change and remove one.

import { databaseId } from '../../milvus/ids.js';
import { hybridTime } from '../../milvus/times.js';
import { pairsOf, propertiesOf, type KeyValue } from '../messages.js';
import { LOGGED_IN, onDatabase, onServer } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface OfDatabase {
  readonly db_name: string;
}

interface Altered extends OfDatabase {
  readonly properties: readonly KeyValue[];
  readonly delete_keys: readonly string[];
}

export const DATABASE_VERBS: Verbs = {
  CreateDatabase: verb<Altered, object>({
    rule: onServer('CreateDatabase'),
    scope: 'server',
    run: async ({ database }, { db_name, properties }) => {
      await database.createDatabase(db_name, propertiesOf(properties));
      return {};
    },
  }),
  DropDatabase: verb<OfDatabase, object>({
    rule: onServer('DropDatabase'),
    scope: 'server',
    run: async ({ database }, { db_name }) => {
      await database.dropDatabase(db_name);
      return {};
    },
  }),
  ListDatabases: verb<object, object>({ rule: LOGGED_IN, scope: 'server', run: list }),
  DescribeDatabase: verb<OfDatabase, object>({ rule: onDatabase('DescribeDatabase'), scope: 'server', run: ({ database, databaseName }) => describe({ database }, databaseName) }),
  AlterDatabase: verb<Altered, object>({
    rule: onDatabase('AlterDatabase'),
    scope: 'server',
    run: async ({ database, databaseName }, { properties, delete_keys }) => {
      if (properties.length > 0) await database.alterDatabase(databaseName, propertiesOf(properties));
      if (delete_keys.length > 0) await database.dropDatabaseProperties(databaseName, delete_keys);
      return {};
    },
  }),
};

async function list({ caller, database }: GrpcCall): Promise<object> {
  const names = (await database.listDatabases()).filter((name) => caller?.sees?.(name) ?? true);
  const described = await Promise.all(names.map((name) => database.describeDatabase(name)));
  return { db_names: names, created_timestamp: described.map(({ createdMs = 0 }) => hybridTime(createdMs)), db_ids: names.map(databaseId) };
}

async function describe({ database }: Pick<GrpcCall, 'database'>, name: string): Promise<object> {
  const { properties, createdMs = 0 } = await database.describeDatabase(name);
  return { db_name: name, dbID: databaseId(name), created_timestamp: hybridTime(createdMs), properties: pairsOf(properties) };
}
