// A collection that was built elsewhere is sent to a server as segments: it has the same rows then, nothing is sent twice, and what
// is wrong with a file, or with who sends it, changes nothing.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Database } from '../../../src/engine/api.js';
import { UPLOADS_MAX } from '../../../src/format/upload.js';
import { open } from '../../../src/presets/node.js';
import { NOTE_FIELDS } from '../../sync/pusher.js';
import { startTestServer, type TestServer } from '../support.js';

const FIELDS = [...NOTE_FIELDS.map((field) => (field.name === 'text' ? { ...field, enableAnalyzer: true } : field)), { name: 'words', type: 'SparseFloatVector' }, { name: 'tags', type: 'Array', elementType: 'VarChar', maxCapacity: 4, maxLength: 9, nullable: true }] as const;
const FUNCTIONS = [{ name: 'f', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }] as const;
const row = (id: number, text = `text ${id}`) => ({ id, text, v: [id % 97, id % 89], tags: id % 3 === 0 ? null : [`t${id % 7}`], extra: id * 2 });
let server: TestServer;
let served: Awaited<ReturnType<typeof open>>;
let local: Database;

beforeEach(async () => {
  served = await open('server', { storage: 'memory', core: 'wasm' });
  await served.createCollection({ name: 'notes', fields: FIELDS, functions: FUNCTIONS, enableDynamicField: true, properties: { 'sync.push': true } });
  server = await startTestServer({ database: served });
  local = await open('local', { storage: 'memory', core: 'wasm' });
  const mine = await local.createCollection({ name: 'mine', fields: FIELDS, functions: FUNCTIONS, enableDynamicField: true });
  await mine.insert(Array.from({ length: 1500 }, (_, id) => row(id)));
  await mine.flush();
  await mine.delete({ ids: [3, 4] });
  await mine.upsert([row(5, 'changed'), row(2000)]);
});

afterEach(async () => {
  await local.close();
  await server.close();
});

const rowsOf = async (db: Database, name: string): Promise<readonly unknown[]> => (await (await db.collection(name)).query({ outputFields: ['*'], limit: 3000 })).slice().sort((a, b) => Number(a['id']) - Number(b['id']));

test('all rows are there then, are searched and found by words, and nothing is sent twice', async () => {
  const notes = await served.collection('notes');
  await notes.insert([row(7, 'of the server'), row(9000)]);
  const told: { readonly rows: number; readonly rowsTotal: number }[] = [];
  expect(await local.upload('mine', server.url, { as: 'notes', onProgress: (progress) => told.push(progress) })).toMatchObject({ segments: 2, segmentsKnown: 0, rows: 1499, replaced: 1 });
  expect(told.at(-1)).toMatchObject({ rows: 1499, rowsTotal: 1499 });
  expect(await rowsOf(served, 'notes')).toEqual([...(await rowsOf(local, 'mine')), { ...row(9000), id: 9000n, v: Float32Array.of(9000 % 97, 9000 % 89), tags: null }]);
  expect((await notes.search({ annsField: 'words', data: 'changed', limit: 3 })).hits.map(({ id }) => id)).toEqual([5n]);
  // Who has a copy gets the rows with the next pull: nothing waits for a seal.
  const copy = await open('copy', { storage: 'memory', core: 'wasm' });
  await copy.pull(server.url, 'notes');
  expect(await rowsOf(copy, 'notes')).toEqual(await rowsOf(served, 'notes'));
  await notes.upsert([row(1, 'later')]);
  expect(await local.upload('mine', server.url, { as: 'notes' })).toEqual({ segments: 2, segmentsKnown: 2, rows: 0, replaced: 0, bytesSent: 0 });
  expect((await notes.get({ ids: [1], outputFields: ['text'] }))[0]).toMatchObject({ text: 'later' });
  await notes.flush();
  await copy.pull(server.url, 'notes');
  expect(await rowsOf(copy, 'notes')).toEqual(await rowsOf(served, 'notes'));
  await copy.close();
});

test('who waits for changes is told, of a manifest that has the rows and says which they replaced', async () => {
  const notes = await served.collection('notes');
  await notes.insert([row(1, 'of the server'), row(2)]);
  await notes.flush();
  const changes = async (since: number) => ((await (await fetch(`${server.url}/v1/collections/notes/changes?since=${since}`)).json()) as { readonly version: number }).version;
  // It has none of that number, and says so at once.
  const version = await changes(999);
  let told: number | undefined;
  const waiting = changes(version).then((now) => (told = now));
  // So few that no index is built, which tells as well.
  const few = await local.createCollection({ name: 'few', fields: FIELDS, functions: FUNCTIONS, enableDynamicField: true });
  await few.insert([row(1)]);
  await local.upload('few', server.url, { as: 'notes' });
  await vi.waitFor(() => expect(told).toBeGreaterThan(version), { timeout: 10_000 });
  await waiting;
  const { segments } = (await (await fetch(`${server.url}/v1/collections/notes/manifest`)).json()) as { readonly segments: readonly { readonly rows: number; readonly deletions?: { readonly count: number } }[] };
  expect(segments.map(({ rows, deletions }) => [rows, deletions?.count ?? 0])).toEqual([[2, 1], [1, 0]]);
});

test('an upload that ends early leaves the files that were taken, and the next goes on with the others', async () => {
  const abort = new AbortController();
  const ended = local.upload('mine', server.url, { as: 'notes', signal: abort.signal, onProgress: ({ rows, rowsTotal }) => void (rows > 0 && rows < rowsTotal && abort.abort()) });
  await expect(ended).rejects.toMatchObject({ code: 'Closed' });
  const taken = await (await served.collection('notes')).count();
  expect(taken).toBeGreaterThan(0);
  expect(await local.upload('mine', server.url, { as: 'notes' })).toMatchObject({ segments: 2, segmentsKnown: 1, rows: 1499 - taken });
  expect(await rowsOf(served, 'notes')).toEqual(await rowsOf(local, 'mine'));
});

test('parts that came are not sent again, and nothing of a file is kept beside its rows once they are taken', async () => {
  const sent = vi.spyOn(globalThis, 'fetch');
  const { bytesSent } = await local.upload('mine', server.url, { as: 'notes' });
  const puts = sent.mock.calls.filter(([, init]) => init?.method === 'PUT').map(([url, init]) => ({ url: String(url), body: init?.body as Uint8Array<ArrayBuffer> }));
  sent.mockRestore();
  expect(puts.map(({ body }) => body.length).reduce((sum, bytes) => sum + bytes, 0)).toBe(bytesSent);
  for (const { url } of puts) expect(await (await fetch(url)).json()).toEqual({ bytes: 0, taken: true });
  await served.createCollection({ name: 'again', fields: FIELDS, functions: FUNCTIONS, enableDynamicField: true, properties: { 'sync.push': true } });
  const [{ url, body }] = puts as [(typeof puts)[0]];
  const part = await fetch(url.replace('/notes/', '/again/'), { method: 'PUT', body: body.slice(0, 1000), headers: { 'content-range': `bytes 0-999/${body.length}` } });
  expect(await part.json()).toEqual({ bytes: 1000 });
  expect(await local.upload('mine', server.url, { as: 'again' })).toMatchObject({ rows: 1499, bytesSent: bytesSent - 1000 });
  expect(await rowsOf(served, 'again')).toEqual(await rowsOf(local, 'mine'));
});

describe('an upload is refused', () => {
  test('where the server has no such collection, or one that takes no pushes', async () => {
    await expect(local.upload('mine', server.url)).rejects.toMatchObject({ code: 'NotFound' });
    await served.createCollection({ name: 'plain', fields: FIELDS, functions: FUNCTIONS, enableDynamicField: true });
    await expect(local.upload('mine', server.url, { as: 'plain' })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('sync.push') as string });
  });

  test('of rows that the schema of the server does not take, and nothing is sent', async () => {
    await served.createCollection({ name: 'short', fields: NOTE_FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 5 } : field)), properties: { 'sync.push': true } });
    await expect(local.upload('mine', server.url, { as: 'short' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await (await served.collection('short')).count()).toBe(0);
  });

  test('of a copy, and of what is encrypted, here or there', async () => {
    await local.pull(server.url, 'notes');
    await expect(local.upload('notes', server.url)).rejects.toMatchObject({ code: 'Unsupported' });
    const hidden = await open('hidden', { storage: 'memory', core: 'wasm', encryption: { key: new Uint8Array(32).fill(1) } });
    await hidden.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
    await expect(hidden.upload('notes', server.url)).rejects.toMatchObject({ code: 'Unsupported' });
    const other = await startTestServer({ database: hidden });
    await expect(local.upload('mine', other.url, { as: 'notes' })).rejects.toMatchObject({ code: 'Unsupported' });
    expect((await fetch(`${other.url}/v1/collections/notes/segments/${'0'.repeat(64)}`)).status).toBe(400);
    await other.close();
  });
});

describe('of parts', () => {
  const bytes = new Uint8Array(1000).map((_, at) => at % 251);
  const sha = createHash('sha256').update(bytes).digest('hex');
  const at = (path: string): string => `${server.url}/v1/collections/notes/segments${path}`;
  const put = (first: number, last: number, given: { readonly of?: string; readonly size?: number; readonly body?: Uint8Array<ArrayBuffer>; readonly range?: string } = {}) => fetch(at(`/${given.of ?? sha}`), { method: 'PUT', body: given.body ?? bytes.slice(first, last + 1), headers: { 'content-range': given.range ?? `bytes ${first}-${last}/${given.size ?? 1000}` } });
  const commit = (body: unknown) => fetch(at(''), { method: 'POST', body: JSON.stringify(body) });

  test('each is kept, in its place only, and a file that was cut off goes on', async () => {
    expect(await (await fetch(at(`/${sha}`))).json()).toEqual({ bytes: 0, taken: false });
    expect(await (await put(0, 399)).json()).toEqual({ bytes: 400 });
    for (const [first, last] of [[0, 399], [500, 999]] as const) {
      const answer = await put(first, last);
      expect([answer.status, await answer.json()]).toEqual([409, { bytes: 400 }]);
    }
    expect((await commit({ sha256: sha, sizeBytes: 1000 })).status).toBe(400);
    expect(await (await put(400, 999)).json()).toEqual({ bytes: 1000 });
    expect(await (await fetch(at(`/${sha}`))).json()).toEqual({ bytes: 1000, taken: false });
    // Whole, and no rows file: it is thrown away.
    const answer = await commit({ sha256: sha, sizeBytes: 1000 });
    expect([answer.status, await answer.json()]).toMatchObject([400, { message: expect.stringContaining('PAR1') as string }]);
    expect(await (await fetch(at(`/${sha}`))).json()).toEqual({ bytes: 0, taken: false });
  });

  test('bytes of another hash are thrown away', async () => {
    const other = '1'.repeat(64);
    await put(0, 999, { of: other });
    const answer = await commit({ sha256: other, sizeBytes: 1000 });
    expect([answer.status, await answer.json()]).toMatchObject([400, { message: expect.stringContaining('SHA-256') as string }]);
    expect(await (await fetch(at(`/${other}`))).json()).toEqual({ bytes: 0, taken: false });
  });

  test.each<readonly [string, () => Promise<Response>, number, string]>([
    ['no range', () => fetch(at(`/${sha}`), { method: 'PUT', body: bytes }), 400, 'Content-Range: expected bytes <first>'],
    ['a range that is none', () => put(0, 399, { range: 'bytes 5-2/10' }), 400, 'Content-Range: expected bytes <first>'],
    ['fewer bytes than the range says', () => put(0, 399, { body: bytes.slice(0, 10) }), 400, 'expected 400 bytes, found 10'],
    ['a range beyond the file', () => put(0, 399, { range: 'bytes 0-399/300' }), 400, 'within 300'],
    ['a file that is too large', () => put(0, 399, { size: 2 ** 31 }), 400, 'found 2147483648'],
    ['a part that is too large', () => put(0, 8 * 2 ** 20, { body: new Uint8Array(8 * 2 ** 20 + 1), size: 2 ** 25 }), 413, '8388608'],
    ['no hash', () => put(0, 399, { of: 'x' }), 400, 'SHA-256'],
    ['a commit that is none', () => commit({ sha256: sha }), 400, 'expected {"sha256", "sizeBytes"}'],
    ['a commit of no hash', () => commit({ sha256: '..', sizeBytes: 1 }), 400, 'SHA-256'],
    ['a commit to a collection that is not there', () => fetch(`${server.url}/v1/collections/nope/segments`, { method: 'POST', body: JSON.stringify({ sha256: sha, sizeBytes: 1 }) }), 404, 'nope'],
    ['a collection that is not there', () => fetch(`${server.url}/v1/collections/nope/segments/${sha}`), 404, 'nope'],
  ])('%s is refused', async (_, request, status, words) => {
    const answer = await request();
    expect([answer.status, await answer.json()]).toMatchObject([status, { message: expect.stringContaining(words) as string }]);
  });

  test(`of more than ${UPLOADS_MAX} files the one goes that was not heard of for longest`, async () => {
    const hash = (number: number): string => String(number).padStart(64, '0');
    const come = async (number: number): Promise<number> => ((await (await fetch(at(`/${hash(number)}`))).json()) as { readonly bytes: number }).bytes;
    for (let number = 0; number < UPLOADS_MAX; number++) await put(0, 9, { of: hash(number) });
    await put(10, 19, { of: hash(0) });
    await put(0, 9, { of: hash(99) });
    expect([await come(0), await come(1), await come(2), await come(99)]).toEqual([20, 0, 10, 10]);
  });
});
