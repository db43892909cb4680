// Routes: the console's own, below /console/api/. Each is a POST of a JSON object and answers as REST v2 does: HTTP 200 with
// `{code, data}` or `{code, message}`. The gate is asked who calls before the body is read.

import { Hono, type Context } from 'hono';
import type { Database } from '../../engine/api.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Gate } from '../access/gate.js';
import { needOf } from '../access/rule.js';
import { readBody } from '../body.js';
import { parseObject, toJson, type JsonObject } from '../json.js';
import { optionalText } from '../rest/parameters.js';
import { failureOf } from '../status.js';
import { CONSOLE_VERBS, type ConsoleVerb } from './verbs.js';

/** A pasted vector of 32,768 numbers is below this. */
export const CONSOLE_BYTES_MAX = 4 * 1024 * 1024;

const DATABASE = 'default';

export interface ConsoleApi {
  readonly database: Database;
  readonly gate: Gate;
  readonly log: Ambient['log'];
  /** Address of the peer, for limits on failed log-ins. */
  readonly peerOf: (c: Context) => string;
}

export function consoleRoutes(api: ConsoleApi): Hono {
  const routes = new Hono();
  for (const [path, verb] of Object.entries(CONSOLE_VERBS)) {
    routes.post(`/${path}`, async (c) => {
      try {
        return answer(c, { code: 0, data: await call(api, c, verb) }, 200);
      } catch (error) {
        const { status, http, message, unexpected } = failureOf(error);
        if (unexpected) api.log('error', `console ${path} failed`, { error });
        return answer(c, { code: status, message }, isOfRouter(http) ? http : 200);
      }
    });
  }
  return routes;
}

async function call({ database, gate, log, peerOf }: ConsoleApi, c: Context, { rule, answer: answerTo }: ConsoleVerb): Promise<object> {
  const authorization = c.req.header('authorization')?.replace(/^Bearer /i, '');
  const caller = await gate.authenticate(authorization, peerOf(c));
  const body: JsonObject = parseObject(await readBody(c.req.raw, CONSOLE_BYTES_MAX));
  const databaseName = optionalText(body, 'dbName') ?? DATABASE;
  await gate.admit(caller, needOf(rule, databaseName, body));
  return answerTo({ caller, database: await database.useDatabase(databaseName), databaseName, signal: c.req.raw.signal, log }, body);
}

/** What never reached a verb has its own status, as in Milvus. */
function isOfRouter(http: number): http is 401 | 403 | 413 | 429 {
  return [401, 403, 413, 429].includes(http);
}

function answer(c: Context, content: object, http: 200 | 401 | 403 | 413 | 429): Response {
  const int64AsText = c.req.header('accept-type-allow-int64')?.toLowerCase() === 'false';
  return c.body(toJson(content, int64AsText), http, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
}
