// What is kept of import jobs is bounded, whatever is imported and however it ends, and keeps no server from starting.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import { open } from '../../src/presets/node.js';
import { JOB_LIMITS, type ImportJob } from '../../src/server/imports/import-job.js';
import type { ImportSource } from '../../src/server/imports/import-source.js';
import { Imports, type ImportRequest } from '../../src/server/imports/imports.js';
import { decodeJobs, encodeJobs } from '../../src/server/imports/job-list.js';
import { RefusedRequest, STATUS } from '../../src/server/status.js';

const ANYBODY = { caller: undefined, databaseName: undefined };
const log = (): void => undefined;
const files = Array.from({ length: JOB_LIMITS.filesMax }, (_, i) => ({ path: `${'x'.repeat(100)}${i}.jsonl` }));
let database: Database;
let request: ImportRequest;

beforeAll(async () => {
  database = await open('jobs', { storage: 'memory', core: 'wasm' });
  request = { database: 'default', collection: await database.createCollection({ name: 'a', dimension: 2 }), files };
});
afterAll(() => database.close());

/** Files that are there, and of which each reading ends as `read` says; what is kept is in `kept`. */
function sourceOf(read: () => Promise<Uint8Array>): ImportSource & { kept: string } {
  const source = {
    kept: encodeJobs([]),
    open: async () => ({ bytes: { size: 9, read }, close: async () => undefined }),
    readJobs: async () => decodeJobs(source.kept) ?? [],
    keepJobs: async (jobs: readonly ImportJob[]) => void (source.kept = encodeJobs(jobs)),
  };
  return source;
}

const unreadable = (): Promise<Uint8Array> => Promise.reject(new RefusedRequest(STATUS.importFailed, 'unreadable '.repeat(1_000)));
const failed = async (imports: Imports, id: string): Promise<void> => {
  while (imports.describe(id, ANYBODY).state !== 'Failed') await new Promise((resolve) => setTimeout(resolve, 1));
};
const idsOf = (imports: Imports): readonly string[] => imports.list(ANYBODY).map(({ id }) => id).reverse();

test('jobs that have ended are remembered within a length: the oldest are forgotten', async () => {
  const source = sourceOf(unreadable);
  const imports = await Imports.open(source, log);
  const ids: string[] = [];
  for (let i = 0; i < 60; i++) {
    ids.push(await imports.start(request));
    await failed(imports, ids.at(-1) ?? '');
  }
  await imports.close();
  expect(source.kept.length).toBeLessThan(JOB_LIMITS.textLengthMax);
  const kept = idsOf(imports);
  expect(kept.length).toBeGreaterThan(20);
  expect(kept).toEqual(ids.slice(-kept.length));
  expect(idsOf(await Imports.open(source, log))).toEqual(kept);
});

test('jobs that wait have room for their end: more are refused with 8, and after a restart all are known as failed', async () => {
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => (stop = () => reject(new Error('stopped'))));
  const source = sourceOf(() => stopped);
  const imports = await Imports.open(source, log);
  const ids: string[] = [];
  const refusal = async () => {
    for (;;) ids.push(await imports.start(request));
  };
  await expect(refusal()).rejects.toMatchObject({ status: 8 });
  expect(ids.length).toBeGreaterThan(10);
  expect(ids.length).toBeLessThan(JOB_LIMITS.waitingMax);
  const again = await Imports.open(source, log);
  expect(again.list(ANYBODY).map(({ state }) => state)).toEqual(ids.map(() => 'Failed'));
  expect(source.kept.length).toBeLessThan(JOB_LIMITS.textLengthMax);
  stopped.catch(() => undefined);
  stop();
  await imports.close();
});

test('why a job failed is kept once, and cut where it is long', async () => {
  const source = sourceOf(unreadable);
  const imports = await Imports.open(source, log);
  const id = await imports.start(request);
  await failed(imports, id);
  await imports.close();
  expect(source.kept.split('"reason"')).toHaveLength(2);
  expect(imports.describe(id, ANYBODY).reason).toHaveLength(JOB_LIMITS.reasonLengthMax);
});

test('a list that cannot be kept keeps no server from starting: it is logged', async () => {
  const source = sourceOf(unreadable);
  source.kept = encodeJobs([{ id: '7', database: 'default', collection: 'a', state: 'Importing', createdMs: 1, tasks: [] }]);
  const told: string[] = [];
  const imports = await Imports.open({ ...source, keepJobs: () => Promise.reject(new Error('no room')) }, (level, message) => void told.push(`${level}: ${message}`));
  expect(imports.describe('7', ANYBODY)).toMatchObject({ state: 'Failed' });
  expect(told).toEqual(['error: what became of import jobs could not be stored']);
});

test('paths that are too long together are refused with 2100, and no job is made of them', async () => {
  const imports = await Imports.open(sourceOf(unreadable), log);
  const longer = files.map(({ path }) => ({ path: `${path}${'x'.repeat(100)}` }));
  await expect(imports.start({ ...request, files: longer })).rejects.toMatchObject({ status: 2100, message: expect.stringContaining('together') as string });
  expect(idsOf(imports)).toEqual([]);
});
