// What the SDK's HttpClient knows by names, over REST: aliases, partitions, databases, users and roles; and how it ends.

import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { bad, good, loose, NAME, type HttpWorld } from './http-changes.js';
import { byCosine, DIM, rowsOf, vectorOf } from './rows.js';
import { same, thrown, whereOf } from './steps.js';

const collectionName = NAME;

export async function nameHttp({ client, step, stored }: HttpWorld): Promise<void> {
  const countOf = async (name: string, dbName = 'default'): Promise<number> => Number(good(await client.query(loose({ collectionName: name, dbName, filter: '', outputFields: ['count(*)'] }))).data[0]?.['count(*)']);
  await step('aliases', 'an alias stands for its collection and moves to another', async () => {
    good(await client.createCollection({ collectionName: 'http_other', dimension: 4 }));
    good(await client.createAlias({ collectionName, aliasName: 'http_wings' }));
    same(good(await client.describeAlias({ aliasName: 'http_wings' })).data.collectionName, NAME);
    same((good(await client.listAliases(loose({ collectionName }))) as unknown as { data: string[] }).data, ['http_wings']);
    same(await countOf('http_wings'), stored.length);
    good(await client.alterAlias({ collectionName: 'http_other', aliasName: 'http_wings' }));
    same(good(await client.describeAlias({ aliasName: 'http_wings' })).data.collectionName, 'http_other');
    good(await client.dropAlias({ aliasName: 'http_wings' }));
    bad(await client.describeAlias({ aliasName: 'http_wings' }), 1600);
    good(await client.renameCollection({ collectionName: 'http_other', newCollectionName: 'http_renamed' }));
    good(await client.dropCollection({ collectionName: 'http_renamed' }));
  });
  await step('partitions', 'rows are in the partition that they were put into', async () => {
    const name = 'http_parted';
    good(await client.createCollection({ collectionName: name, dimension: DIM, vectorFieldName: 'dense', metricType: 'COSINE' }));
    const halves = { red: rowsOf(0, 40), blue: rowsOf(40, 40) };
    const query = vectorOf(DIM);
    for (const [partitionName, rows] of Object.entries(halves)) {
      good(await client.createPartition({ collectionName: name, partitionName }));
      good(await client.insert(loose({ collectionName: name, partitionName, data: rows.map(({ id, dense }) => ({ id, dense })) })));
    }
    same([...(good(await client.listPartitions(loose({ collectionName: name }))) as unknown as { data: string[] }).data].sort(), ['_default', 'blue', 'red']);
    same(good(await client.hasPartition({ collectionName: name, partitionName: 'green' })).data, { has: false });
    for (const [partition, rows] of Object.entries(halves)) {
      const { data } = good(await client.search({ collectionName: name, data: [query], limit: 5, partitionNames: [partition], outputFields: [] }));
      same((data as unknown as { id: string }[]).map(({ id }) => Number(id)), byCosine(rows, query).slice(0, 5).map(([id]) => id));
    }
    good(await client.releasePartitions(loose({ collectionName: name, partitionNames: ['red'] })));
    good(await client.dropPartition({ collectionName: name, partitionName: 'red' }));
    same(await countOf(name), 40);
    good(await client.dropCollection({ collectionName: name }));
  });
  await step('databases', 'a database has its own collections, and goes when it is empty', async () => {
    good(await client.createDatabase({ dbName: 'http_apart' }));
    same((good(await client.listDatabases()) as unknown as { data: string[] }).data.includes('http_apart'), true);
    good(await client.createCollection({ dbName: 'http_apart', collectionName, dimension: 4 }));
    good(await client.insert({ dbName: 'http_apart', collectionName, data: [{ id: 1, vector: [1, 2, 3, 4] }] }));
    same([await countOf(NAME, 'http_apart'), await countOf(NAME)], [1, stored.length]);
    bad(await client.dropDatabase({ dbName: 'http_apart' }));
    good(await client.dropCollection({ dbName: 'http_apart', collectionName }));
    good(await client.dropDatabase({ dbName: 'http_apart' }));
    bad(await client.listCollections({ dbName: 'http_apart' }), 800);
  });
}

export async function guardHttp({ client, step }: HttpWorld): Promise<void> {
  const as = (username: string, password: string): HttpClient => new HttpClient({ endpoint: `http://${whereOf().address}`, username, password });
  const ask = { collectionName, data: [vectorOf(DIM)], annsField: 'dense', limit: 3, outputFields: [] };
  /** Refused by a status of HTTP, which the client throws, or in the answer. */
  const denied = async (work: () => Promise<{ readonly code: number }>): Promise<void> => bad(await work().catch((error: Error) => ({ code: -1, message: error.message })));
  await step('users and roles', 'a user may what its roles were granted, and no more', async () => {
    good(await client.createUser({ userName: 'http_user', password: 'Secret1!x' }));
    same((good(await client.listUsers()) as unknown as { data: string[] }).data.includes('http_user'), true);
    good(await client.createRole({ roleName: 'http_reader' }));
    for (const privilege of ['Search', 'Query']) good(await client.grantPrivilegeToRole({ roleName: 'http_reader', objectType: 'Collection', objectName: NAME, privilege }));
    good(await client.grantRoleToUser({ userName: 'http_user', roleName: 'http_reader' }));
    same((good(await client.describeRole({ roleName: 'http_reader' })).data as { privilege: string }[]).map(({ privilege }) => privilege).sort(), ['Query', 'Search']);
    const user = as('http_user', 'Secret1!x');
    same((good(await user.search(ask)).data as unknown as unknown[]).length, 3);
    await denied(() => user.insert({ collectionName, data: rowsOf(5000, 1) }));
    await denied(() => user.dropCollection({ collectionName }));
    await denied(() => user.createUser({ userName: 'http_more', password: 'Secret1!x' }));
    good(await client.revokePrivilegeFromRole({ roleName: 'http_reader', objectType: 'Collection', objectName: NAME, privilege: 'Search' }));
    await denied(() => user.search(ask));
  });
  await step('users and roles', 'a wrong password is refused, and all of it goes again', async () => {
    good(await client.updateUserPassword({ userName: 'http_user', password: 'Secret1!x', newPassword: 'Other2@yy' }));
    same(/401|1800|auth/i.test((await thrown(async () => good(await as('http_user', 'Secret1!x').listCollections()))).message), true);
    good(await client.revokeRoleFromUser({ userName: 'http_user', roleName: 'http_reader' }));
    good(await client.dropUser({ userName: 'http_user' }));
    good(await client.revokePrivilegeFromRole({ roleName: 'http_reader', objectType: 'Collection', objectName: NAME, privilege: 'Query' }));
    good(await client.dropRole({ roleName: 'http_reader' }));
  });
}

export async function endHttp({ client, step }: HttpWorld): Promise<void> {
  await step('drop', 'indexes and collections go, and what is gone is not found', async () => {
    good(await client.releaseCollection({ collectionName }));
    good(await client.dropIndex({ collectionName, indexName: 'small' }));
    good(await client.dropCollection({ collectionName }));
    same(good(await client.hasCollection({ dbName: 'default', collectionName })).data, { has: false });
    bad(await client.describeCollection({ collectionName }), 100);
  });
}
