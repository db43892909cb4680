// StateFile: the bytes of a stored state (docs/format.md, 14). Decoding believes nothing: every member is checked, and what it
// understood, encoded again, must be the same bytes.

import { sameBytes } from '../../format/bytes.js';
import { arrayAt, intact, integerAt, objectAt, stringAt, type Unchecked } from '../../format/checks.js';
import { decodeEnvelope, encodeEnvelope, encodeEnvelopeInTurns, Rendered, type JsonObject } from '../../format/envelope.js';
import { requireIntact } from '../../model/errors.js';
import { checkScope } from '../../model/row-scope.js';
import { isEncodedPassword } from './password.js';
import { isPrivilege, type ObjectType, type Privilege } from './privilege.js';
import type { PrivilegeGroup } from './privilege-group.js';
import { ACCESS_LIMITS, ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER, type AccessState, type ApiKey, type Grant, type Role, type RowGrant, type User } from './state.js';

export const STATE_BYTES_MAX = 64 * 1024 * 1024;
const NAME_LENGTH_MAX = 255;
const OBJECT_TYPES: readonly string[] = ['Collection', 'Global', 'User'] satisfies ObjectType[];

/** A millisecond of work or less. */
const GRANTS_IN_TURN = 1_000;

const renderedUser = renderedOnce(({ name, password, roles, description }: User) => ({ name, password, roles, description }));
const renderedGrant = renderedOnce((grant: Grant) => ({ ...grant }));
const renderedGroup = renderedOnce(({ name, privileges }: PrivilegeGroup) => ({ name, privileges }));
const renderedKey = renderedOnce((key: ApiKey) => ({ ...key }));
const renderedRoles = new WeakMap<Role, Rendered>();

/** Errors: `InvalidArgument` if it is longer than STATE_BYTES_MAX. */
export function encodeState(state: AccessState, version: number): Uint8Array<ArrayBuffer> {
  return encodeEnvelope({ version, ...renderState(state) }, STATE_BYTES_MAX, 'users and roles');
}

/** The same, `pause` letting others have their turn before each of many steps. */
export async function encodeInTurns(state: AccessState, version: number, pause: () => Promise<void>): Promise<Uint8Array<ArrayBuffer>> {
  await renderInTurns(state, pause);
  return encodeEnvelopeInTurns({ version, ...renderState(state) }, STATE_BYTES_MAX, 'users and roles', pause);
}

/** Renders what of a state was not rendered before and is long. It is kept: the next states share what a change leaves as it is. */
async function renderInTurns(state: AccessState, pause: () => Promise<void>): Promise<void> {
  for (const role of state.roles) {
    if (renderedRoles.has(role)) continue;
    const pieces: Rendered[] = [];
    for (let first = 0; first < role.grants.length; first += GRANTS_IN_TURN) {
      if (first > 0) await pause();
      pieces.push(Rendered.items(role.grants.slice(first, first + GRANTS_IN_TURN).map(renderedGrant)));
    }
    renderRole(role, pieces);
  }
}

/** The parts of a state as text. */
function renderState({ users, roles, groups, keys }: AccessState): JsonObject {
  return { users: users.map(renderedUser), roles: roles.map((role) => renderedRoles.get(role) ?? renderRole(role, role.grants.map(renderedGrant))), groups: groups.map(renderedGroup), keys: keys.map(renderedKey) };
}

function renderRole(role: Role, grants: readonly Rendered[]): Rendered {
  const { name, description, rows } = role;
  const rendered = Rendered.of({ name, description, grants, rows: rows?.map((grant) => ({ ...grant })) });
  renderedRoles.set(role, rendered);
  return rendered;
}

/** States share what a change left as it was: that is rendered once, however many changes there are. */
function renderedOnce<T extends object>(contentOf: (part: T) => JsonObject): (part: T) => Rendered {
  const made = new WeakMap<T, Rendered>();
  return (part) => {
    const found = made.get(part) ?? Rendered.of(contentOf(part));
    made.set(part, found);
    return found;
  };
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeState(bytes: Uint8Array, version: number, where: string): AccessState {
  const object = decodeEnvelope(bytes, STATE_BYTES_MAX, where);
  const found = integerAt(object['version'], 1, Number.MAX_SAFE_INTEGER, where, 'version');
  requireIntact(found === version, where, `expected version ${version}, found ${found}`);
  const list = <T>(name: string, max: number, decode: (item: Unchecked, place: string) => T): readonly T[] =>
    arrayAt(object[name], max, where, name).map((item, i) => decode(objectAt(item, where, `${name}[${i}]`), `${name}[${i}]`));
  const state: AccessState = {
    users: list('users', ACCESS_LIMITS.usersMax, (item, place) => decodeUser(item, where, place)),
    roles: list('roles', ACCESS_LIMITS.rolesMax, (item, place) => decodeRole(item, where, place)),
    groups: list('groups', ACCESS_LIMITS.groupsMax, (item, place) => decodeGroup(item, where, place)),
    keys: list('keys', ACCESS_LIMITS.keysMax, (item, place) => decodeKey(item, where, place)),
  };
  requireConsistent(state, where);
  requireIntact(sameBytes(encodeState(state, version), bytes), where, 'expected canonical JSON without other members');
  return state;
}

function decodeUser(item: Unchecked, where: string, place: string): User {
  const password = item['password'];
  if (password !== undefined) requireIntact(isEncodedPassword(password), where, `${place}.password: expected an encoded one`);
  return {
    name: textAt(item['name'], where, `${place}.name`),
    ...(password === undefined ? {} : { password: password as string }),
    roles: textsAt(item['roles'], ACCESS_LIMITS.rolesOfUserMax, where, `${place}.roles`),
    ...describedAt(item, where, place),
  };
}

function decodeRole(item: Unchecked, where: string, place: string): Role {
  const grants = arrayAt(item['grants'], ACCESS_LIMITS.grantsOfRoleMax, where, `${place}.grants`);
  return {
    name: textAt(item['name'], where, `${place}.name`),
    ...describedAt(item, where, place),
    grants: grants.map((grant, i) => decodeGrant(objectAt(grant, where, `${place}.grants[${i}]`), where, `${place}.grants[${i}]`)),
    ...decodeRows(item['rows'], where, `${place}.rows`),
  };
}

function decodeRows(value: unknown, where: string, place: string): Pick<Role, 'rows'> {
  if (value === undefined) return {};
  const given = arrayAt(value, ACCESS_LIMITS.rowGrantsOfRoleMax, where, place);
  requireIntact(given.length > 0, where, `${place}: expected at least one`);
  return { rows: given.map((grant, i) => decodeRowGrant(objectAt(grant, where, `${place}[${i}]`), where, `${place}[${i}]`)) };
}

function decodeRowGrant(item: Unchecked, where: string, place: string): RowGrant {
  const { partitions, filter, write } = item;
  requireIntact(write === undefined || write === true, where, `${place}.write: expected true`);
  const scope = intact(where, () => checkScope(partitions, filter));
  return { database: textAt(item['database'], where, `${place}.database`), collection: textAt(item['collection'], where, `${place}.collection`), ...scope, ...(write === undefined ? {} : { write }) };
}

function decodeGrant(item: Unchecked, where: string, place: string): Grant {
  const object = stringAt(item['object'], where, `${place}.object`);
  requireIntact(OBJECT_TYPES.includes(object), where, `${place}.object: expected one of ${OBJECT_TYPES.join(', ')}, found "${object}"`);
  const text = (member: string): string => textAt(item[member], where, `${place}.${member}`);
  return { object: object as ObjectType, name: text('name'), database: text('database'), privilege: text('privilege'), grantor: text('grantor') };
}

function decodeGroup(item: Unchecked, where: string, place: string): PrivilegeGroup {
  const privileges = textsAt(item['privileges'], NAME_LENGTH_MAX, where, `${place}.privileges`);
  for (const privilege of privileges) requireIntact(isPrivilege(privilege), where, `${place}.privileges: unknown privilege "${privilege}"`);
  return { name: textAt(item['name'], where, `${place}.name`), privileges: privileges as readonly Privilege[] };
}

function decodeKey(item: Unchecked, where: string, place: string): ApiKey {
  const digits = (member: string, length: number): string => {
    const text = stringAt(item[member], where, `${place}.${member}`);
    requireIntact(text.length === length && /^[0-9a-f]+$/.test(text), where, `${place}.${member}: expected ${length} hexadecimal digits`);
    return text;
  };
  const timeAt = (member: string): number => integerAt(item[member], 0, Number.MAX_SAFE_INTEGER, where, `${place}.${member}`);
  return {
    id: digits('id', 16),
    user: textAt(item['user'], where, `${place}.user`),
    hash: digits('hash', 64),
    createdMs: timeAt('createdMs'),
    ...(item['expiresMs'] === undefined ? {} : { expiresMs: timeAt('expiresMs') }),
    ...describedAt(item, where, place),
  };
}

function describedAt(item: Unchecked, where: string, place: string): { readonly description?: string } {
  if (item['description'] === undefined) return {};
  const description = stringAt(item['description'], where, `${place}.description`);
  requireIntact(description.length <= ACCESS_LIMITS.descriptionLengthMax, where, `${place}.description: at most ${ACCESS_LIMITS.descriptionLengthMax} characters`);
  return { description };
}

function textAt(value: unknown, where: string, place: string): string {
  const text = stringAt(value, where, place);
  requireIntact(text.length > 0 && text.length <= NAME_LENGTH_MAX, where, `${place}: expected 1 to ${NAME_LENGTH_MAX} characters, found ${text.length}`);
  return text;
}

function textsAt(value: unknown, max: number, where: string, place: string): readonly string[] {
  return arrayAt(value, max, where, place).map((item, i) => textAt(item, where, `${place}[${i}]`));
}

function requireConsistent({ users, roles, groups, keys }: AccessState, where: string): void {
  const unique = (what: string, names: readonly string[]): ReadonlySet<string> => {
    const found = new Set(names);
    requireIntact(found.size === names.length, where, `${what}: expected no name twice`);
    return found;
  };
  const userNames = unique('users', users.map(({ name }) => name));
  const roleNames = unique('roles', roles.map(({ name }) => name));
  unique('groups', groups.map(({ name }) => name));
  unique('keys', keys.map(({ id }) => id));
  requireIntact(userNames.has(ROOT_USER) && roleNames.has(ADMIN_ROLE) && roleNames.has(PUBLIC_ROLE), where, `expected the user ${ROOT_USER} and the roles ${ADMIN_ROLE} and ${PUBLIC_ROLE}`);
  for (const user of users) {
    requireIntact(user.name === ROOT_USER || user.password !== undefined, where, `user "${user.name}": expected a password`);
    for (const role of user.roles) requireIntact(roleNames.has(role), where, `user "${user.name}": no role "${role}"`);
  }
  for (const { id, user } of keys) requireIntact(userNames.has(user), where, `API key ${id}: no user "${user}"`);
}
