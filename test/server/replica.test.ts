// Manifest and files over HTTP, from a real database, and a real pull of them.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open } from '../../src/presets/node.js';
import { getRaw, startTestServer, type TestServer } from './support.js';

interface Manifest {
  readonly version: number;
  readonly segments: readonly { readonly rowsFile: { readonly name: string; readonly sha256: string; readonly sizeBytes: number } }[];
}

let server: TestServer;
let base: string;

beforeAll(async () => {
  server = await startTestServer();
  base = `${server.url}/v1/collections/a`;
  await server.post('collections/create', { collectionName: 'a', dimension: 2 });
  await server.post('entities/insert', { collectionName: 'a', data: [{ id: 1, vector: [0, 1], color: 'red' }] });
  await server.post('collections/flush', { collectionName: 'a' });
});
afterAll(() => server.close());

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the manifest and each file that it names come with their own hash as tag', async () => {
  const response = await fetch(`${base}/manifest`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(response.headers.get('etag')).toBe(`"${sha256(bytes)}"`);
  const { segments } = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
  expect(segments).toHaveLength(1);
  for (const { rowsFile } of segments) {
    const file = new Uint8Array(await (await fetch(`${base}/files/${rowsFile.sha256}`)).arrayBuffer());
    expect(file).toHaveLength(rowsFile.sizeBytes);
    expect(sha256(file)).toBe(rowsFile.sha256);
  }
});

test('a manifest that did not change is not sent again, one that did is', async () => {
  const tag = (await fetch(`${base}/manifest`)).headers.get('etag') ?? '';
  expect((await fetch(`${base}/manifest`, { headers: { 'if-none-match': tag } })).status).toBe(304);
  await server.post('entities/insert', { collectionName: 'a', data: [{ id: 2, vector: [1, 0] }] });
  await server.post('collections/flush', { collectionName: 'a' });
  expect((await fetch(`${base}/manifest`, { headers: { 'if-none-match': tag } })).status).toBe(200);
});

test('what is no hash, or no file of this collection, is refused', async () => {
  for (const name of ['ab', 'AB'.repeat(32), 'zz'.repeat(32), `${'ab'.repeat(32)}00`, '..%2fmanifest', '%2e%2e%2f%2e%2e%2fcatalog']) {
    expect([name, (await getRaw(server.url, `/v1/collections/a/files/${name}`)).status]).toEqual([name, 400]);
  }
  expect((await fetch(`${base}/files/${'ab'.repeat(32)}`)).status).toBe(404);
});

test('a collection that is not there has neither manifest nor files', async () => {
  for (const name of ['none', '..%2fa', '%00']) {
    expect((await getRaw(server.url, `/v1/collections/${name}/manifest`)).status).toBe(404);
    expect((await getRaw(server.url, `/v1/collections/${name}/files/${'ab'.repeat(32)}`)).status).toBe(404);
  }
});

test('another database pulls the collection and answers from its copy', async () => {
  const replica = await open('replica', { storage: 'memory', core: 'wasm' });
  try {
    await server.post('collections/flush', { collectionName: 'a' });
    const first = await replica.pull(server.url, 'a');
    expect(first.filesFetched).toBeGreaterThan(0);
    expect((await replica.pull(server.url, 'a')).filesFetched).toBe(0);
    const { data } = await server.post('entities/search', { collectionName: 'a', data: [[0, 1]] });
    const { hits } = await (await replica.collection('a')).search({ data: [0, 1] });
    expect(hits.map(({ id, score }) => ({ id: Number(id), distance: score }))).toEqual(data);
  } finally {
    await replica.close();
  }
});
