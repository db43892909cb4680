// A progressive pull that ends early, at whatever moment: nothing of it stays open or goes on, and the next pull shows every row.

import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { PullProgress } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { Transport } from '../../src/ports/transport.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
const SEGMENTS = [20, 300];
const ROWS = SEGMENTS.reduce((sum, rows) => sum + rows);
const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => ({ id: from + at, v: [from + at, 1] }));
let core: Core;
let server: SyncDatabase;
/** SHA-256 of the rows of each segment. */
let files: readonly string[];

beforeAll(async () => {
  core = await testCore();
  server = await testDatabase({ seed: 5, core });
  const notes = await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  for (const [at, count] of SEGMENTS.entries()) {
    await notes.insert(rows(at * 1000, count));
    await notes.flush();
  }
  files = (await server.opened('notes')).manifest.manifest.segments.map(({ rowsFile }) => rowsFile.sha256);
  expect(files).toHaveLength(SEGMENTS.length);
});

/** A network on which requests end when they are aborted, as on a real one; those for `held` do nothing else. */
function networkWith(held: () => string | undefined): Transport {
  const inner = transportTo(() => server);
  return {
    async get(request) {
      const { url, signal } = request;
      const aborted = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(new ElanusError('Closed', `${url}: aborted`))));
      aborted.catch(() => undefined);
      const sha256 = held();
      if (sha256 !== undefined && url.includes(sha256)) return aborted;
      return Promise.race([inner.get(request), aborted]);
    },
  };
}

/** Every row is there, whoever asks, and rows can be written. */
async function expectWhole(client: SyncDatabase): Promise<void> {
  const notes = await client.collection('notes');
  expect(await notes.count()).toBe(ROWS);
  const found = await notes.search({ data: [1000, 1], limit: 1 });
  expect(found.hits).toMatchObject([{ id: 1000n }]);
  expect(found).not.toHaveProperty('missing');
  expect(found).not.toHaveProperty('partial');
  await notes.insert([{ id: 5000, v: [0, 0] }]);
  expect((await client.opened('notes')).outbox).toMatchObject({ unsent: 1 });
}

describe.each([false, true])('the next pull, progressive: %s, shows every row', (progressive) => {
  test.each([undefined, 0, 1])('after one that was aborted at any moment, while segment %s did not come', async (segment) => {
    for (let at = 1, isOver = false; !isOver; at++) {
      let held = segment === undefined ? undefined : files[segment];
      const client = await testDatabase({ transport: networkWith(() => held), seed: 9, core });
      const abort = new AbortController();
      let calls = 0;
      // Where one segment does not come nothing does any more once the other is shown.
      const shown = segment === undefined ? undefined : SEGMENTS[1 - segment];
      const onProgress = ({ rowsSearchable }: PullProgress): void => void ((++calls === at || rowsSearchable === shown) && abort.abort());
      const ended = await client.pull(SERVER, 'notes', { progressive: true, signal: abort.signal, onProgress }).catch((error: unknown) => error);
      isOver = calls < at;
      if (ended instanceof Error) {
        expect(ended).toMatchObject({ code: 'Closed' });
        await expect(client.collection('notes')).rejects.toMatchObject({ code: 'NotFound' });
      }
      const before = calls;
      held = undefined;
      expect(await client.pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: ROWS });
      expect(calls).toBe(before);
      await expectWhole(client);
      await client.close();
    }
  });

  test('after one whose manifest could not be stored', async () => {
    const stored: MemoryFiles = new Map();
    const storage = memoryStorage(stored);
    const create = storage.create.bind(storage);
    let fails = true;
    vi.spyOn(storage, 'create').mockImplementation(async (key, bytes) => {
      if (fails && key.includes('/manifest/')) throw new ElanusError('StorageFailed', `${key}: failed`);
      return create(key, bytes);
    });
    const client = await testDatabase({ storage, transport: networkWith(() => undefined), seed: 9, core });
    await expect(client.pull(SERVER, 'notes', { progressive: true })).rejects.toMatchObject({ code: 'StorageFailed' });
    await expect(client.collection('notes')).rejects.toMatchObject({ code: 'NotFound' });
    fails = false;
    expect(await client.pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: ROWS });
    await expectWhole(client);
  });

  test('after one that the server broke while a segment was opened', async () => {
    const inner = transportTo(() => server);
    let broken = true;
    let cut = (): void => undefined;
    const hasCome = new Promise<void>((resolve) => (cut = resolve));
    const client = await testDatabase({
      seed: 9, core,
      transport: {
        async get(request) {
          if (broken && request.url.includes(files[1] as string)) {
            await hasCome;
            throw new ElanusError('Network', 'cut');
          }
          return inner.get(request);
        },
      },
    });
    await expect(client.pull(SERVER, 'notes', { progressive: true, onProgress: ({ bytes }) => void (bytes > 0 && cut()) })).rejects.toMatchObject({ code: 'Network' });
    await expect(client.collection('notes')).rejects.toMatchObject({ code: 'NotFound' });
    broken = false;
    expect(await client.pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: ROWS });
    await expectWhole(client);
  });
});
