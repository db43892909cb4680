// About: what a request says it is about, for the audit log: names alone, by the members that have them on either wire. No
// member with rows, filters, passwords or keys is among these.

const MEMBERS: readonly string[] = [
  'username', 'userName', 'user.name', 'role_name', 'roleName', 'role.name', 'entity.name', 'entity.role.name', 'privilege', 'entity.grantor.privilege.name', 'grantor.privilege.name', 'group_name', 'privilegeGroupName',
  'objectName', 'entity.object_name', 'db_name', 'dbName', 'entity.db_name', 'collection_name', 'collectionName', 'oldName', 'newName', 'newCollectionName', 'alias', 'aliasName', 'partition_name', 'partitionName', 'index_name', 'indexName', 'field_name', 'fieldName',
];

export function namesIn(request: unknown): readonly string[] {
  return MEMBERS.flatMap((path) => {
    const value = path.split('.').reduce<unknown>((object, part) => (typeof object === 'object' && object !== null && Object.hasOwn(object, part) ? (object as Record<string, unknown>)[part] : undefined), request);
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}
