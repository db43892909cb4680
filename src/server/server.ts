// Server: a database behind one port of Node: REST, gRPC, copies, /health, /ready, /metrics. It listens before the database
// is open, and answers with HTTP 503 until then; clients of gRPC wait.

import type { Server } from 'node:http';
import { aliasesOf } from './access/access.js';
import { isLoopback } from './address.js';
import { Admission, ADMISSION_LIMITS, type AdmissionLimits } from './admission.js';
import { AnswerMemory } from './answer-memory.js';
import type { AppOptions } from './app.js';
import { BodyMemory } from './body-memory.js';
import type { ServedDatabase } from './call.js';
import type { ServedApp } from './http-listener.js';
import { LateMetrics } from './metrics/late-metrics.js';
import type { ServerState } from './operations.js';
import { lateHttp } from './port/late-http.js';
import { lateHttp2 } from './port/late-http2.js';
import { PORT_LIMITS, type PortLimits } from './port/limits.js';
import { openPort, type Port, type PortCounts } from './port/port.js';
import type { TlsFiles } from './port/tls.js';
import { Requests } from './requests.js';
import { createServices } from './services.js';
import { checkRules } from './sync/conflict-rules.js';

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
  /** Bodies of requests in memory at once. Default 512 MiB. */
  readonly bodyBytesMax?: number;
  /** Answers over gRPC in memory that clients have not taken. Default 512 MiB. */
  readonly answerBytesMax?: number;
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
  const { log, onConflict = {} } = options;
  // Who starts it is told now, not the first who asks.
  checkRules(onConflict);
  const services = givenServices ?? createServices(log);
  const limits: PortLimits = { ...PORT_LIMITS, ...options.limits };
  let state: ServerState = 'opening';
  let database: ServedDatabase | undefined;
  let served: ServedApp | undefined;
  let port: Port | undefined;
  const admission = new Admission({ ...ADMISSION_LIMITS, ...options.admission });
  const metrics = new LateMetrics({ database: () => database, port: () => port?.counts(), admission });
  const gate = options.gate ?? services.access.gate;
  const requests = new Requests(admission, metrics, log, options.requestBytesMax, new BodyMemory(options.bodyBytesMax));
  const untaken = new AnswerMemory(options.answerBytesMax);
  const operations = { state: () => state, database: () => database, metrics, gate };
  const http = lateHttp(limits, async () => (await import('./http-listener.js')).httpListener(operations, () => served, log), (error) => log('error', 'HTTP is not served', { error }));
  const opened = openPort({ host, port: number, ...(tls === undefined ? {} : { tls }), limits, http: http.server, log });
  let loading: NodeJS.Timeout | undefined;
  const answer = async (): Promise<void> => {
    database = await given;
    services.access.resolveBy(aliasesOf(database));
    served = { strictHosts: isLoopback(host), ...options, gate, services, database, requests, demoDirectory, consoleDirectory, ...(await backupsOf(database, options)) };
    const grpc = { ...options, gate, services, database, requests, stopMs: limits.stopMs, bodyMs: limits.requestMs, writeMs: limits.writeMs, untaken };
    const http2 = lateHttp2(async () => (await import('./grpc/server.js')).createGrpcServer(grpc), (error) => log('error', 'gRPC is not served', { error }));
    port?.useHttp2(http2);
    if (state === 'opening') state = 'ready';
    loading = setTimeout(() => void loadAll([http2, http, metrics], log), 0);
  };
  port = await opened;
  const listening = port;
  const ready = answer();
  // Whoever started the server is told by `ready`; it may not look before it closes.
  ready.catch(() => undefined);
  if (!(given instanceof Promise)) await ready;
  return {
    url: listening.url,
    http: http.server,
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

/** What nobody has asked for yet, so that who does need not wait. */
async function loadAll(parts: readonly { load(): Promise<unknown> }[], log: ServerOptions['log']): Promise<void> {
  try {
    for (const part of parts) await part.load();
  } catch (error) {
    log('error', 'a part of the server could not be loaded; it is tried again for who needs it', { error });
  }
}

async function backupsOf(database: ServedDatabase, { backupDirectory, dataDirectory }: Pick<ServerOptions, 'backupDirectory' | 'dataDirectory'>): Promise<Pick<AppOptions, 'backups'>> {
  if (backupDirectory === undefined || dataDirectory === undefined) return {};
  const { DATABASE_FOLDER, dataBackups } = await import('./backup/data-backups.js');
  return { backups: dataBackups({ database, directory: dataDirectory, name: DATABASE_FOLDER }, backupDirectory) };
}
