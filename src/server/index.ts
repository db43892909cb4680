// Server: the app on a port of Node. A request in flight when the server is closed is finished, for a while.

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createApp, type AppOptions } from './app.js';
import { consoleFiles } from './console/files.js';
import { demoFiles } from './demo-files.js';
import { createServices } from './services.js';

export { createApp, type AppOptions } from './app.js';
export type { ReplicaFile, ReplicaManifest, ReplicaSource } from './replica-source.js';

export interface ServerOptions extends Omit<AppOptions, 'demo' | 'console'> {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Served below /demo/. */
  readonly demoDirectory?: string;
  /** The built console, served at `/`. */
  readonly consoleDirectory?: string;
}

export interface RunningServer {
  readonly url: string;
  /** For other protocols on the same port. */
  readonly http: Server;
  /** Takes no more requests, and waits for those in flight, at most `CLOSE_TIMEOUT_MS`. The database stays open. */
  close(): Promise<void>;
}

export const CLOSE_TIMEOUT_MS = 10_000;

/** Errors: those of `listen`, e.g. EADDRINUSE. */
export async function startServer({ host, port, demoDirectory, consoleDirectory, services: given, ...options }: ServerOptions): Promise<RunningServer> {
  const services = given ?? createServices(options.log);
  const pages = { ...(demoDirectory === undefined ? {} : { demo: demoFiles(demoDirectory) }), ...(consoleDirectory === undefined ? {} : { console: consoleFiles(consoleDirectory) }) };
  const app = createApp({ ...options, services, ...pages });
  const http = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
  http.on('error', (error) => options.log('error', 'the listening socket failed', { error }));
  const close = async (): Promise<void> => {
    await closeServer(http);
    await services.close();
  };
  return { url: urlOf(http, host), http, close };
}

function urlOf(http: Server, host: string): string {
  const address = http.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a TCP address');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

async function closeServer(http: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  // A connection is idle only once its answer is out: those are let go as they become so.
  http.on('request', (_request, response) => response.setHeader('Connection', 'close'));
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const late = setTimeout(() => http.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
