// The built demo page in Chromium, against a server with some of the sample images: pick, filter, reload, offline.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { startServer, type RunningServer } from '../../src/server/index.js';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const NAMES = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];
const DIM = 784;
const ROWS = 400;

let directory = '';
let server: RunningServer;
let close: () => Promise<void>;
let browser: Browser;
let page: Page;
let troubles: string[] = [];

async function fillDatabase(): Promise<void> {
  const database = await open('default', { directory });
  const images = gunzipSync(readFileSync(here('data/fashion-mnist.base.bvecs.gz')));
  const labels = gunzipSync(readFileSync(here('data/fashion-mnist.base.labels.txt.gz'))).toString().trim().split('\n').map(Number);
  const collection = await database.createCollection({
    name: 'fashion',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'label', type: 'Int8' },
      { name: 'name', type: 'VarChar', maxLength: 20 },
      { name: 'image', type: 'FloatVector', dim: DIM, metric: 'L2' },
    ],
  });
  const image = (row: number): Float32Array => Float32Array.from(images.subarray(row * (DIM + 4) + 4, (row + 1) * (DIM + 4)));
  await collection.insert(Array.from({ length: ROWS }, (_, id) => ({ id, label: labels[id] as number, name: NAMES[labels[id] as number] as string, image: image(id) })));
  await collection.flush();
  server = await startServer({ database, host: '127.0.0.1', port: 0, log: () => undefined, demoDirectory: here('dist/demo') });
  close = async () => {
    await server.close();
    await database.close();
  };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-demo-'));
  await fillDatabase();
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  browser = await chromium.launch({ executablePath: process.env['ELANUS_CHROMIUM'] ?? '/usr/bin/chromium', args });
});

afterAll(async () => {
  await browser.close();
  await close();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  troubles = [];
  page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
});

afterEach(async () => {
  await page.context().close();
});

async function ready(): Promise<void> {
  await page.waitForFunction((text) => document.querySelector('#status')?.textContent?.includes(text), `${ROWS} pictures`);
}

describe('the demo page', () => {
  test('shows pictures; one that is clicked is its own nearest neighbour, with score and time', async () => {
    await page.goto(`${server.url}/demo/`);
    await ready();
    const first = page.locator('#pictures .picture').first();
    await first.click();
    await page.locator('#found .picture').first().waitFor();
    expect(await page.locator('#found .picture').count()).toBe(24);
    const label = (await first.getAttribute('aria-label')) as string;
    expect(await page.locator('#found .picture').first().getAttribute('aria-label')).toBe(`${label}, 0`);
    expect(await page.locator('#answer').textContent()).toMatch(/24 nearest to picture \d+ .* in [\d.]+ ms/);
    expect(troubles).toEqual([]);
  });

  test('the filter shows only that kind, and works by keyboard', async () => {
    await page.goto(`${server.url}/demo/`);
    await ready();
    await page.locator('#pictures .picture').first().press('Enter');
    await page.locator('#found .picture').first().waitFor();
    await page.selectOption('#label', 'Bag');
    await page.waitForFunction(() => [...document.querySelectorAll('#found .picture')].every((button) => button.ariaLabel?.startsWith('Bag')));
    expect(await page.locator('#found .picture').count()).toBe(24);
    expect(troubles).toEqual([]);
  });

  test('works after a reload with the network off', async () => {
    await page.goto(`${server.url}/demo/`);
    await ready();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.context().setOffline(true);
    await page.reload();
    await ready();
    expect(await page.locator('#status').textContent()).toContain('offline');
    await page.locator('#pictures .picture').first().click();
    await page.locator('#found .picture').first().waitFor();
    expect(await page.locator('#found .picture').count()).toBe(24);
  });

  test('a second tab searches through the first, and goes on when that is closed', async () => {
    await page.goto(`${server.url}/demo/`);
    await ready();
    const first = page;
    page = await first.context().newPage();
    await page.goto(`${server.url}/demo/`);
    await ready();
    for (const alone of [false, true]) {
      if (alone) await first.close();
      await page.locator('#pictures .picture').first().click();
      await page.waitForFunction((count) => document.querySelectorAll('#found .picture').length === count, 24);
      await page.evaluate(() => document.querySelector('#found')?.replaceChildren());
    }
  });

  test('a phone has no sideways scrolling', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${server.url}/demo/`);
    await ready();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});
