// A copy that does not open, as what it has of manifests is damaged: the next pull heals it, and takes no own write from it.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Core } from '../../src/ports/core.js';
import type { Transport } from '../../src/ports/transport.js';
import type { MemoryFile, MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';

const SERVER = 'http://server';
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;
/** Each segment has more rows than all before it, so that one after the other is shown. */
const SEGMENTS = [2, 20, 200];
const ROWS = SEGMENTS.reduce((sum, rows) => sum + rows);
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let core: Core;
let server: SyncDatabase;

beforeEach(async () => {
  core ??= await testCore();
  server = await testDatabase({ seed: 77, core });
  await startNotes(SEGMENTS);
});

async function startNotes(segments: readonly number[]): Promise<void> {
  const notes = await server.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  let from = 0;
  for (const rows of segments) {
    await notes.insert(Array.from({ length: rows }, (_, at) => row(from + at, 'of the server')));
    await notes.flush();
    from += rows;
  }
}

/** Another collection of that name. */
async function startAnew(): Promise<void> {
  await server.dropCollection('notes');
  await startNotes([3]);
}

function open(files: MemoryFiles, transport: Transport = transportTo(() => server)): Promise<SyncDatabase> {
  return testDatabase({ files, transport, seed: 9, core });
}

/** Files of a copy of which no manifest is whole and the last segment is missing, with own writes that were not sent: a row that is new, one in place of the server's, one deleted. */
async function damagedCopy(): Promise<MemoryFiles> {
  const files: MemoryFiles = new Map();
  const client = await open(files);
  await client.pull(SERVER, 'notes');
  const notes = await client.collection('notes');
  await notes.upsert([row(1, 'mine'), row(1000, 'mine')]);
  await notes.delete({ ids: [30] });
  await client.close();
  spoil(files, '/manifest/');
  const sizes = keysWith(files, '/rows-').map((key) => ({ key, sizeBytes: files.get(key)?.sizeBytes ?? 0 }));
  files.delete(sizes.reduce((a, b) => (b.sizeBytes > a.sizeBytes ? b : a)).key);
  return files;
}

function keysWith(files: MemoryFiles, part: string): readonly string[] {
  return [...files.keys()].filter((key) => key.includes(part));
}

function spoil(files: MemoryFiles, part: string): void {
  const keys = keysWith(files, part);
  expect(keys).not.toEqual([]);
  for (const key of keys) {
    const { bytes } = files.get(key) as MemoryFile;
    bytes[20] = (bytes[20] as number) ^ 1;
  }
}

async function own(client: SyncDatabase): Promise<readonly unknown[]> {
  const rows = await (await client.collection('notes')).get({ ids: [1, 30, 1000], outputFields: ['id', 'text'] });
  return rows.map(({ id, text }) => `${String(id)}:${String(text)}`).sort();
}

describe.each([false, true])('a pull, progressive: %s,', (progressive) => {
  test('of a copy whose manifests are damaged keeps its own writes, shown and to be sent', async () => {
    const files = await damagedCopy();
    const client = await open(files);
    await expect(client.collection('notes')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await client.pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: ROWS });
    expect(await own(client)).toEqual(['1000:mine', '1:mine']);
    expect((await client.opened('notes')).outbox).toMatchObject({ unsent: 2, pending: 2 });
    await client.close();
    expect(await own(await open(files))).toEqual(['1000:mine', '1:mine']);
  });

  test('of another collection of that name takes the place of no copy whose own writes wait, until that is dropped', async () => {
    const client = await open(await damagedCopy());
    await startAnew();
    await expect(client.pull(SERVER, 'notes', { progressive })).rejects.toMatchObject({ code: 'ReadOnly', message: expect.stringContaining('2 own writes wait') as string });
    await client.dropCollection('notes');
    expect(await client.pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: 3 });
  });

  test('of another collection of that name takes the place of no copy whose own writes cannot be read', async () => {
    const files = await damagedCopy();
    spoil(files, '/wal/');
    const client = await open(files);
    await startAnew();
    await expect(client.pull(SERVER, 'notes', { progressive })).rejects.toMatchObject({ code: 'ReadOnly', message: expect.stringContaining('unreadable own writes wait') as string });
  });

  test('of another collection of that name takes the place of a copy none of whose own writes waits', async () => {
    const files: MemoryFiles = new Map();
    const before = await open(files);
    await before.pull(SERVER, 'notes');
    await before.close();
    spoil(files, '/manifest/');
    await startAnew();
    expect(await (await open(files)).pull(SERVER, 'notes', { progressive })).toMatchObject({ rows: 3 });
  });
});

test('own writes are shown while the files of a copy come again, which is written to when they are here', async () => {
  const files = await damagedCopy();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const inner = transportTo(() => server);
  const client = await open(files, {
    async get(request) {
      if (request.url.includes('/files/')) await released;
      return inner.get(request);
    },
  });
  let shown = (): void => undefined;
  const searchable = new Promise<void>((resolve) => (shown = resolve));
  const pulled = client.pull(SERVER, 'notes', { progressive: true, onProgress: ({ rowsSearchable = 0 }) => void (rowsSearchable > 20 && shown()) });
  await Promise.race([searchable, pulled]);
  const notes = await client.collection('notes');
  expect(await own(client)).toEqual(['1000:mine', '1:mine']);
  const { hits, missing } = await notes.search({ data: [1000, 1], limit: 1, outputFields: ['text'] });
  expect(hits).toMatchObject([{ id: 1000n, fields: { text: 'mine' } }]);
  expect(missing).toMatchObject([{ reason: 'arriving', rows: 200 }]);
  await expect(notes.upsert([row(2, 'too early')])).rejects.toMatchObject({ code: 'ReadOnly' });
  release();
  await pulled;
  expect(await own(client)).toEqual(['1000:mine', '1:mine']);
  expect(await notes.count()).toBe(ROWS);
  await notes.upsert([row(2, 'mine')]);
  expect((await client.opened('notes')).outbox).toMatchObject({ unsent: 3 });
});
