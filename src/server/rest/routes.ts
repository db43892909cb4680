// Routes: Milvus' REST interface, version 2. Every path is a POST of a JSON object under whatever content type, and
// answers HTTP 200 with `{code, data}` or `{code, message}`; only what Milvus' router itself refuses has another status.

import { Hono, type Context } from 'hono';
import type { Database } from '../../engine/api.js';
import type { Ambient } from '../../ports/ambient.js';
import { readBody } from '../body.js';
import { parseObject, toJson, type JsonObject } from '../json.js';
import { requestIdOf, type Runner } from '../requests.js';
import { failureOf, RefusedRequest, routerStatus, STATUS } from '../status.js';
import { COLLECTION_VERBS } from './collections.js';
import { ENTITY_VERBS } from './entities.js';
import { INDEX_VERBS } from './indexes.js';
import { optionalText, optionalTexts } from './parameters.js';
import type { Verbs } from './verb.js';

const VERBS: Verbs = { ...COLLECTION_VERBS, ...ENTITY_VERBS, ...INDEX_VERBS };
const DATABASE = 'default';
const PARTITION = '_default';

export function restRoutes(database: Database, log: Ambient['log'], requests: Runner): Hono {
  const routes = new Hono();
  for (const [path, verb] of Object.entries(VERBS)) {
    routes.post(`/${path}`, async (c) => {
      try {
        const body = parseObject(await readBody(c.req.raw, requests.bytesMax));
        checkScope(body);
        const requestId = requestIdOf(c.req.header('client-request-id'), c.req.header('traceparent'));
        return answer(c, { code: 0, ...(await requests.run({ protocol: 'rest', verb: path, requestId }, () => verb(database, body))) });
      } catch (error) {
        const { status, message, unexpected } = failureOf(error);
        if (unexpected) log('error', `${path} failed`, { error });
        return answer(c, { code: status, message }, routerStatus(error));
      }
    });
  }
  return routes;
}

function answer(c: Context, content: object, httpStatus: ReturnType<typeof routerStatus> = 200): Response {
  const int64AsText = c.req.header('accept-type-allow-int64')?.toLowerCase() === 'false';
  return c.body(toJson(content, int64AsText), httpStatus, { 'Content-Type': 'application/json; charset=utf-8' });
}

/** One database and one partition are here: a request that names another must not be answered from these. */
function checkScope(body: JsonObject): void {
  const dbName = optionalText(body, 'dbName') ?? DATABASE;
  if (dbName !== DATABASE) throw new RefusedRequest(STATUS.databaseNotFound, `database not found[database=${dbName}]`);
  for (const partition of [optionalText(body, 'partitionName') ?? PARTITION, ...(optionalTexts(body, 'partitionNames') ?? [])]) {
    if (partition !== PARTITION) throw new RefusedRequest(STATUS.partitionNotFound, `partition not found[partition=${partition}]`);
  }
}
