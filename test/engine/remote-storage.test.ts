// A whole database over storages that are elsewhere: written to S3 and taken over by another process, read over HTTP.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SyncDatabase } from '../../src/sync/database.js';
import { openHttpStorage } from '../../src/storage/http.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { publish } from '../../src/storage/publish.js';
import { openS3Storage, s3Reads, type S3Options } from '../../src/storage/s3.js';
import { refusal } from '../storage/samples.js';
import { testDatabase } from '../support/database.js';
import { serveLocally } from '../support/local-server.js';
import { bucket, secret, startS3Server, type S3Server } from '../support/s3-server.js';

const definition = {
  name: 'things',
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
  ],
} as const;

const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ id: from + i, vector: [from + i, 1] }));

const nearest = async (database: SyncDatabase, at: number): Promise<unknown> => (await (await database.collection('things')).search({ data: [at, 1], limit: 1 })).hits[0]?.id;

let server: S3Server;
const opened: SyncDatabase[] = [];

beforeEach(async () => {
  server = await startS3Server();
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await server.close();
});

const options = (): S3Options => ({ endpoint: server.url, bucket, prefix: 'db/', credentials: secret });

async function openS3(): Promise<SyncDatabase> {
  const database = await testDatabase({ storage: await openS3Storage(options()) });
  opened.push(database);
  return database;
}

test('a database in S3 keeps what it acknowledged when its process dies, sealed or not', async () => {
  const first = await openS3();
  const things = await first.createCollection(definition);
  await things.insert(rows(0, 50));
  await things.flush();
  await things.insert(rows(100, 50));
  // Not closed.
  const second = await openS3();
  expect(await (await second.collection('things')).count()).toBe(100);
  expect(await nearest(second, 120)).toBe(120n);
});

test('of two writers of one collection the later takes over, and the earlier is told before it acknowledges', async () => {
  const first = await openS3();
  const things = await first.createCollection(definition);
  await things.insert(rows(0, 10));
  const second = await openS3();
  const taken = await second.collection('things');
  await refusal('Busy', () => things.insert(rows(10, 10)));
  await taken.insert(rows(20, 10));
  await refusal('ReadOnly', () => things.insert(rows(30, 10)));
  const third = await openS3();
  expect(await (await third.collection('things')).count()).toBe(20);
});

test('any number read from S3 what one writes, and write nothing', async () => {
  const writer = await openS3();
  const things = await writer.createCollection(definition);
  await things.insert(rows(0, 10));
  await things.flush();
  await things.insert(rows(10, 10));
  const reader = await testDatabase({ storage: s3Reads(options()) });
  opened.push(reader);
  expect(await nearest(reader, 15)).toBe(15n);
  const collection = await reader.collection('things');
  await refusal('ReadOnly', () => collection.insert(rows(20, 10)));
  // Neither did its opening take over from the writer.
  await things.insert(rows(20, 10));
});

test('a published folder is searched over plain HTTP, as it was when it was opened', async () => {
  const files: MemoryFiles = new Map();
  const writer = await testDatabase({ files });
  const things = await writer.createCollection(definition);
  await things.insert(rows(0, 100));
  await things.flush();
  await things.delete({ ids: [7n] });
  await things.flush();
  await writer.close();
  await publish(memoryStorage(files));
  const http = await serveLocally((request, response) => {
    const file = files.get((request.url ?? '').slice('/folder/'.length));
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(200).end(file.bytes.subarray(0, file.sizeBytes));
  });
  const reader = await testDatabase({ storage: await openHttpStorage({ url: `${http.url}/folder` }) });
  expect(await reader.health()).toMatchObject({ storage: 'http', warnings: [] });
  expect(await nearest(reader, 42)).toBe(42n);
  expect(await (await reader.collection('things')).count()).toBe(99);
  await refusal('ReadOnly', () => reader.createCollection({ ...definition, name: 'others' }));
  await reader.close();
  await http.close();
});

test('what is published anew over HTTP is seen by refresh, by those who hold the collection, and only then', async () => {
  const files: MemoryFiles = new Map();
  const writer = await testDatabase({ files });
  const things = await writer.createCollection(definition);
  await things.insert(rows(0, 10));
  await things.flush();
  const publishNow = async (): Promise<void> => {
    files.delete('index.json');
    await publish(memoryStorage(files));
  };
  await publishNow();
  const asked: string[] = [];
  const http = await serveLocally((request, response) => {
    const key = (request.url ?? '').slice('/folder/'.length);
    const file = files.get(key);
    if (file === undefined) return void response.writeHead(404).end();
    const etag = `"${file.sizeBytes}-${file.bytes.subarray(0, file.sizeBytes).reduce((sum, byte) => (sum * 31 + byte) | 0, 0)}"`;
    if (key === 'index.json') asked.push(request.headers['if-none-match'] === etag ? 'same' : 'read');
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    response.writeHead(200, { etag }).end(file.bytes.subarray(0, file.sizeBytes));
  });
  const reader = await testDatabase({ storage: await openHttpStorage({ url: `${http.url}/folder` }) });
  const held = await reader.collection('things');
  expect(await reader.refresh()).toBe(false);
  await things.insert(rows(10, 10));
  await things.delete({ ids: [3] });
  await things.flush();
  await publishNow();
  expect(await held.count()).toBe(10);
  expect(await reader.refresh()).toBe(true);
  expect(await held.count()).toBe(19);
  expect(await nearest(reader, 15)).toBe(15n);
  expect(await reader.refresh()).toBe(false);
  await writer.renameCollection('things', 'renamed');
  await publishNow();
  expect([await reader.refresh(), held.name, await held.count()]).toEqual([true, 'renamed', 19]);
  // A collection that was dropped, and another that was made.
  await writer.dropCollection('renamed');
  await writer.createCollection({ ...definition, name: 'others' });
  await publishNow();
  expect(await reader.refresh()).toBe(true);
  expect(await reader.listCollections()).toEqual(['others']);
  await refusal('Closed', () => held.count());
  // What cannot be read leaves all as it was, and is tried again.
  files.delete('index.json');
  await refusal('NotFound', () => reader.refresh());
  expect(await reader.listCollections()).toEqual(['others']);
  expect(await writer.refresh()).toBe(false);
  expect(asked).toEqual(['read', 'same', 'read', 'same', 'read', 'read']);
  await reader.close();
  await writer.close();
  await http.close();
});
