// Table: every remote procedure of Milvus' service, with the rule that says who may use it and what answers it. One that
// is not in the table does not exist: the service does not start without an entry for each.

import { ALIAS_VERBS } from './verbs/aliases.js';
import { ANALYZER_VERBS } from './verbs/analyzers.js';
import { CHANGE_VERBS } from './verbs/changes.js';
import { CLUSTER_VERBS } from './verbs/cluster.js';
import { COLLECTION_VERBS } from './verbs/collections.js';
import { DATABASE_VERBS } from './verbs/databases.js';
import { FLUSH_VERBS } from './verbs/flushes.js';
import { IMPORT_VERBS } from './verbs/imports.js';
import { INDEX_VERBS } from './verbs/indexes.js';
import { LOAD_VERBS } from './verbs/loads.js';
import { PARTITION_VERBS } from './verbs/partitions.js';
import { PRIVILEGE_GROUP_VERBS } from './verbs/privilege-groups.js';
import { SEGMENT_VERBS } from './verbs/segments.js';
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
  ...DATABASE_VERBS,
  ...COLLECTION_VERBS,
  ...CHANGE_VERBS,
  ...PARTITION_VERBS,
  ...LOAD_VERBS,
  ...INDEX_VERBS,
  ...IMPORT_VERBS,
  ...ALIAS_VERBS,
  ...FLUSH_VERBS,
  ...SEGMENT_VERBS,
  ...CLUSTER_VERBS,
  ...ANALYZER_VERBS,
  ...WRITE_VERBS,
  ...SEARCH_VERBS,
  ...QUERY_VERBS,
  ...USER_VERBS,
  ...PRIVILEGE_GROUP_VERBS,
};
