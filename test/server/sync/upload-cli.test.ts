// elanus upload: a collection of a data directory is on the server then; what is wrong is said in words, with an exit code.

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { upload } from '../../../src/cli/upload.js';
import { open } from '../../../src/presets/node.js';
import { NOTE_FIELDS } from '../../sync/pusher.js';
import { startTestServer, type TestServer } from '../support.js';

let data: string;
let server: TestServer;
let served: Awaited<ReturnType<typeof open>>;
const row = (id: number, text = `text ${id}`) => ({ id, text, v: [id, 1] });

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'elanus-upload-'));
  const local = await open('default', { directory: data, core: 'wasm' });
  const notes = await local.createCollection({ name: 'notes', fields: NOTE_FIELDS });
  await notes.insert([1, 2, 3].map((id) => row(id)));
  await notes.flush();
  await notes.insert([row(4)]);
  await local.close();
  served = await open('server', { storage: 'memory', core: 'wasm' });
  for (const name of ['notes', 'library']) await served.createCollection({ name, fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  await (await served.collection('notes')).insert([row(1, 'of the server')]);
  server = await startTestServer({ database: served });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server.close();
  await rm(data, { recursive: true });
});

/** What it prints. */
async function run(...words: readonly string[]): Promise<string> {
  let printed = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  try {
    expect(await upload.run(['--core', 'wasm', ...words])).toBe(0);
  } finally {
    out.mockRestore();
  }
  return printed;
}

const textsOf = async (name: string): Promise<readonly unknown[]> => (await (await served.collection(name)).query({ outputFields: ['id', 'text'], orderBy: [{ field: 'id' }], limit: 10 })).map(({ text }) => text);

test('sends what is sealed and what is not, once, and tells what came of it', async () => {
  expect(await run('notes', '--data', data, '--url', `${server.url}/`)).toMatch(/^notes: 2 segments; 4 rows, of which 1 replaced others; [\d.]+ KiB sent\n$/);
  expect(await textsOf('notes')).toEqual(['text 1', 'text 2', 'text 3', 'text 4']);
  expect(await run('notes', '--data', data, '--url', server.url)).toBe('notes: 2 segments, 2 of which it had already; 0 rows, of which 0 replaced others; 0 B sent\n');
});

test('under another name and as JSON, to the server that the environment names', async () => {
  vi.stubEnv('ELANUS_URL', server.url);
  expect(JSON.parse(await run('notes', '--data', data, '--as', 'library', '--to-database', 'default', '--json'))).toEqual({ collection: 'library', segments: 2, segmentsKnown: 0, rows: 4, replaced: 0, bytesSent: expect.any(Number) as number });
  expect(await textsOf('library')).toHaveLength(4);
  expect(await textsOf('notes')).toEqual(['of the server']);
});

test('the token goes with every request, by the flag or the environment', async () => {
  const tokens = new Set<string | null>();
  const real = globalThis.fetch;
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => (tokens.add(new Headers(init?.headers).get('authorization')), real(input, init)));
  try {
    await run('notes', '--data', data, '--url', server.url, '--token', 'ada:secret');
    vi.stubEnv('ELANUS_TOKEN', 'of the environment');
    await run('notes', '--data', data, '--url', server.url);
  } finally {
    vi.unstubAllGlobals();
  }
  expect([...tokens]).toEqual(['Bearer ada:secret', 'Bearer of the environment']);
});

test('what the command line lacks is exit code 2, what fails is 1, and nothing is sent', async () => {
  for (const words of [[], ['notes'], ['notes', '--data', data], ['notes', '--url', server.url], ['notes', '--data', data, '--url', 'nowhere'], ['notes', 'more', '--data', data, '--url', server.url]]) await expect(upload.run(words), words.join(' ')).rejects.toMatchObject({ name: 'UsageError' });
  const elanus = (...words: readonly string[]) => spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'upload', ...words], { encoding: 'utf8' });
  expect(elanus('--data', data)).toMatchObject({ status: 2, stderr: expect.stringContaining('COLLECTION is missing') as string });
  expect(elanus('notes', '--data', data, '--url', 'http://127.0.0.1:1')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^elanus: .*127\.0\.0\.1:1/) as string });
  await expect(upload.run(['notes', '--data', data, '--url', server.url, '--as', 'absent'])).rejects.toMatchObject({ code: 'NotFound' });
  await expect(upload.run(['absent', '--data', data, '--url', server.url])).rejects.toMatchObject({ code: 'NotFound' });
  expect(await textsOf('notes')).toEqual(['of the server']);
});
