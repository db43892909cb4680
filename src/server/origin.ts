// Origin: which web pages may talk to the server. None but its own, unless they are named. Because JSON is taken under
// any content type, a browser would let a stranger's page POST without asking first: such a request is refused here.

import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { RefusedRequest, STATUS } from './status.js';

const ANY_ORIGIN = '*';
/** `ContentType` and `Accept-Type-Allow-Int64` are sent by Milvus' own HTTP client. */
const REQUEST_HEADERS = ['Content-Type', 'ContentType', 'Accept-Type-Allow-Int64', 'Authorization', 'Request-Timeout', 'If-None-Match', 'If-Range', 'Range'];
const RESPONSE_HEADERS = ['ETag', 'Content-Length', 'Content-Range', 'Accept-Ranges'];

export function crossOrigin(allowed: readonly string[]): MiddlewareHandler {
  return cors({
    origin: allowed.includes(ANY_ORIGIN) ? ANY_ORIGIN : [...allowed],
    allowMethods: ['GET', 'HEAD', 'POST'],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge: 600,
  });
}

/** Refuses a request that changes something on behalf of a page of another, not allowed origin. */
export function refuseStrangers(allowed: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('origin');
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    if (!reads && origin !== undefined && !allowed.includes(ANY_ORIGIN) && !allowed.includes(origin) && !isOwn(origin, c.req.url)) {
      throw new RefusedRequest(STATUS.invalidParameter, `origin ${origin} is not allowed`, 403);
    }
    await next();
  };
}

function isOwn(origin: string, url: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}
