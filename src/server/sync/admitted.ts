// Admitted: what a call about a copy is let in for: the database that it names, who calls, which rows he may have, and which
// of them he asks for.

import type { Context } from 'hono';
import { DEFAULT_DATABASE } from '../../format/catalog.js';
import { ruleOf, type AnyScope } from '../../model/row-scope.js';
import type { AskedRule } from '../../engine/scoped/scoped-views.js';
import { scopeOfQuery } from '../../sync/scope-query.js';
import type { Caller, Gate } from '../access/gate.js';
import { needOf } from '../access/rule.js';
import type { ServedDatabase } from '../call.js';
import { HTTP_RULES } from '../http-rules.js';
import { peerOf } from '../peer.js';

type CopyRule = '/v1/collections' | '/v1/collections/search' | '/v1/collections/push' | '/v1/collections/push of deletions' | '/v1/collections/segments' | '/v1/collections/segments in place of rows';

export interface CopyCall {
  readonly within: ServedDatabase;
  readonly caller: Caller | undefined;
  /** What is asked for, within what was granted. */
  readonly rows: AskedRule;
  /** Rows that it may be about, where these are not all. */
  readonly granted: AnyScope | undefined;
  /** To be told how it ended, where it changes something. */
  readonly ended: (error?: unknown) => void;
}

/** Errors: those of `Gate`, `InvalidArgument`, `NotFound`. */
export type Admitted = (c: Context, rule: CopyRule) => Promise<CopyCall>;

export function admittedBy(database: ServedDatabase, gate: Gate): Admitted {
  return async (c, rule) => {
    const named = c.req.query('database') ?? DEFAULT_DATABASE;
    const caller = await gate.authenticate(c.req.header('authorization'), peerOf(c));
    const admission = await gate.admit(caller, needOf(HTTP_RULES[rule], named, { collection: c.req.param('name') ?? '' }, rule));
    const asked = scopeOfQuery((name) => c.req.query(name));
    return {
      within: named === database.database ? database : await database.useDatabase(named),
      caller,
      rows: { asked, rule: ruleOf(asked, admission.rows) },
      granted: admission.rows,
      ended: (error) => admission.ended(error),
    };
  };
}
