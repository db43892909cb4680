// Origin: which web pages may talk to the server. None but its own, unless they are named. Because JSON is taken under
// any content type, a browser would let a stranger's page POST without asking first: such a request is refused here. So is one that
// reached this machine by a name that is not ours: a stranger's page may have had its own name turned to this address.

import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { HEAD_KEY_HEADER } from '../sync/trust.js';
import { isAddress } from './address.js';
import { RefusedRequest, STATUS } from './status.js';

const ANY_ORIGIN = '*';
/** `ContentType`, `Accept-Type-Allow-Int64` and `Request-Timeout` are sent by Milvus' own HTTP client. */
const REQUEST_HEADERS = ['Content-Type', 'ContentType', 'Accept', 'Accept-Type-Allow-Int64', 'Authorization', 'Request-Timeout', 'DB-Name', 'Client-Request-Id', 'Traceparent', 'If-None-Match', 'If-Range', 'Range', 'Content-Range'];
const RESPONSE_HEADERS = ['ETag', 'Content-Length', 'Content-Range', 'Accept-Ranges', 'Retry-After', 'Date', HEAD_KEY_HEADER];

export interface OriginOptions {
  /** Origins of web pages that may use the server, or "*" for all; none but its own by default. */
  readonly cors: readonly string[];
  /** Names of this server, by which its own page is known, beside addresses and `localhost`. */
  readonly serverNames: readonly string[];
  /** Whether requests by another name are refused, whoever sends them: right where only this machine is to reach the server. */
  readonly strictHosts: boolean;
}

export function crossOrigin(allowed: readonly string[]): MiddlewareHandler {
  return cors({
    origin: allowed.includes(ANY_ORIGIN) ? ANY_ORIGIN : [...allowed],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT'],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge: 600,
  });
}

/** Refuses a request that changes something on behalf of a page of another, not allowed origin, and one by a stranger's name. */
export function refuseStrangers({ cors: allowed, serverNames, strictHosts }: OriginOptions): MiddlewareHandler {
  const open = allowed.includes(ANY_ORIGIN);
  const names: ReadonlySet<string> = new Set([...serverNames.map((name) => name.toLowerCase()), ...allowed.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname)]);
  return async (c, next) => {
    const { hostname, host } = new URL(c.req.url);
    const isKnown = open || isAddress(hostname) || names.has(hostname);
    if (strictHosts && !isKnown) throw new RefusedRequest(STATUS.invalidParameter, `host ${hostname} is not a name of this server: start it with --server-names ${hostname} if it is`, 403);
    const origin = c.req.header('origin');
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    const isOwn = isKnown && origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
    if (!reads && origin !== undefined && !open && !allowed.includes(origin) && !isOwn) {
      throw new RefusedRequest(STATUS.invalidParameter, `origin ${origin} is not allowed`, 403);
    }
    await next();
  };
}
