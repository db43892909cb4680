// What a page that only searches a published folder fetches, in Chromium: its scripts as a server sends them, packed by
// gzip, as the user's bundler builds them and as they are shipped.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { openFsStorage } from '../../src/storage/fs.js';
import { publish } from '../../src/storage/publish.js';
import { launchChromium } from '../support/chromium.js';
import { testDatabase } from '../support/database.js';
import { serveLocally, type LocalServer } from '../support/local-server.js';
import { random, randomVector } from '../support/random.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const SCRIPT_BYTES_MAX = 40_000;
const DIM = 32;
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html', '.json': 'application/json' };

/** The whole page: ten lines. `db` stays open for what a test asks more. */
const PAGE = `
import { open } from 'elanus';
const db = await open('films', { storage: { kind: 'http', url: location.origin + '/data/films' } });
const films = await db.collection('films');
window.find = async (data, options) => (await films.search({ data: Float32Array.from(data), limit: 5, outputFields: ['title', 'year'], ...options })).hits.map(({ id, score, fields }) => [String(id), score, fields.title, fields.year]);
window.health = () => db.health();
document.title = 'ready';
`;

let folder: string;
let server: LocalServer;
let browser: Browser;
/** Of the scripts that were sent, by their path. */
let sent = new Map<string, number>();
let expected: (data: Float32Array, filter?: string) => Promise<unknown>;
let closeEngine: () => Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'search-page-'));
  await writeFolder();
  await buildPage();
  server = await serveLocally(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://host').pathname;
    const place = path.startsWith('/dist/') ? join(dist, path.slice('/dist/'.length)) : join(folder, path);
    const bytes = await readFile(place).catch(() => undefined);
    if (bytes === undefined) return void response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    if (extname(path) === '.js') sent.set(path, gzipSync(bytes, { level: 9 }).length);
    response.writeHead(200, { 'content-type': type }).end(bytes);
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await closeEngine?.();
  await rm(folder, { recursive: true, force: true });
});

async function writeFolder(): Promise<void> {
  const next = random(11);
  const directory = join(folder, 'data');
  const storage = await openFsStorage(join(directory, 'films'));
  // By a clock of its own: of so few rows it is by chance what is fastest, an index or none.
  const db = await testDatabase({ storage });
  const films = await db.createCollection({ name: 'films', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'title', type: 'VarChar', maxLength: 40 }, { name: 'year', type: 'Int16' }, { name: 'meaning', type: 'FloatVector', dim: DIM, metric: 'COSINE' }] });
  await films.insert(Array.from({ length: 2000 }, (_, id) => ({ id, title: `film ${id}`, year: 1950 + (id % 70), meaning: randomVector(next, DIM) })));
  await films.flush();
  await films.delete({ ids: [3, 7] });
  await films.flush();
  while ((await db.describeCollection('films')).indexedSegments === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await publish(storage);
  await db.close();
  await storage.close();
  const engine = await open('films', { directory, core: 'wasm' });
  const collection = await engine.collection('films');
  closeEngine = () => engine.close();
  expected = async (data, filter) => (await collection.search({ data, limit: 5, outputFields: ['title', 'year'], ...(filter === undefined ? {} : { filter }) })).hits.map(({ id, score, fields }) => [String(id), score, fields['title'], fields['year']]);
}

/** As a user's build makes it, and one that takes the modules as they are shipped. */
async function buildPage(): Promise<void> {
  const root = join(folder, 'page');
  await mkdir(root);
  await writeFile(join(root, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>');
  await writeFile(join(root, 'page.js'), PAGE);
  await build({ root, base: './', configFile: false, logLevel: 'error', resolve: { alias: { elanus: join(dist, 'browser.js') } }, worker: { format: 'es' }, build: { outDir: join(folder, 'built'), emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } } });
  await mkdir(join(folder, 'shipped'));
  await writeFile(join(folder, 'shipped', 'index.html'), `<!doctype html><script type="importmap">{"imports":{"elanus":"/dist/browser.js"}}</script><script type="module">${PAGE}</script>`);
}

function printTable(what: string): number {
  const total = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  const lines = [...sent].map(([path, bytes]) => `${String(bytes).padStart(8)}  ${path}`);
  process.stdout.write(`\n${what}: scripts in bytes, gzip -9\n${lines.join('\n')}\n${String(total).padStart(8)}  in all, at most ${SCRIPT_BYTES_MAX}\n`);
  return total;
}

interface SearchPage {
  find(data: readonly number[], options?: object): Promise<unknown>;
  health(): Promise<{ readonly storage: string }>;
}

describe.each(['built', 'shipped'])('a page that only searches, %s', (form) => {
  test('fetches at most 40 kB of scripts, where rows are deleted and for a filter, too, and finds what the engine finds', async () => {
    sent = new Map();
    const page = await browser.newPage();
    await page.goto(`${server.url}/${form}/index.html`);
    await page.waitForFunction(() => document.title === 'ready');
    const data = randomVector(random(5), DIM);
    const found = await page.evaluate((query) => (window as unknown as SearchPage).find(query), [...data]);
    expect(found).toEqual(await expected(data));
    const filter = 'year > 1990 and title != "film 3"';
    expect(await page.evaluate(([query, given]) => (window as unknown as SearchPage).find(query as number[], { filter: given }), [[...data], filter] as const)).toEqual(await expected(data, filter));
    const total = printTable(form);
    expect([...sent.keys()].filter((path) => path.includes('search-worker'))).toHaveLength(1);
    expect([...sent.keys()].filter((path) => path.includes('database-worker'))).toEqual([]);
    expect(total).toBeLessThanOrEqual(SCRIPT_BYTES_MAX);

    // What is beyond the search worker the engine answers, and from then on everything.
    const grouped = await page.evaluate((query) => (window as unknown as SearchPage).find(query, { groupByField: 'title' }), [...data]);
    expect(grouped).toEqual(await expected(data));
    expect((await page.evaluate(() => (window as unknown as SearchPage).health())).storage).toBe('http');
    expect(await page.evaluate((query) => (window as unknown as SearchPage).find(query), [...data])).toEqual(await expected(data));
    expect([...sent.keys()].filter((path) => path.includes('database-worker'))).toHaveLength(1);
    await page.close();
  });
});
