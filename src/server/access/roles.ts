// Roles: the changes of roles and of what is granted to them; each gives the state after it. A grant has two forms in Milvus:
// the first names an object type and an object, the second a database and a collection. Both are kept as one.

import { ElanusError } from '../../model/errors.js';
import { DEFAULT_DATABASE } from '../../format/catalog.js';
import { alreadyExists, checkDescription, checkRoleName, checkRoom, notAllowed, notFound } from './names.js';
import { isPrivilege, objectTypeOf, type Level, type ObjectType } from './privilege.js';
import { ALL_WORDS, levelOfName, privilegesOf } from './privilege-group.js';
import { ACCESS_LIMITS, ADMIN_ROLE, EVERYTHING, PUBLIC_ROLE, type AccessState, type Grant, type Role } from './state.js';

const OBJECT_TYPES: readonly string[] = ['Collection', 'Global', 'User'] satisfies ObjectType[];
const NAME_LENGTH_MAX = 255;

/** Errors: `NotFound`. */
export function roleOf(state: AccessState, name: string): Role {
  const found = state.roles.find((role) => role.name === name);
  if (found === undefined) throw notFound('role', name);
  return found;
}

/** Errors: `AlreadyExists`, `InvalidArgument`. */
export function addRole(state: AccessState, name: string, description?: string): AccessState {
  checkRoleName(name);
  checkDescription(description);
  if (state.roles.some((role) => role.name === name)) throw alreadyExists('role', name);
  checkRoom('roles', state.roles.length, ACCESS_LIMITS.rolesMax);
  return { ...state, roles: [...state.roles, { name, grants: [], ...(description === undefined || description === '' ? {} : { description }) }] };
}

/** Errors: `NotFound`, `InvalidArgument`. */
export function describeRole(state: AccessState, name: string, description: string): AccessState {
  checkDescription(description);
  return withRole(state, { ...roleOf(state, name), description });
}

/** Errors: `NotFound`; `InvalidArgument` for those that are built in, and for one with grants unless `force`. */
export function dropRole(state: AccessState, name: string, force = false): AccessState {
  if (name === ADMIN_ROLE || name === PUBLIC_ROLE) throw notAllowed(`role "${name}" is built in and cannot be dropped`);
  const { grants, rows = [] } = roleOf(state, name);
  if (grants.length + rows.length > 0 && !force) throw notAllowed(`role "${name}" has privileges: revoke them first, or force it`, 65535);
  return {
    ...state,
    roles: state.roles.filter((role) => role.name !== name),
    users: state.users.map((user) => (user.roles.includes(name) ? { ...user, roles: user.roles.filter((held) => held !== name) } : user)),
  };
}

/** What is granted; a change is for one role. */
export interface GrantByObject {
  readonly object: string;
  readonly name: string;
  readonly privilege: string;
  /** Default: `default`. */
  readonly database?: string;
}

export interface GrantByPlace {
  readonly privilege: string;
  readonly database: string;
  readonly collection: string;
}

/** The grant that a request of the first form means. Errors: `InvalidArgument`. */
export function grantByObject(state: AccessState, { object, name, privilege, database }: GrantByObject, grantor: string): Grant {
  if (!OBJECT_TYPES.includes(object)) throw notAllowed(`object type: expected one of ${OBJECT_TYPES.join(', ')}, found ${JSON.stringify(object)}`);
  const type = object as ObjectType;
  const where = database === undefined || database === '' ? DEFAULT_DATABASE : database;
  if (type !== 'Global') checkPlaceName('object name', name);
  checkPlaceName('database', where);
  const grant = { object: type, name: type === 'Global' ? EVERYTHING : name, database: where, privilege, grantor };
  if (privilege === EVERYTHING || (privilege === 'All' && type === 'Global')) return grant;
  if (isPrivilege(privilege)) {
    if (objectTypeOf(privilege) !== type) throw notAllowed(`privilege "${privilege}" is of object type ${objectTypeOf(privilege)}, not ${type}`);
    return grant;
  }
  requireKnown(state, privilege);
  if (ALL_WORDS.has(privilege)) throw notAllowed(`privilege "All" is of object type Global, not ${type}`);
  return grantByPlace(state, { privilege, database: where, collection: name === '' ? EVERYTHING : name }, grantor);
}

/** The grant that a request of the second form means. Errors: `InvalidArgument`, also if it is granted on a place of another level. */
export function grantByPlace(state: AccessState, { privilege, database, collection }: GrantByPlace, grantor: string): Grant {
  requireKnown(state, privilege);
  checkPlaceName('database', database);
  checkPlaceName('collection', collection);
  if (ALL_WORDS.has(privilege)) return { object: 'Collection', name: collection, database, privilege: 'All', grantor };
  checkLevel(privilege, levelOfName(privilege, state.groups), database, collection);
  return { object: isPrivilege(privilege) ? objectTypeOf(privilege) : 'Global', name: collection, database, privilege, grantor };
}

/** Errors: `InvalidArgument`. */
export function checkLevel(privilege: string, level: Level | undefined, database: string, collection: string): void {
  if (level === 'Cluster' && (database !== EVERYTHING || collection !== EVERYTHING)) throw notAllowed(`"${privilege}" is of the whole server: expected database * and collection *, found ${database} and ${collection}`);
  if (level === 'Database' && collection !== EVERYTHING) throw notAllowed(`"${privilege}" is of a database: expected collection *, found ${collection}`);
  if (level === 'Collection' && database === EVERYTHING && collection !== EVERYTHING) throw notAllowed(`"${privilege}": a collection needs the name of its database, found *`);
}

function requireKnown(state: AccessState, privilege: string): void {
  if (privilegesOf(privilege, state.groups) === undefined) throw notAllowed(`not found the privilege name[${privilege}]: it is no privilege and no privilege group`);
}

function checkPlaceName(what: string, name: string): void {
  if (name.length === 0 || name.length > NAME_LENGTH_MAX || /[\u0000-\u001f]/.test(name)) throw notAllowed(`${what}: expected a name or *, found ${JSON.stringify(name.slice(0, 100))}`);
}

/** One that is there already is no error. Errors: `NotFound` of the role. */
export function addGrant(state: AccessState, roleName: string, grant: Grant): AccessState {
  const role = roleOf(state, roleName);
  if (role.grants.some((other) => isSame(other, grant))) return state;
  checkRoom(`grants of role "${roleName}"`, role.grants.length, ACCESS_LIMITS.grantsOfRoleMax);
  return withRole(state, { ...role, grants: [...role.grants, grant] });
}

/** One that is not there is no error. Errors: `NotFound` of the role. */
export function removeGrant(state: AccessState, roleName: string, grant: Grant): AccessState {
  const role = roleOf(state, roleName);
  const grants = role.grants.filter((other) => !isSame(other, grant));
  return grants.length === role.grants.length ? state : withRole(state, { ...role, grants });
}

function isSame(a: Grant, b: Grant): boolean {
  return a.object === b.object && a.name === b.name && a.database === b.database && a.privilege === b.privilege;
}

export interface GrantFilter {
  readonly role: string;
  readonly object?: string;
  readonly name?: string;
  /** Those of this database and of all; absent: of any. */
  readonly database?: string;
}

/** Errors: `NotFound` of the role; `InvalidArgument` for an object type without a name. */
export function grantsOf(state: AccessState, { role, object, name, database }: GrantFilter): readonly Grant[] {
  if (object !== undefined && (name === undefined || name === '')) throw new ElanusError('InvalidArgument', 'object name: expected one beside an object type');
  const inDatabase = (grant: Grant): boolean => database === undefined || [grant.database, database].includes(EVERYTHING) || grant.database === database;
  return roleOf(state, role).grants.filter((grant) => inDatabase(grant) && (object === undefined || (grant.object === object && grant.name === name)));
}

function withRole(state: AccessState, role: Role): AccessState {
  return { ...state, roles: state.roles.map((other) => (other.name === role.name ? role : other)) };
}
