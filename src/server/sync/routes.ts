// Sync routes: heads, changes and pushes. The manifest and the files themselves are those of the replica routes.

import { Hono } from 'hono';
import type { ConflictRules } from '../../engine/api/push.js';
import { decodePush, hasDeletions, PUSH_ONE_BYTES_MAX } from '../../format/push.js';
import { ruleOf } from '../../model/row-scope.js';
import { encodeAnswer } from '../../sync/push-answer.js';
import { decodeSearch, encodeSearchAnswer, SEARCH_BYTES_MAX } from '../../sync/remote-answer.js';
import { HEAD_KEY_HEADER } from '../../sync/trust.js';
import { readBody } from '../body.js';
import { withBody, type Runner } from '../requests.js';
import { RefusedRequest, STATUS } from '../status.js';
import type { Admitted } from './admitted.js';
import { inTime } from './in-time.js';
import type { SyncRoom } from './room.js';
import { watched, type OfCollection } from './watched.js';

export interface SyncOptions {
  readonly admitted: Admitted;
  readonly requests: Runner;
  readonly room: SyncRoom;
  readonly onConflict: ConflictRules;
}

const NO_STORE = { 'Cache-Control': 'private, no-store' };

export function syncRoutes({ admitted, requests, room, onConflict }: SyncOptions): Hono {
  const routes = new Hono();
  routes.get('/collections/:name/head', watched<OfCollection>(requests, 'head', async (c) => {
    const { within, rows } = await admitted(c, '/v1/collections');
    const { bytes, etag, publicKey } = await inTime(room.head(within, c.req.param('name'), rows));
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache', [HEAD_KEY_HEADER]: publicKey };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    return c.body(bytes, 200, { ...headers, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(bytes.byteLength) });
  }));
  routes.get('/collections/:name/changes', watched<OfCollection>(requests, 'changes', async (c) => {
    const { within } = await admitted(c, '/v1/collections');
    const since = Number(c.req.query('since') ?? '0');
    if (!Number.isSafeInteger(since) || since < 0) throw new RefusedRequest(STATUS.invalidParameter, 'since: expected a version');
    const version = await room.changed(within, c.req.param('name'), since, c.req.raw.signal);
    return c.json({ version, ...(version < since ? { reset: true } : {}) }, 200, NO_STORE);
  }));
  routes.post('/collections/:name/search', watched<OfCollection>(requests, 'search', async (c, isWhole) => {
    const { within, granted, ended } = await admitted(c, '/v1/collections/search');
    try {
      const answer = await withBody(requests, async (held) => {
        const search = decoded(decodeSearch, await readBody(c.req.raw, SEARCH_BYTES_MAX, held), 'a search');
        isWhole();
        return requests.run(() => within.answerSearch(c.req.param('name'), search, ruleOf(undefined, granted)));
      });
      const bytes = encodeSearchAnswer(answer);
      ended();
      return c.body(bytes, 200, { ...NO_STORE, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(bytes.byteLength) });
    } catch (error) {
      ended(error);
      throw error;
    }
  }));
  routes.post('/collections/:name/push', watched<OfCollection>(requests, 'push', async (c, isWhole) => {
    const { within, caller, granted, ended } = await admitted(c, '/v1/collections/push');
    try {
      const answer = await withBody(requests, async (held) => {
        const push = decoded(decodePush, await readBody(c.req.raw, PUSH_ONE_BYTES_MAX, held), 'a push');
        isWhole();
        const deletable = hasDeletions(push) ? (await admitted(c, '/v1/collections/push of deletions')).granted : undefined;
        const from = { user: caller?.user ?? '', rows: { written: ruleOf(undefined, granted), deleted: ruleOf(undefined, deletable) } };
        return requests.run(() => room.push(within, c.req.param('name'), push, from, onConflict));
      });
      const { status, bytes } = encodeAnswer(answer);
      ended();
      return c.body(bytes, status as 200, { ...NO_STORE, 'Content-Type': 'application/json; charset=utf-8' });
    } catch (error) {
      ended(error);
      throw error;
    }
  }));
  return routes;
}

/** Errors: 1801 with HTTP 400 if it is not what `decode` takes. */
function decoded<T>(decode: (body: Uint8Array, where: string) => T, body: Uint8Array, where: string): T {
  try {
    return decode(body, where);
  } catch (error) {
    throw new RefusedRequest(STATUS.malformedRequest, error instanceof Error ? error.message : String(error));
  }
}
