// What the tests of gRPC share: a server on a free port of this machine, and the unmodified client of Milvus for Node.

import { MilvusClient, type ClientConfig } from '@zilliz/milvus2-sdk-node';
import { startTestServer, type TestServer } from '../support.js';

export interface GrpcTestServer extends TestServer {
  readonly address: string;
  /** A client, connected; closed with the server. */
  client(config?: Partial<ClientConfig>): Promise<MilvusClient>;
}

export async function startGrpcServer(options: Parameters<typeof startTestServer>[0] = {}): Promise<GrpcTestServer> {
  await ensureProtos();
  const server = await startTestServer(options);
  const address = server.url.replace('http://', '');
  const clients: MilvusClient[] = [];
  return {
    ...server,
    address,
    client: async (config = {}) => {
      const client = new MilvusClient({ address, maxRetries: 0, logLevel: 'error', ...config });
      clients.push(client);
      await client.connectPromise;
      return client;
    },
    close: async () => {
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
