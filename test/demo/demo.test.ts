// The built demo page in Chromium: notes found as one types and written, pictures by likeness, two tabs in step, the
// measurement.

import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { PICTURES, startDemo, type DemoServer } from './support.js';

let server: DemoServer;
let browser: Browser;
let page: Page;
let troubles: string[] = [];

beforeAll(async () => {
  server = await startDemo();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  troubles = [];
  page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
  watch(page);
});

afterEach(async () => {
  await page.context().close();
});

function watch(tab: Page): void {
  tab.on('pageerror', (error) => troubles.push(error.message));
  tab.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
}

async function open(tab = page, hash = ''): Promise<void> {
  await tab.goto(`${server.url}${hash}`);
  await says(`${PICTURES} pictures`, tab);
}

const says = (words: string, tab = page): Promise<unknown> => tab.waitForFunction((part) => document.body.innerText.includes(part), words);
const found = (): Promise<readonly string[]> => page.locator('#found > li').allTextContents();

describe('the notes', () => {
  test('are found as one types, by words and by half a word, with what was looked for marked', async () => {
    await open();
    await page.locator('#query').pressSequentially('chloroplasts', { delay: 5 });
    await says('the best first');
    await page.waitForFunction(() => [...document.querySelectorAll('#found mark')].some((mark) => /^chloroplast/i.test(mark.textContent ?? '')));
    expect((await found())[0]).toMatch(/chloroplast/i);
    await page.fill('#query', 'chlorop');
    await page.waitForFunction(() => /chlorop/i.test(document.querySelector('#found > li')?.textContent ?? ''));
    await page.getByLabel('words alone').check();
    await says('No note is found for “chlorop”.');
    await page.getByLabel('letters alone').check();
    await page.waitForFunction(() => /chlorop/i.test(document.querySelector('#found > li')?.textContent ?? ''));
    expect(troubles).toEqual([]);
  });

  test('lead to more like them, and back', async () => {
    await open();
    await page.fill('#query', 'rainforest');
    await page.getByRole('button', { name: 'More like this' }).first().click();
    await says('spelled most like');
    expect(await page.locator('#found > li').count()).toBe(12);
    await page.getByRole('button', { name: 'Back to the search' }).click();
    await says('Some of the notes, by chance');
    expect(await page.locator('#found > li').count()).toBeGreaterThan(1);
    expect(troubles).toEqual([]);
  });

  test('may be written, are found at once and in another tab, never as HTML, and go again', async () => {
    await open();
    const other = await page.context().newPage();
    watch(other);
    await open(other);
    await page.fill('#note', 'Buy <b>quinces</b> & honey');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await says('It is found at once.');
    await says('Buy <b>quinces</b> & honey', other);
    await other.fill('#query', 'quince');
    await other.waitForFunction(() => document.querySelector('#found mark')?.textContent === 'quinces');
    await other.getByRole('button', { name: 'Remove' }).first().click();
    await page.waitForFunction(() => !document.querySelector('#found')?.textContent?.includes('quinces'));
    await page.getByRole('button', { name: 'Keep it' }).click();
    await says('Write something first.');
    expect(troubles).toEqual([]);
  });
});

describe('the pictures', () => {
  test('lead to their nearest, each its own first, by keyboard and of one kind', async () => {
    await open(page, '#pictures');
    const first = page.locator('#pictures .picture').first();
    await first.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('#found .picture').length === 24);
    const name = await first.textContent();
    expect(name).toMatch(/picture \d+ $/);
    expect(await page.locator('#found .picture').first().textContent()).toBe(`${name}0`);
    expect(await page.locator('#answer').textContent()).toMatch(/24 nearest to picture \d+ .* in [\d.]+ ms/);
    await page.selectOption('#label', 'Bag');
    await page.waitForFunction(() => [...document.querySelectorAll('#found .picture')].every((button) => button.textContent?.startsWith('Bag')));
    expect(await page.locator('#found .picture').count()).toBe(24);
    expect(troubles).toEqual([]);
  });

  test('a second tab searches through the first, and goes on when that is closed', async () => {
    await open(page, '#pictures');
    const first = page;
    page = await first.context().newPage();
    await open(page, '#pictures');
    for (const alone of [false, true]) {
      if (alone) await first.close();
      await page.locator('#pictures .picture').nth(alone ? 1 : 0).click();
      await page.waitForFunction((count) => document.querySelectorAll('#found .picture[aria-pressed=true]').length === count, 1);
    }
  });
});

test('the measurement prints its numbers as JSON', async () => {
  await open(page, '#measure');
  await page.locator('#measure').click();
  await page.locator('#result').waitFor();
  const measured = JSON.parse((await page.locator('#result').textContent()) ?? '') as { pictures: Record<string, number> };
  expect(measured).toMatchObject({ browser: expect.stringContaining('Chrom'), device: { processors: expect.any(Number) }, core: expect.stringContaining('wasm'), pictures: { rows: PICTURES, dim: 784, k: 10, queries: 100 } });
  expect(measured.pictures['recall']).toBeGreaterThan(0.9);
  expect(measured.pictures['qps']).toBeGreaterThan(0);
  expect(troubles).toEqual([]);
});
