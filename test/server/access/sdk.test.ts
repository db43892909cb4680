// Users and roles as the unmodified client of Milvus for Node manages them, and what it is told when it may not.

import { HttpClient, RbacObjects, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServices } from '../../../src/server/services.js';
import { startGrpcServer, type GrpcTestServer } from '../grpc/support.js';
import type { AuditLogs } from '../../../src/server/audit/audit-logs.js';
import { readChain } from '../../../src/server/audit/chain.js';
import type { AuditLine } from '../../../src/server/audit/line.js';
import { memoryStorage } from '../../../src/storage/memory.js';
import { testAccess, textOf, type TestAccess } from './support.js';

let server: GrpcTestServer;
let access: TestAccess;
let root: MilvusClient;

beforeAll(async () => {
  access = await testAccess();
  access.clock.ms = Date.now();
  server = await startGrpcServer({ services: createServices(() => undefined, { access }) });
  root = await server.client({ token: 'root:Milvus' });
});
afterAll(() => server.close());

const ok = { error_code: 'Success', code: 0 };

describe('over gRPC', () => {
  test('a user is made, may do nothing, is granted, may do that, and is dropped', async () => {
    expect(await root.createUser({ username: 'ada', password: 'first one', description: 'x' })).toMatchObject(ok);
    expect((await root.listUsers()).usernames).toEqual(['root', 'ada']);
    const ada = await server.client({ username: 'ada', password: 'first one' });
    await expect(ada.createUser({ username: 'eve', password: 'secret' })).rejects.toMatchObject({ code: 7, details: 'PrivilegeCreateOwnership: permission deny to ada in the `default` database' });
    expect(await root.createRole({ roleName: 'keeper' })).toMatchObject(ok);
    expect(await root.grantPrivilegeV2({ role: 'keeper', privilege: 'ClusterAdmin', db_name: '*', collection_name: '*' })).toMatchObject(ok);
    expect(await root.addUserToRole({ username: 'ada', roleName: 'keeper' })).toMatchObject(ok);
    expect(await ada.createUser({ username: 'eve', password: 'secret' })).toMatchObject(ok);
    expect((await ada.describeRole({ roleName: 'keeper', includeUserInfo: true })).results).toEqual([{ role: { name: 'keeper', description: '' }, users: [{ name: 'ada' }] }]);
    expect((await ada.describeUser({ username: 'ada', includeRoleInfo: true })).results).toMatchObject([{ user: { name: 'ada' }, roles: [{ name: 'keeper' }], description: 'x' }]);
    expect((await root.listGrants({ roleName: 'keeper' })).entities).toEqual([{ role: { name: 'keeper' , description: '' }, object: { name: 'Global' }, object_name: '*', grantor: { user: { name: 'root' }, privilege: { name: 'ClusterAdmin' } }, db_name: '*' }]);
    expect(await root.revokePrivilegeV2({ role: 'keeper', privilege: 'ClusterAdmin', db_name: '*', collection_name: '*' })).toMatchObject(ok);
    await expect(ada.deleteUser({ username: 'eve' })).rejects.toMatchObject({ code: 7 });
    expect(await root.deleteUser({ username: 'eve' })).toMatchObject(ok);
    expect(await root.removeUserFromRole({ username: 'ada', roleName: 'keeper' })).toMatchObject(ok);
    expect(await root.dropRole({ roleName: 'keeper' })).toMatchObject(ok);
    expect((await root.listRoles()).results.map(({ role }) => role.name)).toEqual(['admin', 'public']);
  });

  test('a user changes his own password, with the old one', async () => {
    await root.createUser({ username: 'bob', password: 'first one' });
    const bob = await server.client({ username: 'bob', password: 'first one' });
    expect(await bob.updateUser({ username: 'bob', oldPassword: 'wrong one', newPassword: 'second one' })).toMatchObject({ error_code: 'IllegalArgument', code: 1100 });
    await expect(bob.updateUser({ username: 'ada', oldPassword: 'first one', newPassword: 'second one' })).rejects.toMatchObject({ code: 7 });
    expect(await bob.updateUser({ username: 'bob', oldPassword: 'first one', newPassword: 'second one' })).toMatchObject(ok);
    await expect(bob.listUsers()).rejects.toMatchObject({ code: 16, details: 'auth check failure, please check username and password are correct' });
    await server.client({ username: 'bob', password: 'second one' });
    expect(await root.updateUser({ username: 'bob', oldPassword: '', newPassword: 'third one' })).toMatchObject(ok);
  });

  test.each([{ username: 'root', password: 'wrong' }, { token: 'nobody:x' }, { token: 'nonsense' }, { token: `elk_${'0'.repeat(16)}_${'A'.repeat(43)}` }, {}])('with %j nobody gets in, not even to connect', async (credentials) => {
    await expect(server.client(credentials)).rejects.toMatchObject({ code: 16 });
  });

  test('who may write to one collection alone does so with what clients do around it', async () => {
    await root.createCollection({ collection_name: 'own', dimension: 2 });
    await root.createUser({ username: 'ivy', password: 'a secret' });
    await root.createRole({ roleName: 'writer' });
    await root.grantPrivilegeV2({ role: 'writer', privilege: 'CollectionReadWrite', db_name: 'default', collection_name: 'own' });
    await root.addUserToRole({ username: 'ivy', roleName: 'writer' });
    const ivy = await server.client({ username: 'ivy', password: 'a secret' });
    expect(await ivy.insert({ collection_name: 'own', data: [{ id: 1, vector: [1, 2] }] })).toMatchObject({ status: ok });
    expect(await ivy.flushSync({ collection_names: ['own'] })).toMatchObject({ status: ok });
    expect((await ivy.search({ collection_name: 'own', data: [1, 2], limit: 1 })).results).toMatchObject([{ id: '1' }]);
    expect((await ivy.showCollections()).data.map(({ name }) => name)).toEqual(['own']);
    await expect(ivy.dropCollection({ collection_name: 'own' })).rejects.toMatchObject({ code: 7 });
  });

  test('grants by object, as in Milvus before 2.5', async () => {
    await root.createRole({ roleName: 'old' });
    expect(await root.grantRolePrivilege({ roleName: 'old', object: RbacObjects.Collection, objectName: 'books', privilegeName: 'Search' })).toMatchObject(ok);
    expect(await root.grantRolePrivilege({ roleName: 'old', object: RbacObjects.Collection, objectName: 'books', privilegeName: 'Fly' })).toMatchObject({ code: 1100 });
    expect((await root.selectGrant({ roleName: 'old', object: RbacObjects.Collection, objectName: 'books' })).entities).toHaveLength(1);
    expect(await root.dropRole({ roleName: 'old' })).toMatchObject({ code: 65535 });
    expect(await root.revokeRolePrivilege({ roleName: 'old', object: RbacObjects.Collection, objectName: 'books', privilegeName: 'Search' })).toMatchObject(ok);
    expect(await root.dropRole({ roleName: 'old' })).toMatchObject(ok);
  });

  test('privilege groups', async () => {
    expect(await root.createPrivilegeGroup({ group_name: 'readers' })).toMatchObject(ok);
    expect(await root.addPrivilegesToGroup({ group_name: 'readers', privileges: ['Search', 'Query'] })).toMatchObject(ok);
    const { privilege_groups: groups } = await root.listPrivilegeGroups();
    expect(groups).toHaveLength(10);
    expect(groups.at(-1)).toEqual({ group_name: 'readers', privileges: [{ name: 'Search' }, { name: 'Query' }] });
    expect(await root.removePrivilegesFromGroup({ group_name: 'readers', privileges: ['Query'] })).toMatchObject(ok);
    expect(await root.dropPrivilegeGroup({ group_name: 'readers' })).toMatchObject(ok);
  });

  test('users, roles, grants and groups are copied to another server, which then lets the same in', async () => {
    await root.createUser({ username: 'cat', password: 'a secret' });
    await root.createRole({ roleName: 'copied' });
    await root.addUserToRole({ username: 'cat', roleName: 'copied' });
    const { RBAC_meta } = await root.backupRBAC();
    const other = await testAccess();
    other.clock.ms = Date.now();
    const second = await startGrpcServer({ services: createServices(() => undefined, { access: other }) });
    try {
      const there = await second.client({ token: 'root:Milvus' });
      expect(await there.restoreRBAC({ RBAC_meta })).toMatchObject(ok);
      expect(await there.restoreRBAC({ RBAC_meta })).toMatchObject({ code: 65535 });
      const cat = await second.client({ username: 'cat', password: 'a secret' });
      expect((await cat.describeUser({ username: 'cat', includeRoleInfo: true })).results).toMatchObject([{ roles: [{ name: 'copied' }] }]);
    } finally {
      await second.close();
    }
  });
});

test('the audit log says who did what to whom, over either wire, and no secret', async () => {
  const lines: AuditLine[] = [];
  await root.createUser({ username: 'hal', password: 'audited secret' });
  await root.createRole({ roleName: 'audited' });
  await root.grantPrivilegeV2({ role: 'audited', privilege: 'Search', db_name: 'default', collection_name: 'books' });
  await fetch(`${server.url}/v2/vectordb/users/grant_role`, { method: 'POST', body: JSON.stringify({ userName: 'hal', roleName: 'audited' }), headers: { authorization: 'Bearer root:Milvus' } });
  await root.dropRole({ roleName: 'audited', forceDrop: true } as never);
  await (access.audit as AuditLogs).flush();
  await readChain(memoryStorage(access.files), { onLine: (line) => lines.push(line) });
  const found = lines.filter(({ names = [] }) => names.includes('audited') || names.includes('hal')).map(({ user, verb, names, outcome }) => ({ user, verb, names, outcome }));
  expect(found).toEqual([
    { user: 'root', verb: 'CreateCredential', names: ['hal'], outcome: 'done' },
    { user: 'root', verb: 'CreateRole', names: ['audited'], outcome: 'done' },
    { user: 'root', verb: 'OperatePrivilegeV2', names: ['audited', 'Search', 'books'], outcome: 'done' },
    { user: 'root', verb: 'users/grant_role', names: ['hal', 'audited'], outcome: 'done' },
    { user: 'root', verb: 'DropRole', names: ['audited'], outcome: expect.any(String) as unknown },
  ]);
  expect(textOf(access.files)).not.toContain('audited secret');
});

describe('over REST', () => {
  const http = (token: string): HttpClient => new HttpClient({ endpoint: server.url, token });

  test('the same, with the unmodified client', async () => {
    const client = http('root:Milvus');
    expect(await client.createUser({ userName: 'dan', password: 'a secret' })).toMatchObject({ code: 0 });
    expect(await client.createRole({ roleName: 'rester' })).toMatchObject({ code: 0 });
    expect(await client.grantRoleToUser({ userName: 'dan', roleName: 'rester' })).toMatchObject({ code: 0 });
    expect(await client.describeUser({ userName: 'dan' })).toMatchObject({ code: 0, data: ['rester'] });
    expect(await client.grantPrivilegeToRole({ roleName: 'rester', objectType: 'Global', objectName: '*', privilege: 'CreateCollection' })).toMatchObject({ code: 0 });
    expect(await client.describeRole({ roleName: 'rester' })).toMatchObject({ code: 0, data: [{ objectType: 'Global', objectName: '*', privilege: 'CreateCollection', dbName: 'default', grantor: 'root' }] });
    const dan = http('dan:a secret');
    expect(await dan.createCollection({ collectionName: 'dans', dimension: 4 })).toMatchObject({ code: 0 });
    expect(await dan.updateUserPassword({ userName: 'dan', password: 'a secret', newPassword: 'another' } as never)).toMatchObject({ code: 0 });
    expect((await client.listUsers()).data).toContain('dan');
    expect((await client.listRoles()).data).toContain('rester');
    expect(await client.revokeRoleFromUser({ userName: 'dan', roleName: 'rester' })).toMatchObject({ code: 0 });
    expect(await client.dropUser({ userName: 'dan' })).toMatchObject({ code: 0 });
  });

  test('no credentials are HTTP 401 with code 1800, no privilege 403 with 1401', async () => {
    const post = async (path: string, body: object, token?: string) => {
      const response = await fetch(`${server.url}/v2/vectordb/${path}`, { method: 'POST', body: JSON.stringify(body), headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
      return { http: response.status, ...((await response.json()) as { code: number }) };
    };
    expect(await post('collections/list', {})).toMatchObject({ http: 401, code: 1800 });
    expect(await post('collections/list', {}, 'root:wrong')).toMatchObject({ http: 401, code: 1800 });
    await root.createUser({ username: 'fay', password: 'a secret' });
    expect(await post('users/list', {}, 'fay:a secret')).toMatchObject({ http: 403, code: 1401 });
    expect(await post('collections/list', {}, 'fay:a secret')).toMatchObject({ http: 200, code: 0, data: [] });
    expect(await post('privilege_groups/create', { privilegeGroupName: 'g' }, 'root:Milvus')).toMatchObject({ http: 200, code: 0 });
    expect(await post('privilege_groups/add_privileges_to_group', { privilegeGroupName: 'g', privileges: ['Search'] }, 'root:Milvus')).toMatchObject({ code: 0 });
    expect((await post('privilege_groups/list', {}, 'root:Milvus') as unknown as { data: unknown[] }).data.at(-1)).toEqual({ privilegeGroupName: 'g', privileges: 'Search' });
  });

  test('what is no REST asks the gate, too', async () => {
    const get = async (path: string, token?: string) => (await fetch(server.url + path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status;
    expect([await get('/ready'), await get('/metrics'), await get('/v1/collections/dans/manifest'), await get('/v1/collections/dans/key'), await get(`/v1/collections/dans/files/${'0'.repeat(64)}`)]).toEqual([200, 401, 401, 401, 401]);
    expect(await (await fetch(`${server.url}/health`)).json()).not.toHaveProperty('database');
    expect(await (await fetch(`${server.url}/health`, { headers: { authorization: 'Bearer root:Milvus' } })).json()).toHaveProperty('database');
    await root.createUser({ username: 'gil', password: 'a secret' });
    expect([await get('/metrics', 'gil:a secret'), await get('/v1/collections/dans/manifest', 'gil:a secret'), await get('/v1/collections/dans/manifest', 'root:Milvus')]).toEqual([200, 403, 200]);
  });
});
