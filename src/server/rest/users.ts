// Users: the routes below users/. Passwords come in clear within the body, as in Milvus: over TLS alone are they safe on the way.

import { Type } from 'typebox';
import { listUsers, makeUser, setPassword } from '../access/verbs.js';
import { addUserToRole, dropUser, removeUserFromRole, userOf } from '../access/users.js';
import { DONE, route, type Route } from './route.js';
import { ofServer, ofUser } from './rules.js';
import { Name, Request, Text } from './schema.js';

const USER = { userName: Name('The user.') };
const USER_ROLE = { ...USER, roleName: Name('The role.') };

export const USER_ROUTES: readonly Route[] = [
  route({
    path: 'users/list',
    summary: 'Names of all users.',
    request: Request({}),
    answer: Type.Array(Type.String()),
    rule: ofServer('SelectOwnership'),
    database: 'default',
    run: ({ services: { access } }) => Promise.resolve({ data: listUsers(access.state()) }),
  }),
  route({
    path: 'users/describe',
    summary: 'Names of the roles of a user.',
    request: Request(USER),
    answer: Type.Array(Type.String()),
    rule: ofUser('SelectUser'),
    database: 'default',
    run: async ({ services: { access } }, { userName }) => ({ data: userOf(access.state(), userName).roles }),
  }),
  route({
    path: 'users/create',
    summary: 'Makes a user.',
    request: Request({ ...USER, password: Name('6 to 72 bytes.'), description: Text('What is shown of the user.') }),
    rule: ofServer('CreateOwnership'),
    database: 'default',
    async run({ services: { access } }, { userName: name, password, description }) {
      await makeUser(access, { name, password, ...(description === undefined ? {} : { description }) });
      return DONE;
    },
  }),
  route({
    path: 'users/update_password',
    summary: 'Changes the password of a user, who may do so himself.',
    request: Request({ ...USER, password: Text('The one until now; root needs none to change that of another.'), newPassword: Name('6 to 72 bytes.') }),
    rule: ofUser('UpdateUser'),
    database: 'default',
    async run({ services: { access }, caller }, { userName: name, password = '', newPassword }) {
      await setPassword(access, caller, { name, oldPassword: password, newPassword });
      return DONE;
    },
  }),
  route({
    path: 'users/drop',
    summary: 'Removes a user and his API keys.',
    request: Request(USER),
    rule: ofServer('DropOwnership'),
    database: 'default',
    async run({ services: { access } }, { userName }) {
      await access.change((state) => dropUser(state, userName));
      return DONE;
    },
  }),
  route({
    path: 'users/grant_role',
    summary: 'Gives a user a role.',
    request: Request(USER_ROLE),
    rule: ofServer('ManageOwnership'),
    database: 'default',
    async run({ services: { access } }, { userName, roleName }) {
      await access.change((state) => addUserToRole(state, userName, roleName));
      return DONE;
    },
  }),
  route({
    path: 'users/revoke_role',
    summary: 'Takes a role from a user.',
    request: Request(USER_ROLE),
    rule: ofServer('ManageOwnership'),
    database: 'default',
    async run({ services: { access } }, { userName, roleName }) {
      await access.change((state) => removeUserFromRole(state, userName, roleName));
      return DONE;
    },
  }),
];
