// UserVerbs: what `elanus user` does, verb by verb: which words each takes, and what it tells.

import type { Access } from '../server/access/access.js';
import { addKey, dropKey, listKeys } from '../server/access/keys.js';
import { addRowGrant, removeRowGrant, rowGrant, type RowGrantRequest } from '../server/access/row-grants.js';
import { checkPassword } from '../server/access/names.js';
import { addGrant, addRole, dropRole, grantByPlace, removeGrant } from '../server/access/roles.js';
import type { RowGrant } from '../server/access/state.js';
import { addUserToRole, changeUser, dropUser, removeUserFromRole, userOf } from '../server/access/users.js';
import { makeUser } from '../server/access/verbs.js';

export interface UserFlags {
  readonly database: string;
  readonly collection: string;
  /** Of rows that are granted. */
  readonly rows: Pick<RowGrantRequest, 'partitions' | 'filter' | 'write'>;
  readonly expiresDays?: number;
  readonly description?: string;
  readonly force: boolean;
  readonly password: () => Promise<string>;
}

export interface Told {
  readonly json: object;
  readonly text?: string;
  readonly rows?: readonly (readonly string[])[];
}

export interface UserVerb {
  /** In brackets what may be left out. */
  readonly operands: readonly string[];
  readonly changes: boolean;
  run(access: Access, operands: readonly string[], flags: UserFlags): Promise<Told>;
}

const DAY_MS = 86_400_000;
const dateOf = (ms: number | undefined): string => (ms === undefined ? 'never' : new Date(ms).toISOString().slice(0, 10));
const described = (description: string | undefined): { readonly description?: string } => (description === undefined ? {} : { description });

/** A change of the state that tells nothing but that it is done. */
function change(operands: readonly string[], make: (access: Access, operands: readonly string[], flags: UserFlags) => Promise<void>): UserVerb {
  return {
    operands,
    changes: true,
    run: async (access, given, flags) => {
      await make(access, given, flags);
      return { json: { done: true }, text: 'done' };
    },
  };
}

const byGrant = (put: typeof addGrant): UserVerb =>
  change(['ROLE', 'PRIVILEGE'], ({ change: apply }, [role = '', privilege = ''], { database, collection }) => apply((state) => put(state, role, grantByPlace(state, { privilege, database, collection }, 'root'))));

const textOfRows = ({ partitions, filter = '', write }: RowGrant): string => [write === true ? 'push and copy rows' : 'copy rows', ...(partitions === undefined ? [] : [`of ${partitions.join(',')}`]), filter].join(' ').trim();

const byRows = (put: typeof addRowGrant): UserVerb =>
  change(['ROLE'], ({ change: apply }, [role = ''], { database, collection, rows }) => apply((state) => put(state, role, rowGrant({ database, collection, ...rows }))));

export const USER_VERBS: Readonly<Record<string, UserVerb>> = {
  list: {
    operands: [],
    changes: false,
    run: async ({ state }) => {
      const users = state().users.map(({ name, roles, description }) => ({ user: name, roles, ...described(description) }));
      return { json: { users }, rows: [['user', 'roles', 'description'], ...users.map(({ user, roles, description = '' }) => [user, roles.join(' '), description])] };
    },
  },
  add: change(['USER'], async (access, [name = ''], { password, description }) => makeUser(access, { name, password: await password(), ...described(description) })),
  passwd: change(['USER'], async ({ change: apply, state, passwords }, [name = ''], { password }) => {
    userOf(state(), name);
    const given = await password();
    checkPassword(given);
    const encoded = await passwords.encode(given);
    await apply((current) => changeUser(current, name, { password: encoded }));
  }),
  remove: change(['USER'], ({ change: apply }, [name = '']) => apply((state) => dropUser(state, name))),
  'role list': {
    operands: [],
    changes: false,
    run: async ({ state }) => {
      const roles = state().roles.map(({ name, grants, rows, description }) => ({ role: name, grants, ...(rows === undefined ? {} : { rows }), ...described(description) }));
      const lines = roles.flatMap(({ role, grants, rows = [] }) => {
        const granted = [...grants.map(({ privilege, database, name }) => [role, privilege, database, name]), ...rows.map((grant) => [role, textOfRows(grant), grant.database, grant.collection])];
        return granted.length === 0 ? [[role, '', '', '']] : granted;
      });
      return { json: { roles }, rows: [['role', 'privilege', 'database', 'collection'], ...lines] };
    },
  },
  'role add': change(['ROLE'], ({ change: apply }, [role = ''], { description }) => apply((state) => addRole(state, role, description))),
  'role remove': change(['ROLE'], ({ change: apply }, [role = ''], { force }) => apply((state) => dropRole(state, role, force))),
  'role give': change(['USER', 'ROLE'], ({ change: apply }, [name = '', role = '']) => apply((state) => addUserToRole(state, name, role))),
  'role take': change(['USER', 'ROLE'], ({ change: apply }, [name = '', role = '']) => apply((state) => removeUserFromRole(state, name, role))),
  'role grant': byGrant(addGrant),
  'role revoke': byGrant(removeGrant),
  'role grant-rows': byRows(addRowGrant),
  'role revoke-rows': byRows(removeRowGrant),
  'key list': {
    operands: ['[USER]'],
    changes: false,
    run: async ({ state }, [name]) => {
      const keys = listKeys(state(), name);
      return { json: { keys }, rows: [['id', 'user', 'made', 'ends', 'description'], ...keys.map(({ id, user, createdMs, expiresMs, description = '' }) => [id, user, dateOf(createdMs), dateOf(expiresMs), description])] };
    },
  },
  'key add': {
    operands: ['USER'],
    changes: true,
    run: async ({ change: apply, nowMs }, [name = ''], { expiresDays, description }) => {
      let made: ReturnType<typeof addKey>['made'] | undefined;
      const now = nowMs();
      await apply((state) => {
        const added = addKey(state, { user: name, nowMs: now, ...(expiresDays === undefined ? {} : { expiresMs: now + expiresDays * DAY_MS }), ...described(description) });
        made = added.made;
        return added.state;
      });
      return { json: { id: made?.key.id, key: made?.text }, text: made?.text ?? '' };
    },
  },
  'key revoke': change(['ID'], ({ change: apply }, [id = '']) => apply((state) => dropKey(state, id))),
};
