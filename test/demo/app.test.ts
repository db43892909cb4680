// The built demo page as an app: without a network, installable, in words when something is wrong, and nothing that axe
// finds.

import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violationsOfLooks } from '../support/axe.js';
import { launchChromium } from '../support/chromium.js';
import { PICTURES, startDemo, type DemoServer } from './support.js';

let server: DemoServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await startDemo();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
});

afterEach(async () => {
  await page.context().close();
});

async function open(hash = ''): Promise<void> {
  await page.goto(`${server.url}${hash}`);
  await says(`${PICTURES} pictures`);
}

const says = (words: string): Promise<unknown> => page.waitForFunction((part) => document.body.innerText.includes(part), words);

describe('the app', () => {
  test('works after a reload without a network, and says so', async () => {
    await open();
    expect(await page.locator('.badge').first().textContent()).toBe('Online');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await says('Offline');
    await page.reload();
    await says('pictures of an earlier visit');
    expect(await page.locator('.badge').first().textContent()).toBe('Offline');
    await page.fill('#query', 'oxygen in water');
    await says('the best first');
    await page.goto(`${server.url}#pictures`);
    await page.locator('#pictures .picture').first().click();
    await page.waitForFunction(() => document.querySelectorAll('#found .picture').length === 24);
  });

  test('leaves an open page its version: a new one waits until that is closed', async () => {
    await open();
    /** Of the versions that are there: the one that waits, the one in use. */
    const versions = (): Promise<readonly (string | undefined)[]> => page.evaluate(() => navigator.serviceWorker.ready.then(({ waiting, active }) => [waiting?.state, active?.state]));
    await expect.poll(versions).toEqual([undefined, 'activated']);
    await server.changePage();
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()).then(() => undefined));
    await expect.poll(versions).toEqual(['installed', 'activated']);
    await page.reload();
    expect(await versions()).toEqual(['installed', 'activated']);
    const context = page.context();
    await page.close();
    page = await context.newPage();
    await open();
    await expect.poll(versions).toEqual([undefined, 'activated']);
  });

  test('tells what it keeps and can be installed', async () => {
    await open();
    expect(await page.locator('#kept').textContent()).toMatch(/^[\d,]+ notes and 400 pictures; [\d.]+ MiB of .* kept in this browser \((opfs|idb).*\)\.$/);
    const href = await page.locator('link[rel=manifest]').getAttribute('href');
    const manifest = (await (await fetch(new URL(href ?? '', server.url))).json()) as { icons: { src: string; sizes: string }[]; display: string };
    expect(manifest.display).toBe('standalone');
    for (const { src, sizes } of manifest.icons) {
      const response = await fetch(new URL(src, server.url));
      expect([response.status, response.headers.get('content-type')?.split(';')[0]], src).toEqual([200, sizes === 'any' ? 'image/svg+xml' : 'image/png']);
    }
  });

  test('says in words that there is nothing to fetch from, and goes on with the notes', async () => {
    await page.route('**/v1/**', (route) => route.abort());
    await page.goto(server.url);
    await page.fill('#query', 'oxygen');
    await says('the best first');
    await page.goto(`${server.url}#pictures`);
    await says('There are no pictures here');
  });

  test.each(['#notes', '#pictures', '#measure'])('axe finds nothing at %s, and a phone does not scroll sideways', async (hash) => {
    await open(hash);
    if (hash === '#notes') await page.fill('#query', 'water');
    if (hash === '#pictures') await page.locator('#pictures .picture').first().click();
    if (hash !== '#measure') await page.locator('#found > li').first().waitFor();
    expect(await violationsOfLooks(page)).toEqual([]);
    expect(await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])).toEqual([360, 360]);
  });
});
