// The console for people who do not see, or use no mouse: axe-core finds nothing in any of its pages, light and dark, narrow
// and wide.

import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations, violationsOfLooks } from '../support/axe.js';
import { launchChromium } from '../support/chromium.js';
import { fillDatabase, METRICS, startConsole, type ConsoleServer } from './support.js';

let server: ConsoleServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  server = await startConsole();
  await fillDatabase(server.database);
  browser = await launchChromium();
  page = await browser.newPage();
  await page.route('**/metrics', (route) => route.fulfill({ body: METRICS.replaceAll('COUNT', '100') }));
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

test.each([
  ['', '100 MiB'],
  ['#/default/books/overview', 'Segments'],
  ['#/default/books/rows', 'Rows 1 to 25'],
  ['#/default/books/search?id=9007199254740995', '10 hits in'],
  ['#/default/none/overview', 'There is no such collection'],
  ['#/default/empty/rows', 'The collection is empty'],
])('of %s', async (hash, words) => {
  await page.goto(`${server.url}/${hash}`);
  await page.waitForFunction((part) => document.body.innerText.includes(part), words);
  expect(await violationsOfLooks(page)).toEqual([]);
});

test('of a row that is shown whole', async () => {
  await page.goto(`${server.url}/#/default/books/rows`);
  await page.getByRole('button', { name: 'Details' }).first().click();
  await page.locator('dialog pre').waitFor();
  expect(await violationsOfLooks(page)).toEqual([]);
});

test('it would find a picture without a text', async () => {
  await page.evaluate(() => document.querySelector('dialog')?.append(document.createElement('img')));
  expect(await violations(page)).toEqual([expect.stringContaining('image-alt')]);
});
