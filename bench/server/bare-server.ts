// A process that serves nothing over gRPC by grpc-js alone: each call is answered by an empty message. What a call costs here is what
// the client and the peer library take, whoever's server it is. It ends with its input.

import { Server, ServerCredentials } from '@grpc/grpc-js';
import { answer } from '../storage/process.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const nothing = { path: '/bare/Nothing', requestStream: false, responseStream: false, requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };

const server = new Server();
server.addService({ nothing }, { nothing: (_call: unknown, done: (error: null, bytes: Buffer) => void) => done(null, Buffer.alloc(0)) });
const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, found) => (error === null ? resolve(found) : reject(error))));
answer({ url: `http://127.0.0.1:${port}` });
process.stdin.on('end', () => server.forceShutdown()).resume();
