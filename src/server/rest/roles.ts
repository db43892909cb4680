// Roles: the routes below roles/: what there are, and what is granted to them in either form.

import { Type } from 'typebox';
import { addGrant, addRole, describeRole, dropRole, grantByObject, grantByPlace, grantsOf, removeGrant } from '../access/roles.js';
import type { Grant } from '../access/state.js';
import type { AccessState } from '../access/state.js';
import type { Call } from '../call.js';
import { DONE, route, type Answer, type Route } from './route.js';
import { ofRole, ofServer } from './rules.js';
import { DB, Flag, Name, Request, Text } from './schema.js';

const ROLE = { roleName: Name('The role.') };
const BY_OBJECT = { ...ROLE, ...DB, objectType: Name('Collection, Global or User.'), objectName: Text('Of a collection or a user, or *.'), privilege: Name('A privilege, a privilege group, All or *.') };
const BY_PLACE = { ...ROLE, privilege: Name('A privilege, a privilege group or *.'), dbName: Text('A database, or *; default "default".'), collectionName: Text('A collection, or *; default *.') };

type Made = (state: AccessState, grantor: string) => Grant;
type Put = typeof addGrant;

async function put({ services: { access }, caller }: Call, role: string, change: Put, make: Made): Promise<Answer> {
  await access.change((state) => change(state, role, make(state, caller?.user ?? 'root')));
  return DONE;
}

const byObject = (path: string, summary: string, change: Put): Route =>
  route({
    path,
    summary,
    request: Request(BY_OBJECT),
    rule: ofServer('ManageOwnership'),
    database: 'default',
    run: (call, { roleName, objectType: object, objectName: name = '', privilege, dbName: database = '' }) => put(call, roleName, change, (state, grantor) => grantByObject(state, { object, name, privilege, database }, grantor)),
  });

const byPlace = (path: string, summary: string, change: Put): Route =>
  route({
    path,
    summary,
    request: Request(BY_PLACE),
    rule: ofServer('ManageOwnership'),
    database: 'default',
    run: (call, { roleName, privilege, dbName: database = 'default', collectionName: collection = '*' }) => put(call, roleName, change, (state, grantor) => grantByPlace(state, { privilege, database, collection }, grantor)),
  });

export const ROLE_ROUTES: readonly Route[] = [
  route({
    path: 'roles/list',
    summary: 'Names of all roles.',
    request: Request({}),
    answer: Type.Array(Type.String()),
    rule: ofServer('SelectOwnership'),
    database: 'default',
    run: ({ services: { access } }) => Promise.resolve({ data: access.state().roles.map(({ name }) => name) }),
  }),
  route({
    path: 'roles/describe',
    summary: 'What is granted to a role, in a database or for all.',
    request: Request({ ...ROLE, ...DB }),
    answer: Type.Array(Type.Object({ objectType: Type.String(), objectName: Type.String(), privilege: Type.String(), dbName: Type.String(), grantor: Type.String() })),
    rule: ofRole('SelectOwnership'),
    database: 'default',
    async run({ services: { access }, databaseName }, { roleName }) {
      const grants = grantsOf(access.state(), { role: roleName, database: databaseName });
      return { data: grants.map(({ object, name, privilege, database, grantor }) => ({ objectType: object, objectName: name, privilege, dbName: database, grantor })) };
    },
  }),
  route({
    path: 'roles/create',
    summary: 'Makes a role.',
    request: Request({ ...ROLE, description: Text('What is shown of it.') }),
    rule: ofServer('CreateOwnership'),
    database: 'default',
    async run({ services: { access } }, { roleName, description }) {
      await access.change((state) => addRole(state, roleName, description));
      return DONE;
    },
  }),
  route({
    path: 'roles/alter',
    summary: 'Describes a role anew.',
    request: Request({ ...ROLE, description: Text('What is shown of it.') }),
    rule: ofServer('CreateOwnership'),
    database: 'default',
    async run({ services: { access } }, { roleName, description = '' }) {
      await access.change((state) => describeRole(state, roleName, description));
      return DONE;
    },
  }),
  route({
    path: 'roles/drop',
    summary: 'Removes a role; one with privileges only by force.',
    request: Request({ ...ROLE, forceDrop: Flag('With its privileges.') }),
    rule: ofServer('DropOwnership'),
    database: 'default',
    async run({ services: { access } }, { roleName, forceDrop }) {
      await access.change((state) => dropRole(state, roleName, forceDrop));
      return DONE;
    },
  }),
  byObject('roles/grant_privilege', 'Grants a privilege on an object.', addGrant),
  byObject('roles/revoke_privilege', 'Revokes a privilege on an object. One that is not granted is no error.', removeGrant),
  byPlace('roles/grant_privilege_v2', 'Grants a privilege on a collection, a database or the server.', addGrant),
  byPlace('roles/revoke_privilege_v2', 'Revokes a privilege on a collection, a database or the server. One that is not granted is no error.', removeGrant),
];
