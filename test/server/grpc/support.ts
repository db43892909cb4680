// What the tests of gRPC share: a server on a free port of this machine, and the unmodified client of Milvus for Node.

import { credentials, Metadata, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { MilvusClient, type ClientConfig } from '@zilliz/milvus2-sdk-node';
import { milvusProtos } from '../../../src/server/grpc/protos.js';
import { startTestServer, type TestServer } from '../support.js';

export interface GrpcTestServer extends TestServer {
  readonly address: string;
  /** A client, connected; closed with the server. */
  client(config?: Partial<ClientConfig>): Promise<MilvusClient>;
  /** One call of a procedure, past every check of the client; `login`: `user:password`. */
  call(name: string, request: object, login?: string): Promise<Record<string, unknown>>;
}

export async function startGrpcServer(options: Parameters<typeof startTestServer>[0] = {}): Promise<GrpcTestServer> {
  await ensureProtos();
  const server = await startTestServer(options);
  const address = server.url.replace('http://', '');
  const clients: MilvusClient[] = [];
  const raw = new (makeGenericClientConstructor({}, 'raw'))(address, credentials.createInsecure());
  return {
    ...server,
    address,
    client: async (config = {}) => {
      const client = new MilvusClient({ address, maxRetries: 0, logLevel: 'error', ...config });
      clients.push(client);
      await client.connectPromise;
      return client;
    },
    call: (name, request, login) => {
      const procedure = milvusProtos().procedures().find((one) => one.name === name);
      if (procedure === undefined) throw new TypeError(`no procedure ${name}`);
      const bytes = procedure.request.encode(request);
      const metadata = new Metadata();
      if (login !== undefined) metadata.set('authorization', Buffer.from(login).toString('base64'));
      return new Promise((resolve, reject) => {
        const answered = (error: ServiceError | null, answer?: Uint8Array): void => (error === null ? resolve(procedure.response.decode(answer ?? new Uint8Array()) as Record<string, unknown>) : reject(error));
        raw.makeUnaryRequest(procedure.path, (content: Uint8Array) => Buffer.from(content), (content: Buffer): Uint8Array => content, bytes, metadata, answered);
      });
    },
    close: async () => {
      raw.close();
      for (const client of clients) await client.closeConnection();
      await server.close();
    },
  };
}

/** The build makes them; where nothing else of it changed, this alone is done. */
async function ensureProtos(): Promise<void> {
  const script = new URL('../../../scripts/build/milvus-protos.mjs', import.meta.url).href;
  const { buildMilvusProtos } = (await import(script)) as { buildMilvusProtos: () => Promise<unknown> };
  await buildMilvusProtos();
}
