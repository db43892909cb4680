// The console in Chromium, against a server with a bit of everything: what it shows, by mouse and by keyboard, and what it
// says when something is wrong.

import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { passwordOf, testAccess } from '../server/access/support.js';
import { violations } from '../support/axe.js';
import { launchChromium } from '../support/chromium.js';
import { BOOKS, fillDatabase, METRICS, startConsole, type ConsoleServer } from './support.js';

const FIRST_ID = '9007199254740993';
let server: ConsoleServer;
let browser: Browser;
let page: Page;
let troubles: string[] = [];

beforeAll(async () => {
  server = await startConsole();
  await fillDatabase(server.database);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

afterEach(async () => {
  await page.context().close();
});

async function open(hash = '', options: BrowserContextOptions = {}, url = server.url): Promise<void> {
  troubles = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  // An answer that refuses is told by the browser, too.
  page.on('console', (message) => message.type() === 'error' && !message.text().startsWith('Failed to load resource') && troubles.push(message.text()));
  let count = 0;
  await page.route('**/metrics', (route) => route.fulfill({ body: METRICS.replaceAll('COUNT', String((count += 100))) }));
  await page.goto(`${url}/${hash}`);
}

const text = (selector: string): Promise<string | null> => page.locator(selector).first().textContent();
const says = (words: string): Promise<unknown> => page.waitForFunction((part) => document.body.innerText.includes(part), words);

describe('the console', () => {
  test('shows the server, live, and its collections', async () => {
    await open();
    await says('lost when it stops');
    await says('100 MiB');
    await page.waitForFunction(() => !/^(0\.0|–)/.test(document.querySelector('.tile .value')?.textContent ?? '0.0'));
    const cells = await page.locator('section:has(#collections-title) tbody tr').first().locator('th, td').allTextContents();
    expect(cells.slice(0, 3)).toEqual(['booksWhat the library lends', String(BOOKS), '1']);
    expect(await page.title()).toBe('Server · Elanus console');
    expect(troubles).toEqual([]);
  });

  test('shows schema, indexes and segments of a collection that was chosen', async () => {
    await open();
    await page.locator('.side a', { hasText: 'books' }).click();
    await page.locator('#segments-title').waitFor();
    expect(await text('h1')).toBe('books');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect(await text('section:has(#schema-title) table')).toMatch(/meaningFloatVector, 8.*BM25 of title/s);
    expect(await page.locator('section:has(#segments-title) tbody tr').count()).toBe(2);
    expect(await text('section:has(#indexes-title) table')).toContain('AUTOINDEX');
    expect(troubles).toEqual([]);
  });

  test('searches by a pasted vector, with a filter, and explains how', async () => {
    await open('#/default/books/search');
    await page.fill('#sought', '1, 0, 0, 0, 0, 0, 0, 0');
    await page.fill('[name=filter]', 'year < 1970');
    await page.locator('#sought').press('Tab');
    await page.locator('[name=filter]').press('Enter');
    await says('9 hits in');
    expect(await page.locator('main table').first().locator('tbody tr').count()).toBe(9);
    expect(await text('section:has(#explain-title)')).toMatch(/Search of meaning by COSINE.*every vector/s);
    expect(troubles).toEqual([]);
  });

  test('searches by a row, every digit of its key kept, and by a text', async () => {
    await open('#/default/books/rows');
    await page.locator('tbody a', { hasText: 'Similar' }).first().click();
    await says('10 hits in');
    expect(await text('main tbody th')).toBe(FIRST_ID);
    expect(await text('main tbody td:nth-child(2)')).toBe('1.0000');
    await page.selectOption('[name=field]', 'words');
    await page.fill('#sought', 'falcon');
    await page.locator('#sought').press('Enter');
    await page.waitForFunction(() => document.querySelector('main thead')?.textContent?.includes('BM25'));
    expect(await page.locator('main table').first().locator('tbody tr').allTextContents()).toSatisfy((rows: string[]) => rows.length > 0 && rows.every((row) => row.includes('falcon')));
    expect(troubles).toEqual([]);
  });

  test('says what does not fit beside the field, and what the server refuses in its words', async () => {
    await open('#/default/books/search');
    await page.fill('#sought', '[1, 2, 3]');
    await page.locator('main button[type=submit]').click();
    await says('Expected 8 numbers, found 3.');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('sought');
    await page.fill('#sought', '1 2 3 4 5 6 7 x');
    await page.locator('main button[type=submit]').click();
    await says('found “x” at position 8');
    await page.fill('#sought', '1 2 3 4 5 6 7 8');
    await page.fill('[name=filter]', 'year >');
    await page.locator('main button[type=submit]').click();
    expect(await text('[role=alert]')).toMatch(/does not understand.*filter at \d+: expected.*1100/s);
    await page.goto(`${server.url}/#/default/none/overview`);
    await says('There is no such collection');
  });

  test('walks through the rows page by page, filters them, and shows one whole', async () => {
    await open('#/default/books/rows');
    await says(`Rows 1 to 25 of ${BOOKS}.`);
    await page.getByRole('button', { name: 'Next' }).click();
    await says(`Rows 26 to ${BOOKS} of ${BOOKS}.`);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.fill('main form input.code', 'year is null');
    await page.locator('main form input.code').press('Enter');
    await says('Rows 1 to 4 of 4 for which the filter holds.');
    await page.getByRole('button', { name: 'Details' }).first().click();
    await page.waitForFunction(() => document.querySelector('dialog[open] pre')?.textContent?.includes('"meaning": ['));
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Details');
    await page.goto(`${server.url}/#/default/empty/rows`);
    await says('The collection is empty');
    expect(troubles).toEqual([]);
  });

  test('is used by keyboard alone: the first Tab skips to the content, each stop is seen', async () => {
    await open('#/default/books/overview');
    await page.locator('#segments-title').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(new URL(page.url()).hash).toBe('#/default/books/overview');
    for (const stop of ['Overview', 'Search', 'Rows']) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => [document.activeElement?.textContent, getComputedStyle(document.activeElement as Element).outlineStyle])).toEqual([stop, 'solid']);
    }
    await page.keyboard.press('Enter');
    await says('Rows 1 to 25');
  });

  test('on a phone the collections fold away, and nothing scrolls sideways', async () => {
    await open('#/default/books/search?id=9007199254740995', { viewport: { width: 360, height: 740 } });
    await says('10 hits in');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await page.locator('.side a', { hasText: 'empty' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Collections (2)' }).click();
    await page.locator('.side a', { hasText: 'empty' }).click();
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'empty');
    expect(await page.locator('.side a', { hasText: 'empty' }).isVisible()).toBe(false);
  });

  test('asks for a log-in where the server wants one, keeps it for this tab, and forgets it', async () => {
    const access = await testAccess();
    await access.user('ada', 'CollectionReadOnly@default.books');
    const guarded = await startConsole({ gate: access.gate });
    try {
      await fillDatabase(guarded.database);
      await open('#/default/books/rows', {}, guarded.url);
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('User', { exact: true }).fill('ada');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.locator('[role=alert]').waitFor();
      await page.getByLabel('Password', { exact: true }).fill(passwordOf('ada'));
      await page.keyboard.press('Enter');
      await says(`Rows 1 to 25 of ${BOOKS}.`);
      // Nobody granted her anything in the other collection.
      expect(await page.locator('.side a').allTextContents()).toEqual(['Server', `books${BOOKS} rows`]);
      await page.goto(`${guarded.url}/#/default/empty/rows`);
      await says('You may not do this');
      await page.goto(`${guarded.url}/#/default/books/rows`);
      expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, '']);
      await page.reload();
      await says(`Rows 1 to 25 of ${BOOKS}.`);
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    } finally {
      await guarded.close();
      await access.close();
    }
  });

  test('says that the server does not answer, and goes on when it does', async () => {
    await open();
    await says('lost when it stops');
    await page.route('**/console/*', (route) => route.abort());
    await page.goto(`${server.url}/#/default/books/overview`);
    await says('The server does not answer');
    await page.unroute('**/console/*');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.locator('#segments-title').waitFor();
  });
});
