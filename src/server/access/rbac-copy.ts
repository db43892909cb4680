// RbacCopy: users, roles, grants and groups as one object, to be put into another server. Passwords go along as their
// encoded scrypt; API keys do not. What is restored is all new, or nothing is restored.

import { addGroup, addToGroup } from './groups.js';
import { alreadyExists, checkRoleName, checkUserName, notAllowed } from './names.js';
import { isEncodedPassword } from './password.js';
import type { PrivilegeGroup } from './privilege-group.js';
import { addGrant, addRole, grantByObject, grantByPlace } from './roles.js';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER, type AccessState, type Grant, type User } from './state.js';
import { addUser, addUserToRole } from './users.js';

export interface RbacCopy {
  readonly users: readonly User[];
  readonly roles: readonly { readonly name: string; readonly description?: string }[];
  readonly grants: readonly (Grant & { readonly role: string })[];
  readonly groups: readonly { readonly name: string; readonly privileges: readonly string[] }[];
}

const isBuiltIn = (role: string): boolean => role === ADMIN_ROLE || role === PUBLIC_ROLE;

/** Without what every server has from its beginning. */
export function copyOf({ users, roles, groups }: AccessState): RbacCopy {
  return {
    users: users.filter(({ name }) => name !== ROOT_USER),
    roles: roles.filter(({ name }) => !isBuiltIn(name)).map(({ name, description }) => ({ name, ...(description === undefined ? {} : { description }) })),
    grants: roles.filter(({ name }) => !isBuiltIn(name)).flatMap(({ name, grants }) => grants.map((grant) => ({ role: name, ...grant }))),
    groups: groups.map(({ name, privileges }: PrivilegeGroup) => ({ name, privileges })),
  };
}

/** Errors: `AlreadyExists` if any user, role or group of it is there; `InvalidArgument`. */
export function restore(state: AccessState, { users, roles, grants, groups }: RbacCopy): AccessState {
  let next = state;
  for (const { name, privileges } of groups) next = addToGroup(addGroup(next, name), name, privileges);
  for (const { name, description } of roles) {
    checkRoleName(name);
    if (!isBuiltIn(name)) next = addRole(next, name, description);
  }
  for (const { role, ...grant } of grants) next = addGrant(next, role, checkedGrant(next, grant));
  for (const user of users) next = restoreUser(next, user);
  return next;
}

function restoreUser(state: AccessState, { name, password, roles, description }: User): AccessState {
  checkUserName(name);
  if (name === ROOT_USER) throw alreadyExists('user', name);
  if (!isEncodedPassword(password)) throw notAllowed(`user "${name}": expected a password as this server encodes it, from its own backup`);
  const added = addUser(state, { name, password, ...(description === undefined ? {} : { description }) });
  return roles.reduce((next, role) => addUserToRole(next, name, role), added);
}

/** A grant of either form, made anew, so that nothing is restored that could not be granted. */
function checkedGrant(state: AccessState, grant: Grant): Grant {
  const { object, name, privilege, database, grantor } = grant;
  const byPlace = (): Grant => grantByPlace(state, { privilege, database, collection: name }, grantor);
  if (object === 'Collection' && privilege === 'All') return byPlace();
  return object === 'Global' && name !== '*' ? byPlace() : grantByObject(state, { object, name, privilege, database }, grantor);
}
