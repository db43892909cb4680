// An encrypted database read in workerd, from R2, with WebCrypto as workerd has it.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Miniflare, Response as WorkerdResponse } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { KEY, OTHER_KEY } from './support.js';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const source = `
import { answerSearch, open } from './edge.js';
import core from './core.wasm';
import filter from './filter.wasm';
export default {
  async fetch(request, { BUCKET }) {
    const given = request.headers.get('x-key');
    const bytes = given === null ? undefined : Uint8Array.from(given.match(/../g), (digits) => parseInt(digits, 16));
    try {
      return await answerSearch(await open('default', { bucket: BUCKET, core, filter, ...(bytes && { encryption: { key: bytes } }) }), request);
    } catch (error) {
      return Response.json({ code: error.code, message: error.message }, { status: 500 });
    }
  },
};`;

let directory = '';
let worker: Miniflare;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-vault-edge-'));
  const database = await open('default', { directory, encryption: { key: KEY } });
  const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await collection.insert([{ id: 1, vector: [1, 2], colour: 'red' }]);
  await collection.flush();
  await collection.insert([{ id: 2, vector: [3, 4], colour: 'blue' }]);
  await database.close();
  const chunks = (await readdir(dist)).filter((name) => name.endsWith('.js') && !['edge-worker.js', 'browser.js', 'database-worker.js', 'cli.js', 'server.js', 'node.js'].includes(name));
  worker = new Miniflare({
    rootPath: dist,
    modulesRoot: dist,
    modules: [
      { type: 'ESModule', path: join(dist, 'vault-worker.js'), contents: source },
      ...chunks.map((name) => ({ type: 'ESModule' as const, path: join(dist, name) })),
      { type: 'CompiledWasm', path: join(dist, 'core.wasm') },
      { type: 'CompiledWasm', path: join(dist, 'filter.wasm') },
    ],
    compatibilityDate: '2026-04-01',
    r2Buckets: ['BUCKET'],
    cf: false,
    outboundService: () => new WorkerdResponse('blocked', { status: 599 }),
  });
  const bucket = (await worker.getR2Bucket('BUCKET')) as unknown as { put(key: string, bytes: ArrayBuffer): Promise<unknown> };
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) await bucket.put(relative(directory, path).split(sep).join('/'), new Uint8Array(await readFile(path)).buffer);
  }
});

afterAll(async () => {
  await worker.dispose();
  await rm(directory, { recursive: true });
});

async function search(key?: Uint8Array): Promise<unknown> {
  const body = JSON.stringify({ collection: 'c', data: [3, 4], limit: 2, outputFields: ['colour'] });
  const response = await worker.dispatchFetch('http://edge/search', { method: 'POST', body, headers: key === undefined ? {} : { 'x-key': Buffer.from(key).toString('hex') } });
  return response.json();
}

test('sealed and logged rows are found with the key, and nothing without it', async () => {
  expect(await search(KEY)).toMatchObject({ hits: [{ id: 2, fields: { colour: 'blue' } }, { id: 1, fields: { colour: 'red' } }] });
  expect(await search()).toMatchObject({ code: 'WrongKey' });
  expect(await search(OTHER_KEY)).toMatchObject({ code: 'WrongKey', message: expect.stringContaining('another key') as string });
});
