// PrivilegeGroups: remote procedures about privilege groups, and those that copy users, roles, grants and groups to another server.

import { addGroup, addToGroup, dropGroup, listGroups, removeFromGroup } from '../../access/groups.js';
import { copyOf, restore, type RbacCopy } from '../../access/rbac-copy.js';
import type { ObjectType } from '../../access/privilege.js';
import { onServer } from '../rules.js';
import { verb, type Verbs } from '../verb.js';
import { grantEntity, nameOf, type Entity } from './users.js';

interface Named {
  readonly name: string;
}

interface GroupMessage {
  readonly group_name: string;
  readonly privileges: readonly Named[];
}

interface MetaMessage {
  readonly users: readonly { readonly user: string; readonly password: string; readonly roles: readonly Named[] }[];
  readonly roles: readonly { readonly name: string; readonly description: string }[];
  readonly grants: readonly Entity[];
  readonly privilege_groups: readonly GroupMessage[];
}

const namesOf = (items: readonly Named[]): readonly string[] => items.map(({ name }) => name);
const named = (names: readonly string[]): readonly Named[] => names.map((name) => ({ name }));

export const PRIVILEGE_GROUP_VERBS: Verbs = {
  CreatePrivilegeGroup: verb<{ readonly group_name: string }, object>({
    rule: onServer('CreatePrivilegeGroup'),
    scope: 'server',
    run: async ({ services: { access } }, { group_name }) => {
      await access.change((state) => addGroup(state, group_name));
      return {};
    },
  }),
  DropPrivilegeGroup: verb<{ readonly group_name: string }, object>({
    rule: onServer('DropPrivilegeGroup'),
    scope: 'server',
    run: async ({ services: { access } }, { group_name }) => {
      await access.change((state) => dropGroup(state, group_name));
      return {};
    },
  }),
  ListPrivilegeGroups: verb<object, object>({
    rule: onServer('ListPrivilegeGroups'),
    scope: 'server',
    run: async ({ services: { access } }) => ({ privilege_groups: listGroups(access.state()).map(({ name, privileges }) => ({ group_name: name, privileges: named(privileges) })) }),
  }),
  OperatePrivilegeGroup: verb<GroupMessage & { readonly type: 'AddPrivilegesToGroup' | 'RemovePrivilegesFromGroup' }, object>({
    rule: onServer('OperatePrivilegeGroup'),
    scope: 'server',
    run: async ({ services: { access } }, { group_name, privileges, type }) => {
      await access.change((state) => (type === 'RemovePrivilegesFromGroup' ? removeFromGroup : addToGroup)(state, group_name, namesOf(privileges)));
      return {};
    },
  }),
  BackupRBAC: verb<object, object>({ rule: onServer('BackupRBAC'), scope: 'server', run: async ({ services: { access } }) => ({ RBAC_meta: messageOf(copyOf(access.state())) }) }),
  RestoreRBAC: verb<{ readonly RBAC_meta: MetaMessage | null }, object>({
    rule: onServer('RestoreRBAC'),
    scope: 'server',
    run: async ({ services: { access } }, { RBAC_meta: meta }) => {
      if (meta !== null) await access.change((state) => restore(state, copyFrom(meta)));
      return {};
    },
  }),
};

function messageOf({ users, roles, grants, groups }: RbacCopy): MetaMessage {
  return {
    users: users.map(({ name, password = '', roles: held }) => ({ user: name, password, roles: named(held) })),
    roles: roles.map(({ name, description = '' }) => ({ name, description })),
    grants: grants.map(({ role, ...grant }) => grantEntity(role, grant)),
    privilege_groups: groups.map(({ name, privileges }) => ({ group_name: name, privileges: named(privileges) })),
  };
}

function copyFrom({ users, roles, grants, privilege_groups }: MetaMessage): RbacCopy {
  return {
    users: users.map(({ user, password, roles: held }) => ({ name: user, password, roles: namesOf(held) })),
    roles: roles.map(({ name, description }) => ({ name, ...(description === '' ? {} : { description }) })),
    grants: grants.map(({ role, object, object_name: name, grantor, db_name: database }) => ({
      role: nameOf('role', role),
      object: nameOf('object type', object) as ObjectType, // looked at when it is granted anew
      name,
      database,
      privilege: nameOf('privilege', grantor?.privilege),
      grantor: grantor?.user?.name ?? 'root',
    })),
    groups: privilege_groups.map(({ group_name, privileges }) => ({ name: group_name, privileges: namesOf(privileges) })),
  };
}
