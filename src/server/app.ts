// App: every path of the server as one web-standard fetch handler; it names nothing of a platform, so that any
// runtime can serve it. No exception leaves it, and an unexpected one is logged, never shown.

import { Hono, type MiddlewareHandler } from 'hono';
import type { Ambient } from '../ports/ambient.js';
import { adminRoutes } from './admin/table.js';
import { openGate, type Gate } from './access/gate.js';
import type { ServedDatabase } from './call.js';
import type { DataBackups } from './backup/data-backups.js';
import { CONSOLE_ROUTES } from './console/table.js';
import { jsonResponse, operationRoutes } from './operations.js';
import { crossOrigin, refuseStrangers } from './origin.js';
import { replicaRoutes } from './replica-routes.js';
import { plainRunner, type Runner } from './requests.js';
import { DOCUMENT_PATH, openapiDocument } from './rest/openapi.js';
import { restRoutes } from './rest/routes.js';
import { ROUTES } from './rest/table.js';
import { createServices, type Services } from './services.js';
import { failureOf } from './status.js';

export interface AppOptions {
  readonly database: ServedDatabase;
  readonly log: Ambient['log'];
  /** Says who may call what; by default everybody everything. */
  readonly gate?: Gate;
  readonly services?: Services;
  /** What verbs run within; by default nothing. */
  readonly requests?: Runner;
  /** Answer /health and /ready, and what else is there for who runs the server. */
  readonly operations?: Hono;
  /** Where backups go that are asked for below /admin/. */
  readonly backups?: DataBackups;
  /** Origins of web pages that may use the server, or "*" for all; none but its own by default. */
  readonly cors?: readonly string[];
  /** Answers what is below /demo/. */
  readonly demo?: MiddlewareHandler;
  /** The console's page at `/`, and its files below /console/. */
  readonly console?: Hono;
}

export function createApp({ database, log, gate = openGate, services = createServices(log), cors = [], demo, console: page, backups, requests = plainRunner, operations = operationRoutes({ state: () => 'ready', database: () => database }) }: AppOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    const { http, status, message, unexpected } = failureOf(error);
    if (unexpected) log('error', `${c.req.method} ${c.req.path} failed`, { error });
    return jsonResponse({ code: status, message }, http);
  });
  app.notFound((c) => jsonResponse({ code: 404, message: `no such path: ${c.req.method} ${c.req.path}` }, 404));
  if (cors.length > 0) app.use(crossOrigin(cors));
  app.use(refuseStrangers(cors));
  app.route('/', operations);
  const rest = { database, gate, log, services, requests };
  app.route('/v2/vectordb', restRoutes(rest));
  app.route('/', restRoutes({ ...rest, table: adminRoutes(backups) }));
  app.get(DOCUMENT_PATH, () => jsonResponse(openapiDocument(ROUTES), 200));
  app.route('/v1', replicaRoutes(database, log));
  app.route('/', restRoutes({ ...rest, table: CONSOLE_ROUTES }));
  if (page !== undefined) app.route('/', page);
  if (demo !== undefined) {
    app.get('/', (c) => c.redirect('/demo/'));
    app.get('/demo', (c) => c.redirect('/demo/'));
    app.use('/demo/*', demo);
  }
  return app;
}
