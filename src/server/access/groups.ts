// Groups: the changes of privilege groups that users make. All privileges of one are of one level, and what was granted by it
// stays on places of that level, so that no grant ever becomes one of more than it was given for.

import { ElanusError, require } from '../../model/errors.js';
import { STATUS } from '../status.js';
import { alreadyExists, checkRoom, notAllowed, notFound } from './names.js';
import { isPrivilege, levelOf, type Privilege } from './privilege.js';
import { ALL_WORDS, BUILT_IN_GROUPS, isBuiltInGroup, privilegesOf, type PrivilegeGroup } from './privilege-group.js';
import { checkLevel } from './roles.js';
import { ACCESS_LIMITS, type AccessState } from './state.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Errors: `AlreadyExists`, `InvalidArgument`. */
export function addGroup(state: AccessState, name: string): AccessState {
  require(NAME.test(name), () => `privilege group name: expected letters, digits and _ (not first a digit), at most 255, found ${JSON.stringify(name.slice(0, 100))}`);
  if (isPrivilege(name) || isBuiltInGroup(name) || ALL_WORDS.has(name)) throw notAllowed(`privilege group name "${name}" is that of a privilege or of a group that is built in`);
  if (state.groups.some((group) => group.name === name)) throw alreadyExists('privilege group', name);
  checkRoom('privilege groups', state.groups.length, ACCESS_LIMITS.groupsMax);
  return { ...state, groups: [...state.groups, { name, privileges: [] }] };
}

/** One that is not there is no error. Errors: `InvalidArgument` if it is built in, or granted to a role. */
export function dropGroup(state: AccessState, name: string): AccessState {
  refuseBuiltIn(name);
  const holder = state.roles.find(({ grants }) => grants.some(({ privilege }) => privilege === name));
  if (holder !== undefined) throw notAllowed(`privilege group "${name}" is granted to role "${holder.name}": revoke it first`, 65535);
  if (!state.groups.some((group) => group.name === name)) return state;
  return { ...state, groups: state.groups.filter((group) => group.name !== name) };
}

/** All that there are, those that are built in first. */
export function listGroups(state: AccessState): readonly PrivilegeGroup[] {
  return [...Object.entries(BUILT_IN_GROUPS).map(([name, privileges]) => ({ name, privileges })), ...state.groups];
}

/** Names are of privileges or of groups, for what is in them. Errors: `NotFound`, `InvalidArgument`. */
export function addToGroup(state: AccessState, name: string, names: readonly string[]): AccessState {
  const group = groupOf(state, name);
  const privileges = [...new Set([...group.privileges, ...named(state, names)])];
  const levels = [...new Set(privileges.map(levelOf))];
  if (levels.length > 1) throw notAllowed(`privilege group "${name}": expected privileges of one level, found ${levels.join(' and ')}`);
  for (const { grants } of state.roles) for (const grant of grants) if (grant.privilege === name) checkLevel(name, levels[0], grant.database, grant.name);
  return withGroup(state, { name, privileges });
}

/** Errors: `NotFound`, `InvalidArgument`. */
export function removeFromGroup(state: AccessState, name: string, names: readonly string[]): AccessState {
  const group = groupOf(state, name);
  const gone: ReadonlySet<string> = new Set(named(state, names));
  return withGroup(state, { name, privileges: group.privileges.filter((privilege) => !gone.has(privilege)) });
}

function named(state: AccessState, names: readonly string[]): readonly Privilege[] {
  return names.flatMap((name) => {
    const found = ALL_WORDS.has(name) ? undefined : privilegesOf(name, state.groups);
    if (found === undefined) throw notAllowed(`not found the privilege name[${name}]: it is no privilege and no privilege group`);
    return found;
  });
}

function groupOf(state: AccessState, name: string): PrivilegeGroup {
  refuseBuiltIn(name);
  const found = state.groups.find((group) => group.name === name);
  if (found === undefined) throw notFound('privilege group', name);
  return found;
}

function refuseBuiltIn(name: string): void {
  if (isBuiltInGroup(name)) throw new ElanusError('InvalidArgument', `privilege group "${name}" is built in and stays as it is`, { milvusCode: STATUS.invalidParameter });
}

function withGroup(state: AccessState, group: PrivilegeGroup): AccessState {
  return { ...state, groups: state.groups.map((other) => (other.name === group.name ? group : other)) };
}
