// Server: REST and gRPC on one port of Node. A request in flight when the server is closed is finished, for a while.

import type { Server } from 'node:http';
import { createServer as createListener, type Server as Listener, type Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { openGate } from './access/gate.js';
import { createApp, type AppOptions } from './app.js';
import type { ServedDatabase } from './call.js';
import { demoFiles } from './demo-files.js';
import { createGrpcServer, type GrpcServer } from './grpc/server.js';
import { createServices } from './services.js';

export { createApp, type AppOptions } from './app.js';
export type { ReplicaFile, ReplicaManifest, ReplicaSource } from './replica-source.js';

export interface ServerOptions extends Omit<AppOptions, 'demo' | 'database'> {
  readonly database: ServedDatabase;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Served below /demo/. */
  readonly demoDirectory?: string;
}

export interface RunningServer {
  readonly url: string;
  /** For other protocols on the same port. */
  readonly http: Server;
  /** Takes no more requests, and waits for those in flight, at most `CLOSE_TIMEOUT_MS`. The database stays open. */
  close(): Promise<void>;
}

export const CLOSE_TIMEOUT_MS = 10_000;

/** What every client of HTTP/2 begins with; no request of HTTP/1.1 does. */
const HTTP2_PREFACE = Buffer.from('PRI ');

/** Errors: those of `listen`, e.g. EADDRINUSE. */
export async function startServer({ host, port, demoDirectory, services: given, gate = openGate, ...options }: ServerOptions): Promise<RunningServer> {
  const services = given ?? createServices(options.log);
  const app = createApp({ ...options, gate, services, ...(demoDirectory === undefined ? {} : { demo: demoFiles(demoDirectory) }) });
  const http = createAdaptorServer({ fetch: app.fetch }) as Server;
  let grpc: GrpcServer | undefined;
  // Made for the first who speaks it: it takes a while, and memory.
  const grpcServer = (): GrpcServer => (grpc ??= createGrpcServer({ database: options.database, gate, log: options.log, services }));
  /** Connections that have not said yet what they speak. */
  const silent = new Set<Socket>();
  const listener = createListener((socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    serve(socket, http, grpcServer, options.log, () => silent.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  // It then looks after its connections: which are idle, and which keep it waiting.
  http.emit('listening');
  listener.on('error', (error) => options.log('error', 'the listening socket failed', { error }));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const socket of silent) socket.destroy();
    await Promise.all([closeHttp(http, closed), grpc?.close()]);
    await services.close();
  };
  return { url: urlOf(listener, host), http, close };
}

/** Hands a connection to who speaks its protocol, as its first bytes say. */
function serve(socket: Socket, http: Server, grpcServer: () => GrpcServer, log: ServerOptions['log'], spoken: () => void): void {
  const failed = (error: unknown): void => log('debug', 'a connection ended before its first request', { error });
  socket.once('error', failed);
  socket.once('readable', () => {
    const first = socket.read() as Buffer | null;
    socket.off('error', failed);
    spoken();
    if (first === null) return void socket.destroy();
    socket.unshift(first);
    if (!first.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE)) return void http.emit('connection', socket);
    try {
      grpcServer().accept(socket);
    } catch (error) {
      log('error', 'gRPC is not served', { error });
      socket.destroy();
    }
  });
}

function urlOf(listener: Listener, host: string): string {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a TCP address');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** Lets connections of HTTP go as they become idle, which they are only once their answer is out; all of them in the end. */
async function closeHttp(http: Server, closed: Promise<void>): Promise<void> {
  http.on('request', (_request, response) => response.setHeader('Connection', 'close'));
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const late = setTimeout(() => http.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
