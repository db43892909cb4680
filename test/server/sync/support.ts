// What the tests of copies over HTTP share: a server that asks who calls, with rows of three tenants, and clients of it.

import { createServer } from 'node:http';
import { expect } from 'vitest';
import type { Database, SyncOptions } from '../../../src/engine/api.js';
import { open } from '../../../src/presets/node.js';
import type { Ambient } from '../../../src/ports/ambient.js';
import { addRowGrant, rowGrant, type RowGrantRequest } from '../../../src/server/access/row-grants.js';
import type { ServerOptions } from '../../../src/server/index.js';
import { createServices } from '../../../src/server/services.js';
import { basic, testAccess, type TestAccess } from '../access/support.js';
import { startTestServer, type TestServer } from '../support.js';

export const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'tenant', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const TENANTS = ['ann', 'bob', 'cid'];
/** Every third row is of the next tenant. */
export const row = (id: number, tenant = TENANTS[id % 3] as string) => ({ id, tenant, v: [id, 1] });

export type NodeDatabase = Awaited<ReturnType<typeof open>>;

export async function ids(db: Database): Promise<readonly number[]> {
  return (await (await db.collection('notes')).query({ outputFields: ['id'] })).map(({ id }) => Number(id)).sort((a, b) => a - b);
}

export class TenantsServer {
  readonly #clients: NodeDatabase[] = [];

  private constructor(readonly access: TestAccess, readonly database: NodeDatabase, readonly server: TestServer) {}

  /** With `ann`, who may copy and push her rows, `bob`, who may copy his, `whole`, who may read all, and `dot`, who may nothing. */
  static async start(options: Partial<ServerOptions> = {}): Promise<TenantsServer> {
    const access = await testAccess({ audit: false });
    access.clock.ms = Date.now();
    const database = await open('server', { storage: 'memory', core: 'wasm' });
    await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    const made = new TenantsServer(access, database, await startTestServer({ ...options, database, services: createServices(() => undefined, { access }) }));
    await made.write(...Array.from({ length: 9 }, (_, id) => row(id)));
    for (const user of ['ann', 'bob', 'dot']) await access.user(user);
    await access.user('whole', 'CollectionReadOnly@default.notes');
    await made.grantRows('ann', { filter: 'tenant == {user}', write: true });
    await made.grantRows('bob', { filter: 'tenant == "bob"' });
    return made;
  }

  async write(...rows: readonly object[]): Promise<void> {
    const notes = await this.database.collection('notes');
    await notes.upsert(rows as never);
    await notes.flush();
  }

  async client(ambient?: Ambient): Promise<NodeDatabase> {
    const made = await open(`client${this.#clients.length}`, { storage: 'memory', core: 'wasm', ...(ambient === undefined ? {} : { ambient }) });
    this.#clients.push(made);
    return made;
  }

  sync(db: Database, user: string, options: Partial<SyncOptions> = {}) {
    return db.sync({ url: this.server.url, collections: ['notes'], headers: { authorization: basic(user) }, ...options });
  }

  get(path: string, user: string): Promise<Response> {
    return fetch(`${this.server.url}/v1/collections/${path}`, { headers: { authorization: basic(user) } });
  }

  grantRows(user: string, request: Partial<RowGrantRequest>): Promise<void> {
    return this.access.change((state) => addRowGrant(state, `role_${user}`, rowGrant({ database: 'default', collection: 'notes', ...request })));
  }

  /** Hashes of the files that the manifest of a user names. */
  async files(user: string, query = ''): Promise<readonly string[]> {
    const response = await this.get(`notes/manifest${query}`, user);
    expect(response.status).toBe(200);
    const { segments } = (await response.json()) as { segments: { rowsFile: { sha256: string }; deletions?: { sha256: string } }[] };
    return segments.flatMap(({ rowsFile, deletions }) => [rowsFile.sha256, ...(deletions === undefined ? [] : [deletions.sha256])]);
  }

  async close(): Promise<void> {
    for (const one of this.#clients) await one.close();
    await this.server.close();
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Somebody between a copy and its server, who hands out what `change` makes of the server's answers. */
export async function between(url: string, change: (path: string, answer: Answer) => Answer): Promise<{ readonly url: string; close(): Promise<void> }> {
  const proxy = createServer((request, response) => {
    const answered = async (): Promise<void> => {
      const { authorization = '' } = request.headers;
      const found = await fetch(`${url}${request.url ?? ''}`, { headers: { authorization } });
      const { status, headers, body } = change(request.url ?? '', { status: found.status, headers: found.headers, body: new Uint8Array(await found.arrayBuffer()) });
      const key = headers.get('elanus-public-key');
      response.writeHead(status, key === null ? {} : { 'elanus-public-key': key }).end(body);
    };
    answered().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { readonly port: number };
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => { proxy.closeAllConnections(); proxy.close(() => resolve()); }) };
}
