// Flow: what a user does with a copy, from the first pull to a second client that sees what was written here without a network; the
// same in every browser.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionStatus } from '../../src/engine/api.js';
import { open } from '../../src/presets/node.js';
import { startTestServer, type TestServer } from '../server/support.js';
import { serveLocally, type LocalServer } from '../support/local-server.js';
import { random } from '../support/random.js';
import type { DrivenBrowser, DrivenTab } from './driven.js';
import { Gate, partBytes } from './gate.js';

const DIM = 128;
const ROWS = 2000;
const QUERY_LIMIT = 1000;
const PART_BYTES = 65_536;
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' }] as const;
const WAIT = { timeout: 20_000, interval: 50 };
const TIMEOUT_MS = 90_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

interface Written {
  readonly id: number;
  readonly text: string;
  readonly v: readonly number[];
}

/** In a page of page.html. */
interface ClientPage {
  readonly client: {
    status(): SessionStatus;
    storage(): Promise<string>;
    write(row: Written): Promise<void>;
    texts(): Promise<readonly string[]>;
    search(asked: { readonly data: readonly number[]; readonly filter?: string }): Promise<readonly string[]>;
  };
}

/** All ones but for the first, so that of two rows the nearer is told by their keys. */
const vectorOf = (id: number): readonly number[] => [id, ...Array<number>(DIM - 1).fill(1)];
const row = (id: number, text: string): Written => ({ id, text, v: vectorOf(id) });

const statusOf = (tab: DrivenTab): Promise<SessionStatus> => tab.evaluate(() => (globalThis as unknown as ClientPage).client.status(), undefined);
const textsOf = (tab: DrivenTab): Promise<readonly string[]> => tab.evaluate(() => (globalThis as unknown as ClientPage).client.texts(), undefined);
const write = (tab: DrivenTab, written: Written): Promise<void> => tab.evaluate((one) => (globalThis as unknown as ClientPage).client.write(one), written);
const search = (tab: DrivenTab, data: readonly number[], filter?: string): Promise<readonly string[]> => tab.evaluate((asked) => (globalThis as unknown as ClientPage).client.search(asked), filter === undefined ? { data } : { data, filter });

/** `storage` is where that browser keeps a database, by what `health` says. */
export function describeFlow(name: string, start: () => Promise<DrivenBrowser>, storage: string): void {
  let browser: DrivenBrowser;
  let pages: LocalServer;
  let database: Awaited<ReturnType<typeof open>>;
  let server: TestServer;
  let gate: Gate;
  let tabs: DrivenTab[] = [];

  beforeAll(async () => {
    pages = await serveLocally(async (request, response) => {
      const path = new URL(request.url ?? '', 'http://page').pathname;
      const file = path.startsWith('/dist/') ? `${root}${path.slice(1)}` : fileURLToPath(new URL('page.html', import.meta.url));
      response.writeHead(200, { 'content-type': TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream' }).end(await readFile(file));
    });
    browser = await start();
  }, TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await pages.close();
  });

  beforeEach(async () => {
    database = await open('server', { storage: 'memory', core: 'wasm' });
    await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    server = await startTestServer({ database, cors: ['*'] });
    gate = await Gate.before(server.url);
    tabs = [];
  });

  afterEach(async () => {
    for (const tab of tabs) await tab.close();
    await gate.close();
    await server.close();
  });

  /** Each test has names of its own, as the browser keeps what they store. */
  const openTab = async (client: string, more = ''): Promise<DrivenTab> => {
    const tab = await browser.open(`${pages.url}/?name=${client}&server=${encodeURIComponent(gate.url)}${more}`);
    tabs.push(tab);
    return tab;
  };
  const loaded = (tab: DrivenTab): Promise<void> => vi.waitFor(async () => expect(await tab.evaluate(() => 'client' in globalThis, undefined)).toBe(true), WAIT);
  const until = (tab: DrivenTab, status: Partial<SessionStatus>): Promise<void> => vi.waitFor(async () => expect(await statusOf(tab)).toMatchObject(status), WAIT);
  const ofServer = async (): Promise<readonly string[]> => (await (await database.collection('notes')).query({ outputFields: ['id', 'text'] })).map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
  const writeToServer = async (...rows: readonly Written[]): Promise<void> => {
    const notes = await database.collection('notes');
    await notes.upsert(rows as never);
    await notes.flush();
  };

  describe(name, () => {
    test('a copy is pulled, searched, written to without a network, and sent; another client sees it, and each what comes later', async () => {
      await writeToServer(row(1, 'one'), row(5, 'five'), row(9, 'nine'));
      const first = await openTab('first');
      await loaded(first);
      await until(first, { state: 'idle', unsent: 0 });
      expect(await first.evaluate(() => (globalThis as unknown as ClientPage).client.storage(), undefined)).toBe(storage);
      expect(await search(first, vectorOf(6))).toEqual(['5:five', '9:nine', '1:one']);
      expect(await search(first, vectorOf(6), 'id > 5 and text like "n%"')).toEqual(['9:nine']);
      gate.leave();
      await until(first, { state: 'offline' });
      await write(first, row(6, 'six, offline'));
      await write(first, row(1, 'one, changed'));
      expect(await search(first, vectorOf(6))).toEqual(['6:six, offline', '5:five', '9:nine']);
      await until(first, { state: 'offline', unsent: 2 });
      expect(await ofServer()).toEqual(['1:one', '5:five', '9:nine']);
      gate.comeBack();
      const all = ['1:one, changed', '5:five', '6:six, offline', '9:nine'];
      await vi.waitFor(async () => expect(await ofServer()).toEqual(all), WAIT);
      await until(first, { state: 'idle', unsent: 0 });
      const second = await openTab('second');
      await loaded(second);
      await until(second, { state: 'idle' });
      // What was pushed comes to others once the server has sealed it.
      await (await database.collection('notes')).flush();
      await vi.waitFor(async () => expect(await textsOf(second)).toEqual(all), WAIT);
      await write(second, row(7, 'of the second'));
      await vi.waitFor(async () => expect(await ofServer()).toContain('7:of the second'), WAIT);
      await (await database.collection('notes')).flush();
      await vi.waitFor(async () => expect(await textsOf(first)).toEqual([...all.slice(0, 3), '7:of the second', '9:nine']), WAIT);
      expect(await search(first, vectorOf(7.1))).toEqual(['7:of the second', '6:six, offline', '9:nine']);
    }, TIMEOUT_MS);

    test('a page that is reloaded without a network has its copy and what it wrote, which is sent then', async () => {
      await writeToServer(row(1, 'one'));
      const tab = await openTab('reloaded');
      await loaded(tab);
      await until(tab, { state: 'idle' });
      gate.leave();
      await until(tab, { state: 'offline' });
      await write(tab, row(2, 'two, offline'));
      await tab.reload();
      await loaded(tab);
      expect(await textsOf(tab)).toEqual(['1:one', '2:two, offline']);
      await until(tab, { unsent: 1 });
      gate.comeBack();
      await vi.waitFor(async () => expect(await ofServer()).toEqual(['1:one', '2:two, offline']), WAIT);
    }, TIMEOUT_MS);

    test('a page that is reloaded in the middle of a file goes on with the parts that are there', async () => {
      const next = random(1);
      await writeToServer(...Array.from({ length: ROWS }, (_, id) => ({ id, text: `${id}`, v: Array.from({ length: DIM }, next) })));
      gate.heldPart = 6;
      const tab = await openTab('parts', `&part=${PART_BYTES}`);
      await vi.waitFor(() => expect(gate.isHolding).toBe(true), WAIT);
      await tab.reload();
      await loaded(tab);
      await until(tab, { state: 'idle' });
      expect(await textsOf(tab)).toHaveLength(QUERY_LIMIT);
      expect(await search(tab, vectorOf(0))).toHaveLength(3);
      // Each part once, but for the one that was on the way.
      const { sizeBytes, askedBytes } = partBytes(gate.parts);
      expect(sizeBytes).toBeGreaterThan(10 * PART_BYTES);
      expect(askedBytes - sizeBytes).toBeLessThanOrEqual(PART_BYTES);
    }, TIMEOUT_MS);
  });
}
