// Routes: Milvus' REST interface, version 2. Every path is a POST of a JSON object under whatever content type, and
// answers HTTP 200 with `{code, data}` or `{code, message}`; only what Milvus' router itself refuses has another status.

import { Hono, type Context } from 'hono';
import { requireLogin, type Gate } from '../access/gate.js';
import { needOf } from '../access/rule.js';
import type { HeldBody } from '../body-memory.js';
import { readPieces } from '../body.js';
import type { Call } from '../call.js';
import { answerJson } from '../json-answer.js';
import { parseObject, type JsonObject } from '../json.js';
import { peerOf } from '../peer.js';
import { logOf, requestIdOf, withBody, type Runner } from '../requests.js';
import { sizeMaxOf } from '../request-size.js';
import { failureOf, RefusedRequest } from '../status.js';
import { checkOf, type Check } from './check.js';
import { DEADLINE_HEADER, deadlineMs, withinDeadline } from './deadline.js';
import type { Answer, Route } from './route.js';
import { ROUTES } from './table.js';

const DATABASE = 'default';
/** Milvus' own: the database, where the body names none. */
const DATABASE_HEADER = 'db-name';

export interface RestOptions extends Pick<Call, 'database' | 'log' | 'services'> {
  readonly gate: Gate;
  readonly requests: Runner;
  /** Default: all there are. */
  readonly table?: readonly Route[];
}

export function restRoutes(options: RestOptions): Hono {
  const routes = new Hono();
  for (const entry of options.table ?? ROUTES) {
    const check = checkOf(entry.request);
    routes.post(`/${entry.path}`, async (c) => {
      const requestId = requestIdOf(c.req.header('client-request-id'), c.req.header('traceparent'));
      const log = logOf(options.log, requestId);
      try {
        const ms = deadlineMs(c.req.header(DEADLINE_HEADER));
        const watched = (late?: AbortSignal): Promise<Answer> => options.requests.watch({ protocol: 'rest', verb: entry.path, requestId }, (isWhole) => withBody(options.requests, (held) => answered({ ...options, log }, entry, { c, check, late, isWhole, held })));
        return answer(c, { code: 0, ...(await withinDeadline(ms, watched)) }, 200);
      } catch (error) {
        const { status, http, message, unexpected } = failureOf(error);
        if (unexpected) log('error', `${entry.path} failed`, { error });
        return answer(c, { code: status, message }, httpOf(error, http));
      }
    });
  }
  return routes;
}

interface Incoming {
  readonly c: Context;
  readonly check: Check;
  /** Aborted when the caller waits no more. */
  readonly late: AbortSignal | undefined;
  /** To be called when the body is there. */
  readonly isWhole: () => void;
  readonly held: HeldBody;
}

async function answered({ database, gate, requests, log, services }: RestOptions, entry: Route, { c, check, late, isWhole, held }: Incoming): Promise<Answer> {
  const { rule, run } = entry;
  const caller = await gate.authenticate(c.req.header('authorization'), peerOf(c));
  await requireLogin(gate, caller, rule, entry.path);
  const body = check(await parseObject(await readPieces(c.req.raw, sizeMaxOf(entry, requests.bytesMax), held)));
  isWhole();
  const databaseName = databaseNamed(body, c.req.header(DATABASE_HEADER));
  const admission = await gate.admit(caller, needOf(rule, databaseName, body, entry.path));
  try {
    const within = entry.database === 'default' || databaseName === database.database ? database : await database.useDatabase(databaseName);
    const call: Call = {
      caller, database: within, databaseName, log, services,
      // Made when it is asked for, which few verbs do: the platform makes a whole request for it.
      get signal() {
        return late === undefined ? c.req.raw.signal : AbortSignal.any([late, c.req.raw.signal]);
      },
    };
    const given = await requests.run(() => run(call, body));
    admission.ended();
    return given;
  } catch (error) {
    admission.ended(error);
    throw error;
  }
}

function databaseNamed(body: JsonObject, header: string | undefined): string {
  const { dbName } = body;
  if (typeof dbName === 'string' && dbName !== '') return dbName;
  return header === undefined || header === '' ? DATABASE : header;
}

type HttpStatus = 200 | 401 | 403 | 408 | 413 | 429 | 503;

/** Milvus answers 200 to all but what is refused before it is looked at. */
function httpOf(error: unknown, http: number): HttpStatus {
  const told: readonly number[] = [401, 403, 408, 413, 429, 503];
  return error instanceof RefusedRequest && told.includes(http) ? (http as HttpStatus) : 200;
}

function answer(c: Context, content: { readonly [member: string]: unknown }, http: HttpStatus): Response {
  // As in Milvus an Int64 is text, unless the client says that it can read such a number.
  const int64AsText = c.req.header('accept-type-allow-int64')?.toLowerCase() !== 'true';
  return c.body(answerJson(content, int64AsText), http, { 'Content-Type': 'application/json; charset=utf-8' });
}
