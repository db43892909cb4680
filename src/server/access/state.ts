// State: all that the server knows of who may do what: users, roles with their grants, groups of privileges, API keys.
// It is plain data and never changed: a change is the next state. `root`, `admin` and `public` are in every state.

import type { RowScope } from '../../model/row-scope.js';
import type { ObjectType } from './privilege.js';
import type { PrivilegeGroup } from './privilege-group.js';

export interface User {
  readonly name: string;
  /** As `password` encodes it. Absent for `root` until it is set: then the default one counts. */
  readonly password?: string;
  /** Names of roles that there are; `public` is everybody's and not listed. */
  readonly roles: readonly string[];
  readonly description?: string;
}

/** A privilege, a group, or everything, on what is named. */
export interface Grant {
  readonly object: ObjectType;
  /** Of a collection or a user, or `*`. */
  readonly name: string;
  /** Name of a database, or `*`. */
  readonly database: string;
  /** Of a privilege or a group, `All` or `*`. */
  readonly privilege: string;
  /** The user who granted it. */
  readonly grantor: string;
}

/** Rows of a collection that may be copied. */
export interface RowGrant extends Pick<RowScope, 'partitions' | 'filter'> {
  /** Names, never `*`. */
  readonly database: string;
  readonly collection: string;
  /** Whether they may be written by pushes, too. */
  readonly write?: true;
}

export interface Role {
  readonly name: string;
  readonly description?: string;
  readonly grants: readonly Grant[];
  /** Absent if there are none. */
  readonly rows?: readonly RowGrant[];
}

export interface ApiKey {
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  readonly user: string;
  /** SHA-256 of its secret, 64 hexadecimal digits. */
  readonly hash: string;
  readonly createdMs: number;
  /** Not valid from then on; absent: valid until it is revoked. */
  readonly expiresMs?: number;
  readonly description?: string;
}

export interface AccessState {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly groups: readonly PrivilegeGroup[];
  readonly keys: readonly ApiKey[];
}

export const ROOT_USER = 'root';
export const ADMIN_ROLE = 'admin';
export const PUBLIC_ROLE = 'public';
export const EVERYTHING = '*';

/** Most of each that there may be. */
export const ACCESS_LIMITS = {
  usersMax: 10_000,
  rolesMax: 1_000,
  rolesOfUserMax: 100,
  grantsOfRoleMax: 10_000,
  rowGrantsOfRoleMax: 1_000,
  groupsMax: 1_000,
  keysMax: 10_000,
  keysOfUserMax: 100,
  descriptionLengthMax: 1_000,
} as const;

const granted = (object: ObjectType, privilege: string): Grant => ({ object, name: EVERYTHING, database: EVERYTHING, privilege, grantor: ROOT_USER });

/** Of a new server. What `public` may is Milvus' default: clients look at a collection and its indexes before they use it. */
export const INITIAL_STATE: AccessState = {
  users: [{ name: ROOT_USER, roles: [ADMIN_ROLE] }],
  roles: [
    { name: ADMIN_ROLE, grants: [] },
    { name: PUBLIC_ROLE, grants: [granted('Global', 'DescribeCollection'), granted('Global', 'ListAliases'), granted('Collection', 'IndexDetail')] },
  ],
  groups: [],
  keys: [],
};
