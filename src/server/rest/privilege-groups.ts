// PrivilegeGroups: the routes below privilege_groups/.

import { Type } from 'typebox';
import { addGroup, addToGroup, dropGroup, listGroups, removeFromGroup } from '../access/groups.js';
import { DONE, route, type Route } from './route.js';
import { ofServer } from './rules.js';
import { Name, Request, Texts } from './schema.js';

const GROUP = { privilegeGroupName: Name('The group.') };
const GROUP_PRIVILEGES = { ...GROUP, privileges: Texts('Privileges, or groups for what is in them.') };

export const PRIVILEGE_GROUP_ROUTES: readonly Route[] = [
  route({
    path: 'privilege_groups/list',
    summary: 'All groups with their privileges, those that are built in too.',
    request: Request({}),
    answer: Type.Array(Type.Object({ privilegeGroupName: Type.String(), privileges: Type.String() })),
    rule: ofServer('ListPrivilegeGroups'),
    database: 'default',
    run: ({ services: { access } }) => Promise.resolve({ data: listGroups(access.state()).map(({ name, privileges }) => ({ privilegeGroupName: name, privileges: privileges.join(',') })) }),
  }),
  route({
    path: 'privilege_groups/create',
    summary: 'Makes a group without privileges.',
    request: Request(GROUP),
    rule: ofServer('CreatePrivilegeGroup'),
    database: 'default',
    async run({ services: { access } }, { privilegeGroupName: name }) {
      await access.change((state) => addGroup(state, name));
      return DONE;
    },
  }),
  route({
    path: 'privilege_groups/drop',
    summary: 'Removes a group that is granted to no role. One that is not there is no error.',
    request: Request(GROUP),
    rule: ofServer('DropPrivilegeGroup'),
    database: 'default',
    async run({ services: { access } }, { privilegeGroupName: name }) {
      await access.change((state) => dropGroup(state, name));
      return DONE;
    },
  }),
  route({
    path: 'privilege_groups/add_privileges_to_group',
    summary: 'Puts privileges of one level into a group.',
    request: Request(GROUP_PRIVILEGES),
    rule: ofServer('OperatePrivilegeGroup'),
    database: 'default',
    async run({ services: { access } }, { privilegeGroupName: name, privileges = [] }) {
      await access.change((state) => addToGroup(state, name, privileges));
      return DONE;
    },
  }),
  route({
    path: 'privilege_groups/remove_privileges_from_group',
    summary: 'Takes privileges out of a group.',
    request: Request(GROUP_PRIVILEGES),
    rule: ofServer('OperatePrivilegeGroup'),
    database: 'default',
    async run({ services: { access } }, { privilegeGroupName: name, privileges = [] }) {
      await access.change((state) => removeFromGroup(state, name, privileges));
      return DONE;
    },
  }),
];
