// Privilege: what a role may be granted, by Milvus' names (`ObjectPrivilege` and `PrivilegeGroup` of milvus.proto 2.6).
// Grants are stored by these names: do not change them.

export const PRIVILEGES = [
  // of a collection
  'CreateIndex', 'DropIndex', 'IndexDetail', 'Load', 'GetLoadingProgress', 'GetLoadState', 'Release', 'CreatePartition', 'DropPartition', 'ShowPartitions', 'HasPartition',
  'Insert', 'Delete', 'Upsert', 'Import', 'Flush', 'GetFlushState', 'Compaction', 'Search', 'Query', 'GetStatistics', 'AddCollectionField', 'AlterCollectionField', 'AddCollectionFunction', 'AlterCollectionFunction', 'DropCollectionFunction', 'LoadBalance', 'TruncateCollection',
  // of a database
  'ShowCollections', 'CreateCollection', 'DropCollection', 'DescribeCollection', 'AlterCollection', 'RenameCollection', 'FlushAll', 'DescribeDatabase', 'AlterDatabase', 'CreateAlias', 'DropAlias', 'DescribeAlias', 'ListAliases',
  // of the server
  'ListDatabases', 'CreateDatabase', 'DropDatabase', 'CreateOwnership', 'DropOwnership', 'SelectOwnership', 'ManageOwnership', 'UpdateUser', 'SelectUser', 'BackupRBAC', 'RestoreRBAC',
  'CreatePrivilegeGroup', 'DropPrivilegeGroup', 'ListPrivilegeGroups', 'OperatePrivilegeGroup', 'CreateResourceGroup', 'DropResourceGroup', 'DescribeResourceGroup', 'ListResourceGroups', 'UpdateResourceGroups', 'TransferNode', 'TransferReplica', 'RunAnalyzer',
] as const;

export type Privilege = (typeof PRIVILEGES)[number];
