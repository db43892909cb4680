// RowGrants: rows of a collection that a role may copy, and with `write` push, though it may not read the collection
// otherwise. Functions from one state to the next. What several give adds up; who has the privilege itself has all rows.

import { isDeepStrictEqual } from 'node:util';
import { checkName } from '../../model/name.js';
import { checkScope } from '../../model/row-scope.js';
import { parseFilter } from '../../query/parser/parser.js';
import { checkRoom } from './names.js';
import { roleOf } from './roles.js';
import { ACCESS_LIMITS, type AccessState, type RowGrant } from './state.js';

export interface RowGrantRequest {
  readonly database: string;
  readonly collection: string;
  readonly partitions?: readonly string[];
  readonly filter?: string;
  readonly write?: boolean;
}

/** Errors: `InvalidArgument`, `InvalidFilter` for what is no filter. Whether it fits the collection is known when it is used: until then it lets no row through. */
export function rowGrant({ database, collection, partitions, filter, write = false }: RowGrantRequest): RowGrant {
  checkName('database name', database);
  checkName('collection name', collection);
  const scope = checkScope(partitions, filter);
  if (scope?.filter !== undefined) parseFilter(scope.filter);
  return { database, collection, ...scope, ...(write ? { write: true } : {}) };
}

/** One that is there already is no error. Errors: `NotFound` of the role; `InvalidArgument` if there are too many. */
export function addRowGrant(state: AccessState, roleName: string, grant: RowGrant): AccessState {
  const { rows = [] } = roleOf(state, roleName);
  if (rows.some((other) => isDeepStrictEqual(other, grant))) return state;
  checkRoom(`row grants of role "${roleName}"`, rows.length, ACCESS_LIMITS.rowGrantsOfRoleMax);
  return withRows(state, roleName, [...rows, grant]);
}

/** One that is not there is no error. Errors: `NotFound` of the role. */
export function removeRowGrant(state: AccessState, roleName: string, grant: RowGrant): AccessState {
  const { rows = [] } = roleOf(state, roleName);
  const left = rows.filter((other) => !isDeepStrictEqual(other, grant));
  return left.length === rows.length ? state : withRows(state, roleName, left);
}

function withRows(state: AccessState, roleName: string, rows: readonly RowGrant[]): AccessState {
  const change = ({ rows: _, ...role }: AccessState['roles'][number]): AccessState['roles'][number] => ({ ...role, ...(rows.length === 0 ? {} : { rows }) });
  return { ...state, roles: state.roles.map((role) => (role.name === roleName ? change(role) : role)) };
}
