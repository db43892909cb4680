// What a page sends over its worker, in Chromium: whole collections (`upload`) and writes that wait for the server (`ack: 'remote'`),
// by the tab that has the database and by another.

import type { Browser, BrowserContext, Page, Route } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Database, UploadProgress, UploadResult } from '../../src/engine/api.js';
import { open } from '../../src/presets/node.js';
import { startTestServer, type TestServer } from '../server/support.js';
import { launchChromium } from '../support/chromium.js';
import type { LocalServer } from '../support/local-server.js';
import { servePage } from '../support/page-server.js';
import { NOTE_FIELDS } from './pusher.js';

const WAIT = { timeout: 20_000, interval: 50 };
const ROWS = 1500;

/** In a page of page.html. */
declare const db: Database;

let browser: Browser;
let pages: LocalServer;
let context: BrowserContext;
let served: Awaited<ReturnType<typeof open>>;
let server: TestServer;

beforeAll(async () => {
  pages = await servePage(new URL('page.html', import.meta.url));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await pages.close();
});

beforeEach(async () => {
  served = await open('server', { storage: 'memory', core: 'wasm' });
  await served.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  server = await startTestServer({ database: served, cors: ['*'] });
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  await server.close();
});

async function openTab(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(pages.url);
  await page.waitForFunction(() => 'db' in globalThis);
  return page;
}

const roleOf = (page: Page): Promise<string | undefined> => page.evaluate(async () => (await db.health()).role);

async function twoTabs(): Promise<readonly [owner: Page, follower: Page]> {
  const tabs = [await openTab(), await openTab()] as const;
  expect([await roleOf(tabs[0]), await roleOf(tabs[1])]).toEqual(['owner', 'follower']);
  return tabs;
}

async function ofServer(): Promise<readonly string[]> {
  return (await (await served.collection('notes')).query({ outputFields: ['id', 'text'], limit: 5000 })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

/** Requests of that method and path stay on the way until `release`. */
async function hold(method: string, path: RegExp): Promise<{ readonly held: readonly Route[]; release(): Promise<void> }> {
  const held: Route[] = [];
  let isHeld = true;
  await context.route((url) => url.href.startsWith(server.url) && path.test(url.pathname), (route) => (isHeld && route.request().method() === method ? void held.push(route) : route.fallback()));
  return {
    held,
    release: async () => {
      isHeld = false;
      for (const route of held) await route.continue().catch(() => undefined);
    },
  };
}

describe('upload', () => {
  const fill = (page: Page): Promise<void> =>
    page.evaluate(async ([fields, count]) => {
      const mine = await db.createCollection({ name: 'mine', fields });
      await mine.insert(Array.from({ length: count }, (_, id) => ({ id, text: `text ${id}`, v: [id % 97, 1] })));
      await mine.flush();
      await mine.upsert([{ id: 5, text: 'changed', v: [5, 1] }, { id: count, text: 'not sealed', v: [0, 1] }]);
    }, [NOTE_FIELDS, ROWS] as const);

  const upload = (page: Page): Promise<{ readonly result: UploadResult; readonly told: readonly UploadProgress[] }> =>
    page.evaluate(async (url) => {
      const told: UploadProgress[] = [];
      return { result: await db.upload('mine', url, { as: 'notes', onProgress: (progress) => told.push(progress) }), told };
    }, server.url);

  test('sends all rows from either tab, tells how far it is, and sends nothing twice', async () => {
    const [owner, follower] = await twoTabs();
    await fill(owner);
    const { result, told } = await upload(follower);
    expect(result).toMatchObject({ segments: 2, segmentsKnown: 0, rows: ROWS + 1, replaced: 0 });
    expect(told[0]).toEqual({ rows: 0, rowsTotal: ROWS + 1, bytes: 0 });
    expect(told.at(-1)).toEqual({ rows: ROWS + 1, rowsTotal: ROWS + 1, bytes: result.bytesSent });
    const texts = await ofServer();
    expect([texts.length, texts.includes('5:changed'), texts.includes(`${ROWS}:not sealed`)]).toEqual([ROWS + 1, true, true]);
    expect((await upload(owner)).result).toEqual({ segments: 2, segmentsKnown: 2, rows: 0, replaced: 0, bytesSent: 0 });
  });

  test('ends when it is aborted, with nothing of that segment on the server, and the next goes on', async () => {
    const page = await openTab();
    await fill(page);
    const { held, release } = await hold('PUT', /\/segments\//);
    const ended = page.evaluate(async (url) => {
      const abort = new AbortController();
      Object.assign(globalThis, { abort });
      return db.upload('mine', url, { as: 'notes', signal: abort.signal }).then(() => 'sent', ({ code }: { code: string }) => code);
    }, server.url);
    await vi.waitFor(() => expect(held).toHaveLength(1), WAIT);
    await page.evaluate(() => (globalThis as unknown as { abort: AbortController }).abort.abort());
    expect(await ended).toBe('Closed');
    expect(await ofServer()).toEqual([]);
    await release();
    expect((await upload(page)).result).toMatchObject({ segments: 2, rows: ROWS + 1 });
  });

  test('goes on in the next tab when the one that sent ends', async () => {
    const [owner, follower] = await twoTabs();
    await fill(owner);
    const { held, release } = await hold('PUT', /\/segments\//);
    const sent = upload(follower);
    await vi.waitFor(() => expect(held).toHaveLength(1), WAIT);
    await owner.close();
    await release();
    expect((await sent).result.segments).toBe(2);
    expect(await ofServer()).toHaveLength(ROWS + 1);
    expect(await roleOf(follower)).toBe('owner');
  });

  test('is refused in the words of the server', async () => {
    const page = await openTab();
    await fill(page);
    expect(await page.evaluate((url) => db.upload('mine', url).catch(({ code }: { code: string }) => code), server.url)).toBe('NotFound');
  });
});

describe("a write with ack: 'remote'", () => {
  const pull = (page: Page): Promise<unknown> => page.evaluate(async (url) => void (await db.pull(url, 'notes')), server.url);

  /** What it resolves to, or its error's code. */
  const write = (page: Page, id: number, text: string): Promise<string> =>
    page.evaluate(async ([key, said]) => (await db.collection('notes')).upsert([{ id: key, text: said, v: [key, 1] }], { ack: 'remote' }).then(() => 'kept', ({ code }: { code: string }) => code), [id, text] as const);

  const textsOf = (page: Page): Promise<readonly string[]> => page.evaluate(async () => (await (await db.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort());

  test('resolves once the server has it, from either tab, and not before', async () => {
    const [owner, follower] = await twoTabs();
    await pull(owner);
    const { held, release } = await hold('POST', /\/push$/);
    let resolved = false;
    const written = write(follower, 1, 'of the follower').finally(() => (resolved = true));
    await vi.waitFor(() => expect(held).toHaveLength(1), WAIT);
    expect(await textsOf(owner)).toEqual(['1:of the follower']);
    expect([resolved, await ofServer()]).toEqual([false, []]);
    await release();
    expect(await written).toBe('kept');
    expect(await ofServer()).toEqual(['1:of the follower']);
    expect(await write(owner, 2, 'of the owner')).toBe('kept');
    expect(await ofServer()).toEqual(['1:of the follower', '2:of the owner']);
  });

  test('fails without a network, is kept, and goes with the next that finds one', async () => {
    const page = await openTab();
    await pull(page);
    await context.setOffline(true);
    expect(await write(page, 1, 'without')).toBe('Network');
    expect(await textsOf(page)).toEqual(['1:without']);
    await context.setOffline(false);
    expect(await write(page, 2, 'with')).toBe('kept');
    expect(await ofServer()).toEqual(['1:without', '2:with']);
  });

  test('when the tab that sends it ends, the next sends it, once', async () => {
    const [owner, follower] = await twoTabs();
    await pull(owner);
    const { held, release } = await hold('POST', /\/push$/);
    const written = write(follower, 1, 'carried on');
    await vi.waitFor(() => expect(held).toHaveLength(1), WAIT);
    await owner.close();
    await release();
    expect(await written).toBe('kept');
    expect(await ofServer()).toEqual(['1:carried on']);
    expect(await textsOf(follower)).toEqual(['1:carried on']);
  });
});
