// Sessions: connections of HTTP/2 that somebody else has accepted, with the streams on them. One that says nothing is asked whether it
// lives; on closing each takes no more calls and ends with those that run.

import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

/** Calls under way on one connection: of each that is not read yet a window may be in memory. */
const STREAMS_MAX = 128;
/** What may be on its way to us on one stream, and on one connection, before we have read it. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 8 * 1024 * 1024;
const PING_MS = 60_000;
const PING_ANSWER_MS = 20_000;

/** `peer`: the address of the client, without its port. The stream is open. */
export type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, peer: string) => void;

export class Sessions {
  readonly #server;
  readonly #open = new Set<ServerHttp2Session>();
  #isClosing = false;

  /** `failed` is told what `listener` threw, which ends that stream alone. */
  constructor(listener: StreamListener, failed: (error: unknown) => void) {
    // Messages have a limit of their own, and answers must not be cut off by the size of others.
    this.#server = createServer({ maxSessionMemory: Number.MAX_SAFE_INTEGER, settings: { maxConcurrentStreams: STREAMS_MAX, initialWindowSize: STREAM_WINDOW_BYTES } });
    this.#server.on('session', (session) => this.#begin(session, listener, failed));
    // A connection that breaks is over; each of its streams is told.
    this.#server.on('sessionError', () => undefined);
  }

  /** Takes a connection that speaks HTTP/2 in clear: what is encrypted was decrypted before. */
  accept(socket: Duplex): void {
    // The parser of HTTP/2 asserts that there is a connection.
    if (this.#isClosing || socket.destroyed) socket.destroy();
    else this.#server.emit('connection', socket);
  }

  /** Resolves when what runs is over, at most after `stopMs`. */
  async close(stopMs: number): Promise<void> {
    this.#isClosing = true;
    const late = setTimeout(() => this.#open.forEach((session) => session.destroy()), stopMs);
    await Promise.all([...this.#open].map((session) => new Promise<void>((resolve) => {
      session.on('close', resolve);
      session.close();
    })));
    clearTimeout(late);
  }

  #begin(session: ServerHttp2Session, listener: StreamListener, failed: (error: unknown) => void): void {
    this.#open.add(session);
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    const peer = session.socket.remoteAddress ?? 'unknown';
    const asking = setInterval(() => ask(session), PING_MS).unref();
    session.on('stream', (stream, headers) => {
      // What went wrong with it is seen when it closes.
      stream.on('error', () => undefined);
      // What came with its headers may have ended it: it is told of in a later tick.
      if (stream.destroyed || stream.closed) return;
      try {
        listener(stream, headers, peer);
      } catch (error) {
        stream.destroy();
        failed(error);
      }
    });
    session.on('close', () => {
      clearInterval(asking);
      this.#open.delete(session);
    });
  }
}

function ask(session: ServerHttp2Session): void {
  const late = setTimeout(() => session.destroy(), PING_ANSWER_MS).unref();
  const settled = (): void => {
    clearTimeout(late);
    session.off('close', settled);
  };
  session.on('close', settled);
  const isSent = !session.closed && !session.destroyed && session.ping(settled);
  if (!isSent) settled();
}
