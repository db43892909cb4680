// Rows: what of a collection a role may copy, granted and revoked below /admin/rows/.

import { Type } from 'typebox';
import { addRowGrant, removeRowGrant, rowGrant } from '../access/row-grants.js';
import { roleOf } from '../access/roles.js';
import { DONE, route, type Route } from '../rest/route.js';
import { ofRole, ofServer } from '../rest/rules.js';
import { Flag, Name, Request, Text } from '../rest/schema.js';

const ROLE = { roleName: Name('The role.') };
const ROWS = {
  ...ROLE,
  dbName: Text('The database; default "default".'),
  collectionName: Name('The collection.'),
  partitionNames: Type.Optional(Type.Array(Type.String(), { description: 'Rows of these alone. Default: of any.' })),
  filter: Text('Rows for which it holds alone; `{user}` in it is the name of who reads.'),
  write: Flag('Such rows may be pushed, too.'),
};

const put = (path: string, summary: string, change: typeof addRowGrant): Route =>
  route({
    path,
    summary,
    request: Request(ROWS),
    rule: ofServer('ManageOwnership'),
    database: 'default',
    async run({ services: { access } }, { roleName, dbName: database = 'default', collectionName: collection, partitionNames, filter, write = false }) {
      const grant = rowGrant({ database, collection, write, ...(partitionNames === undefined ? {} : { partitions: partitionNames }), ...(filter === undefined ? {} : { filter }) });
      await access.change((state) => change(state, roleName, grant));
      return DONE;
    },
  });

export const ROW_ROUTES: readonly Route[] = [
  put('admin/rows/grant', 'Lets a role copy rows of a collection.', addRowGrant),
  put('admin/rows/revoke', 'Takes that back. What is not granted is no error.', removeRowGrant),
  route({
    path: 'admin/rows/list',
    summary: 'The rows of collections that a role may copy.',
    request: Request(ROLE),
    rule: ofRole('SelectOwnership'),
    database: 'default',
    async run({ services: { access } }, { roleName }) {
      const { rows = [] } = roleOf(access.state(), roleName);
      return { data: rows.map(({ database, collection, partitions, filter, write = false }) => ({ dbName: database, collectionName: collection, write, ...(partitions === undefined ? {} : { partitionNames: partitions }), ...(filter === undefined ? {} : { filter }) })) };
    },
  }),
];
