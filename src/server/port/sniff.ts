// Sniff: which protocol a client speaks, by its first bytes. HTTP/2 without an upgrade begins with a preface of 24 bytes
// (RFC 9113, 3.4); whatever differs from it is for the parser of HTTP/1.1, which refuses what it is not. A client that
// sends nothing, or only a part of the preface, is not waited for longer than it is told.

import type { Socket } from 'node:net';

export type Protocol = 'http1' | 'http2';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** What was read is in the socket again. Undefined, and the socket destroyed, if nothing is known within `timeoutMs` or the client goes away. */
export function protocolOf(socket: Socket, timeoutMs: number): Promise<Protocol | undefined> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const end = (protocol: Protocol | undefined): void => {
      clearTimeout(timer);
      socket.off('readable', look).off('end', gone).off('close', gone).off('error', gone);
      if (protocol === undefined) socket.destroy();
      else if (seen.length > 0) socket.unshift(seen);
      resolve(protocol);
    };
    const gone = (): void => end(undefined);
    const look = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      seen = Buffer.concat([seen, bytes]);
      const start = seen.subarray(0, PREFACE.length);
      if (!start.equals(PREFACE.subarray(0, start.length))) end('http1');
      else if (start.length === PREFACE.length) end('http2');
    };
    const timer = setTimeout(gone, timeoutMs);
    socket.on('readable', look).on('end', gone).on('close', gone).on('error', gone);
    look();
  });
}
