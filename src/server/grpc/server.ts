// GrpcServer: Milvus' gRPC service over connections that somebody else has accepted, so that it shares a port with HTTP.
// Each remote procedure of the service is there, whether it is supported or not. A message that is longer than a request
// may be is refused when its length is read.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { answer, type ServiceOptions } from './answer.js';
import { CODE } from './http2/code.js';
import { isGrpc } from './http2/headers.js';
import type { SendingLimits } from './http2/sending.js';
import { Sessions } from './http2/sessions.js';
import { answerCall, refuseCall, type CallOptions } from './http2/unary-call.js';
import { sizeMaxOf } from '../request-size.js';
import { clientMetadata } from './metadata.js';
import { milvusProtos, type Procedure } from './protos.js';
import { VERBS } from './table.js';
import type { AnyVerb } from './verb.js';

export interface GrpcServer {
  /** Takes a connection that speaks HTTP/2 in clear: what is encrypted was decrypted before. */
  accept(socket: Duplex): void;
  /** Takes no more requests, and waits for those in flight, at most `stopMs`. */
  close(): Promise<void>;
}

export interface GrpcOptions extends ServiceOptions, SendingLimits {
  /** Within which a message must be there. */
  readonly bodyMs: number;
  /** How long requests may go on when it is closed. */
  readonly stopMs: number;
}

export function createGrpcServer(options: GrpcOptions): GrpcServer {
  const served = new Map(milvusProtos().procedures().map((procedure) => [procedure.path, { procedure, entry: verbOf(procedure) }]));
  const sessions = new Sessions((stream, headers, peer) => {
    if (!isAnswered(stream, headers)) return;
    const found = served.get(headers[':path'] ?? '');
    if (found === undefined) refuseCall(stream, CODE.unimplemented, `the service has no procedure ${String(headers[':path']).slice(0, 200)}`);
    // Its answers have no status, so that the call itself is refused, before anything of it is read.
    else if (found.procedure.requestStream) refuseCall(stream, CODE.invalidArgument, `${found.procedure.name} is not supported`);
    // Where the response is a stream, too, there is one answer, and the end.
    else answerCall(stream, headers, callOptions(options, found.procedure, found.entry, peer));
  }, (error) => options.log('error', 'a call over HTTP/2 could not be begun', { error }));
  return { accept: (socket) => sessions.accept(socket), close: () => sessions.close(options.stopMs) };
}

function verbOf({ name }: Procedure): AnyVerb {
  const entry = VERBS[name];
  if (entry === undefined) throw new TypeError(`no entry for ${name} in the table of remote procedures`);
  return entry;
}

/** Bytes in, bytes out: messages are read behind the log-in and decoded behind the gate, and what is none is answered in-band. */
function callOptions(options: GrpcOptions, procedure: Procedure, entry: AnyVerb, peer: string): CallOptions {
  return {
    bytesMax: sizeMaxOf(entry, options.requests.bytesMax),
    bodyMs: options.bodyMs,
    writeMs: options.writeMs,
    untaken: options.untaken,
    answer: (asked) => answer(options, procedure, entry, { message: () => asked.message(), metadata: clientMetadata(asked.headers), peer, get signal() { return asked.signal; } }),
    holdBody: () => options.requests.holdBody(),
    failed: (error) => options.log('error', `${procedure.name}: the answer could not be made`, { error }),
  };
}

/** False if it is no call of gRPC; then it was answered as HTTP has it. */
function isAnswered(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
  const httpStatus = headers[':method'] !== 'POST' ? 405 : isGrpc(headers['content-type']) ? 200 : 415;
  if (httpStatus === 200) return true;
  stream.respond({ ':status': httpStatus }, { endStream: true });
  stream.close();
  return false;
}
