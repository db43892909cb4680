// Attack: bytes to a port from a raw socket, and what comes back; and gRPC frames that no client would send.

import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';

const ANSWER_BYTES_MAX = 1 << 20;

export interface RawAnswer {
  /** As latin1. */
  readonly text: string;
  /** Of HTTP/1; 0 without an answer. */
  readonly status: number;
  /** The server closed the connection before `waitMs` were over. */
  readonly closed: boolean;
}

/** Sends `pieces` one after another, `gapMs` between them, then waits until the server closes or `waitMs` have passed. */
export async function raw(address: string, pieces: readonly (string | Uint8Array)[], { gapMs = 0, waitMs = 3000, untilAnswered = true } = {}): Promise<RawAnswer> {
  const socket = dial(address);
  const chunks: Buffer[] = [];
  let bytes = 0;
  let closed = false;
  const over = new Promise<void>((resolve) => {
    socket.on('close', () => {
      closed = true;
      resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      if (bytes < ANSWER_BYTES_MAX) chunks.push(chunk);
      bytes += chunk.length;
      if (untilAnswered && /^HTTP\/1\.1 [2-5]\d\d[\s\S]*?\r\n\r\n/.test(Buffer.concat(chunks).toString('latin1'))) setTimeout(resolve, 20);
    });
  });
  socket.on('error', () => undefined);
  for (const piece of pieces) {
    if (closed) break;
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    if (gapMs > 0) await wait(gapMs);
  }
  await Promise.race([over, wait(waitMs)]);
  const wasClosed = closed;
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  return { text, closed: wasClosed, status: Number(/^HTTP\/1\.1 (\d\d\d)/.exec(text)?.[1] ?? 0) };
}

export function dial(address: string): Socket {
  const [host = '', port = ''] = address.split(':');
  return connect(Number(port), host);
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function post(path: string, body: string | Uint8Array, headers = ''): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`), bytes]);
}

export interface GrpcAnswer {
  readonly httpStatus: number;
  /** Undefined if the stream ended without one. */
  readonly grpcStatus: number | undefined;
  readonly message: string;
  /** The messages of the answer, with their five bytes of prefix. */
  readonly body: Buffer;
}

/** A session of HTTP/2 over which raw gRPC is sent. */
export class GrpcAttack {
  readonly session: ClientHttp2Session;

  constructor(address: string) {
    this.session = connectHttp2(`http://${address}`);
    this.session.on('error', () => undefined);
  }

  call(method: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}, timeoutMs = 5000): Promise<GrpcAnswer> {
    return new Promise((resolve) => {
      const stream = this.session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: method.startsWith('/') ? method : `/milvus.proto.milvus.MilvusService/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      const chunks: Buffer[] = [];
      let httpStatus = 0;
      let grpcStatus: number | undefined;
      let message = '';
      const take = (found: Readonly<Record<string, unknown>>): void => {
        if (found['grpc-status'] !== undefined) grpcStatus = Number(found['grpc-status']);
        if (typeof found['grpc-message'] === 'string') message = decodeURIComponent(found['grpc-message']);
      };
      stream.on('response', (found) => {
        httpStatus = Number(found[':status']);
        take(found);
      });
      stream.on('trailers', take);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => undefined);
      stream.setTimeout(timeoutMs, () => stream.close());
      stream.on('close', () => resolve({ httpStatus, grpcStatus, message, body: Buffer.concat(chunks) }));
      stream.end(body);
    });
  }

  close(): void {
    this.session.destroy();
  }
}

/** A message with the prefix that gRPC has. `length` may lie. */
export function framed(message: Uint8Array, { length = message.length, compressed = 0 } = {}): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed;
  prefix.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([prefix, message]);
}
