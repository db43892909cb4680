// Verbs: the changes of users that need more than the state: passwords are checked and encoded. Both wires use them.

import type { Access } from './access.js';
import type { Caller } from './gate.js';
import { checkPassword, checkUserName, notAllowed } from './names.js';
import { ROOT_USER, type AccessState } from './state.js';
import { addUser, changeUser, userOf } from './users.js';

export interface UserRequest {
  readonly name: string;
  readonly password: string;
  readonly description?: string;
}

export function listUsers({ users }: AccessState): readonly string[] {
  return users.map(({ name }) => name);
}

/** Errors: `AlreadyExists`, `InvalidArgument`. */
export async function makeUser(access: Access, { name, password, description }: UserRequest): Promise<void> {
  checkUserName(name);
  checkPassword(password);
  const encoded = await access.passwords.encode(password);
  await access.change((state) => addUser(state, { name, password: encoded, ...(description === undefined ? {} : { description }) }));
}

export interface PasswordRequest {
  readonly name: string;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly description?: string;
}

/** Errors: `NotFound`; `InvalidArgument`, also if the old password is wrong; code 8 after too many wrong ones. */
export async function setPassword(access: Access, caller: Caller | undefined, { name, oldPassword, newPassword, description }: PasswordRequest): Promise<void> {
  userOf(access.state(), name);
  checkPassword(newPassword);
  // Whoever is root may set another's password anew, as it may be lost.
  if (!(caller?.user === ROOT_USER && name !== ROOT_USER && oldPassword === '')) await checkOldPassword(access, name, oldPassword, caller?.from ?? 'unknown');
  const password = await access.passwords.encode(newPassword);
  await access.change((state) => changeUser(state, name, { password, ...(description === undefined ? {} : { description }) }));
}

async function checkOldPassword(access: Access, name: string, password: string, from: string): Promise<void> {
  try {
    await access.authenticator.verifyPassword(name, password, from);
  } catch (error) {
    if (error instanceof Error && 'http' in error && error.http === 401) throw notAllowed(`old password of user "${name}" is not right`);
    throw error;
  }
}
