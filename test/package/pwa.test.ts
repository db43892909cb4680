// The example of a page that is an app: built by vite over the package as npm packs it, served as its README says, and used in
// Chromium with the network on and off.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright';
import { createServer, preview, type PreviewServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { launchChromium } from '../support/chromium.js';

const WAIT = { timeout: 30_000, interval: 50 };
const root = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
let notes: ChildProcess;
let notesUrl: string;
let served: PreviewServer;
let pageUrl: string;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  await mkdir(join(root, 'build'), { recursive: true });
  // Below the repository, so that other packages are found as they are for the tests.
  folder = await mkdtemp(join(root, 'build/pwa-'));
  await cp(join(root, 'examples/pwa'), folder, { recursive: true });
  await mkdir(join(folder, 'node_modules/elanus'), { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['-xzf', join(folder, packed), '--strip-components=1', '-C', join(folder, 'node_modules/elanus')]);
  notes = spawn(process.execPath, ['server.js'], { cwd: folder, env: { ...process.env, PORT: '0', DATA: join(folder, 'data') }, stdio: ['ignore', 'pipe', 'inherit'] });
  notesUrl = String((await once(notes.stdout as NodeJS.ReadableStream, 'data'))[0]).trim();
  buildPage();
  vi.stubEnv('ELANUS_SERVER', notesUrl);
  served = await preview({ root: folder, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
  pageUrl = served.resolvedUrls?.local[0] ?? '';
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await browser?.close();
  await served?.close();
  if (notes?.exitCode === null) {
    notes.kill();
    await once(notes, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
});

/** As a process of its own: within a test vite takes it for no build to publish. */
function buildPage(): void {
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], { cwd: folder, env: { ...process.env, NODE_ENV: undefined, VITEST: undefined }, stdio: 'inherit' });
}

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(pageUrl);
  await untilStatus(page, 'Up to date');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return page;
}

const untilStatus = (page: Page, text: string | RegExp): Promise<void> => vi.waitFor(async () => expect(await page.getByRole('status').textContent()).toMatch(text), WAIT);
const untilListed = (page: Page, text: string): Promise<void> => vi.waitFor(async () => expect(await page.getByRole('listitem').allTextContents()).toContain(text), WAIT);

async function keep(page: Page, text: string): Promise<void> {
  await page.getByLabel('A note').fill(text);
  await page.getByRole('button', { name: 'Keep it' }).click();
  await untilListed(page, text);
}

async function textsOfServer(): Promise<readonly string[]> {
  const response = await fetch(`${notesUrl}/v2/vectordb/entities/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ collectionName: 'notes', filter: 'writtenMs > 0', outputFields: ['text'] }) });
  return ((await response.json()) as { readonly data: readonly { readonly text: string }[] }).data.map(({ text }) => text);
}

test('without a network the page opens, a note is kept and found, and goes when the network is back', async () => {
  const page = await openPage();
  const wrong: string[] = [];
  page.on('pageerror', ({ message }) => wrong.push(message));
  await keep(page, 'A kite hovers over the field');
  await vi.waitFor(async () => expect(await textsOfServer()).toEqual(['A kite hovers over the field']), WAIT);
  await context.setOffline(true);
  await page.reload();
  await untilStatus(page, 'Offline');
  await keep(page, 'Kestrels hover, too');
  await untilStatus(page, 'Offline, 1 not sent yet');
  await page.reload();
  await untilListed(page, 'Kestrels hover, too');
  await page.getByLabel('Find').fill('hovering');
  await vi.waitFor(async () => expect(await page.getByRole('listitem').count()).toBe(2), WAIT);
  expect(await textsOfServer()).toHaveLength(1);
  await context.setOffline(false);
  await vi.waitFor(async () => expect(await textsOfServer()).toContain('Kestrels hover, too'), WAIT);
  await untilStatus(page, /^Up to date$/);
  expect(wrong).toEqual([]);
});

test('the service worker of the build has the page send what was held up when the browser wakes it', async () => {
  const page = await openPage();
  let isAway = true;
  await context.route('**/v1/**', (route) => (isAway ? route.fulfill({ status: 503, headers: { 'retry-after': '600' } }) : route.fallback()));
  await keep(page, 'Held up');
  await untilStatus(page, 'The server is busy, 1 not sent yet');
  const devtools = await context.newCDPSession(page);
  let registrationId = '';
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => void (registrationId = registrations[0]?.registrationId ?? registrationId));
  await devtools.send('ServiceWorker.enable');
  await vi.waitFor(() => expect(registrationId).not.toBe(''), WAIT);
  expect(await textsOfServer()).not.toContain('Held up');
  isAway = false;
  await devtools.send('ServiceWorker.dispatchSyncEvent', { origin: new URL(pageUrl).origin, registrationId, tag: 'elanus-sync', lastChance: false });
  await vi.waitFor(async () => expect(await textsOfServer()).toContain('Held up'), WAIT);
});

test('what another device writes is shown by itself, and the browser takes the page for an app', async () => {
  const page = await openPage();
  const other = await (await browser.newContext()).newPage();
  await other.goto(pageUrl);
  await untilStatus(other, 'Up to date');
  await keep(other, 'From elsewhere');
  await untilListed(page, 'From elsewhere');
  await other.context().close();
  const devtools = await context.newCDPSession(page);
  const { errors, data } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '')).toMatchObject({ name: 'Notes', display: 'standalone' });
  // All else that it asks of an app is there.
  expect((await devtools.send('Page.getInstallabilityErrors')).installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
});

test('a page that is open keeps its version when there is a newer one, which is used when none is open any more', async () => {
  const page = await openPage();
  await writeFile(join(folder, 'index.html'), (await readFile(join(folder, 'index.html'), 'utf8')).replace('<h1>Notes</h1>', '<h1>Newer notes</h1>'));
  buildPage();
  await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()).then(() => undefined));
  await vi.waitFor(async () => expect(await page.evaluate(() => navigator.serviceWorker.ready.then(({ waiting }) => waiting?.state))).toBe('installed'), WAIT);
  await page.reload();
  await untilStatus(page, 'Up to date');
  expect(await page.getByRole('heading').textContent()).toBe('Notes');
  await page.close();
  // The browser puts the newer in the place of the older when it has seen that nobody uses that.
  await vi.waitFor(async () => {
    const next = await openPage();
    const shown = await next.getByRole('heading').textContent();
    await next.close();
    expect(shown).toBe('Newer notes');
  }, WAIT);
});

test('the page works on the server that vite has for who writes it, without a service worker', async () => {
  const developing = await createServer({ root: folder, logLevel: 'error', server: { host: '127.0.0.1', port: 0 } });
  try {
    await developing.listen();
    const page = await context.newPage();
    await page.goto(developing.resolvedUrls?.local[0] ?? '');
    await untilStatus(page, 'Up to date');
    await keep(page, 'While it is written');
    expect(await page.evaluate(() => navigator.serviceWorker.getRegistrations().then(({ length }) => length))).toBe(0);
  } finally {
    await developing.close();
  }
});
