// Table: every remote procedure of Milvus' service, with the rule that says who may use it and what answers it. One that
// is not in the table does not exist: the service does not start without an entry for each.

import { PRIVILEGE_GROUP_VERBS } from './verbs/privilege-groups.js';
import { QUERY_VERBS } from './verbs/rows/queries.js';
import { SEARCH_VERBS } from './verbs/rows/searches.js';
import { WRITE_VERBS } from './verbs/rows/writes.js';
import { SERVER_VERBS } from './verbs/server.js';
import { UNSUPPORTED_VERBS } from './verbs/unsupported.js';
import { USER_VERBS } from './verbs/users.js';
import type { Verbs } from './verb.js';

export const VERBS: Verbs = {
  ...UNSUPPORTED_VERBS,
  ...SERVER_VERBS,
  ...WRITE_VERBS,
  ...SEARCH_VERBS,
  ...QUERY_VERBS,
  ...USER_VERBS,
  ...PRIVILEGE_GROUP_VERBS,
};
