// Port: the one TCP port of the server. A connection says by its first bytes whether it speaks HTTP/2, which gRPC does, or
// HTTP/1.1, and goes to the one that answers it; over TLS the same, behind the handshake. All connections are counted and
// known here, so that none outlives the port.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Ambient } from '../../ports/ambient.js';
import type { PortLimits } from './limits.js';
import { protocolOf } from './sniff.js';
import { readTls, serverTls, type TlsFiles } from './tls.js';

/** Answers connections of HTTP/2. */
export interface Http2Acceptor {
  accept(socket: Socket): void;
  /** Takes no more requests and resolves when those that run are over. */
  close(): Promise<void>;
}

export interface PortOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly limits: PortLimits;
  /** It listens nowhere itself. */
  readonly http: HttpServer;
  readonly log: Ambient['log'];
}

export interface PortCounts {
  readonly open: { readonly unknown: number; readonly http1: number; readonly http2: number };
  /** Since the start: connections beyond the limit, those that said nothing in time, and failed handshakes. */
  readonly refused: { readonly limit: number; readonly silent: number; readonly handshake: number };
}

/** How often connections are looked at when the port closes. */
const CLOSING_MS = 50;

export class Port {
  readonly #options: PortOptions;
  readonly #server: Server;
  readonly #open = { unknown: 0, http1: 0, http2: 0 };
  readonly #refused = { limit: 0, silent: 0, handshake: 0 };
  readonly #sockets = new Set<Socket>();
  /** Of HTTP/2, until there is who answers them. */
  readonly #held: Socket[] = [];
  #http2: Http2Acceptor | undefined;
  #isClosing = false;

  /** Use `openPort`. */
  constructor(options: PortOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    server.maxConnections = options.limits.connectionsMax;
    server.on('drop', () => this.#refused.limit++);
    server.on('connection', (socket) => this.#track(socket));
    server.on('tlsClientError', (_error, socket) => {
      this.#refused.handshake++;
      socket.destroy();
    });
    server.on(isTls(server) ? 'secureConnection' : 'connection', (socket: Socket) => void this.#accept(socket));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    const { host, tls } = this.#options;
    return `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  counts(): PortCounts {
    return { open: { ...this.#open }, refused: { ...this.#refused } };
  }

  /** From now on connections of HTTP/2, also those that wait already, are answered by this. */
  useHttp2(acceptor: Http2Acceptor): void {
    this.#http2 = acceptor;
    for (const socket of this.#held.splice(0)) if (!socket.destroyed) acceptor.accept(socket);
  }

  /** Reads the TLS files again, for connections to come. Errors: as of the start; then nothing changed. */
  async reloadTls(): Promise<void> {
    const { tls } = this.#options;
    if (tls === undefined || !isTls(this.#server)) return;
    this.#server.setSecureContext(await readTls(tls));
  }

  /** Takes no more connections and requests, waits for those that run, at most as long as the limits say, and ends what is left. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const { http, limits } = this.#options;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#held.splice(0)) socket.destroy();
    // A connection is idle only once its answer is out: those are let go as they become so. Before the listener, which may answer at once.
    http.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    const idle = setInterval(() => http.closeIdleConnections(), CLOSING_MS);
    const late = setTimeout(() => this.#destroyAll(), limits.stopMs);
    http.closeIdleConnections();
    await Promise.all([this.#http2?.close(), closed]);
    clearInterval(idle);
    clearTimeout(late);
    await new Promise<void>((resolve) => http.close(() => resolve()));
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', ignore);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #accept(socket: Socket): Promise<void> {
    socket.on('error', ignore);
    this.#open.unknown++;
    const protocol = await protocolOf(socket, this.#options.limits.firstBytesMs);
    this.#open.unknown--;
    if (protocol === undefined || this.#isClosing) {
      if (protocol === undefined) this.#refused.silent++;
      socket.destroy();
      return;
    }
    this.#open[protocol]++;
    socket.on('close', () => this.#open[protocol]--);
    if (protocol === 'http1') this.#options.http.emit('connection', socket);
    else if (this.#http2 !== undefined) this.#http2.accept(socket);
    else this.#hold(socket);
  }

  // Whoever comes before there is an answer waits for it; the limit of connections is the limit of these.
  #hold(socket: Socket): void {
    socket.pause();
    this.#held.push(socket);
  }
}

// A connection that breaks is over; whoever waits for its answer is told by its protocol.
const ignore = (): void => {};

function isTls(server: Server): server is TlsServer {
  return 'setSecureContext' in server;
}

/** Errors: those of `listen`, e.g. EADDRINUSE, and what the TLS files are not. */
export async function openPort(options: PortOptions): Promise<Port> {
  const { host, port: number, tls, limits, http } = options;
  const server = tls === undefined ? createServer({ noDelay: true, keepAlive: true }) : createTlsServer({ noDelay: true, keepAlive: true, ...serverTls(await readTls(tls), tls, limits.firstBytesMs) });
  const port = new Port(options, server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(number, host, () => {
      server.off('error', reject);
      server.on('error', (error) => options.log('error', 'the listening socket failed', { error }));
      resolve();
    });
  });
  // It listens nowhere, yet only so begins to look after the time limits of its connections.
  http.emit('listening');
  return port;
}
