// Every route of REST and every remote procedure, tried by every kind of role on its own and on foreign databases, collections
// and partitions. What is expected comes from a model that knows nothing of our rules (model.ts).

import { beforeAll, describe, expect, test } from 'vitest';
import type { Caller, Gate } from '../../../src/server/access/gate.js';
import { PRIVILEGES } from '../../../src/server/access/privilege.js';
import { needOf, type Rule } from '../../../src/server/access/rule.js';
import { addUserToRole } from '../../../src/server/access/users.js';
import { ADMIN_ROUTES } from '../../../src/server/admin/table.js';
import { CONSOLE_ROUTES } from '../../../src/server/console/table.js';
import { VERBS } from '../../../src/server/grpc/table.js';
import { HTTP_RULES } from '../../../src/server/http-rules.js';
import { ROUTES } from '../../../src/server/rest/table.js';
import { allowed, GROUP_NAMES, LEVELS, markedVerbs, type ModelGrant, type ModelUser, type ModelVerb, type On } from './model.js';
import { basic, refusal, testAccess } from './support.js';

const OWN = { database: 'own', collection: 'mine' };
const PLACES = [OWN, { database: 'own', collection: 'theirs' }, { database: 'foreign', collection: 'mine' }, { database: 'foreign', collection: 'theirs' }];
const PARTITIONS = ['_default', 'mine', 'theirs'];

const verb = (privilege: string, on: On = LEVELS[privilege] ?? 'server'): ModelVerb => ({ privilege, on });
const LOGGED_IN: ModelVerb = { privilege: '', on: 'loggedIn' };
const PUBLIC: ModelVerb = { privilege: '', on: 'public' };

/** Where we ask for more than Milvus, or differ for a stated reason. */
const RPC_DIFFERENCES: Readonly<Record<string, ModelVerb>> = {
  GetVersion: PUBLIC, // as /health
  GetComponentStates: PUBLIC,
  HasCollection: verb('DescribeCollection'), // Milvus asks for nothing: names of others' collections are guessed by it
  GetPartitionStatistics: verb('GetStatistics'), // the same, of row counts
  SelectGrant: verb('SelectOwnership', 'self'), // Milvus lets one see the grants of his roles, too, outside of its marks
  AddCollectionField: verb('AddCollectionField'), // no level is marked
  ListDatabases: LOGGED_IN, // shows what the caller may see
  ShowCollections: LOGGED_IN,
  AlterCollectionSchema: verb('AddCollectionField'), // all that it does here is to add a field
  GetFlushAllState: verb('FlushAll'), // Milvus asks for nothing
  GetPersistentSegmentInfo: verb('DescribeCollection'), // the same
  GetQuerySegmentInfo: verb('DescribeCollection'),
  GetReplicas: verb('DescribeCollection'),
  GetImportState: verb('GetImportProgress', 'server'), // Milvus marks nothing, and has a privilege for it
  ListImportTasks: verb('ListImport', 'server'),
  RunAnalyzer: verb('DescribeCollection'), // it reads the schema of a collection
};

/** What REST routes are by the names of remote procedures, or by a privilege where there is none. */
const REST: Readonly<Record<string, string | ModelVerb>> = {
  'collections/create': 'CreateCollection', 'collections/drop': 'DropCollection', 'collections/has': 'HasCollection', 'collections/list': 'ShowCollections', 'collections/describe': 'DescribeCollection',
  'collections/get_stats': 'GetCollectionStatistics', 'collections/rename': 'RenameCollection', 'collections/truncate': 'TruncateCollection', 'collections/alter_properties': 'AlterCollection', 'collections/drop_properties': 'AlterCollection',
  'collections/load': 'LoadCollection', 'collections/refresh_load': 'LoadCollection', 'collections/release': 'ReleaseCollection', 'collections/get_load_state': 'GetLoadState', 'collections/flush': 'Flush', 'collections/compact': 'ManualCompaction', 'collections/get_compaction_state': 'GetCompactionState',
  'collections/fields/add': 'AddCollectionField', 'collections/fields/alter_properties': 'AlterCollectionField',
  'entities/insert': 'Insert', 'entities/upsert': 'Upsert', 'entities/delete': 'Delete', 'entities/get': 'Query', 'entities/query': 'Query', 'entities/search': 'Search', 'entities/hybrid_search': 'HybridSearch', 'entities/advanced_search': 'HybridSearch',
  'partitions/create': 'CreatePartition', 'partitions/drop': 'DropPartition', 'partitions/has': 'HasPartition', 'partitions/list': 'ShowPartitions', 'partitions/get_stats': 'GetPartitionStatistics', 'partitions/load': 'LoadPartitions', 'partitions/release': 'ReleasePartitions',
  'indexes/create': 'CreateIndex', 'indexes/describe': 'DescribeIndex', 'indexes/list': 'DescribeIndex', 'indexes/drop': 'DropIndex', 'indexes/alter_properties': 'AlterIndex', 'indexes/drop_properties': 'AlterIndex',
  'aliases/create': 'CreateAlias', 'aliases/alter': 'AlterAlias', 'aliases/drop': 'DropAlias', 'aliases/describe': 'DescribeAlias', 'aliases/list': 'ListAliases',
  'databases/create': 'CreateDatabase', 'databases/drop': 'DropDatabase', 'databases/list': 'ListDatabases', 'databases/describe': 'DescribeDatabase', 'databases/alter': 'AlterDatabase', 'databases/alter_properties': 'AlterDatabase', 'databases/drop_properties': 'AlterDatabase',
  'users/list': 'ListCredUsers', 'users/describe': 'SelectUser', 'users/create': 'CreateCredential', 'users/update_password': 'UpdateCredential', 'users/drop': 'DeleteCredential', 'users/grant_role': 'OperateUserRole', 'users/revoke_role': 'OperateUserRole',
  'roles/list': 'SelectRole', 'roles/describe': 'SelectGrant', 'roles/create': 'CreateRole', 'roles/alter': 'AlterRole', 'roles/drop': 'DropRole',
  'roles/grant_privilege': 'OperatePrivilege', 'roles/revoke_privilege': 'OperatePrivilege', 'roles/grant_privilege_v2': 'OperatePrivilegeV2', 'roles/revoke_privilege_v2': 'OperatePrivilegeV2',
  'privilege_groups/list': 'ListPrivilegeGroups', 'privilege_groups/create': 'CreatePrivilegeGroup', 'privilege_groups/drop': 'DropPrivilegeGroup', 'privilege_groups/add_privileges_to_group': 'OperatePrivilegeGroup', 'privilege_groups/remove_privileges_from_group': 'OperatePrivilegeGroup',
  'jobs/import/create': 'Import', 'jobs/import/list': verb('ListImport', 'server'), 'jobs/import/get_progress': verb('GetImportProgress', 'server'), 'jobs/import/describe': verb('GetImportProgress', 'server'), 'jobs/import/commit': verb('Import', 'database'), 'jobs/import/abort': verb('Import', 'database'),
  'common/run_analyzer': 'RunAnalyzer',
  'collections/add_function': 'AddCollectionFunction', 'collections/alter_function': 'AlterCollectionFunction', 'collections/drop_function': 'DropCollectionFunction', 'collections/add_function_field': 'AddCollectionFunction', 'collections/drop_function_field': 'DropCollectionFunction',
  'collections/fields/drop': 'AlterCollectionField', 'collections/struct_fields/add': 'AddCollectionField',
  'resource_groups/create': 'CreateResourceGroup', 'resource_groups/drop': 'DropResourceGroup', 'resource_groups/alter': 'UpdateResourceGroups', 'resource_groups/describe': 'DescribeResourceGroup', 'resource_groups/list': 'ListResourceGroups', 'resource_groups/transfer_replica': 'TransferReplica',
  'admin/stats': verb('SelectOwnership'), 'admin/backup': verb('BackupRBAC'), 'admin/backups': verb('BackupRBAC'),
  'admin/rows/grant': 'OperatePrivilegeV2', 'admin/rows/revoke': 'OperatePrivilegeV2', 'admin/rows/list': 'SelectGrant',
  'console/server': LOGGED_IN, 'console/overview': LOGGED_IN, 'console/collection': verb('DescribeCollection'), 'console/rows': verb('Query'), 'console/search': verb('Search'),
};

const HTTP: Readonly<Record<string, ModelVerb>> = { '/health': PUBLIC, '/health of the database': LOGGED_IN, '/ready': PUBLIC, '/metrics': LOGGED_IN, '/v1/collections': verb('Query'), '/v1/collections/search': verb('Search'), '/v1/collections/push': verb('Upsert'), '/v1/collections/push of deletions': verb('Delete'), '/v1/collections/segments': verb('Insert'), '/v1/collections/segments in place of rows': verb('Upsert') };

const marked = markedVerbs();

function modelOfRpc(name: string): ModelVerb {
  const found = RPC_DIFFERENCES[name] ?? marked.get(name);
  if (found === undefined) throw new Error(`${name}: no remote procedure of Milvus`);
  return found;
}

interface Entry {
  readonly name: string;
  readonly rule: Rule<never>;
  readonly model: ModelVerb;
}

const restEntries = (): readonly Entry[] =>
  [...ROUTES, ...ADMIN_ROUTES, ...CONSOLE_ROUTES].map(({ path, rule }) => {
    const found = REST[path];
    if (found === undefined) throw new Error(`${path}: a route that this test does not know: say in its table who may use it`);
    return { name: path, rule: rule as Rule<never>, model: typeof found === 'string' ? modelOfRpc(found) : found };
  });
const rpcEntries = (): readonly Entry[] => Object.entries(VERBS).filter(([, entry]) => !('unsupported' in entry)).map(([name, { rule }]) => ({ name, rule: rule as Rule<never>, model: modelOfRpc(name) }));
const httpEntries = (): readonly Entry[] => Object.entries(HTTP_RULES).map(([name, rule]) => ({ name, rule: rule as Rule<never>, model: HTTP[name] as ModelVerb }));

/** A request of any kind about a place: every name that a rule may read, under the names of both wires. */
function requestAbout({ database, collection }: { readonly database: string; readonly collection: string }, partition: string, user: string, role: string): object {
  return {
    db_name: database, collection_name: collection, collection_names: [collection], alias: `alias_of_${collection}`, partition_name: partition, partition_names: [partition], oldName: collection, newName: 'other',
    username: user, user: { name: user }, role: { name: role }, role_name: role, entity: { role: { name: role } }, database_name: database, segmentIDs: [], collectionID: '1',
    dbName: database, collectionName: collection, aliasName: `alias_of_${collection}`, partitionName: partition, partitionNames: [partition], userName: user, roleName: role, collection, params: {},
  };
}

const grant = (what: string, database: string, collection: string): ModelGrant => ({ what, database, collection });

/** Where a privilege or a group can be granted: on its own database or collection, on a foreign one, on all. */
function placesOf(what: string): readonly (readonly [string, string])[] {
  const level = what in LEVELS ? LEVELS[what] : what.startsWith('Cluster') ? 'server' : what.startsWith('Database') ? 'database' : what.startsWith('Collection') ? 'collection' : 'server';
  if (level === 'server') return [['*', '*']];
  if (level === 'database') return [['own', '*'], ['foreign', '*'], ['*', '*']];
  return [['own', 'mine'], ['own', '*'], ['foreign', 'mine'], ['*', '*']];
}

const everything = [...GROUP_NAMES, ...Object.keys(LEVELS)];
const users: readonly ModelUser[] = [
  { name: 'root', isAdmin: true, grants: [] },
  { name: 'anadmin', isAdmin: true, grants: [] },
  { name: 'nobody', isAdmin: false, grants: [] },
  ...everything.flatMap((what) => placesOf(what).map(([database, collection], i) => ({ name: `u${everything.indexOf(what)}x${i}`, isAdmin: false, grants: [grant(what, database, collection)] }))),
];

let gate: Gate;
let callers: ReadonlyMap<string, Caller | undefined>;

beforeAll(async () => {
  const access = await testAccess({ audit: false });
  access.resolveBy((_database, name) => Promise.resolve(name.replace(/^alias_of_/, '')));
  gate = access.gate;
  const made: [string, Caller | undefined][] = [];
  for (const { name, grants } of users) {
    if (name !== 'root') await access.user(name, ...grants.map(({ what, database, collection }) => `${what}@${database}.${collection}`));
    if (name === 'anadmin') await access.change((state) => addUserToRole(state, name, 'admin'));
    made.push([name, await access.gate.authenticate(name === 'root' ? 'root:Milvus' : basic(name), '192.0.2.1')]);
  }
  callers = new Map(made);
});

async function isAllowed(caller: Caller | undefined, entry: Entry, database: string, request: object): Promise<boolean> {
  const found = await refusal(gate.admit(caller, needOf(entry.rule, database, request as never, entry.name)));
  if (found !== undefined && ![401, 403].includes(found.http)) throw new Error(found.message);
  return found === undefined;
}

async function differences(entries: readonly Entry[]): Promise<{ readonly wrong: readonly string[]; readonly tried: number; readonly allowed: number }> {
  const wrong: string[] = [];
  let tried = 0;
  let yes = 0;
  for (const entry of entries) {
    for (const user of [undefined, ...users]) {
      for (const [i, place] of PLACES.entries()) {
        for (const self of entry.model.on === 'self' ? [false, true] : [false]) {
          const name = user?.name ?? 'stranger';
          const request = requestAbout(place, PARTITIONS[i % PARTITIONS.length] ?? '', self ? name : 'somebody', self ? `role_${name}` : 'some_role');
          const expected = allowed(user, entry.model, place, self && user !== undefined);
          const found = await isAllowed(callers.get(name), entry, place.database, request);
          tried++;
          if (found) yes++;
          if (found !== expected) wrong.push(`${entry.name}: ${name} (${user?.grants.map(({ what, database, collection }) => `${what}@${database}.${collection}`).join() ?? ''}) on ${place.database}.${place.collection}${self ? ' (himself)' : ''}: ${found ? 'allowed' : 'refused'}`);
        }
      }
    }
  }
  return { wrong: wrong.slice(0, 20), tried, allowed: yes };
}

describe('whoever tries', () => {
  test.each([['every route of REST', restEntries], ['every remote procedure', rpcEntries], ['every other path', httpEntries]])('%s is allowed and refused as the model says', async (_what, entries) => {
    const { wrong, tried, allowed: yes } = await differences(entries());
    expect(wrong).toEqual([]);
    expect(yes).toBeGreaterThan(0);
    expect(yes).toBeLessThan(tried);
  });
});

describe('the tables', () => {
  test('have a rule for each entry', () => {
    for (const { name, rule } of [...restEntries(), ...rpcEntries(), ...httpEntries()]) {
      expect(rule, name).toBeDefined();
      const { privilege } = rule;
      expect(typeof privilege, name).toBe('string');
    }
  });
  test('have every remote procedure of the service, and what is not supported is not public', () => {
    expect(Object.keys(VERBS).sort()).toEqual([...marked.keys()].sort());
    for (const [name, entry] of Object.entries(VERBS)) if ('unsupported' in entry) expect(entry.rule.privilege, name).not.toBe('Public');
  });
  test('leave nothing public but what a probe of a machine asks', () => {
    const open = [...restEntries(), ...rpcEntries(), ...httpEntries()].filter(({ rule }) => rule.privilege === 'Public').map(({ name }) => name);
    expect(open.sort()).toEqual(['/health', '/ready', 'GetComponentStates', 'GetVersion']);
  });
  test('ask for privileges that are known to the model, all of which can be granted', () => {
    for (const name of Object.keys(LEVELS)) expect(PRIVILEGES, name).toContain(name);
  });
});
