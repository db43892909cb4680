// What the Node SDK knows by names, over gRPC: aliases, partitions, databases, users and roles; errors; and how it ends.

import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { count, NAME, rowsData, type World } from './grpc-changes.js';
import { byCosine, DIM, rowsOf, vectorOf } from './rows.js';
import { fine, refused, same, thrown, whereOf } from './steps.js';

const collection_name = NAME;

export async function knowNames({ client, step, stored }: World): Promise<void> {
  await step('aliases', 'an alias stands for its collection and moves to another', async () => {
    fine(await client.createCollection({ collection_name: 'node_other', dimension: 4 }));
    fine(await client.createAlias({ collection_name, alias: 'node_wings' }));
    same((await client.describeAlias({ alias: 'node_wings', collection_name })).collection, NAME);
    same((await client.listAliases({ collection_name })).aliases, ['node_wings']);
    same(await count(client, 'node_wings'), stored.length);
    fine(await client.alterAlias({ collection_name: 'node_other', alias: 'node_wings' }));
    same((await client.describeAlias({ alias: 'node_wings', collection_name })).collection, 'node_other');
    fine(await client.dropAlias({ alias: 'node_wings' }));
    refused((await client.describeAlias({ alias: 'node_wings', collection_name })).status, 1600);
    fine(await client.renameCollection({ collection_name: 'node_other', new_collection_name: 'node_renamed' }));
    same((await client.hasCollection({ collection_name: 'node_other' })).value, false);
    fine(await client.dropCollection({ collection_name: 'node_renamed' }));
  });
  await step('partitions', 'rows are in the partition that they were put into', async () => {
    const name = 'node_parted';
    fine(await client.createCollection({ collection_name: name, dimension: DIM, vector_field_name: 'dense', metric_type: 'COSINE' }));
    const halves = { red: rowsOf(0, 40), blue: rowsOf(40, 40) };
    const query = vectorOf(DIM);
    for (const [partition_name, rows] of Object.entries(halves)) {
      fine(await client.createPartition({ collection_name: name, partition_name }));
      fine((await client.insert({ collection_name: name, partition_name, data: rows.map(({ id, dense }) => ({ id, dense: [...dense] })) })).status);
    }
    same((await client.showPartitions({ collection_name: name })).data.map((partition) => partition.name).sort(), ['_default', 'blue', 'red']);
    same((await client.hasPartition({ collection_name: name, partition_name: 'green' })).value, false);
    for (const [partition, rows] of Object.entries(halves)) {
      const { results } = await client.search({ collection_name: name, data: query, limit: 5, partition_names: [partition] });
      same(results.map(({ id }) => Number(id)), byCosine(rows, query).slice(0, 5).map(([id]) => id));
    }
    refused((await client.insert({ collection_name: name, partition_name: 'green', data: [{ id: 1, dense: vectorOf(DIM) }] })).status, 200);
    fine(await client.releasePartitions({ collection_name: name, partition_names: ['red'] }));
    fine(await client.dropPartition({ collection_name: name, partition_name: 'red' }));
    same(await count(client, name), 40);
    fine(await client.dropCollection({ collection_name: name }));
  });
  await step('databases', 'a database has its own collections, and goes when it is empty', async () => {
    fine(await client.createDatabase({ db_name: 'node_apart' }));
    same((await client.listDatabases()).db_names.includes('node_apart'), true);
    same((await client.describeDatabase({ db_name: 'node_apart' })).db_name, 'node_apart');
    await client.use({ db_name: 'node_apart' });
    same((await client.showCollections()).data, []);
    fine(await client.createCollection({ collection_name, dimension: 4 }));
    await client.use({ db_name: 'default' });
    same(await count(client, NAME), stored.length);
    refused(await client.dropDatabase({ db_name: 'node_apart' }), undefined);
    fine(await client.dropCollection({ collection_name, db_name: 'node_apart' }));
    fine(await client.dropDatabase({ db_name: 'node_apart' }));
    same((await client.listDatabases()).db_names.includes('node_apart'), false);
  });
}

export async function guardNames({ client, step }: World): Promise<void> {
  const { address } = whereOf();
  const as = (username: string, password: string): MilvusClient => new MilvusClient({ address, username, password, logLevel: 'error' });
  await step('users and roles', 'a user may what its roles were granted, and no more', async () => {
    fine(await client.createUser({ username: 'node_user', password: 'Secret1!x' }));
    same((await client.listUsers()).usernames.includes('node_user'), true);
    fine(await client.createRole({ roleName: 'node_reader' }));
    for (const privilege of ['Search', 'Query', 'DescribeCollection'] as const) fine(await client.grantPrivilegeV2({ role: 'node_reader', privilege, db_name: 'default', collection_name }));
    fine(await client.addUserToRole({ username: 'node_user', roleName: 'node_reader' }));
    same((await client.describeUser({ username: 'node_user' })).results[0]?.roles.map(({ name }) => name), ['node_reader']);
    same((await client.listGrants({ roleName: 'node_reader' })).entities.map(({ grantor }) => grantor.privilege.name as string).sort(), ['DescribeCollection', 'Query', 'Search']);
    const user = as('node_user', 'Secret1!x');
    await user.connectPromise;
    const search = (): ReturnType<MilvusClient['search']> => user.search({ collection_name, data: vectorOf(DIM), anns_field: 'dense', limit: 3 });
    same((await search()).results.length, 3);
    const denied = async (work: () => Promise<unknown>): Promise<void> => {
      const answer = await work().catch((error: unknown) => error);
      if (answer instanceof Error) return;
      refused((answer as { status?: { code?: number } }).status ?? (answer as { code?: number }), undefined);
    };
    await denied(() => user.insert({ collection_name, data: rowsData(rowsOf(5000, 1)) }));
    await denied(() => user.dropCollection({ collection_name }));
    await denied(() => user.createUser({ username: 'node_more', password: 'Secret1!x' }));
    fine(await client.revokePrivilegeV2({ role: 'node_reader', privilege: 'Search', db_name: 'default', collection_name }));
    await denied(search);
    await user.closeConnection();
  });
  await step('users and roles', 'a wrong password is refused, and all of it goes again', async () => {
    fine(await client.updateUser({ username: 'node_user', oldPassword: 'Secret1!x', newPassword: 'Other2@yy' }));
    const wrong = as('node_user', 'Secret1!x');
    const error = await thrown(async () => {
      await wrong.connectPromise;
      const { error_code } = await wrong.listUsers().then(({ status }) => status);
      if (error_code !== 'Success') throw new Error(String(error_code));
    });
    same(/auth|unauthenticated/i.test(error.message), true, error.message);
    await wrong.closeConnection();
    fine(await client.removeUserFromRole({ username: 'node_user', roleName: 'node_reader' }));
    fine(await client.deleteUser({ username: 'node_user' }));
    for (const privilege of ['Query', 'DescribeCollection'] as const) fine(await client.revokePrivilegeV2({ role: 'node_reader', privilege, db_name: 'default', collection_name }));
    fine(await client.dropRole({ roleName: 'node_reader' }));
    same((await client.hasRole({ roleName: 'node_reader' })).hasRole, false);
  });
}

export async function failAndDrop({ client, step }: World): Promise<void> {
  await step('errors', "what users get wrong is told by Milvus' codes", async () => {
    const data = vectorOf(DIM);
    const missing = await client.describeCollection({ collection_name: 'node_nests' });
    refused(missing.status, 100, "can't find collection");
    refused((await client.query({ collection_name, filter: 'year >>> (' })).status, 1100);
    refused((await client.search({ collection_name, data, anns_field: 'dense', limit: 3, filter: 'wing == = 3' })).status, 1100);
    refused((await client.search({ collection_name, data: [1, 2], anns_field: 'dense', limit: 3 })).status, 1100);
    refused((await client.search({ collection_name, data, anns_field: 'dense', limit: 20_000 })).status, undefined);
    refused(await client.createIndex({ collection_name, field_name: 'feather', index_type: 'FLAT', metric_type: 'L2' }), undefined);
    same(await client.createCollection({ collection_name: 'no good', dimension: 4 }).then(() => 0, (status: { code?: number }) => status.code), 1100);
    refused((await client.getReplicas({ collectionID: 1 })).status, undefined);
  });
  await step('drop', 'indexes and collections go, and what is gone is not found', async () => {
    fine(await client.releaseCollection({ collection_name }));
    fine(await client.dropIndex({ collection_name, index_name: 'by_year', field_name: 'year' }));
    same((await client.listIndexes({ collection_name })).indexes.includes('by_year'), false);
    fine(await client.dropCollection({ collection_name }));
    same((await client.hasCollection({ collection_name })).value, false);
    fine(await client.dropCollection({ collection_name }));
  });
}
