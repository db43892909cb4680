// GrpcServer: Milvus' gRPC service over connections that somebody else has accepted, so that it shares a port with HTTP.
// Each remote procedure of the service is there, whether it is supported or not. A message that is longer than a request
// may be is refused when its length is read.

import { Metadata, Server, ServerCredentials, status, type handleBidiStreamingCall, type handleServerStreamingCall, type handleUnaryCall, type MethodDefinition, type ServerErrorResponse, type ServiceDefinition, type UntypedHandleCall, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Duplex } from 'node:stream';
import { answer, CallRefused, type ServiceOptions } from './answer.js';
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

/** Calls under way on one connection. */
const STREAMS_MAX = 1024;
/** A connection that says nothing is asked whether it lives, and closed if it does not answer. */
const KEEPALIVE_MS = 60_000;
const KEEPALIVE_ANSWER_MS = 20_000;

export interface GrpcOptions extends ServiceOptions {
  /** How long requests may go on when it is closed. */
  readonly stopMs: number;
}

export function createGrpcServer(options: GrpcOptions): GrpcServer {
  const server = new Server({
    'grpc.max_receive_message_length': options.requests.bytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    'grpc.enable_channelz': 0,
  });
  const { definition, implementation } = serviceOf(options);
  server.addService(definition, implementation);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (socket) => injector.injectConnection(socket),
    close: () =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.forceShutdown(), options.stopMs);
        server.tryShutdown(() => {
          clearTimeout(late);
          resolve();
        });
      }),
  };
}

function serviceOf(options: ServiceOptions): { readonly definition: ServiceDefinition; readonly implementation: UntypedServiceImplementation } {
  const procedures = milvusProtos().procedures();
  const implementation: Record<string, UntypedHandleCall> = {};
  for (const procedure of procedures) implementation[procedure.name] = handlerOf(options, procedure, verbOf(procedure));
  return { definition: Object.fromEntries(procedures.map((procedure) => [procedure.name, definitionOf(procedure)])), implementation };
}

function verbOf({ name }: Procedure): AnyVerb {
  const entry = VERBS[name];
  if (entry === undefined) throw new TypeError(`no entry for ${name} in the table of remote procedures`);
  return entry;
}

/** Bytes in, bytes out: messages are decoded behind the gate, and what is none is answered in-band. */
function definitionOf({ path, requestStream, responseStream }: Procedure): MethodDefinition<Uint8Array, Uint8Array> {
  const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const asIs = (bytes: Buffer): Uint8Array => bytes;
  return { path, requestStream, responseStream, requestSerialize: asBuffer, requestDeserialize: asIs, responseSerialize: asBuffer, responseDeserialize: asIs };
}

function handlerOf(options: ServiceOptions, procedure: Procedure, entry: AnyVerb): UntypedHandleCall {
  if (procedure.requestStream) return bidiHandler(procedure);
  return procedure.responseStream ? streamHandler(options, procedure, entry) : unaryHandler(options, procedure, entry);
}

function unaryHandler(options: ServiceOptions, procedure: Procedure, entry: AnyVerb): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const abort = abortOf(call);
    answer(options, procedure, entry, { bytes: call.request, metadata: clientMetadata(call.metadata), peer: addressOf(call.getPeer()), signal: abort.signal }).then(
      (bytes) => {
        abort.over();
        callback(null, bytes);
      },
      (error: unknown) => {
        abort.over();
        callback(refusal(options, procedure, error));
      },
    );
  };
}

/** Aborts if the client goes away before the answer is there. Every call is cancelled in the end, also one that was answered. */
function abortOf(call: { on(event: 'cancelled', listener: () => void): unknown }): { readonly signal: AbortSignal; over(): void } {
  const abort = new AbortController();
  let isOver = false;
  call.on('cancelled', () => {
    if (!isOver) abort.abort();
  });
  return { signal: abort.signal, over: () => void (isOver = true) };
}

/** One answer, then the end: no stream is supported. */
function streamHandler(options: ServiceOptions, procedure: Procedure, entry: AnyVerb): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return (call) => {
    const abort = abortOf(call);
    answer(options, procedure, entry, { bytes: call.request, metadata: clientMetadata(call.metadata), peer: addressOf(call.getPeer()), signal: abort.signal }).then(
      (bytes) => {
        abort.over();
        call.write(bytes);
        call.end();
      },
      (error: unknown) => {
        abort.over();
        call.emit('error', refusal(options, procedure, error));
      },
    );
  };
}

/** Its answers have no status, so that the call itself is refused, before anything of it is read. */
function bidiHandler({ name }: Procedure): handleBidiStreamingCall<Uint8Array, Uint8Array> {
  return (call) => void call.emit('error', { code: status.INVALID_ARGUMENT, details: `${name} is not supported`, metadata: new Metadata() });
}

function refusal({ log }: ServiceOptions, { name }: Procedure, error: unknown): ServerErrorResponse & { readonly details: string } {
  if (error instanceof CallRefused) return { name: error.name, message: error.message, code: error.code, details: error.message };
  log('error', `${name}: the answer could not be made`, { error });
  return { name: 'Error', message: 'unexpected error', code: status.INTERNAL, details: 'unexpected error; the log of the server has the details' };
}

/** Of a peer as grpc-js names it: without the port. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
