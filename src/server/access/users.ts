// Users: the changes of who there is and which roles they have; each gives the state after it, and leaves the given one.
// Dropping a user drops his keys. What is so already is no error, as in Milvus, but for making what exists.

import { alreadyExists, checkDescription, checkRoom, checkUserName, notAllowed, notFound } from './names.js';
import { ACCESS_LIMITS, ROOT_USER, type AccessState, type User } from './state.js';

export interface NewUser {
  readonly name: string;
  /** As `Passwords.encode` gives it. */
  readonly password: string;
  readonly description?: string;
}

/** Errors: `NotFound`. */
export function userOf(state: AccessState, name: string): User {
  const found = state.users.find((user) => user.name === name);
  if (found === undefined) throw notFound('user', name);
  return found;
}

/** Errors: `AlreadyExists`, `InvalidArgument`. */
export function addUser(state: AccessState, { name, password, description }: NewUser): AccessState {
  checkUserName(name);
  checkDescription(description);
  if (state.users.some((user) => user.name === name)) throw alreadyExists('user', name);
  checkRoom('users', state.users.length, ACCESS_LIMITS.usersMax);
  return { ...state, users: [...state.users, { name, password, roles: [], ...(description === undefined ? {} : { description }) }] };
}

export interface UserChange {
  readonly password?: string;
  readonly description?: string;
}

/** Errors: `NotFound`, `InvalidArgument`. */
export function changeUser(state: AccessState, name: string, change: UserChange): AccessState {
  checkDescription(change.description);
  return withUser(state, { ...userOf(state, name), ...change });
}

/** Errors: `NotFound`; `InvalidArgument` for `root`. */
export function dropUser(state: AccessState, name: string): AccessState {
  if (name === ROOT_USER) throw notAllowed(`user "${ROOT_USER}" cannot be dropped`);
  userOf(state, name);
  return { ...state, users: state.users.filter((user) => user.name !== name), keys: state.keys.filter((key) => key.user !== name) };
}

/** Errors: `NotFound` of the user or the role. */
export function addUserToRole(state: AccessState, name: string, role: string): AccessState {
  const user = userOf(state, name);
  requireRole(state, role);
  if (user.roles.includes(role)) return state;
  checkRoom(`roles of user "${name}"`, user.roles.length, ACCESS_LIMITS.rolesOfUserMax);
  return withUser(state, { ...user, roles: [...user.roles, role] });
}

/** Errors: `NotFound` of the user or the role. */
export function removeUserFromRole(state: AccessState, name: string, role: string): AccessState {
  const user = userOf(state, name);
  requireRole(state, role);
  return user.roles.includes(role) ? withUser(state, { ...user, roles: user.roles.filter((held) => held !== role) }) : state;
}

function requireRole(state: AccessState, role: string): void {
  if (!state.roles.some(({ name }) => name === role)) throw notFound('role', role);
}

function withUser(state: AccessState, user: User): AccessState {
  return { ...state, users: state.users.map((other) => (other.name === user.name ? user : other)) };
}
