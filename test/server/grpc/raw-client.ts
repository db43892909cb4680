// RawClient: calls of Milvus' service as bytes of messages that protobufjs makes, without what a client does around them.

import { Client, credentials } from '@grpc/grpc-js';
import { decoded, encoded } from './protos.js';

export interface RawClient {
  /** The answer's members. `response`: the message that the procedure answers with. */
  call(procedure: string, request: object, response: string, message?: string): Promise<Record<string, any>>; // eslint-disable-line -- members as protobufjs has them
  /** The same of bytes. */
  send(procedure: string, request: Buffer): Promise<Buffer>;
  close(): void;
}

export function rawClient(address: string): RawClient {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1, 'grpc.use_local_subchannel_pool': 1 });
  const send = (procedure: string, request: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const asIs = (bytes: Buffer): Buffer => bytes;
      client.makeUnaryRequest(`/milvus.proto.milvus.MilvusService/${procedure}`, asIs, asIs, request, (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer'))));
    });
  return {
    send,
    call: async (procedure, request, response, message = `milvus.${procedure}Request`) => decoded(response, await send(procedure, encoded(message, request))),
    close: () => client.close(),
  };
}
