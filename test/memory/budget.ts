// A copy that is far larger than the memory it may use: a server builds a collection, a page of Chromium pulls it into OPFS,
// and a new page searches it. What the engine's memory and the page's process take is looked at while it does.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import type * as Elanus from '../../src/presets/browser.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { open } from '../../src/presets/node.js';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { random, randomVector } from '../support/random.js';
import { chromiumArgs, chromiumPath } from '../tabs/chromium.js';

export interface BudgetOptions {
  readonly rows: number;
  readonly dim: number;
  readonly limitMB: number;
  readonly queries: number;
  readonly say?: (text: string) => void;
}

export interface BudgetReport {
  readonly rows: number;
  readonly segments: number;
  readonly vectorsMB: number;
  readonly filesMB: number;
  /** Of the WebAssembly module, after all searches. */
  readonly coreMB: number;
  /** By what the page's process grew over an empty page, at the most that was seen. */
  readonly processMB: number;
  readonly openMs: number;
  readonly firstMs: number;
  readonly medianMs: number;
  /** Share of the true ten nearest rows that were found; 0.95 was asked for. */
  readonly recall: number;
  /** Searches with `recall: 1` that agreed with the server's. */
  readonly exact: number;
  readonly exactAsked: number;
}

const K = 10;
const BATCH = 500;
const CLUSTERS = 300;
const EXACT_QUERIES = 2;
const MIB = 2 ** 20;

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

interface Found {
  readonly openMs: number;
  readonly ms: readonly number[];
  readonly ids: readonly (readonly string[])[];
  readonly exactIds: readonly (readonly string[])[];
  readonly coreBytes: number;
}

export async function searchWithin(options: BudgetOptions): Promise<BudgetReport> {
  const { say = () => undefined } = options;
  const directory = await mkdtemp(join(tmpdir(), 'elanus-memory-'));
  let database: SyncDatabase | undefined;
  let server: RunningServer | undefined;
  let browser: Browser | undefined;
  try {
    // With the same limit, so that no file is larger than the page can take.
    database = await open('default', { directory, maxMemoryMB: options.limitMB });
    await fill(database, options, say);
    const queries = queriesOf(options);
    const truth = await nearest(database, queries, 1);
    const { rows, sealedSegments } = await database.describeCollection('c');
    server = await startServer({ database, host: '127.0.0.1', port: 0, log: () => undefined, demoDirectory: dist });
    browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumArgs] });
    const context = await browser.newContext();
    const first = await context.newPage();
    await ready(first, server.url);
    const filesBytes = await first.evaluate(pull, { limitMB: options.limitMB, url: server.url });
    await first.close();
    say('pulled');
    const page = await context.newPage();
    await ready(page, server.url);
    const before = await rendererBytes(browser);
    const watching = watch(browser);
    const found = await page.evaluate(search, { limitMB: options.limitMB, queries: queries.map((query) => [...query]), k: K, exact: EXACT_QUERIES });
    const peak = await watching();
    await page.close();
    const sorted = found.ms.slice(1).sort((a, b) => a - b);
    return {
      rows,
      segments: sealedSegments,
      vectorsMB: round((rows * options.dim * 4) / MIB),
      filesMB: round(filesBytes / MIB),
      coreMB: round(found.coreBytes / MIB),
      processMB: round((peak - before) / MIB),
      openMs: round(found.openMs),
      firstMs: round(found.ms[0] as number),
      medianMs: round(sorted[sorted.length >> 1] as number),
      recall: found.ids.reduce((sum, ids, at) => sum + ids.filter((id) => truth[at]?.includes(id)).length, 0) / (K * queries.length),
      exact: found.exactIds.filter((ids, at) => ids.join() === truth[at]?.join()).length,
      exactAsked: EXACT_QUERIES,
    };
  } finally {
    await browser?.close();
    await server?.close();
    await database?.close();
    await rm(directory, { recursive: true });
  }
}

/** Rows around centres, as embeddings are. */
async function fill(database: SyncDatabase, { rows, dim }: BudgetOptions, say: (text: string) => void): Promise<void> {
  const collection = await database.createCollection({ name: 'c', dimension: dim, metric: 'L2' });
  const next = random(1);
  const centres = centresOf(dim);
  for (let first = 0; first < rows; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, rows - first) }, (_, at) => ({ id: first + at, vector: near(centres[(first + at) % CLUSTERS] as Float32Array, next) }));
    await collection.insert(batch);
  }
  await collection.flush();
  say(`${rows} rows are in`);
  while ((await database.describeIndex('c', { fieldName: 'vector' })).state !== 'Finished') await new Promise((resolve) => setTimeout(resolve, 200));
  say('indexed');
}

function centresOf(dim: number): readonly Float32Array[] {
  const next = random(2);
  return Array.from({ length: CLUSTERS }, () => randomVector(next, dim));
}

// Noise from a table, as drawing every number would take longer than all else.
const NOISE = randomVector(random(3), 65_536);

function near(centre: Float32Array, next: () => number): Float32Array {
  const from = Math.floor(next() * (NOISE.length - centre.length));
  const step = next() < 0.5 ? 1 : -1;
  return centre.map((x, i) => x + 0.7 * step * (NOISE[from + i] as number));
}

function queriesOf({ dim, queries }: BudgetOptions): readonly Float32Array[] {
  const next = random(4);
  const centres = centresOf(dim);
  return Array.from({ length: queries }, (_, at) => near(centres[(at * 7) % CLUSTERS] as Float32Array, next));
}

async function nearest(database: SyncDatabase, queries: readonly Float32Array[], recall: number): Promise<readonly (readonly string[])[]> {
  const collection = await database.collection('c');
  const found: (readonly string[])[] = [];
  for (const data of queries) found.push((await collection.search({ data, limit: K, recall })).hits.map(({ id }) => String(id)));
  return found;
}

/** The package, as a page of the server would load it. */
async function ready(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/health`);
  await page.addScriptTag({ type: 'module', content: "import * as elanus from '/demo/browser.js'; globalThis.elanus = elanus; globalThis.isReady = true;" });
  await page.waitForFunction('globalThis.isReady === true');
}

/** In the page. Gives the bytes that are stored. */
async function pull({ limitMB, url }: { readonly limitMB: number; readonly url: string }): Promise<number> {
  const { open: openHere } = (globalThis as unknown as { readonly elanus: typeof Elanus }).elanus;
  const database = await openHere('copy', { maxMemoryMB: limitMB, gpu: false });
  const { bytesFetched } = await database.pull(url, 'c');
  await database.close();
  return bytesFetched;
}

/** In the page. */
async function search({ limitMB, queries, k, exact }: { readonly limitMB: number; readonly queries: readonly (readonly number[])[]; readonly k: number; readonly exact: number }): Promise<Found> {
  const { open: openHere } = (globalThis as unknown as { readonly elanus: typeof Elanus }).elanus;
  const start = performance.now();
  const database = await openHere('copy', { maxMemoryMB: limitMB, gpu: false });
  const collection = await database.collection('c');
  const openMs = performance.now() - start;
  const ms: number[] = [];
  const ids: string[][] = [];
  for (const data of queries) {
    const from = performance.now();
    const { hits } = await collection.search({ data, limit: k });
    ms.push(performance.now() - from);
    ids.push(hits.map(({ id }) => String(id)));
  }
  const exactIds: string[][] = [];
  for (const data of queries.slice(0, exact)) exactIds.push((await collection.search({ data, limit: k, recall: 1 })).hits.map(({ id }) => String(id)));
  const { coreMemoryBytes } = await database.health();
  await database.close();
  return { openMs, ms, ids, exactIds, coreBytes: coreMemoryBytes };
}

/** Resident bytes of the largest renderer. */
async function rendererBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { readonly processInfo: readonly { readonly type: string; readonly id: number }[] };
    return Math.max(0, ...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id)));
  } finally {
    await session.detach();
  }
}

function residentBytes(pid: number): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

/** Looks at the renderers now and then; the most that was seen, when it is called. */
function watch(browser: Browser): () => Promise<number> {
  let peak = 0;
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      peak = Math.max(peak, await rendererBytes(browser).catch(() => 0));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return async () => {
    ended = true;
    await watching;
    return peak;
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

