// Unsupported: remote procedures of Milvus that have no meaning here, or none yet. Each says in-band that it is not
// supported: clients take a call that is unknown to the server for one that went well.

import type { Asked } from '../../access/privilege.js';
import type { Rule } from '../../access/rule.js';
import type { AnyVerb, Verbs } from '../verb.js';

const CLUSTER = 'there is one node';
const REPLICATION = 'replication of Milvus clusters; copies are pulled';
const SNAPSHOTS = 'backups are made by the command line';
const EXTERNAL = 'collections over files of others';
const NAMESPACES = 'a collection has partitions and a partition key instead';
const FILES = 'analyzers take their words with their parameters';
const STRUCTS = 'fields of structs';
const FUNCTIONS = 'functions are set when the collection is created';
const ROWS = 'policies of rows';
const TAGS = 'tags of users';
const INTERNAL = 'it is an internal call of Milvus';

/** By what they lack: who may ask, and for what. */
const ENTRIES: readonly (readonly [why: string, privilege: Asked | 'LoggedIn', names: readonly string[]])[] = [
  [CLUSTER, 'LoadBalance', ['LoadBalance']],
  [CLUSTER, 'CreateResourceGroup', ['CreateResourceGroup']],
  [CLUSTER, 'DropResourceGroup', ['DropResourceGroup']],
  [CLUSTER, 'UpdateResourceGroups', ['UpdateResourceGroups']],
  [CLUSTER, 'TransferNode', ['TransferNode']],
  [CLUSTER, 'TransferReplica', ['TransferReplica']],
  [REPLICATION, 'LoggedIn', ['ReplicateMessage', 'UpdateReplicateConfiguration', 'GetReplicateConfiguration', 'GetReplicateInfo', 'CreateReplicateStream', 'DumpMessages']],
  [SNAPSHOTS, 'LoggedIn', ['CreateSnapshot', 'DropSnapshot', 'ListSnapshots', 'DescribeSnapshot', 'RestoreSnapshot', 'RestoreExternalSnapshot', 'ExportSnapshot', 'GetRestoreSnapshotState', 'ListRestoreSnapshotJobs', 'PinSnapshotData', 'UnpinSnapshotData']],
  [EXTERNAL, 'LoggedIn', ['BatchUpdateManifest', 'RefreshExternalCollection', 'GetRefreshExternalCollectionProgress', 'ListRefreshExternalCollectionJobs']],
  [NAMESPACES, 'LoggedIn', ['CreateNamespace', 'DescribeNamespace', 'ListNamespaces', 'DropNamespace', 'HasNamespace', 'GetNamespaceStats']],
  [FILES, 'LoggedIn', ['AddFileResource', 'RemoveFileResource', 'ListFileResources']],
  [STRUCTS, 'AddCollectionField', ['AddCollectionStructField']],
  [FUNCTIONS, 'AddCollectionFunction', ['AddCollectionFunction']],
  [FUNCTIONS, 'AlterCollectionFunction', ['AlterCollectionFunction']],
  [FUNCTIONS, 'DropCollectionFunction', ['DropCollectionFunction']],
  [ROWS, 'LoggedIn', ['CreateRowPolicy', 'DropRowPolicy', 'ListRowPolicies']],
  [TAGS, 'LoggedIn', ['AddUserTags', 'DeleteUserTags', 'GetUserTags', 'ListUsersWithTag']],
  [INTERNAL, 'LoggedIn', ['RegisterLink', 'Prewarm', 'DescribePrewarmTask', 'CalcDistance', 'ListIndexedSegment', 'DescribeSegmentIndexData', 'ComputePhraseMatchSlop']],
];

function ruleOf(privilege: Asked | 'LoggedIn'): Rule<object> {
  return privilege === 'LoggedIn' ? { privilege } : { privilege, object: 'Global' };
}

export const UNSUPPORTED_VERBS: Verbs = Object.fromEntries(ENTRIES.flatMap(([why, privilege, names]) => names.map((name): [string, AnyVerb] => [name, { rule: ruleOf(privilege), unsupported: why }])));
