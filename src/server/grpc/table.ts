// Table: every remote procedure of Milvus' service, with the rule that says who may use it and what answers it. One that
// is not in the table does not exist: the service does not start without an entry for each.

import { SERVER_VERBS } from './verbs/server.js';
import { UNSUPPORTED_VERBS } from './verbs/unsupported.js';
import type { Verbs } from './verb.js';

export const VERBS: Verbs = {
  ...UNSUPPORTED_VERBS,
  ...SERVER_VERBS,
};
