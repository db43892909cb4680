// Server: a database behind one port of Node: REST, gRPC, copies, /health, /ready, /metrics. It listens before the database
// is open, and answers with HTTP 503 until then; clients of gRPC wait.

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { Admission, ADMISSION_LIMITS, type AdmissionLimits } from './admission.js';
import { createApp, type AppOptions } from './app.js';
import { DATABASE_FOLDER, dataBackups } from './backup/data-backups.js';
import { BodyMemory } from './body-memory.js';
import type { ServedDatabase } from './call.js';
import { consoleFiles } from './console/files.js';
import { demoFiles } from './demo-files.js';
import { Metrics } from './metrics/metrics.js';
import { jsonResponse, operationRoutes, type ServerState } from './operations.js';
import { lateHttp2 } from './port/late-http2.js';
import { isLoopback } from './origin.js';
import { PORT_LIMITS, type PortLimits } from './port/limits.js';
import { openPort, type Port, type PortCounts } from './port/port.js';
import type { TlsFiles } from './port/tls.js';
import { Requests } from './requests.js';
import { createServices } from './services.js';
import { STATUS } from './status.js';

export { createApp, type AppOptions } from './app.js';
export { ADMISSION_LIMITS, type AdmissionLimits } from './admission.js';
export { PORT_LIMITS, type PortLimits } from './port/limits.js';
export type { PortCounts } from './port/port.js';
export type { TlsFiles } from './port/tls.js';
export type { ReplicaFile, ReplicaManifest, ReplicaSource } from './replica-source.js';

export interface ServerOptions extends Omit<AppOptions, 'backups' | 'demo' | 'console' | 'database' | 'operations' | 'requests'> {
  /** The port listens before it is open. If it does not open, the server answers 503 until it is closed. */
  readonly database: ServedDatabase | Promise<ServedDatabase>;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The port speaks TLS alone. */
  readonly tls?: TlsFiles;
  /** Served below /demo/. */
  readonly demoDirectory?: string;
  /** Given with `dataDirectory`: where backups go that are asked for below /admin/. */
  readonly backupDirectory?: string;
  /** Of the database, which is its folder `default`. */
  readonly dataDirectory?: string;
  /** The built console, served at `/`. */
  readonly consoleDirectory?: string;
  /** Default 64 MiB. */
  readonly requestBytesMax?: number;
  /** Bodies of requests over REST in memory at once. Default 512 MiB. */
  readonly bodyBytesMax?: number;
  readonly limits?: Partial<PortLimits>;
  readonly admission?: Partial<AdmissionLimits>;
}

export interface RunningServer {
  readonly url: string;
  /** For other protocols on the same port. */
  readonly http: Server;
  /** Resolves when the database is open and everything is answered. Errors: those of opening it. */
  readonly ready: Promise<void>;
  connections(): PortCounts;
  /** Reads the files of TLS again, for connections to come. Errors: what they are not; then nothing changed. */
  reloadTls(): Promise<void>;
  /** Takes no more requests, and waits for those in flight, at most `limits.stopMs`. The database stays open. */
  close(): Promise<void>;
}

/** Errors: those of `listen`, e.g. EADDRINUSE, and what the files of TLS are not. */
export async function startServer({ host, port: number, tls, demoDirectory, consoleDirectory, database: given, services: givenServices, ...options }: ServerOptions): Promise<RunningServer> {
  const services = givenServices ?? createServices(options.log);
  const limits: PortLimits = { ...PORT_LIMITS, ...options.limits };
  const pages = { ...(demoDirectory === undefined ? {} : { demo: demoFiles(demoDirectory) }), ...(consoleDirectory === undefined ? {} : { console: consoleFiles(consoleDirectory) }) };
  let state: ServerState = 'opening';
  let database: ServedDatabase | undefined;
  let port: Port | undefined;
  let loading: NodeJS.Timeout | undefined;
  const admission = new Admission({ ...ADMISSION_LIMITS, ...options.admission });
  const metrics = new Metrics({ database: () => database, port: () => port?.counts(), admission });
  const gate = options.gate ?? services.access.gate;
  const operations = operationRoutes({ state: () => state, database: () => database, metrics, gate });
  let app = openingApp(operations);
  const http = httpServer((request, environment) => app.fetch(request, environment), limits);
  const opened = openPort({ host, port: number, ...(tls === undefined ? {} : { tls }), limits, http, log: options.log });
  const answer = async (): Promise<void> => {
    database = await given;
    const requests = new Requests(admission, metrics, options.log, options.requestBytesMax, new BodyMemory(options.bodyBytesMax));
    app = createApp({ strictHosts: isLoopback(host), ...options, gate, services, database, operations, requests, ...backupsOf(database, options), ...pages });
    const grpc = { ...options, gate, services, database, requests, stopMs: limits.stopMs };
    const acceptor = lateHttp2(async () => (await import('./grpc/server.js')).createGrpcServer(grpc), (error) => options.log('error', 'gRPC is not served', { error }));
    port?.useHttp2(acceptor);
    if (state === 'opening') state = 'ready';
    loading = setTimeout(acceptor.load, 0);
  };
  port = await opened;
  const listening = port;
  const ready = answer();
  // Whoever started the server is told by `ready`; it may not look before it closes.
  ready.catch(() => undefined);
  if (!(given instanceof Promise)) await ready;
  return {
    url: listening.url,
    http,
    ready,
    connections: () => listening.counts(),
    reloadTls: () => listening.reloadTls(),
    close: async () => {
      clearTimeout(loading);
      state = 'stopping';
      admission.stop();
      await listening.close();
      await services.close();
    },
  };
}

function httpServer(fetch: (request: Request, environment: unknown) => Response | Promise<Response>, limits: PortLimits): Server {
  const http = createAdaptorServer({ fetch, serverOptions: { maxHeaderSize: limits.headerBytesMax, headersTimeout: limits.headerMs, requestTimeout: limits.requestMs, keepAliveTimeout: limits.idleMs, connectionsCheckingInterval: CHECKING_MS } }) as Server;
  http.timeout = 0;
  return http;
}

function backupsOf(database: ServedDatabase, { backupDirectory, dataDirectory }: Pick<ServerOptions, 'backupDirectory' | 'dataDirectory'>): Pick<AppOptions, 'backups'> {
  if (backupDirectory === undefined || dataDirectory === undefined) return {};
  return { backups: dataBackups({ database, directory: dataDirectory, name: DATABASE_FOLDER }, backupDirectory) };
}

/** How often the time limits of connections are looked after. */
const CHECKING_MS = 1000;

/** Answers while the database is being opened. */
function openingApp(operations: Hono): Hono {
  const app = new Hono();
  app.route('/', operations);
  app.notFound(() => jsonResponse({ code: STATUS.notReady, message: 'the database is being opened; try again' }, 503));
  return app;
}
