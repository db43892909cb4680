// LateHttp2: an acceptor that is loaded when it is first needed, so that the server listens, and is ready, without it. Connections
// that come meanwhile wait.

import type { Socket } from 'node:net';
import { late } from '../../platform/late.js';
import type { Http2Acceptor } from './port.js';

export interface LateHttp2 extends Http2Acceptor {
  /** So that the first client need not wait for it. Errors: those of loading it. */
  load(): Promise<void>;
}

/** `failed` is told what loading failed by; the connections that waited for it are then closed. */
export function lateHttp2(make: () => Promise<Http2Acceptor>, failed: (error: unknown) => void): LateHttp2 {
  let made: Http2Acceptor | undefined;
  const acceptor = late(async () => (made = await make()));
  const accept = async (socket: Socket): Promise<void> => {
    try {
      const { accept: take } = await acceptor();
      if (!socket.destroyed) take(socket);
    } catch (error) {
      failed(error);
      socket.destroy();
    }
  };
  return {
    load: async () => void (await acceptor()),
    accept: (socket) => {
      if (made !== undefined) return made.accept(socket);
      socket.pause();
      void accept(socket);
    },
    close: async () => made?.close(),
  };
}
