// Sync routes: heads, changes and pushes. The manifest and the files themselves are those of the replica routes.

import { Hono, type Context } from 'hono';
import { DEFAULT_DATABASE } from '../../format/catalog.js';
import { decodePush, hasDeletions, PUSH_ONE_BYTES_MAX, type Push } from '../../format/push.js';
import { encodeAnswer } from '../../sync/push-answer.js';
import { HEAD_KEY_HEADER } from '../../sync/trust.js';
import type { Caller, Gate } from '../access/gate.js';
import { needOf } from '../access/rule.js';
import { readBody } from '../body.js';
import type { ServedDatabase } from '../call.js';
import { HTTP_RULES } from '../http-rules.js';
import { peerOf } from '../peer.js';
import type { Runner } from '../requests.js';
import { RefusedRequest, STATUS } from '../status.js';
import type { SyncRoom } from './room.js';

export interface SyncOptions {
  readonly database: ServedDatabase;
  readonly gate: Gate;
  readonly requests: Runner;
  readonly room: SyncRoom;
}

type SyncRule = '/v1/collections' | '/v1/collections/push' | '/v1/collections/push of deletions';

const NO_STORE = { 'Cache-Control': 'private, no-store' };

export function syncRoutes({ database, gate, requests, room }: SyncOptions): Hono {
  const routes = new Hono();
  const admitted = async (c: Context, rule: SyncRule): Promise<{ readonly within: ServedDatabase; readonly caller: Caller | undefined; readonly ended: (error?: unknown) => void }> => {
    const named = c.req.query('database') ?? DEFAULT_DATABASE;
    const caller = await gate.authenticate(c.req.header('authorization'), peerOf(c));
    const admission = await gate.admit(caller, needOf(HTTP_RULES[rule], named, { collection: c.req.param('name') ?? '' }, rule));
    return { within: named === database.database ? database : await database.useDatabase(named), caller, ended: (error) => admission.ended(error) };
  };
  routes.get('/collections/:name/head', async (c) => {
    const { within } = await admitted(c, '/v1/collections');
    const { bytes, etag, publicKey } = await room.head(within, c.req.param('name'));
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache', [HEAD_KEY_HEADER]: publicKey, 'Access-Control-Expose-Headers': HEAD_KEY_HEADER };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    return c.body(bytes, 200, { ...headers, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(bytes.byteLength) });
  });
  routes.get('/collections/:name/changes', async (c) => {
    const { within } = await admitted(c, '/v1/collections');
    const since = Number(c.req.query('since') ?? '0');
    if (!Number.isSafeInteger(since) || since < 0) throw new RefusedRequest(STATUS.invalidParameter, 'since: expected a version');
    return c.json({ version: await room.changed(within, c.req.param('name'), since, c.req.raw.signal) }, 200, NO_STORE);
  });
  routes.post('/collections/:name/push', async (c) => {
    const { within, caller, ended } = await admitted(c, '/v1/collections/push');
    try {
      const push = decoded(await readBody(c.req.raw, PUSH_ONE_BYTES_MAX));
      if (hasDeletions(push)) await admitted(c, '/v1/collections/push of deletions');
      const { status, bytes } = encodeAnswer(await requests.run(() => room.push(within, c.req.param('name'), push, caller?.user ?? '')));
      ended();
      return c.body(bytes, status as 200, { ...NO_STORE, 'Content-Type': 'application/json; charset=utf-8' });
    } catch (error) {
      ended(error);
      throw error;
    }
  });
  return routes;
}

/** Errors: 1801 with HTTP 400 if it is no push. */
function decoded(body: Uint8Array): Push {
  try {
    return decodePush(body, 'a push');
  } catch (error) {
    throw new RefusedRequest(STATUS.malformedRequest, error instanceof Error ? error.message : String(error));
  }
}
