// Operations: the paths for who runs the server: whether it is alive (/health), whether it answers (/ready), what it does
// (/metrics). They are there from the moment that the port listens, and while the server stops.

import { Hono, type Context, type ErrorHandler } from 'hono';
import { version } from '../../package.json';
import type { Database } from '../engine/api.js';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import type { Ambient } from '../ports/ambient.js';
import type { Caller, Gate } from './access/gate.js';
import { needOf } from './access/rule.js';
import { HTTP_RULES } from './http-rules.js';
import { toJson } from './json.js';
import { peerOf } from './peer.js';
import type { LateMetrics } from './metrics/late-metrics.js';
import { failureOf, RefusedRequest } from './status.js';
import { toldHealth } from './told-health.js';

/** 'opening': the database is being opened; 'stopping': requests that run are finished, no other begins. */
export type ServerState = 'opening' | 'ready' | 'stopping';

export interface OperationsOptions {
  readonly state: () => ServerState;
  /** Undefined until it is open. */
  readonly database: () => Database | undefined;
  readonly gate: Gate;
  /** Without, there is no /metrics. */
  readonly metrics?: LateMetrics;
}

export function operationRoutes({ state, database, metrics, gate }: OperationsOptions): Hono {
  const routes = new Hono();
  const admit = async (c: Context, path: '/metrics' | '/health of the database'): Promise<Caller | undefined> => {
    const caller = await gate.authenticate(c.req.header('authorization'), peerOf(c));
    await gate.admit(caller, needOf(HTTP_RULES[path], DEFAULT_DATABASE, {}, path));
    return caller;
  };
  // Whether it is alive is nobody's secret; what it holds may be.
  const holds = async (c: Context): Promise<object> => {
    let caller: Caller | undefined;
    try {
      caller = await admit(c, '/health of the database');
    } catch (error) {
      if (error instanceof RefusedRequest) return {};
      throw error;
    }
    const health = await database()?.health();
    return health === undefined ? {} : { database: toldHealth(caller, health) };
  };
  routes.get('/health', async (c) => jsonResponse({ status: 'ok', version, ...(await holds(c)) }, 200));
  routes.get('/ready', () => jsonResponse({ status: state() }, state() === 'ready' ? 200 : 503));
  if (metrics !== undefined) routes.get('/metrics', async (c) => {
    await admit(c, '/metrics');
    const { text, contentType } = await metrics.read();
    return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  });
  return routes;
}

/** What is answered to what went wrong: an unexpected error is logged, never shown. */
export function errorAnswer(log: Ambient['log']): ErrorHandler {
  return (error, c) => {
    const { http, status, message, unexpected } = failureOf(error);
    if (unexpected) log('error', `${c.req.method} ${c.req.path} failed`, { error });
    return jsonResponse({ code: status, message }, http);
  };
}

export function jsonResponse(content: object, status: number): Response {
  return new Response(toJson(content, false), { status, headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...(status === 503 || status === 429 ? { 'Retry-After': '1' } : {}) } });
}
