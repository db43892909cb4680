// Operations: the paths for who runs the server: whether it is alive (/health), whether it answers (/ready), what it does
// (/metrics). They are there from the moment that the port listens, and while the server stops.

import { Hono } from 'hono';
import { version } from '../../package.json';
import type { Database } from '../engine/api.js';
import { toJson } from './json.js';
import type { Metrics } from './metrics/metrics.js';

/** 'opening': the database is being opened; 'stopping': requests that run are finished, no other begins. */
export type ServerState = 'opening' | 'ready' | 'stopping';

export interface OperationsOptions {
  readonly state: () => ServerState;
  /** Undefined until it is open. */
  readonly database: () => Database | undefined;
  /** Without, there is no /metrics. */
  readonly metrics?: Metrics;
}

export function operationRoutes({ state, database, metrics }: OperationsOptions): Hono {
  const routes = new Hono();
  routes.get('/health', async () => jsonResponse({ status: 'ok', version, database: await database()?.health() }, 200));
  routes.get('/ready', () => jsonResponse({ status: state() }, state() === 'ready' ? 200 : 503));
  if (metrics !== undefined) routes.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }));
  return routes;
}

export function jsonResponse(content: object, status: number): Response {
  return new Response(toJson(content, false), { status, headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...(status === 503 || status === 429 ? { 'Retry-After': '1' } : {}) } });
}
