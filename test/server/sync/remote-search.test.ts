// Searches that a server answers for copies of it: over HTTP with users and their rights, from Node and from a page, over what is
// sealed, written since, and written offline.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type * as Page from '../../../src/presets/browser.js';
import { open } from '../../../src/presets/node.js';
import type { SyncDatabase } from '../../../src/sync/database.js';
import { launchChromium } from '../../support/chromium.js';
import { serveLocally } from '../../support/local-server.js';
import { createServices } from '../../../src/server/services.js';
import { basic, testAccess } from '../access/support.js';
import { startTestServer, type TestServer } from '../support.js';
import { TenantsServer } from './support.js';

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'big', type: 'Int64', nullable: true }, { name: 'more', type: 'JSON' }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const row = (id: number) => ({ id, big: id % 2 === 0 ? null : 2n ** 60n + BigInt(id), more: { at: id, deep: [2n ** 62n] }, v: [id + 0.1, 1] });
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => row(from + at));
let server: TestServer;
let database: SyncDatabase;
let copy: SyncDatabase;

beforeEach(async () => {
  database = await open('server', { storage: 'memory', core: 'wasm' });
  const notes = await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  await notes.insert(rows(0, 50));
  await notes.flush();
  copy = await open('copy', { storage: 'memory', core: 'wasm' });
});

afterEach(async () => {
  await copy.close();
  await server.close();
});

test('who may copy but not search is refused, and has what the copy has; a token is sent for the one search', async () => {
  const access = await testAccess();
  await access.user('both', 'Query@default.notes', 'Search@default.notes');
  await access.user('copies', 'Query@default.notes');
  server = await startTestServer({ database, services: createServices(() => undefined, { access }) });
  await copy.pull(server.url, 'notes', { headers: { authorization: `Bearer ${basic('copies')}` } });
  const notes = await copy.collection('notes');
  const search = (token?: string, required = false) => notes.search({ data: [7, 1], limit: 1, remote: { when: 'always', required, ...(token === undefined ? {} : { token }) } });
  expect((await search(basic('both'))).sources).toEqual({ local: { rows: 0 }, remote: 'answered' });
  for (const [token, status] of [[basic('copies'), 403], [undefined, 401]] as const) {
    const found = await search(token);
    expect(found).toMatchObject({ hits: [{ id: 7n, source: 'local' }], sources: { remote: 'refused', reason: expect.stringContaining(`status ${status}: `) as string } });
    await expect(search(token, true)).rejects.toMatchObject({ code: 'Network', status });
  }
});

test('who was granted some rows finds these alone, whatever he asks for; a copy of some rows finds the rest there', async () => {
  const at = await TenantsServer.start();
  server = at.server;
  try {
    const found = async (db: SyncDatabase, user: string, more: object = {}) => {
      const { hits, sources } = await (await db.collection('notes')).search({ data: [4, 1], limit: 20, recall: 1, remote: { when: 'missing', token: basic(user) }, ...more });
      return `${hits.map(({ id }) => id).sort().join()} ${sources?.remote}`;
    };
    const ann = await at.client();
    await at.sync(ann, 'ann', { filter: 'id > 2' });
    expect(await found(ann, 'ann')).toBe('0,3,6 answered');
    expect(await found(ann, 'ann', { filter: 'tenant == "bob" or id >= 0' })).toBe('0,3,6 answered');
    expect(await found(ann, 'bob')).toBe('1,4,7 answered');
    expect(await found(ann, 'dot')).toBe('3,6 refused');
    // All that he may have is there: nothing is missing.
    const whole = await at.client();
    await at.sync(whole, 'ann');
    expect(await found(whole, 'ann')).toBe('0,3,6 not asked');
    for (const body of ['{"data":[4,1],"filter":"tenant == \\"bob\\""}', '{"data":[4,1],"filter":"not (tenant == \\"ann\\")","limit":9}']) {
      const answer = await fetch(`${at.server.url}/v1/collections/notes/search`, { method: 'POST', body, headers: { authorization: basic('ann') } });
      expect(await answer.json()).toEqual({ hits: [[]], recall: 1 });
    }
  } finally {
    // It closes its server and clients; of the one of these tests there is none.
    await at.close();
    server = await startTestServer({ database });
  }
});

test('a copy of some partitions finds rows of others at its origin, and without it says what it lacks', async () => {
  server = await startTestServer({ database });
  await database.createPartition('notes', 'other');
  const notes = await database.collection('notes');
  await notes.insert(rows(60, 70), { partitionName: 'other' });
  await notes.flush();
  await copy.pull(server.url, 'notes', { partitions: ['other'] });
  const here = await copy.collection('notes');
  await here.upsert([{ ...row(300), v: [20, 1] }], { partitionName: 'other' });
  const search = async (partitionNames?: readonly string[]) => {
    const { hits, sources } = await here.search({ data: [20, 1], limit: 2, recall: 1, remote: 'missing', ...(partitionNames === undefined ? {} : { partitionNames }) });
    return `${hits.map(({ id, source }) => `${id} ${source}`).join()} ${sources?.local.rows} ${sources?.remote}`;
  };
  expect(await search()).toBe('300 local,20 remote 1 answered');
  expect(await search(['_default'])).toBe('20 remote,19 remote 1 answered');
  expect(await search(['other'])).toBe('300 local,60 remote 1 answered');
  await server.close();
  expect(await search()).toBe('300 local,60 local 11 unreachable');
  expect(await search(['other'])).toBe('300 local,60 local 11 unreachable');
  database = await open('server', { storage: 'memory', core: 'wasm' });
  server = await startTestServer({ database });
});

describe('over HTTP', () => {
  beforeEach(async () => {
    server = await startTestServer({ database });
    await copy.pull(server.url, 'notes');
  });

  test('hits have values of the same kinds and bits as those of a search there', async () => {
    const request = { data: [7, 1], limit: 4, recall: 1, outputFields: ['*'], filter: 'id != {other}', filterParams: { other: 8n } } as const;
    const found = await (await copy.collection('notes')).search({ ...request, remote: 'always' });
    const expected = await (await database.collection('notes')).search(request);
    expect(found.hits.map(({ source: _, ...hit }) => hit)).toStrictEqual(expected.hits);
    expect(found.sources).toEqual({ local: { rows: 0 }, remote: 'answered' });
  });

  test('what the server was written since, and what was written offline, are in one answer', async () => {
    const [here, there] = [await copy.collection('notes'), await database.collection('notes')];
    await there.upsert([{ ...row(100), v: [7, 1] }]);
    await there.delete({ ids: [7] });
    await here.upsert([{ ...row(200), v: [7, 1.01] }, { ...row(6), v: [900, 1] }]);
    const search = async () => (await here.search({ data: [7, 1], limit: 4, recall: 1, remote: 'always' })).hits.map(({ id, source }) => `${id} ${source}`);
    expect(await search()).toEqual(['100 remote', '200 local', '8 remote', '5 remote']);
    await copy.push('notes');
    expect(await search()).toEqual(['100 remote', '200 remote', '8 remote', '5 remote']);
  });

  test('a body that is no search is refused; a server that hangs is not waited for', async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>) => fetch(`${server.url}/v1/collections/notes/search`, { method: 'POST', body });
    for (const body of ['', '[]', '{"data":[1,1],"offset":3}', '{"data":[1,1],"remote":"always"}', '{"data":[1,1],"within":[]}', '{"data":[1]}', '{"data":[1,1],"limit":0}', '{"data":[1,1],"filter":"x >"}']) expect((await post(body)).status, body).toBe(400);
    expect((await post(new Uint8Array(16 * 1024 * 1024 + 1))).status).toBe(413);
    const hanging = await serveLocally(() => undefined);
    const other = await open('other', { storage: 'memory', core: 'wasm' });
    const slow = await serveLocally(async (request, response) => {
      if (request.url?.endsWith('/search')) return;
      const answer = await fetch(`${server.url}${request.url ?? ''}`);
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
    try {
      await other.pull(slow.url, 'notes');
      const found = await (await other.collection('notes')).search({ data: [7, 1], limit: 1, remote: { when: 'always', timeoutMs: 50 } });
      expect(found).toMatchObject({ hits: [{ id: 7n, source: 'local' }], sources: { local: { rows: 50 }, remote: 'unreachable' } });
    } finally {
      await other.close();
      await slow.close();
      await hanging.close();
    }
  });

  test('from a page, over its worker: with the server, then without', async () => {
    const page = await serveLocally(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://page').pathname;
      const bytes = path === '/' ? '<!doctype html><script type="module">import * as elanus from "/browser.js"; window.elanus = elanus;</script>' : await readFile(join(dist, path)).catch(() => undefined);
      response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : path.endsWith('.wasm') ? 'application/wasm' : 'text/html' }).end(bytes);
    });
    const second = await startTestServer({ database, cors: [page.url] });
    let ending: Promise<void> | undefined;
    const ended = (): Promise<void> => (ending ??= second.close());
    const browser = await launchChromium();
    try {
      const tab = await browser.newPage();
      await tab.goto(page.url);
      await tab.waitForFunction(() => 'elanus' in window);
      const run = (url: string, step: 'pull' | 'search') =>
        tab.evaluate(async ([at, what]) => {
          const db = await (window as unknown as { readonly elanus: typeof Page }).elanus.open('remote');
          try {
            if (what === 'pull') {
              await db.pull(at as string, 'notes');
              await (await db.collection('notes')).upsert([{ id: 300, more: {}, v: [7, 1] }]);
            }
            const { hits, sources } = await (await db.collection('notes')).search({ data: [7, 1], limit: 2, remote: 'always', outputFields: ['big'] });
            return `${hits.map(({ id, source, fields }) => `${id} ${source} ${String(fields['big'])}`).join()} ${sources?.remote}`;
          } finally {
            await db.close();
          }
        }, [url, step] as const);
      await (await database.collection('notes')).upsert([{ ...row(400), v: [7, 1.01] }]);
      expect(await run(second.url, 'pull')).toBe('300 local null,400 remote null answered');
      await (await database.collection('notes')).upsert([{ ...row(401), v: [7, 1.005] }]);
      expect(await run(second.url, 'search')).toBe(`300 local null,401 remote ${2n ** 60n + 401n} answered`);
      await ended();
      expect(await run(second.url, 'search')).toBe(`300 local null,7 local ${2n ** 60n + 7n} unreachable`);
    } finally {
      await browser.close();
      await page.close();
      await ended();
    }
  });
});
