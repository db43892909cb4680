// A model of who may do what, made by hand from Milvus' documentation and from the marks in its protocol, not from our code:
// roles as sets of privileges on places, verbs as a privilege on something.

import { createRequire } from 'node:module';

/** Milvus' documentation, "Privilege groups and privileges": what each built-in group adds to the one below it. */
const ADDED: Readonly<Record<string, string>> = {
  ClusterReadOnly: 'ListDatabases SelectOwnership SelectUser DescribeResourceGroup ListResourceGroups ListPrivilegeGroups',
  ClusterReadWrite: 'FlushAll TransferNode TransferReplica UpdateResourceGroups',
  ClusterAdmin: 'BackupRBAC RestoreRBAC CreateDatabase DropDatabase CreateOwnership DropOwnership ManageOwnership CreateResourceGroup DropResourceGroup UpdateUser RenameCollection CreatePrivilegeGroup DropPrivilegeGroup OperatePrivilegeGroup',
  DatabaseReadOnly: 'ShowCollections DescribeDatabase',
  DatabaseReadWrite: 'AlterDatabase',
  DatabaseAdmin: 'CreateCollection DropCollection',
  CollectionReadOnly: 'Query Search IndexDetail GetFlushState GetLoadState GetLoadingProgress HasPartition ShowPartitions DescribeCollection DescribeAlias GetStatistics ListAliases',
  CollectionReadWrite: 'Load Release Insert Delete Upsert Import Flush Compaction LoadBalance CreateIndex DropIndex CreatePartition DropPartition AddCollectionField',
  CollectionAdmin: 'CreateAlias DropAlias',
};

const KINDS = ['ReadOnly', 'ReadWrite', 'Admin'];
const GROUPS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ['Cluster', 'Database', 'Collection'].flatMap((level) => KINDS.map((kind, i) => [`${level}${kind}`, KINDS.slice(0, i + 1).flatMap((below) => (ADDED[`${level}${below}`] ?? '').split(' '))])),
);
export const GROUP_NAMES = Object.keys(GROUPS);

export interface ModelGrant {
  readonly what: string;
  readonly database: string;
  readonly collection: string;
}

export interface ModelUser {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly grants: readonly ModelGrant[];
}

/** Where a verb of the model asks its privilege. 'self': of a user, or of one of his roles. */
export type On = 'public' | 'loggedIn' | 'server' | 'database' | 'collection' | 'self';

export interface ModelVerb {
  readonly privilege: string;
  readonly on: On;
}

export interface Place {
  readonly database: string;
  readonly collection: string;
}

const PUBLIC_ROLE: readonly ModelGrant[] = ['DescribeCollection', 'ListAliases', 'IndexDetail'].map((what) => ({ what, database: '*', collection: '*' }));

function includes(what: string, privilege: string): boolean {
  const named = GROUPS[what] ?? [what];
  if (named.includes(privilege)) return true;
  return (named.includes('Load') && ['GetLoadState', 'GetLoadingProgress'].includes(privilege)) || (named.includes('Flush') && privilege === 'GetFlushState');
}

/** Whether Milvus' rules allow it. `self`: the call is about the user himself. */
export function allowed(user: ModelUser | undefined, { privilege, on }: ModelVerb, place: Place, self = false): boolean {
  if (on === 'public') return true;
  if (user === undefined) return false;
  if (on === 'loggedIn' || user.isAdmin || (on === 'self' && self)) return true;
  return [...user.grants, ...PUBLIC_ROLE].some(({ what, database, collection }) => {
    if (!includes(what, privilege)) return false;
    if (on === 'self') return collection === '*';
    if (database !== '*' && database !== place.database) return false;
    return collection === '*' || (on === 'collection' && collection === place.collection);
  });
}

export const LEVELS: Readonly<Record<string, On>> = Object.fromEntries(
  Object.entries(ADDED).flatMap(([group, names]) => names.split(' ').map((name) => [name, group.startsWith('Cluster') ? 'server' : group.startsWith('Database') ? 'database' : 'collection'] as const)),
);

interface ProtoNode {
  readonly nested?: Readonly<Record<string, ProtoNode>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly methods?: Readonly<Record<string, { readonly requestType: string }>>;
}

/** Each remote procedure, with the privilege that its message is marked with; 'loggedIn' if with none. */
export function markedVerbs(): ReadonlyMap<string, ModelVerb> {
  const json = (createRequire(import.meta.url)('@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus') as { readonly default: ProtoNode }).default;
  const at = (path: string): ProtoNode | undefined => path.split('.').reduce<ProtoNode | undefined>((node, part) => node?.nested?.[part], json);
  const methods = Object.entries(at('milvus.proto.milvus.MilvusService')?.methods ?? {});
  return new Map(methods.map(([name, { requestType }]) => {
    const options = (at(`milvus.proto.milvus.${requestType}`) ?? at(`milvus.proto.${requestType}`))?.options ?? {};
    const type = options['(common.privilege_ext_obj).object_type'];
    const privilege = String(options['(common.privilege_ext_obj).object_privilege'] ?? '').replace('Privilege', '');
    if (type === undefined) return [name, { privilege: '', on: 'loggedIn' }];
    if (type === 'User') return [name, { privilege, on: 'self' }];
    return [name, { privilege, on: type === 'Collection' ? 'collection' : (LEVELS[privilege] ?? 'server') }];
  }));
}
