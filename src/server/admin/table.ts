// Table: what who runs a server may ask it, below /admin/, in the form and by the rules of REST.

import { Type } from 'typebox';
import { version } from '../../../package.json';
import { ElanusError } from '../../model/errors.js';
import type { DataBackups } from '../backup/data-backups.js';
import { route, type Route } from '../rest/route.js';
import { ofServer } from '../rest/rules.js';
import { Request } from '../rest/schema.js';
import { ROW_ROUTES } from './rows.js';

const KEEP_MAX = 10_000;

/** `backups`: undefined where the server was not told a folder for them. */
export function adminRoutes(backups?: DataBackups): readonly Route[] {
  const folder = (): DataBackups => {
    if (backups === undefined) throw new ElanusError('Unsupported', 'this server has no folder for backups: start it with --backup-dir');
    return backups;
  };
  return [
    route({
      path: 'admin/stats',
      summary: 'The figures of every open collection of all databases, and how the storage is.',
      request: Request({}),
      rule: ofServer('SelectOwnership'),
      run: async ({ database }) => ({ data: { version, stats: await database.stats(), health: await database.health() } }),
    }),
    route({
      path: 'admin/backup',
      summary: 'Backs up all databases, users and roles into the folder for backups, as of now.',
      request: Request({ keep: Type.Optional(Type.Integer({ minimum: 1, maximum: KEEP_MAX, description: 'Then remove all but the newest so many.' })) }),
      rule: ofServer('BackupRBAC'),
      run: async (_call, { keep }) => ({ data: await folder().make(keep === undefined ? {} : { keep }) }),
    }),
    route({
      path: 'admin/backups',
      summary: 'The backups that there are, and those that were interrupted.',
      request: Request({}),
      rule: ofServer('BackupRBAC'),
      run: async () => ({ data: await folder().list() }),
    }),
    ...ROW_ROUTES,
  ];
}

/** For who looks at their rules. */
export const ADMIN_ROUTES = adminRoutes();
