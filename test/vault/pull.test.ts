// Copies of encrypted collections: what goes over the wire is encrypted, the copy needs the key alone, and sides that do not
// fit each other are told.

import { expect, test } from 'vitest';
import { createApp } from '../../src/server/app.js';
import type { Transport } from '../../src/ports/transport.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';
import { KEY, OTHER_KEY } from './support.js';

const SERVER = 'http://server';
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ id: from + i, vector: [from + i, 1], colour: `cerulean ${i}` }));

interface Wire {
  readonly paths: string[];
  readonly bodies: Uint8Array[];
}

/** The server's routes without a network. */
function transportTo(database: SyncDatabase, wire: Wire): Transport {
  const app = createApp({ database, log: () => undefined });
  return {
    async get({ url, headers = {} }) {
      const response = await app.request(url, { headers: { ...headers } });
      wire.paths.push(new URL(url).pathname.replace(/[0-9a-f]{64}/, 'SHA'));
      const body = new Uint8Array(await response.arrayBuffer());
      wire.bodies.push(body);
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, bytes: async () => body };
    },
  };
}

async function pair(serverKey: Uint8Array | undefined, clientKey: Uint8Array | undefined) {
  const server = await testDatabase({ seed: 5, key: serverKey });
  const collection = await server.createCollection({ name: 'c', dimension: 2 });
  await collection.insert(rows(0, 10));
  await collection.flush();
  const wire: Wire = { paths: [], bodies: [] };
  const files: MemoryFiles = new Map();
  const transport = transportTo(server, wire);
  const client = await testDatabase({ seed: 9, files, transport, key: clientKey });
  return { server, collection, client, wire, files, transport };
}

const M = '/v1/collections/c/manifest';
const K = '/v1/collections/c/key';
const F = '/v1/collections/c/files/SHA';

test('a copy is pulled as ciphertext, answers with the key, goes on with later pulls and survives a reopening', async () => {
  const { server, collection, client, wire, files, transport } = await pair(KEY, KEY);
  expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 10, filesFetched: 1 });
  expect(wire.paths).toEqual([M, K, F]);
  expect(Buffer.concat(wire.bodies).toString('latin1')).not.toMatch(/cerulean|colour/);
  const copy = await client.collection('c');
  const request = { data: [3, 1], limit: 4, outputFields: ['*'] } as const;
  expect((await copy.search(request)).hits).toEqual((await collection.search(request)).hits);

  await collection.insert(rows(10, 15));
  await collection.delete({ ids: [0] });
  await collection.flush();
  wire.paths.length = 0;
  expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 14, filesFetched: 2 });
  // Its key is known by now.
  expect(wire.paths).toEqual([M, F, F]);
  expect(await client.pull(SERVER, 'c')).toMatchObject({ filesFetched: 0, rows: 14 });
  await client.close();
  const again = await testDatabase({ files, transport, key: KEY });
  expect(await (await again.collection('c')).count()).toBe(14);
  expect(Buffer.concat([...files.values()].map(({ bytes }) => bytes)).toString('latin1')).not.toMatch(/cerulean|colour/);

  // The copy's own master key may change, and pulls go on.
  await again.changeKey(OTHER_KEY);
  await collection.insert(rows(20, 21));
  await collection.flush();
  expect(await again.pull(SERVER, 'c')).toMatchObject({ rows: 15, filesFetched: 1 });
  await again.close();
  expect(await (await (await testDatabase({ files, key: OTHER_KEY })).collection('c')).count()).toBe(15);
  await server.close();
});

test('a collection that the server dropped and made anew comes with its new key', async () => {
  const { server, client, wire } = await pair(KEY, KEY);
  await client.pull(SERVER, 'c');
  await server.dropCollection('c');
  const anew = await server.createCollection({ name: 'c', dimension: 3 });
  await anew.insert([{ id: 1, vector: [1, 2, 3] }]);
  await anew.flush();
  wire.paths.length = 0;
  expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 1 });
  expect(wire.paths).toEqual([M, K, F]);
});

test('a key that only one side has, or that is another, is told, and nothing is kept', async () => {
  for (const [serverKey, clientKey, says] of [[KEY, undefined, 'it is encrypted'], [undefined, KEY, 'it is not encrypted'], [KEY, OTHER_KEY, 'encrypted with another key']] as const) {
    const { client } = await pair(serverKey, clientKey);
    await expect(client.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'WrongKey', message: expect.stringContaining(says) as string });
    expect(await client.listCollections()).toEqual([]);
  }
});

test('a manifest or key spoilt on the way is refused, and the copy goes on serving', async () => {
  const { client, collection, wire, server } = await pair(KEY, KEY);
  await client.pull(SERVER, 'c');
  await collection.insert(rows(10, 12));
  await collection.flush();
  const honest = transportTo(server, wire);
  for (const spoilt of [M, F]) {
    const spoiling: Transport = {
      async get(request) {
        const response = await honest.get(request);
        if (new URL(request.url).pathname.replace(/[0-9a-f]{64}/, 'SHA') !== spoilt) return response;
        return { ...response, bytes: async (max) => (await response.bytes(max)).map((byte, at) => (at === 70 ? byte ^ 1 : byte)) };
      },
    };
    const files: MemoryFiles = new Map();
    const fresh = await testDatabase({ files, transport: spoiling, key: KEY });
    await expect(fresh.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'Corrupt' });
    await fresh.close();
  }
  expect(await (await client.collection('c')).count()).toBe(10);
  expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 12 });
});

test('the key is not found where nothing is encrypted', async () => {
  const { server } = await pair(undefined, undefined);
  await expect(server.servedKey('c')).rejects.toMatchObject({ code: 'NotFound' });
  await expect(server.servedKey('none')).rejects.toMatchObject({ code: 'NotFound' });
});
