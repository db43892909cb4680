// Names: what users, roles, groups and passwords may be, as Milvus has it (`internal/proxy` of 2.6).

import { ElanusError, require } from '../../model/errors.js';
import { checkName } from '../../model/name.js';
import { MILVUS, type MilvusCode } from '../../model/milvus-code.js';
import { ACCESS_LIMITS } from './state.js';

const USER_NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const USER_NAME_LENGTH_MAX = 32;
const PASSWORD_LENGTH_MIN = 6;
const PASSWORD_LENGTH_MAX = 72;

/** Errors: `InvalidArgument`. */
export function checkUserName(name: string): void {
  require(
    USER_NAME.test(name) && name.length <= USER_NAME_LENGTH_MAX,
    () => `user name: expected a letter, then letters, digits, _ . or -, at most ${USER_NAME_LENGTH_MAX}, found ${JSON.stringify(name.slice(0, 100))}`,
  );
}

/** Errors: `InvalidArgument`. */
export function checkRoleName(name: string): void {
  checkName('role name', name);
}

/** Errors: `InvalidArgument`, which does not show it. */
export function checkPassword(password: string): void {
  const length = Buffer.byteLength(password);
  require(length >= PASSWORD_LENGTH_MIN && length <= PASSWORD_LENGTH_MAX, () => `password: expected ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} bytes, found ${length}`);
}

/** Errors: `InvalidArgument`. */
export function checkDescription(description: string | undefined): void {
  const max = ACCESS_LIMITS.descriptionLengthMax;
  require((description?.length ?? 0) <= max, () => `description: at most ${max} characters, found ${description?.length}`);
}

/** Errors: `InvalidArgument` if there are `max` already. */
export function checkRoom(what: string, count: number, max: number): void {
  require(count < max, () => `${what}: at most ${max}, and so many there are`, MILVUS.capacityExceeded);
}

/** Milvus has no number of its own for users, roles and groups that are not there. */
export function notFound(what: string, name: string): ElanusError {
  return new ElanusError('NotFound', `not found the ${what}: ${what} "${name}" does not exist`, { milvusCode: MILVUS.unexpected });
}

export function alreadyExists(what: string, name: string): ElanusError {
  return new ElanusError('AlreadyExists', `${what} already exists: "${name}"`, { milvusCode: MILVUS.unexpected });
}

export function notAllowed(message: string, milvusCode: MilvusCode = MILVUS.invalidParameter): ElanusError {
  return new ElanusError('InvalidArgument', message, { milvusCode });
}
