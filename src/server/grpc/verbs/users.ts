// Users: remote procedures about users, roles and what is granted to them. Passwords come in base64, as Milvus' clients send them.

import { ElanusError } from '../../../model/errors.js';
import { addGrant, addRole, describeRole, dropRole, grantByObject, grantByPlace, grantsOf, removeGrant, roleOf } from '../../access/roles.js';
import type { Rule } from '../../access/rule.js';
import type { AccessState, Grant, Role, User } from '../../access/state.js';
import { addUserToRole, changeUser, dropUser, removeUserFromRole, userOf } from '../../access/users.js';
import { listUsers, makeUser, setPassword } from '../../access/verbs.js';
import { onServer } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface Named {
  readonly name: string;
}

export interface Entity {
  readonly role: Named | null;
  readonly object: Named | null;
  readonly object_name: string;
  readonly grantor: { readonly user: Named | null; readonly privilege: Named | null } | null;
  readonly db_name: string;
}

interface CredentialRequest {
  readonly username: string;
  readonly password: string;
  readonly description?: string;
}

interface UpdateRequest {
  readonly username: string;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly description?: string;
}

type GrantType = 'Grant' | 'Revoke';

const ofUser = <Request>(privilege: 'UpdateUser' | 'SelectUser', name: (request: Request) => string): Rule<Request> => ({ privilege, object: 'User', name });

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** Errors: `InvalidArgument`. */
export function nameOf(what: string, named: Named | null | undefined): string {
  if (named === null || named === undefined || named.name === '') throw new ElanusError('InvalidArgument', `${what}: expected a name`);
  return named.name;
}

const grantorOf = ({ caller }: GrpcCall): string => caller?.user ?? 'root';

async function put({ services: { access } }: GrpcCall, role: string, type: GrantType, make: (state: AccessState) => Grant): Promise<object> {
  await access.change((state) => (type === 'Revoke' ? removeGrant : addGrant)(state, role, make(state)));
  return {};
}

function roleResult({ name, description = '' }: Role, users: readonly User[] | undefined): object {
  return { role: { name, description }, users: users?.filter(({ roles }) => roles.includes(name)).map((user) => ({ name: user.name })) ?? [] };
}

function userResult({ name, roles, description = '' }: User, withRoles: boolean): object {
  return { user: { name }, roles: withRoles ? roles.map((role) => ({ name: role })) : [], description };
}

export function grantEntity(role: string, { object, name, privilege, database, grantor }: Grant): Entity {
  return { role: { name: role }, object: { name: object }, object_name: name, grantor: { user: { name: grantor }, privilege: { name: privilege } }, db_name: database };
}

export const USER_VERBS: Verbs = {
  CreateCredential: verb<CredentialRequest, object>({
    rule: onServer('CreateOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { username: name, password, description }) => {
      await makeUser(access, { name, password: fromBase64(password), ...(description === undefined || description === '' ? {} : { description }) });
      return {};
    },
  }),
  UpdateCredential: verb<UpdateRequest, object>({
    rule: ofUser<UpdateRequest>('UpdateUser', ({ username }) => username),
    scope: 'server',
    run: async ({ services: { access }, caller }, { username: name, oldPassword, newPassword, description }) => {
      if (newPassword === '' && oldPassword === '' && description !== undefined) await access.change((state) => changeUser(state, name, { description }));
      else await setPassword(access, caller, { name, oldPassword: fromBase64(oldPassword), newPassword: fromBase64(newPassword), ...(description === undefined ? {} : { description }) });
      return {};
    },
  }),
  DeleteCredential: verb<{ readonly username: string }, object>({
    rule: onServer('DropOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { username }) => {
      await access.change((state) => dropUser(state, username));
      return {};
    },
  }),
  ListCredUsers: verb<object, object>({ rule: onServer('SelectOwnership'), scope: 'server', run: async ({ services: { access } }) => ({ usernames: listUsers(access.state()) }) }),
  CreateRole: verb<{ readonly entity: { readonly name: string; readonly description: string } | null }, object>({
    rule: onServer('CreateOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { entity }) => {
      await access.change((state) => addRole(state, nameOf('role', entity), entity?.description));
      return {};
    },
  }),
  AlterRole: verb<{ readonly role_name: string; readonly description: string }, object>({
    rule: onServer('CreateOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { role_name, description }) => {
      await access.change((state) => describeRole(state, role_name, description));
      return {};
    },
  }),
  DropRole: verb<{ readonly role_name: string; readonly force_drop: boolean }, object>({
    rule: onServer('DropOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { role_name, force_drop }) => {
      await access.change((state) => dropRole(state, role_name, force_drop));
      return {};
    },
  }),
  OperateUserRole: verb<{ readonly username: string; readonly role_name: string; readonly type: 'AddUserToRole' | 'RemoveUserFromRole' }, object>({
    rule: onServer('ManageOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { username, role_name, type }) => {
      await access.change((state) => (type === 'RemoveUserFromRole' ? removeUserFromRole : addUserToRole)(state, username, role_name));
      return {};
    },
  }),
  SelectRole: verb<{ readonly role: Named | null; readonly include_user_info: boolean }, object>({
    rule: onServer('SelectOwnership'),
    scope: 'server',
    run: async ({ services: { access } }, { role, include_user_info }) => {
      const state = access.state();
      const roles = role === null ? state.roles : [roleOf(state, nameOf('role', role))];
      return { results: roles.map((found) => roleResult(found, include_user_info ? state.users : undefined)) };
    },
  }),
  SelectUser: verb<{ readonly user: Named | null; readonly include_role_info: boolean }, object>({
    rule: ofUser<{ readonly user: Named | null }>('SelectUser', ({ user }) => user?.name ?? '*'),
    scope: 'server',
    run: async ({ services: { access } }, { user, include_role_info }) => {
      const state = access.state();
      const users = user === null ? state.users : [userOf(state, nameOf('user', user))];
      return { results: users.map((found) => userResult(found, include_role_info)) };
    },
  }),
  OperatePrivilege: verb<{ readonly entity: Entity | null; readonly type: GrantType; readonly version: string }, object>({
    rule: onServer('ManageOwnership'),
    scope: 'server',
    run: async (call, { entity, type, version }) => {
      const [role, privilege] = [nameOf('role', entity?.role), nameOf('privilege', entity?.grantor?.privilege)];
      const [name, database] = [entity?.object_name ?? '', entity?.db_name ?? ''];
      if (version === 'v2') return put(call, role, type, (state) => grantByPlace(state, { privilege, database, collection: name }, grantorOf(call)));
      const object = nameOf('object type', entity?.object);
      return put(call, role, type, (state) => grantByObject(state, { object, name, privilege, database: database === '' ? call.databaseName : database }, grantorOf(call)));
    },
  }),
  OperatePrivilegeV2: verb<{ readonly role: Named | null; readonly grantor: Entity['grantor']; readonly type: GrantType; readonly db_name: string; readonly collection_name: string }, object>({
    rule: onServer('ManageOwnership'),
    scope: 'server',
    run: async (call, { role, grantor, type, db_name, collection_name }) => {
      const privilege = nameOf('privilege', grantor?.privilege);
      const database = db_name === '' ? call.databaseName : db_name;
      return put(call, nameOf('role', role), type, (state) => grantByPlace(state, { privilege, database, collection: collection_name }, grantorOf(call)));
    },
  }),
  SelectGrant: verb<{ readonly entity: Entity | null }, object>({
    rule: { privilege: 'SelectOwnership', object: 'Role', name: ({ entity }: { readonly entity: Entity | null }): string => entity?.role?.name ?? '' },
    scope: 'server',
    run: async ({ services: { access }, databaseName }, { entity }) => {
      const role = nameOf('role', entity?.role);
      const database = entity?.db_name === undefined || entity.db_name === '' ? databaseName : entity.db_name;
      const object = entity?.object?.name;
      const grants = grantsOf(access.state(), { role, database, ...(object === undefined || object === '' ? {} : { object, name: entity?.object_name ?? '' }) });
      return { entities: grants.map((grant) => grantEntity(role, grant)) };
    },
  }),
};
