// LateHttp2: an acceptor that is loaded when it is first needed, as the modules of gRPC take longer to load than all others of the
// server together: it listens, and is ready, without them. Connections that come meanwhile wait.

import type { Socket } from 'node:net';
import type { Http2Acceptor } from './port.js';

export interface LateHttp2 extends Http2Acceptor {
  /** Begins to load, so that the first client need not wait for it. */
  load(): void;
}

/** `failed` is told what loading failed by; connections are then closed. */
export function lateHttp2(make: () => Promise<Http2Acceptor>, failed: (error: unknown) => void): LateHttp2 {
  let loading: Promise<Http2Acceptor | undefined> | undefined;
  const acceptor = (): Promise<Http2Acceptor | undefined> => {
    loading ??= make().catch((error: unknown) => {
      failed(error);
      return undefined;
    });
    return loading;
  };
  return {
    load: () => void acceptor(),
    accept: (socket: Socket) => {
      socket.pause();
      void acceptor().then((made) => (made === undefined || socket.destroyed ? socket.destroy() : made.accept(socket)));
    },
    close: async () => (await loading)?.close(),
  };
}
