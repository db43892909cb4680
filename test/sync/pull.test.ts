// Pulling a collection: what is fetched, what is refused, and what a failed pull leaves.

import { describe, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { transportTo, type Wire } from '../support/transport.js';

const SERVER = 'http://server';
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ id: from + i, vector: [from + i, 1] }));

async function pair(files: MemoryFiles = new Map()) {
  const state = { server: await testDatabase({ seed: 5 }) };
  const wire: Wire = { requests: [], spoil: (_, bytes) => bytes };
  const collection = await state.server.createCollection({ name: 'c', dimension: 2 });
  await collection.insert(rows(0, 10));
  await collection.flush();
  const transport = transportTo(() => state.server, wire);
  const client = await testDatabase({ files, transport, seed: 9 });
  return { state, collection, wire, transport, client, files };
}

async function ids(collection: Collection): Promise<readonly unknown[]> {
  return (await collection.query({ outputFields: [] })).map((row) => row['id']);
}

describe('pull', () => {
  test('has the indexes that the server was asked for, and takes none of its own', async () => {
    const { client, state } = await pair();
    await state.server.createIndex('c', { fieldName: 'vector', indexName: 'near', indexType: 'HNSW', params: { M: '16' } });
    await client.pull(SERVER, 'c');
    expect(await client.describeIndex('c', { indexName: 'near' })).toMatchObject({ indexType: 'HNSW', params: { M: '16' }, state: 'Finished', totalRows: 10, indexedRows: 10 });
    await expect(client.dropIndex('c', { indexName: 'near' })).rejects.toMatchObject({ code: 'ReadOnly' });
    await state.server.dropIndex('c', { indexName: 'near' });
    expect(await client.pull(SERVER, 'c')).toMatchObject({ filesFetched: 0 });
    expect(await client.listIndexes('c')).toEqual(['vector']);
  });

  test('copies a collection, which then answers as the server does and survives a reopening', async () => {
    const { collection, client, files } = await pair();
    const result = await client.pull(SERVER, 'c');
    expect(result).toMatchObject({ rows: 10, filesFetched: 1 });
    const copy = await client.collection('c');
    const request = { data: [3, 1], limit: 4, outputFields: ['vector'] } as const;
    expect(await copy.search(request)).toEqual(await collection.search(request));
    expect(await client.describeCollection('c')).toMatchObject({ origin: SERVER, rows: 10 });
    await client.close();
    expect(await ids(await (await testDatabase({ files })).collection('c'))).toHaveLength(10);
  });

  test('fetches only what is missing, nothing if nothing changed, and an open handle sees the new rows', async () => {
    const { collection, client, wire } = await pair();
    await client.pull(`${SERVER}/`, 'c');
    const copy = await client.collection('c');
    wire.requests.length = 0;
    expect(await client.pull(SERVER, 'c')).toMatchObject({ filesFetched: 0, bytesFetched: 0, rows: 10 });
    expect(wire.requests).toEqual(['manifest']);
    await collection.insert(rows(10, 15));
    await collection.delete({ ids: [0] });
    await collection.flush();
    wire.requests.length = 0;
    expect(await client.pull(SERVER, 'c')).toMatchObject({ filesFetched: 2, rows: 14 });
    expect(wire.requests).toEqual(['manifest', 'file', 'file']);
    expect(await ids(copy)).toEqual(Array.from({ length: 14 }, (_, i) => BigInt(i + 1)));
  });

  test('reports its progress in files and bytes', async () => {
    const { client } = await pair();
    const seen: unknown[] = [];
    const { bytesFetched } = await client.pull(SERVER, 'c', { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { files: 0, filesTotal: 1, bytes: 0, bytesTotal: bytesFetched },
      { files: 1, filesTotal: 1, bytes: bytesFetched, bytesTotal: bytesFetched },
    ]);
  });

  test('a file that is not what its name says is refused, nothing is shown, and the next pull succeeds', async () => {
    const { client, wire } = await pair();
    wire.spoil = (kind, bytes) => (kind === 'files' ? bytes.map((byte, at) => (at === 77 ? byte ^ 1 : byte)) : bytes);
    await expect(client.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'Corrupt', file: expect.stringMatching(/^rows-/) as string });
    await expect(client.collection('c')).rejects.toMatchObject({ code: 'NotFound', message: expect.stringMatching(/not completed/) as string });
    wire.spoil = (_, bytes) => bytes;
    expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 10, filesFetched: 1 });
  });

  test('a spoilt or cut manifest is refused and the copy goes on serving', async () => {
    const { client, collection, wire } = await pair();
    await client.pull(SERVER, 'c');
    await collection.insert(rows(20, 21));
    await collection.flush();
    for (const spoil of [(bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, -3), (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, at) => (at === 30 ? byte ^ 1 : byte))]) {
      wire.spoil = (kind, bytes) => (kind === 'manifest' ? spoil(bytes) : bytes);
      await expect(client.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'Corrupt' });
    }
    expect(await (await client.collection('c')).count()).toBe(10);
  });

  test('a manifest that a crash tore in the middle of a pull is passed over, and the next pull completes', async () => {
    const { client, collection, files, transport } = await pair();
    const tear = (): string => {
      const key = [...files.keys()].filter((name) => name.includes('/manifest/')).sort().at(-1) as string;
      (files.get(key) as { sizeBytes: number }).sizeBytes -= 9;
      return key;
    };
    await client.pull(SERVER, 'c');
    await collection.insert(rows(20, 21));
    await collection.flush();
    await client.pull(SERVER, 'c');
    await client.close();
    const torn = tear();
    const again = await testDatabase({ files, transport, seed: 3 });
    expect(await (await again.collection('c')).count()).toBe(10);
    expect((await again.health()).warnings.join()).toContain(torn);
    expect(await again.pull(SERVER, 'c')).toMatchObject({ rows: 11 });
    expect(await (await again.collection('c')).count()).toBe(11);
  });

  test('a first manifest that a crash tore is a pull that has not completed', async () => {
    const { client, files, transport } = await pair();
    await client.pull(SERVER, 'c');
    await client.close();
    for (const [key, file] of files) if (key.includes('/manifest/')) file.sizeBytes = 30;
    const again = await testDatabase({ files, transport, seed: 3 });
    await expect(again.collection('c')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await again.pull(SERVER, 'c')).toMatchObject({ rows: 10 });
  });

  test('a damaged local file is fetched again', async () => {
    const { client, files, transport } = await pair();
    await client.pull(SERVER, 'c');
    await client.close();
    const key = [...files.keys()].find((name) => name.includes('rows-'));
    const file = files.get(key ?? '');
    if (file === undefined) throw new Error('no rows file');
    file.bytes[200] = (file.bytes[200] as number) ^ 1;
    const again = await testDatabase({ files, transport });
    expect((await again.describeCollection('c')).missing).toEqual([{ file: expect.stringContaining('rows-') as string, reason: 'damaged', rows: 10 }]);
    expect(await again.pull(SERVER, 'c')).toMatchObject({ filesFetched: 1, rows: 10 });
    expect(await (await again.collection('c')).count()).toBe(10);
    expect((await again.describeCollection('c')).missing).toBeUndefined();
  });

  test('a collection that the server dropped and made anew replaces the copy', async () => {
    const { client, state } = await pair();
    await client.pull(SERVER, 'c');
    await state.server.dropCollection('c');
    const anew = await state.server.createCollection({ name: 'c', dimension: 3 });
    await anew.insert([{ id: 1, vector: [1, 2, 3] }]);
    await anew.flush();
    expect(await client.pull(SERVER, 'c')).toMatchObject({ rows: 1 });
    expect((await client.describeCollection('c')).schema.fields[1]).toMatchObject({ dim: 3 });
  });

  test('a copy is read-only, and a local collection is never replaced', async () => {
    const { client } = await pair();
    await client.pull(SERVER, 'c');
    await expect((await client.collection('c')).insert(rows(0, 1))).rejects.toMatchObject({ code: 'ReadOnly' });
    await client.dropCollection('c');
    await client.createCollection({ name: 'c', dimension: 2 });
    await expect(client.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'AlreadyExists' });
  });

  test('an unknown collection, a bad URL, an abort and a network that fails are told apart', async () => {
    const { client, wire } = await pair();
    await expect(client.pull(SERVER, 'nope')).rejects.toMatchObject({ code: 'NotFound', status: 404 });
    await expect(client.pull('ftp://x', 'c')).rejects.toMatchObject({ code: 'InvalidArgument' });
    const abort = new AbortController();
    abort.abort();
    await expect(client.pull(SERVER, 'c', { signal: abort.signal })).rejects.toMatchObject({ code: 'Closed' });
    wire.spoil = () => {
      throw new ElanusError('Network', 'cut');
    };
    await expect(client.pull(SERVER, 'c')).rejects.toMatchObject({ code: 'Network' });
    expect(await client.hasCollection('c')).toBe(false);
  });
});
