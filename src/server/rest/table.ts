// Table: every route of the REST interface. What is not in it is a 404; what is in it has a schema and a rule.

import { ALIAS_ROUTES } from './aliases.js';
import { ANALYZER_ROUTES } from './analyzer.js';
import { COLLECTION_ROUTES } from './collections.js';
import { DATABASE_ROUTES } from './databases.js';
import { FIELD_ROUTES } from './fields.js';
import { IMPORT_ROUTES } from './imports.js';
import { INDEX_ROUTES } from './indexes.js';
import { PARTITION_ROUTES } from './partitions.js';
import { PRIVILEGE_GROUP_ROUTES } from './privilege-groups.js';
import { READ_ROUTES } from './reads.js';
import { ROLE_ROUTES } from './roles.js';
import type { Route } from './route.js';
import { SEARCH_ROUTES } from './searches.js';
import { UNSUPPORTED_ROUTES } from './unsupported.js';
import { UPKEEP_ROUTES } from './upkeep.js';
import { USER_ROUTES } from './users.js';
import { WRITE_ROUTES } from './writes.js';

export const ROUTES: readonly Route[] = [
  ...COLLECTION_ROUTES,
  ...UPKEEP_ROUTES,
  ...FIELD_ROUTES,
  ...WRITE_ROUTES,
  ...READ_ROUTES,
  ...SEARCH_ROUTES,
  ...PARTITION_ROUTES,
  ...INDEX_ROUTES,
  ...ALIAS_ROUTES,
  ...DATABASE_ROUTES,
  ...USER_ROUTES,
  ...ROLE_ROUTES,
  ...PRIVILEGE_GROUP_ROUTES,
  ...IMPORT_ROUTES,
  ...ANALYZER_ROUTES,
  ...UNSUPPORTED_ROUTES,
];
