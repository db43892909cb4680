// One port for everything: unmodified clients of Milvus over gRPC and REST beside each other, in clear and over TLS, before the data
// is open, when too many call at once, and while the server stops.

import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { request as httpsRequest } from 'node:https';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { lateHttp2 } from '../../src/server/port/late-http2.js';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/index.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';

type Db = Awaited<ReturnType<typeof open>>;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function memory(): Promise<Db> {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  closing.push(() => database.close());
  return database;
}

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, log: () => {}, database: options.database ?? (await memory()), ...options });
  closing.push(() => server.close());
  return server;
}

function client(url: string, options: object = {}): MilvusClient {
  const made = new MilvusClient({ logLevel: 'error', address: new URL(url).host, timeout: 10_000, maxRetries: 0, ...options });
  made.connectPromise.catch(() => undefined);
  closing.push(() => made.closeConnection());
  return made;
}

/** Every listing of databases waits until it is released. */
function held(database: Db): { readonly arrived: Promise<void>; release(): void } {
  let release = (): void => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  const list = database.listDatabases.bind(database);
  const arrived = new Promise<void>((arrive) => {
    database.listDatabases = async () => {
      arrive();
      await until;
      return list();
    };
  });
  return { arrived, release };
}

test('gRPC and REST see the same data on one port', async () => {
  const server = await start();
  const milvus = client(server.url);
  await milvus.createCollection({ collection_name: 'a', dimension: 2, metric_type: 'L2' });
  const listed = await fetch(`${server.url}/v2/vectordb/collections/list`, { method: 'POST', body: '{}' });
  expect(await listed.json()).toMatchObject({ code: 0, data: ['a'] });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('elanus_request_seconds_count{protocol="grpc",verb="CreateCollection",outcome="ok"} 1');
  expect(metrics).toMatch(/elanus_connections\{protocol="http2"\} [1-9]/);
});

test('a client of gRPC that comes before the data is open waits, and is answered when it is', async () => {
  let give = (): void => {};
  const database = await memory();
  const server = await start({ database: new Promise<Db>((resolve) => (give = () => resolve(database))) });
  const version = client(server.url).listDatabases();
  await expect.poll(() => server.connections().open.http2).toBeGreaterThan(0);
  expect((await fetch(`${server.url}/ready`)).status).toBe(503);
  give();
  expect((await version).status.code).toBe(0);
});

test('too many calls at once over gRPC are refused in-band, by the code on which clients wait', async () => {
  const database = await memory();
  const { arrived, release } = held(database);
  const server = await start({ database, admission: { runningMax: 1, waitingMax: 0 } });
  const milvus = client(server.url);
  await milvus.connectPromise;
  const first = milvus.listDatabases();
  await arrived;
  const refused = await milvus.showCollections();
  expect(refused.status).toMatchObject({ code: 8, error_code: 'RateLimit', retriable: true });
  release();
  expect((await first).status.code).toBe(0);
  expect((await milvus.showCollections()).status.code).toBe(0);
});

test('a call that runs when the server stops is answered, over both protocols', async () => {
  const database = await memory();
  const { arrived, release } = held(database);
  const server = await start({ database });
  const milvus = client(server.url);
  await milvus.connectPromise;
  const overGrpc = milvus.listDatabases();
  const overRest = fetch(`${server.url}/v2/vectordb/databases/list`, { method: 'POST', body: '{}' });
  await arrived;
  await expect.poll(() => server.connections().open.http1).toBe(1);
  const closed = server.close();
  release();
  expect((await overGrpc).status.code).toBe(0);
  expect(await (await overRest).json()).toMatchObject({ code: 0 });
  await closed;
  closing.splice(1, 1);
});

test('a stop does not wait longer than it is told for what does not end', async () => {
  const database = await memory();
  const { arrived, release } = held(database);
  const server = await start({ database, limits: { stopMs: 100 } });
  const milvus = client(server.url);
  await milvus.connectPromise;
  const cut = expect(milvus.listDatabases()).rejects.toThrow();
  await arrived;
  await server.close();
  await cut;
  release();
});

test('what a connection is answered by is loaded once, and if it does not load the connection is closed', async () => {
  const accepted: string[] = [];
  let loads = 0;
  const socket = (name: string) => ({ name, destroyed: false, pause: () => {}, destroy: () => accepted.push(`${name} closed`) }) as never;
  const late = lateHttp2(async () => ((loads++, { accept: ({ name }: { readonly name: string }) => void accepted.push(name), close: async () => void accepted.push('ended') }) as never), () => {});
  await late.close();
  late.accept(socket('a'));
  late.accept(socket('b'));
  await new Promise((resolve) => setImmediate(resolve));
  await late.close();
  expect([loads, accepted]).toEqual([1, ['a', 'b', 'ended']]);
  const told: unknown[] = [];
  const broken = lateHttp2(() => Promise.reject(new Error('no')), (error) => told.push(String(error)));
  broken.accept(socket('c'));
  await new Promise((resolve) => setImmediate(resolve));
  expect([told, accepted.at(-1)]).toEqual([['Error: no'], 'c closed']);
});

describe('over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => void (certificates = makeCertificates()));
  afterAll(() => certificates.remove());

  const files = () => ({ cert: certificates.at('server.pem'), key: certificates.at('server.key') });
  const trust = () => ({ ssl: true, tls: { rootCertPath: certificates.at('ca.pem'), serverName: 'localhost' } });

  test('the client of Milvus and REST work as in clear', async () => {
    const server = await start({ tls: files() });
    const milvus = client(server.url, trust());
    expect((await milvus.createCollection({ collection_name: 'a', dimension: 2 })).code).toBe(0);
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpsRequest(`${server.url}/v2/vectordb/collections/list`, { method: 'POST', ca: readFileSync(certificates.at('ca.pem')), agent: false }, (response) => resolve(response.resume().statusCode ?? 0));
      sent.on('error', reject);
      sent.end('{}');
    });
    expect(status).toBe(200);
  });

  test('with client authorities a client of Milvus needs a certificate of theirs', async () => {
    const server = await start({ tls: { ...files(), clientCa: certificates.at('ca.pem') } });
    const known = client(server.url, { ssl: true, tls: { ...trust().tls, privateKeyPath: certificates.at('client.key'), certChainPath: certificates.at('client.pem') } });
    expect((await known.listDatabases()).status.code).toBe(0);
    const strangers = [trust(), { ssl: true, tls: { ...trust().tls, privateKeyPath: certificates.at('stranger.key'), certChainPath: certificates.at('stranger.pem') } }];
    for (const options of strangers) {
      const stranger = client(server.url, { ...options, timeout: 1000 });
      await expect(stranger.listDatabases()).rejects.toThrow();
    }
  });
});
