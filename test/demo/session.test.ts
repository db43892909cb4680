// The built demo page and its live session: what the server adds comes by itself and into every tab, and the page says how the
// session is: fetching, waiting, paused, without a network.

import type { Browser, BrowserContext, Page, Route } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { PICTURES, startDemo, type DemoServer } from './support.js';

const SERVER = '**/v1/collections/**';
let server: DemoServer;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  server = await startDemo();
  context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
});

afterEach(async () => {
  await context.close();
  await server.close();
});

async function openTab(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url);
  return page;
}

const says = (page: Page, words: string): Promise<unknown> => page.waitForFunction((part) => document.body.innerText.includes(part), words);
const untilState = (page: Page, word: string): Promise<unknown> => page.waitForFunction((text) => document.querySelector('.badge')?.textContent === text, word);

test('what the server adds comes by itself, into both tabs; either pauses both and lets both go on', async () => {
  const first = await openTab();
  const second = await openTab();
  for (const tab of [first, second]) {
    await says(tab, `${PICTURES} pictures`);
    await untilState(tab, 'Online');
  }
  await server.addPicture(PICTURES);
  for (const tab of [first, second]) await says(tab, `${PICTURES + 1} pictures`);
  await second.getByRole('button', { name: 'Pause' }).click();
  for (const tab of [first, second]) await untilState(tab, 'Paused');
  const asked: string[] = [];
  context.on('request', (request) => void (request.url().includes('/v1/') && asked.push(request.url())));
  await server.addPicture(PICTURES + 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toEqual([]);
  await first.getByRole('button', { name: 'Resume' }).click();
  for (const tab of [first, second]) {
    await says(tab, `${PICTURES + 2} pictures`);
    await untilState(tab, 'Online');
  }
});

test('shows how far the fetching is, file by file', async () => {
  const held: Route[] = [];
  let isHeld = true;
  await context.route('**/files/**', (route) => (isHeld ? void held.push(route) : route.continue()));
  const page = await openTab();
  await untilState(page, 'Fetching');
  expect(await page.getByRole('progressbar', { name: 'Fetching pictures' }).locator('..').textContent()).toMatch(/^Fetching pictures: file 1 of \d+, 0\.0 of \d\.\d MiB$/);
  await says(page, '628 notes;');
  isHeld = false;
  for (const route of held) await route.continue();
  await says(page, `${PICTURES} pictures`);
  await untilState(page, 'Online');
  expect(await page.getByRole('progressbar').count()).toBe(0);
});

test('says when it tries again where the server asks for patience, and has the pictures of before without a network', async () => {
  const page = await openTab();
  await says(page, 'Pictures as of ');
  await context.route(SERVER, (route) => route.fulfill({ status: 503, headers: { 'retry-after': '3000' } }));
  await page.reload();
  await untilState(page, 'Waiting');
  await says(page, 'Tries again at ');
  await says(page, `${PICTURES} pictures of an earlier visit`);
  await context.unroute(SERVER);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await untilState(page, 'Online');
  await context.setOffline(true);
  await untilState(page, 'Offline');
  await server.addPicture(PICTURES);
  await context.setOffline(false);
  await untilState(page, 'Online');
  await says(page, `${PICTURES + 1} pictures`);
});
