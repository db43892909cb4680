// Privilege: what a role may be granted, by Milvus' names (`ObjectPrivilege` of milvus.proto, less its prefix).
// Grants are stored by these names: do not change them.

/** Granted on a collection. */
const OF_COLLECTIONS = [
  'CreateIndex', 'DropIndex', 'IndexDetail', 'Load', 'GetLoadingProgress', 'GetLoadState', 'Release', 'CreatePartition', 'DropPartition', 'ShowPartitions', 'HasPartition',
  'Insert', 'Delete', 'Upsert', 'Import', 'Flush', 'GetFlushState', 'Compaction', 'Search', 'Query', 'GetStatistics', 'AddCollectionField', 'LoadBalance',
  'CreateSnapshot', 'DropSnapshot', 'DescribeSnapshot', 'ListSnapshots', 'RestoreSnapshot', 'AlterCollectionSchema', 'RefreshExternalCollection',
] as const;

/** Granted on a collection too, though the first form of grants calls them global. */
const GLOBAL_OF_COLLECTIONS = ['DescribeCollection', 'CreateAlias', 'DropAlias', 'DescribeAlias', 'ListAliases'] as const;

/** Granted on a database. */
const OF_DATABASES = ['ShowCollections', 'CreateCollection', 'DropCollection', 'DescribeDatabase', 'AlterDatabase'] as const;

/** Granted on the server. */
const OF_SERVER = [
  'ListDatabases', 'CreateDatabase', 'DropDatabase', 'RenameCollection', 'FlushAll', 'CreateOwnership', 'DropOwnership', 'SelectOwnership', 'ManageOwnership', 'BackupRBAC', 'RestoreRBAC',
  'CreatePrivilegeGroup', 'DropPrivilegeGroup', 'ListPrivilegeGroups', 'OperatePrivilegeGroup', 'CreateResourceGroup', 'DropResourceGroup', 'DescribeResourceGroup', 'ListResourceGroups', 'UpdateResourceGroups', 'TransferNode', 'TransferReplica',
  'GetImportProgress', 'ListImport', 'AddFileResource', 'RemoveFileResource', 'ListFileResources', 'UpdateReplicateConfiguration', 'GetReplicateConfiguration', 'PinSnapshotData', 'UnpinSnapshotData', 'RestoreExternalSnapshot', 'ExportSnapshot',
] as const;

/** Granted on users, and on the server by the second form of grants. */
const OF_USERS = ['UpdateUser', 'SelectUser'] as const;

export const PRIVILEGES = [...OF_COLLECTIONS, ...GLOBAL_OF_COLLECTIONS, ...OF_DATABASES, ...OF_SERVER, ...OF_USERS] as const;

export type Privilege = (typeof PRIVILEGES)[number];
export type Level = 'Cluster' | 'Database' | 'Collection';
export type ObjectType = 'Collection' | 'Global' | 'User';

const has = (list: readonly string[], name: string): boolean => list.includes(name);

/** What Milvus has no privilege of its own for, and the one that it asks instead. */
export const STAND_INS = {
  AlterCollection: 'CreateCollection',
  AlterCollectionField: 'CreateCollection',
  AddCollectionFunction: 'CreateCollection',
  AlterCollectionFunction: 'CreateCollection',
  DropCollectionFunction: 'CreateCollection',
  TruncateCollection: 'DropCollection',
  RunAnalyzer: 'DescribeCollection',
} as const satisfies Readonly<Record<string, Privilege>>;

/** What a rule may ask for. */
export type Asked = Privilege | keyof typeof STAND_INS;

/** The privilege that must be granted. */
export function grantedFor(asked: Asked): Privilege {
  return Object.hasOwn(STAND_INS, asked) ? STAND_INS[asked as keyof typeof STAND_INS] : (asked as Privilege);
}

export function isPrivilege(name: string): name is Privilege {
  return has(PRIVILEGES, name);
}

/** What the second form of grants (database and collection) takes it for. */
export function levelOf(privilege: Privilege): Level {
  if (has(OF_COLLECTIONS, privilege) || has(GLOBAL_OF_COLLECTIONS, privilege)) return 'Collection';
  return has(OF_DATABASES, privilege) ? 'Database' : 'Cluster';
}

/** What the first form of grants (object type and object name) takes it for. */
export function objectTypeOf(privilege: Privilege): ObjectType {
  if (has(OF_COLLECTIONS, privilege)) return 'Collection';
  return has(OF_USERS, privilege) ? 'User' : 'Global';
}

/** Who may do the one may do the others: who loads a collection must see how far that is. */
export const IMPLIED: Readonly<Partial<Record<Privilege, readonly Privilege[]>>> = {
  Load: ['GetLoadState', 'GetLoadingProgress'],
  Flush: ['GetFlushState'],
};

/** Privileges that change nothing: what is done by them is no line of the audit log unless it is refused. */
const READS: ReadonlySet<string> = new Set([
  'IndexDetail', 'GetLoadingProgress', 'GetLoadState', 'ShowPartitions', 'HasPartition', 'GetFlushState', 'Search', 'Query', 'GetStatistics', 'DescribeSnapshot', 'ListSnapshots',
  'DescribeCollection', 'DescribeAlias', 'ListAliases', 'ShowCollections', 'DescribeDatabase', 'ListDatabases', 'SelectOwnership', 'ListPrivilegeGroups', 'DescribeResourceGroup', 'ListResourceGroups',
  'GetImportProgress', 'ListImport', 'ListFileResources', 'GetReplicateConfiguration', 'SelectUser', 'RunAnalyzer', 'Public', 'LoggedIn',
]);

export function changesSomething(privilege: Asked | 'Public' | 'LoggedIn'): boolean {
  return !READS.has(privilege);
}
