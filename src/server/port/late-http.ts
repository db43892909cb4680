// LateHttp: a server of HTTP/1.1 whose listener is loaded when it is first needed, so that the port listens without it. Requests that
// come meanwhile wait, their bodies unread.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { late } from '../../platform/late.js';
import type { PortLimits } from './limits.js';

export interface LateHttp {
  /** It listens nowhere. */
  readonly server: Server;
  /** So that the first client need not wait for it. Errors: those of loading it. */
  load(): Promise<void>;
}

/** How often the time limits of connections are looked after. */
const CHECKING_MS = 1000;

/** `failed` is told what loading failed by; the requests that waited for it are then broken off. */
export function lateHttp(limits: PortLimits, make: () => Promise<RequestListener>, failed: (error: unknown) => void): LateHttp {
  let made: RequestListener | undefined;
  const listener = late(async () => (made = await make()));
  const wait = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const answer = await listener();
      if (!response.destroyed) answer(request, response);
    } catch (error) {
      failed(error);
      response.destroy();
    }
  };
  const options = { maxHeaderSize: limits.headerBytesMax, headersTimeout: limits.headerMs, requestTimeout: limits.requestMs, keepAliveTimeout: limits.idleMs, connectionsCheckingInterval: CHECKING_MS };
  const server = createServer(options, (request, response) => {
    response.on('timeout', endIfUntaken);
    void (made === undefined ? wait(request, response) : made(request, response));
  });
  server.timeout = limits.writeMs;
  return { server, load: async () => void (await listener()) };
}

/** While it answers a connection may be silent for as long as that takes, unless the client takes nothing of what is there. */
function endIfUntaken(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy();
}
