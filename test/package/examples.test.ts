// The examples, as they stand in the repository, over what the build has made: run in Node, or built by vite and used in Chromium.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { serveLocally } from '../support/local-server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };

test('langchain: notes in a vector store', () => {
  expect(execFileSync(process.execPath, ['examples/langchain/notes.mjs'], { cwd: root, encoding: 'utf8' })).toBe('kestrels hover too (birds.md, page 2)\n');
});

test('react: notes found as one types, there again after a reload', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'react-example-'));
  await build({ root: join(root, 'examples/react'), base: './', configFile: false, logLevel: 'error', worker: { format: 'es' }, build: { outDir: folder, emptyOutDir: true, target: 'es2022' }, resolve: { alias: [{ find: /^elanus$/, replacement: join(root, 'dist/browser.js') }, { find: 'elanus/react', replacement: join(root, 'dist/react.js') }] } });
  const server = await serveLocally(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://host').pathname;
    const bytes = await readFile(join(folder, path === '/' ? 'index.html' : path)).catch(() => undefined);
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'text/html' }).end(bytes);
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const wrong: string[] = [];
    page.on('pageerror', ({ message }) => wrong.push(message));
    await page.goto(server.url);
    const shown = page.getByRole('listitem');
    await page.getByLabel('Find').fill('hovering');
    await expect.poll(() => shown.allTextContents(), { timeout: 20_000 }).toEqual(expect.arrayContaining(['A kite hovers over the field', 'Kestrels hover, too']));
    expect(await shown.count()).toBe(2);
    await page.getByLabel('Find').fill('salt');
    await expect.poll(() => shown.allTextContents(), { timeout: 20_000 }).toEqual(['Ships carried salt along the coast']);
    await page.getByLabel('Find').fill('');
    await expect.poll(() => shown.count(), { timeout: 20_000 }).toBe(0);
    await page.reload();
    await page.getByLabel('Find').fill('kestrel');
    await expect.poll(() => shown.allTextContents(), { timeout: 20_000 }).toEqual(['Kestrels hover, too']);
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
