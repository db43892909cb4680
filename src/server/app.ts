// App: every path of the server as one web-standard fetch handler; it names nothing of a platform, so that any
// runtime can serve it. No exception leaves it, and an unexpected one is logged, never shown.

import { Hono, type MiddlewareHandler } from 'hono';
import type { ConflictRules } from '../engine/api/push.js';
import type { Ambient } from '../ports/ambient.js';
import { aliasesOf } from './access/access.js';
import type { Gate } from './access/gate.js';
import { adminRoutes } from './admin/table.js';
import type { ServedDatabase } from './call.js';
import type { DataBackups } from './backup/data-backups.js';
import { CONSOLE_ROUTES } from './console/table.js';
import { errorAnswer, jsonResponse, operationRoutes } from './operations.js';
import { crossOrigin, refuseStrangers, type OriginOptions } from './origin.js';
import { replicaRoutes } from './replica-routes.js';
import { plainRunner, type Runner } from './requests.js';
import { DOCUMENT_PATH, openapiDocument } from './rest/openapi.js';
import { restRoutes } from './rest/routes.js';
import { ROUTES } from './rest/table.js';
import { createServices, type Services } from './services.js';
import { admittedBy } from './sync/admitted.js';
import { checkRules } from './sync/conflict-rules.js';
import { syncRoutes } from './sync/routes.js';
import { segmentRoutes } from './sync/segment-routes.js';

export interface AppOptions extends Partial<OriginOptions> {
  readonly database: ServedDatabase;
  readonly log: Ambient['log'];
  /** Says who may call what; by default that of the services. */
  readonly gate?: Gate;
  readonly services?: Services;
  /** What verbs run within; by default nothing. */
  readonly requests?: Runner;
  /** Answer /health and /ready, and what else is there for who runs the server. */
  readonly operations?: Hono;
  /** Where backups go that are asked for below /admin/. */
  readonly backups?: DataBackups;
  /** What becomes of pushed rows that meet what somebody else wrote, by collection. Default: the later write stays. */
  readonly onConflict?: ConflictRules;
  /** Answers what is below /demo/. */
  readonly demo?: MiddlewareHandler;
  /** The console's page at `/`, and its files below /console/. */
  readonly console?: Hono;
}

export function createApp({ database, log, services = createServices(log), gate = services.access.gate, cors = [], serverNames = [], strictHosts = false, onConflict = {}, demo, console: page, backups, requests = plainRunner, operations = operationRoutes({ state: () => 'ready', database: () => database, gate }) }: AppOptions): Hono {
  const app = new Hono();
  app.onError(errorAnswer(log));
  app.notFound((c) => jsonResponse({ code: 404, message: `no such path: ${c.req.method} ${c.req.path}` }, 404));
  services.access.resolveBy(aliasesOf(database));
  if (cors.length > 0) app.use(crossOrigin(cors));
  app.use(refuseStrangers({ cors, serverNames, strictHosts }));
  app.route('/', operations);
  const rest = { database, gate, log, services, requests };
  app.route('/v2/vectordb', restRoutes(rest));
  app.route('/', restRoutes({ ...rest, table: adminRoutes(backups) }));
  app.get(DOCUMENT_PATH, () => jsonResponse(openapiDocument(ROUTES), 200));
  const admitted = admittedBy(database, gate);
  app.route('/v1', syncRoutes({ admitted, requests, room: services.sync, onConflict: checkRules(onConflict) }));
  app.route('/v1', segmentRoutes({ admitted, requests, room: services.sync, onConflict }));
  app.route('/v1', replicaRoutes({ log, requests, admitted: (c) => admitted(c, '/v1/collections') }));
  app.route('/', restRoutes({ ...rest, table: CONSOLE_ROUTES }));
  if (page !== undefined) app.route('/', page);
  if (demo !== undefined) {
    app.get('/', (c) => c.redirect('/demo/'));
    app.get('/demo', (c) => c.redirect('/demo/'));
    app.use('/demo/*', demo);
  }
  return app;
}
