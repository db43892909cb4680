// A live session of two tabs in Chromium: one runs it, both see and steer it; when the one ends the other carries it on.

import { chromium, type Browser, type BrowserContext, type Page, type Route } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { SessionStatus, SyncSession } from '../../../src/engine/api.js';
import { open } from '../../../src/presets/node.js';
import { partBytes, type FilePart } from '../../flow/gate.js';
import { startTestServer, type TestServer } from '../../server/support.js';
import { random } from '../../support/random.js';
import type { LocalServer } from '../../support/local-server.js';
import { servePage } from '../../support/page-server.js';
import { chromiumArgs, chromiumPath } from '../../tabs/chromium.js';

const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const WAIT = { timeout: 20_000, interval: 50 };

/** In a page of page.html. */
interface TabPage {
  readonly tab: {
    readonly session: SyncSession;
    role(): Promise<string>;
    write(id: number, text: string): Promise<void>;
    texts(): Promise<readonly string[]>;
  };
}

let browser: Browser;
let context: BrowserContext;
let pages: LocalServer;
let database: Awaited<ReturnType<typeof open>>;
let server: TestServer;
let refused = false;
const asked: string[] = [];

beforeAll(async () => {
  pages = await servePage(new URL('page.html', import.meta.url), { '/sw.js': "import { answerBackgroundSync } from '/dist/service-worker.js';\nanswerBackgroundSync();\n" });
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumArgs] });
});

afterAll(async () => {
  await browser.close();
  await pages.close();
});

beforeEach(async () => {
  database = await open('server', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  await (await database.collection('notes')).insert([{ id: 1, text: 'one', v: [1, 1] }]);
  await (await database.collection('notes')).flush();
  server = await startTestServer({ database, cors: ['*'] });
  context = await browser.newContext();
  refused = false;
  asked.length = 0;
  await context.route(`${server.url}/**`, (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return refused ? route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' } }) : route.continue();
  });
});

afterEach(async () => {
  await context.close();
  await server.close();
});

async function openTab(more = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${pages.url}/?server=${encodeURIComponent(server.url)}${more}`);
  await page.waitForFunction(() => 'tab' in globalThis);
  return page;
}

const statusOf = (page: Page): Promise<SessionStatus> => page.evaluate(() => (globalThis as unknown as TabPage).tab.session.status);
const textsOf = (page: Page): Promise<readonly string[]> => page.evaluate(() => (globalThis as unknown as TabPage).tab.texts());
const roleOf = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as TabPage).tab.role());
const write = (page: Page, id: number, text: string): Promise<void> => page.evaluate(([key, said]) => (globalThis as unknown as TabPage).tab.write(key, said), [id, text] as const);
const untilState = (page: Page, state: SessionStatus['state']): Promise<void> => vi.waitFor(async () => expect(await statusOf(page)).toMatchObject({ state }), WAIT);

async function ofServer(): Promise<readonly string[]> {
  return (await (await database.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

test('two tabs have one session, which goes on in the other when the tab that ran it ends', async () => {
  const first = await openTab();
  const second = await openTab();
  expect([await roleOf(first), await roleOf(second)]).toEqual(['owner', 'follower']);
  for (const tab of [first, second]) await untilState(tab, 'idle');
  await vi.waitFor(() => expect(asked.filter((path) => path.endsWith('/changes'))).toHaveLength(1), WAIT);
  await write(second, 2, 'of the follower');
  await vi.waitFor(async () => expect(await ofServer()).toEqual(['1:one', '2:of the follower']), WAIT);
  await vi.waitFor(async () => expect(await statusOf(second)).toMatchObject({ state: 'idle', unsent: 0, pending: 0 }), WAIT);
  await first.close();
  await vi.waitFor(async () => expect(await roleOf(second)).toBe('owner'), WAIT);
  await (await database.collection('notes')).upsert([{ id: 3, text: 'of the server', v: [3, 1] }]);
  await (await database.collection('notes')).flush();
  await vi.waitFor(async () => expect(await textsOf(second)).toEqual(['1:one', '2:of the follower', '3:of the server']), WAIT);
  await write(second, 4, 'of the owner');
  await vi.waitFor(async () => expect(await ofServer()).toContain('4:of the owner'), WAIT);
}, 90_000);

test('either tab pauses and resumes it, and what was paused, or given another token, stays so for the next owner', async () => {
  const first = await openTab();
  const second = await openTab();
  await untilState(second, 'idle');
  // Each is asked of one tab, and must be known to the other once that is gone.
  await first.evaluate(() => (globalThis as unknown as TabPage).tab.session.pause());
  for (const tab of [first, second]) await untilState(tab, 'paused');
  await first.close();
  await vi.waitFor(async () => expect(await roleOf(second)).toBe('owner'), WAIT);
  await untilState(second, 'paused');
  asked.length = 0;
  await write(second, 2, 'while paused');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toEqual([]);
  const third = await openTab();
  await untilState(third, 'paused');
  refused = true;
  await third.evaluate(() => (globalThis as unknown as TabPage).tab.session.resume());
  for (const tab of [second, third]) await untilState(tab, 'error');
  expect((await statusOf(third)).error).toMatchObject({ code: 'Network', status: 401 });
  refused = false;
  const tokens: (string | undefined)[] = [];
  context.on('request', (request) => void (request.url().startsWith(server.url) && request.method() !== 'OPTIONS' && tokens.push(request.headers()['authorization'])));
  await second.evaluate(() => (globalThis as unknown as TabPage).tab.session.resume({ token: 'fresh' }));
  await vi.waitFor(async () => expect(await ofServer()).toContain('2:while paused'), WAIT);
  await second.close();
  tokens.length = 0;
  await vi.waitFor(async () => expect(await roleOf(third)).toBe('owner'), WAIT);
  await write(third, 3, 'with the token');
  await vi.waitFor(async () => expect(await ofServer()).toContain('3:with the token'), WAIT);
  expect(new Set(tokens)).toEqual(new Set(['Bearer fresh']));
}, 90_000);

test('a page that is reloaded in the middle of a file goes on with the parts that are there', async () => {
  const next = random(1);
  await database.dropCollection('notes');
  await database.createCollection({ name: 'notes', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 128, metric: 'L2' }] });
  await (await database.collection('notes')).insert(Array.from({ length: 2000 }, (_, id) => ({ id, text: `${id}`, v: Array.from({ length: 128 }, next) })));
  await (await database.collection('notes')).flush();
  const PART_BYTES = 65_536;
  const parts: FilePart[] = [];
  let held: Route | undefined;
  await context.route(`${server.url}/**/files/**`, async (route) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(route.request().headers()['range'] ?? '') ?? [];
    if (first !== undefined) parts.push({ file: route.request().url(), first: Number(first), last: Number(last) });
    // The sixth part stays on the way.
    if (parts.length === 6 && held === undefined) return void (held = route);
    await route.continue();
  });
  const page = await context.newPage();
  await page.goto(`${pages.url}/?server=${encodeURIComponent(server.url)}&part=${PART_BYTES}`);
  await vi.waitFor(() => expect(held).toBeDefined(), WAIT);
  await page.reload();
  await page.waitForFunction(() => 'tab' in globalThis);
  await vi.waitFor(async () => expect(await statusOf(page)).toMatchObject({ state: 'idle', collections: [{ version: expect.any(Number) as number }] }), WAIT);
  expect(await textsOf(page)).toHaveLength(1000);
  // Each part once, but for the one that was on the way.
  const { sizeBytes, askedBytes } = partBytes(parts);
  expect(sizeBytes).toBeGreaterThan(10 * PART_BYTES);
  expect(askedBytes - sizeBytes).toBeLessThanOrEqual(PART_BYTES);
}, 90_000);

test('what was written without a network goes when there is one again', async () => {
  const page = await openTab();
  await untilState(page, 'idle');
  await context.setOffline(true);
  await write(page, 2, 'without a network');
  await untilState(page, 'offline');
  expect(await statusOf(page)).not.toHaveProperty('retryMs');
  expect(await ofServer()).toEqual(['1:one']);
  await context.setOffline(false);
  await vi.waitFor(async () => expect(await ofServer()).toEqual(['1:one', '2:without a network']), WAIT);
  await untilState(page, 'idle');
}, 90_000);

test('a service worker that the browser wakes has a page send what was held up', async () => {
  const page = await openTab('&worker=1');
  await untilState(page, 'idle');
  expect(await page.evaluate(() => (globalThis as unknown as { background: { isSupported: boolean } }).background.isSupported)).toBe(true);
  let isAway = true;
  await context.route(`${server.url}/**`, (route) => (isAway ? route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after', 'retry-after': '600' } }) : route.fallback()));
  await write(page, 2, 'held up');
  await untilState(page, 'waiting');
  // Not by itself, before the test is over.
  expect(((await statusOf(page)).retryMs as number) - Date.now()).toBeGreaterThan(300_000);
  const devtools = await context.newCDPSession(page);
  let registrationId = '';
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => void (registrationId = registrations[0]?.registrationId ?? registrationId));
  await devtools.send('ServiceWorker.enable');
  await vi.waitFor(() => expect(registrationId).not.toBe(''), WAIT);
  expect(await ofServer()).toEqual(['1:one']);
  isAway = false;
  await devtools.send('ServiceWorker.dispatchSyncEvent', { origin: pages.url, registrationId, tag: 'elanus-sync', lastChance: false });
  await vi.waitFor(async () => expect(await ofServer()).toEqual(['1:one', '2:held up']), WAIT);
}, 90_000);
