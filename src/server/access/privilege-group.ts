// PrivilegeGroup: privileges under one name. Nine are built in, by Milvus' names and with its privileges (`common.security.rbac`
// of milvus.yaml); others are made by users, of privileges of one level.

import { isPrivilege, levelOf, PRIVILEGES, type Level, type Privilege } from './privilege.js';

const CLUSTER_READ_ONLY: readonly Privilege[] = ['ListDatabases', 'SelectOwnership', 'SelectUser', 'DescribeResourceGroup', 'ListResourceGroups', 'ListPrivilegeGroups'];
const CLUSTER_READ_WRITE: readonly Privilege[] = [...CLUSTER_READ_ONLY, 'FlushAll', 'TransferNode', 'TransferReplica', 'UpdateResourceGroups'];
const CLUSTER_ADMIN: readonly Privilege[] = [
  ...CLUSTER_READ_WRITE, 'BackupRBAC', 'RestoreRBAC', 'CreateDatabase', 'DropDatabase', 'CreateOwnership', 'DropOwnership', 'ManageOwnership', 'CreateResourceGroup', 'DropResourceGroup',
  'UpdateUser', 'RenameCollection', 'CreatePrivilegeGroup', 'DropPrivilegeGroup', 'OperatePrivilegeGroup',
];
const DATABASE_READ_ONLY: readonly Privilege[] = ['ShowCollections', 'DescribeDatabase'];
const DATABASE_READ_WRITE: readonly Privilege[] = [...DATABASE_READ_ONLY, 'AlterDatabase'];
const DATABASE_ADMIN: readonly Privilege[] = [...DATABASE_READ_WRITE, 'CreateCollection', 'DropCollection'];
const COLLECTION_READ_ONLY: readonly Privilege[] = [
  'Query', 'Search', 'IndexDetail', 'GetFlushState', 'GetLoadState', 'GetLoadingProgress', 'HasPartition', 'ShowPartitions', 'DescribeCollection', 'DescribeAlias', 'GetStatistics', 'ListAliases',
];
const COLLECTION_READ_WRITE: readonly Privilege[] = [
  ...COLLECTION_READ_ONLY, 'Load', 'Release', 'Insert', 'Delete', 'Upsert', 'Import', 'Flush', 'Compaction', 'LoadBalance', 'CreateIndex', 'DropIndex', 'CreatePartition', 'DropPartition', 'AddCollectionField',
];
const COLLECTION_ADMIN: readonly Privilege[] = [...COLLECTION_READ_WRITE, 'CreateAlias', 'DropAlias'];

export const BUILT_IN_GROUPS: Readonly<Record<string, readonly Privilege[]>> = {
  ClusterReadOnly: CLUSTER_READ_ONLY,
  ClusterReadWrite: CLUSTER_READ_WRITE,
  ClusterAdmin: CLUSTER_ADMIN,
  DatabaseReadOnly: DATABASE_READ_ONLY,
  DatabaseReadWrite: DATABASE_READ_WRITE,
  DatabaseAdmin: DATABASE_ADMIN,
  CollectionReadOnly: COLLECTION_READ_ONLY,
  CollectionReadWrite: COLLECTION_READ_WRITE,
  CollectionAdmin: COLLECTION_ADMIN,
};

export interface PrivilegeGroup {
  readonly name: string;
  readonly privileges: readonly Privilege[];
}

/** Every privilege: what `*` of either form and `All` of the first stand for. */
export const ALL_WORDS: ReadonlySet<string> = new Set(['*', 'All']);

export function isBuiltInGroup(name: string): boolean {
  return Object.hasOwn(BUILT_IN_GROUPS, name);
}

/** What a name in a grant stands for; undefined if it is none of a privilege, a group or everything. */
export function privilegesOf(name: string, groups: readonly PrivilegeGroup[]): readonly Privilege[] | undefined {
  if (ALL_WORDS.has(name)) return PRIVILEGES;
  if (isPrivilege(name)) return [name];
  if (isBuiltInGroup(name)) return BUILT_IN_GROUPS[name];
  return groups.find((group) => group.name === name)?.privileges;
}

/** Where it is granted; undefined for everything, and for a group without privileges. */
export function levelOfName(name: string, groups: readonly PrivilegeGroup[]): Level | undefined {
  const [first] = ALL_WORDS.has(name) ? [] : (privilegesOf(name, groups) ?? []);
  return first === undefined ? undefined : levelOf(first);
}
