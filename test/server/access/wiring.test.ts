// That each path and each remote procedure of a running server does ask the gate: strangers are told to log in, who was
// granted nothing is refused what is not everybody's, and root gets an answer.

import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { Hono } from 'hono';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openGate } from '../../../src/server/access/gate.js';
import { ADMIN_ROUTES } from '../../../src/server/admin/table.js';
import { createApp } from '../../../src/server/app.js';
import { CONSOLE_ROUTES } from '../../../src/server/console/table.js';
import { milvusProtos } from '../../../src/server/grpc/protos.js';
import { VERBS } from '../../../src/server/grpc/table.js';
import { HTTP_RULES } from '../../../src/server/http-rules.js';
import { Requests } from '../../../src/server/requests.js';
import { DOCUMENT_PATH } from '../../../src/server/rest/openapi.js';
import { ROUTES } from '../../../src/server/rest/table.js';
import { createServices } from '../../../src/server/services.js';
import { open } from '../../../src/presets/node.js';
import { startGrpcServer, type GrpcTestServer } from '../grpc/support.js';
import { basic, testAccess } from './support.js';

let server: GrpcTestServer;

beforeAll(async () => {
  const access = await testAccess({ audit: false });
  access.clock.ms = Date.now();
  await access.user('nobody');
  server = await startGrpcServer({ services: createServices(() => undefined, { access }) });
});
afterAll(() => server.close());

const FILLED = { collectionName: 'c', aliasName: 'a', partitionName: 'p', userName: 'someone', roleName: 'somerole', password: 'secret', newPassword: 'secret2', privilegeGroupName: 'g', privileges: ['Search'], objectType: 'Global', privilege: 'All', indexName: 'i', fieldName: 'f', newCollectionName: 'd', name: 'n', jobId: '1', properties: {}, data: [], filter: 'id > 0', id: [1], propertyKeys: [], search: [], rerank: { strategy: 'rrf', params: {} }, files: [['f.parquet']], indexParams: [], text: ['t'], schema: { fields: [] }, function: {}, functionName: 'f', dimension: 4, keep: 1 };
const STRUCTS = { ...FILLED, partitionNames: ['p'], indexParams: [] };

async function post(path: string, token?: string): Promise<number> {
  const response = await fetch(`${server.url}/${path}`, { method: 'POST', body: JSON.stringify(STRUCTS), headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const { code } = (await response.json()) as { readonly code: number };
  return response.status === 200 && code === 0 ? 200 : response.status === 200 ? code : response.status;
}

const paths = [...ROUTES.map((entry) => ({ ...entry, url: `v2/vectordb/${entry.path}` })), ...[...ADMIN_ROUTES, ...CONSOLE_ROUTES].map((entry) => ({ ...entry, url: entry.path }))];

test('over HTTP: 401 for strangers, 403 for who has no privilege, neither for root', async () => {
  for (const { url } of paths) expect(await post(url), url).toBe(401);
  let refused = 0;
  for (const { url, rule } of paths) {
    const found = await post(url, basic('nobody'));
    const isPublics = rule.privilege === 'LoggedIn' || ['DescribeCollection', 'IndexDetail', 'ListAliases', 'RunAnalyzer'].includes(rule.privilege);
    // A body that does not fit its schema is refused before its names are known.
    if (found !== 1801 && found !== 1802) expect(found === 403, `${url}: ${found}`).toBe(!isPublics);
    if (found === 403) refused++;
  }
  expect(refused).toBeGreaterThan(50);
  for (const { url } of paths.filter(({ path }) => !path.startsWith('admin/backup'))) expect([401, 403], url).not.toContain(await post(url, 'root:Milvus'));
});

test('every path of the app is a route with a rule, or a page that has no data', async () => {
  const database = await open('test', { storage: 'memory', core: 'wasm' });
  try {
    const app = createApp({ database, log: () => undefined, gate: openGate, console: new Hono(), demo: async (_c, next) => next() });
    const known = new Set([...paths.map(({ url }) => `/${url}`), ...Object.keys(HTTP_RULES), DOCUMENT_PATH]);
    const pages = ['/', '/demo', '/demo/*'];
    const routes = app.routes.filter(({ method }) => method !== 'ALL');
    const copies = routes.filter(({ path }) => path.startsWith('/v1/'));
    expect([...new Set(routes.filter((each) => !copies.includes(each)).map(({ path }) => path).filter((path) => !known.has(path) && !pages.includes(path)))]).toEqual([]);
    // Those of copies have their rules in common, and are asked.
    expect(copies.length).toBeGreaterThan(9);
    for (const { method, path } of copies) {
      const url = server.url + path.replace(':name', 'c').replace(':sha256', 'a'.repeat(64));
      const statusOf = async (headers: Record<string, string>): Promise<number> => (await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body: '{}' }) })).status;
      expect([await statusOf({}), await statusOf({ authorization: basic('nobody') })], `${method} ${path}`).toEqual([401, 403]);
      expect([401, 403], `${method} ${path}`).not.toContain(await statusOf({ authorization: 'Bearer root:Milvus' }));
    }
  } finally {
    await database.close();
  }
});

test('over gRPC a stranger is told to log in before anything of his message is read', async () => {
  const session = connect(`http://${server.address}`);
  const hold = vi.spyOn(Requests.prototype, 'holdBody');
  try {
    for (const authorization of [undefined, Buffer.from('root:wrong').toString('base64')]) {
      const stream = session.request({ ':method': 'POST', ':path': '/milvus.proto.milvus.MilvusService/Insert', 'content-type': 'application/grpc', ...(authorization === undefined ? {} : { authorization }) });
      stream.on('error', () => undefined).resume();
      // It begins, and never ends.
      stream.write(Buffer.concat([Buffer.from([0, 3, 0, 0, 0]), Buffer.alloc(100_000)]));
      const closed = new Promise((resolve) => stream.on('close', resolve));
      const headers = await new Promise<IncomingHttpHeaders>((resolve) => stream.on('response', resolve));
      expect(Number(headers['grpc-status'])).toBe(status.UNAUTHENTICATED);
      await closed;
    }
    expect(hold).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
    session.destroy();
  }
});

test('over gRPC: UNAUTHENTICATED for strangers, PERMISSION_DENIED for who has no privilege, neither for root', async () => {
  const client = new Client(server.address, credentials.createInsecure());
  const asIs = (bytes: Buffer): Buffer => bytes;
  const call = (path: string, token?: string): Promise<number> => {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', Buffer.from(token).toString('base64'));
    return new Promise((resolve) => client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, (error) => resolve(error?.code ?? status.OK)));
  };
  try {
    const procedures = milvusProtos().procedures().filter(({ requestStream, responseStream }) => !requestStream && !responseStream);
    let refused = 0;
    for (const { name, path } of procedures) {
      const entry = VERBS[name];
      const isPublic = entry?.rule.privilege === 'Public';
      expect(await call(path), name).toBe(isPublic ? status.OK : status.UNAUTHENTICATED);
      const found = await call(path, basic('nobody'));
      const isEverybodys = isPublic || entry?.rule.privilege === 'LoggedIn' || name === 'GetFlushState' || ['DescribeCollection', 'IndexDetail', 'ListAliases', 'RunAnalyzer'].includes(String(entry?.rule.privilege));
      expect(found === status.PERMISSION_DENIED, `${name}: ${found}`).toBe(!isEverybodys);
      if (found === status.PERMISSION_DENIED) refused++;
      expect([status.UNAUTHENTICATED, status.PERMISSION_DENIED], name).not.toContain(await call(path, 'root:Milvus'));
    }
    expect(refused).toBeGreaterThan(20);
  } finally {
    client.close();
  }
});
