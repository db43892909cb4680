// A page in Chromium that copies some rows: what it asks for goes over the wire to its worker, and from there to a server that asks
// who calls; it gets what the same call in Node gets.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright';
import type * as Elanus from '../../../src/presets/browser.js';
import { launchChromium } from '../../support/chromium.js';
import { serveLocally, type LocalServer } from '../../support/local-server.js';
import { basic } from '../access/support.js';
import { FIELDS, ids, row, TenantsServer } from './support.js';

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const HTML = '<!doctype html><title>page</title><script type="module">import * as elanus from "/browser.js"; window.elanus = elanus;</script>';
let at: TenantsServer;
let files: LocalServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  at = await TenantsServer.start({ cors: ['*'] });
  files = await serveLocally(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const bytes = path === '/' ? HTML : await readFile(join(dist, path)).catch(() => undefined);
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : path.endsWith('.wasm') ? 'application/wasm' : 'text/html' }).end(bytes);
  });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(files.url);
  await page.waitForFunction(() => 'elanus' in window);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await files.close();
  await at.close();
});

interface Asked {
  readonly filter?: string;
  readonly partitions?: readonly string[];
  readonly database?: string;
  /** Written before, by the page. */
  readonly write?: object;
}

/** The keys of the rows that the page has after a sync, and the codes of what was refused. */
function synced(name: string, { write, ...asked }: Asked): Promise<readonly (number | string)[]> {
  return page.evaluate(async ([database, url, authorization, options, one]) => {
    const db = await (window as unknown as { readonly elanus: typeof Elanus }).elanus.open(database);
    try {
      if (one !== undefined) await (await db.collection('notes')).upsert([one] as never);
      await db.sync({ url, collections: ['notes'], headers: { authorization }, ...options });
      const rows = await (await db.collection('notes')).query({ outputFields: ['id'] });
      return [...rows.map(({ id }) => Number(id)).sort((a, b) => a - b), ...(await db.listRefused('notes')).map(({ code }) => code)];
    } finally {
      await db.close();
    }
  }, [name, at.server.url, basic('ann'), asked, write] as const);
}

test('the rows that it asks for of those that were granted, and others when it asks for others', async () => {
  expect(await synced('own', {})).toEqual([0, 3, 6]);
  expect(await synced('own', { filter: 'id > 2' })).toEqual([3, 6]);
  expect(await synced('own', { partitions: ['_default'] })).toEqual([0, 3, 6]);
});

test('its pushes are held to what was granted, and told', async () => {
  await synced('pushing', {});
  expect(await synced('pushing', { write: row(30, 'bob') })).toEqual([0, 3, 6, 'NotPermitted']);
  expect(await ids(at.database)).not.toContain(30);
});

test('of another database of the server', async () => {
  await at.database.createDatabase('other');
  const other = await at.database.useDatabase('other');
  await other.createCollection({ name: 'notes', fields: FIELDS });
  await (await other.collection('notes')).insert([row(50, 'ann'), row(51, 'bob')] as never);
  await (await other.collection('notes')).flush();
  await at.grantRows('ann', { database: 'other', filter: 'tenant == {user}' });
  expect(await synced('another', { database: 'other' })).toEqual([50]);
});
