// What is addressed by a number alone: jobs of imports and compactions. Numbers can be guessed, so that a number of what one may
// not see is as good as none.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importDirectory } from '../../../src/server/imports/import-directory.js';
import { Imports } from '../../../src/server/imports/imports.js';
import { createServices } from '../../../src/server/services.js';
import { startGrpcServer, type GrpcTestServer } from '../grpc/support.js';
import { basic, testAccess } from './support.js';

const log = (): void => undefined;
let folder: string;
let server: GrpcTestServer;
let jobId: string;
let compactionID: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elanus-numbers-'));
  await mkdir(join(folder, 'in'));
  await writeFile(join(folder, 'in', 'rows.jsonl'), '{"id":1,"vector":[1,2]}\n');
  const access = await testAccess({ audit: false });
  access.clock.ms = Date.now();
  await access.user('ada', 'CollectionAdmin@own.*', 'Import@own.*', 'GetImportProgress@*.*');
  await access.user('bob', 'CollectionAdmin@foreign.c', 'Import@foreign.*', 'GetImportProgress@*.*');
  const imports = await Imports.open(importDirectory({ directory: join(folder, 'in'), stateFile: undefined, log }), log);
  server = await startGrpcServer({ services: createServices(log, { access, imports }) });
  for (const dbName of ['own', 'foreign']) {
    await post('root:Milvus', 'databases/create', { dbName });
    await post('root:Milvus', 'collections/create', { dbName, collectionName: 'c', dimension: 2 });
  }
  ({ jobId } = (await post('root:Milvus', 'jobs/import/create', { dbName: 'foreign', collectionName: 'c', files: [['rows.jsonl']] })).data as { jobId: string });
  ({ compactionID } = (await post('root:Milvus', 'collections/compact', { dbName: 'foreign', collectionName: 'c' })).data as { compactionID: number });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function post(user: string, path: string, body: object): Promise<{ readonly code: number; readonly data?: unknown }> {
  const response = await fetch(`${server.url}/v2/vectordb/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${user}` } });
  return (await response.json()) as { code: number; data?: unknown };
}

test.each(['jobs/import/get_progress', 'jobs/import/describe', 'jobs/import/commit', 'jobs/import/abort'])('%s knows no job of another database, by whichever database it is asked', async (path) => {
  expect(await post(basic('ada'), path, { dbName: 'own', jobId })).toMatchObject({ code: 2100, message: `no import job has the number ${jobId}` });
  expect([1401, 2100]).toContain((await post(basic('ada'), path, { dbName: 'foreign', jobId })).code);
  expect((await post('root:Milvus', path, { dbName: 'own', jobId })).code).toBe(2100);
});

test('who may see the collection is told how far its job and its compaction are', async () => {
  expect(await post(basic('bob'), 'jobs/import/describe', { dbName: 'foreign', jobId })).toMatchObject({ code: 0, data: { jobId } });
  expect(await post(basic('bob'), 'collections/get_compaction_state', { jobID: compactionID })).toMatchObject({ code: 0, data: { compactionID } });
});

test('a compaction of a foreign collection is none', async () => {
  expect((await post(basic('ada'), 'collections/get_compaction_state', { jobID: compactionID })).code).toBe(1100);
});

test.each([['GetImportState', () => ({ task: jobId }), 2100], ['GetCompactionState', () => ({ compactionID: String(compactionID) }), 1100], ['GetCompactionStateWithPlans', () => ({ compactionID: String(compactionID) }), 1100]] as const)('%s of a foreign number is refused over gRPC, too', async (name, request, code) => {
  expect(await server.call(name, request(), basic('ada'))).toMatchObject({ status: { code } });
});
