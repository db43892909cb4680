// jobs/import: files of a directory into a collection, how far they are, what is refused, and what a restart leaves.

import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportRows } from '../../../src/io/index.js';
import { open } from '../../../src/presets/node.js';
import { importDirectory } from '../../../src/server/imports/import-directory.js';
import { Imports } from '../../../src/server/imports/imports.js';
import { createServices } from '../../../src/server/services.js';
import { startTestServer, type TestServer } from '../support.js';

let folder: string;
let server: TestServer;
const ANYBODY = { caller: undefined, databaseName: undefined };
const log = (): void => undefined;
const source = () => importDirectory({ directory: join(folder, 'in'), stateFile: join(folder, 'imports.json'), log });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elanus-imports-'));
  await mkdir(join(folder, 'in'));
  server = await startTestServer({ services: createServices(log, { imports: await Imports.open(source(), log) }) });
  await server.post('collections/create', { collectionName: 'a', dimension: 2 });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const put = (name: string, content: string | Uint8Array) => writeFile(join(folder, 'in', name), content);
const begin = async (files: readonly (readonly string[])[], body: object = {}) => server.post('jobs/import/create', { collectionName: 'a', files, ...body });
const idOf = (answer: { readonly data?: unknown }) => (answer.data as { jobId: string }).jobId;

interface Progress {
  readonly state: string;
  readonly progress: number;
  readonly importedRows: number;
  readonly reason?: string;
  readonly details: readonly object[];
}

async function ended(jobId: string): Promise<Progress> {
  for (let tries = 0; tries < 500; tries++) {
    const { data } = await server.post('jobs/import/get_progress', { jobId });
    if (['Completed', 'Failed'].includes((data as Progress).state)) return data as Progress;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`import job ${jobId} does not end`);
}

const keys = async () => ((await server.post('entities/query', { collectionName: 'a', outputFields: ['id'] })).data as { id: number }[]).map(({ id }) => id);

describe('a job', () => {
  test('imports JSONL, JSON of both forms, CSV and Parquet, and tells of each file', async () => {
    await put('a.jsonl', '{"id":1,"vector":[0,1],"note":"one"}\n');
    await put('b.json', '{ "rows": [\n {"id":2,"vector":[0,1],\n "note":"a \\"quoted\\" [line]\\n, and {more}"} , {"id":3,"vector":[1,1]}\n] }');
    await put('c.json', '[{"id":9007199254740993,"vector":[0,1]}]');
    await put('d.csv', 'id,vector\n5,"[0,1]"\n');
    const made = await open('parquet', { storage: 'memory', core: 'wasm' });
    const rows = await made.createCollection({ name: 'p', dimension: 2 });
    await rows.insert([{ id: 6n, vector: [3, 4] }]);
    await put('e.parquet', new Uint8Array(await new Response(exportRows(rows, { format: 'parquet' })).arrayBuffer()));
    await made.close();
    const jobId = idOf(await begin([['a.jsonl'], ['b.json'], ['c.json'], ['d.csv'], ['e.parquet']], { options: { timeout: '300s' } }));
    expect(jobId).toMatch(/^\d+$/);
    const done = await ended(jobId);
    expect(done.reason).toBeUndefined();
    expect(done).toMatchObject({ jobId, collectionName: 'a', state: 'Completed', progress: 100, importedRows: 6, totalRows: 6 });
    expect(done.details).toMatchObject([['a.jsonl', 1], ['b.json', 2], ['c.json', 1], ['d.csv', 1], ['e.parquet', 1]].map(([fileName, importedRows]) => ({ fileName, importedRows, state: 'Completed', progress: 100 })));
    expect(await keys()).toEqual([1, 2, 3, 5, 6, 9007199254740992]);
    expect((await server.post('entities/get', { collectionName: 'a', id: 2, outputFields: ['note'] })).data).toEqual([{ id: 2, note: 'a "quoted" [line]\n, and {more}' }]);
    expect((await server.post('jobs/import/list', { collectionName: 'a' })).data).toEqual({ records: [{ jobId, collectionName: 'a', state: 'Completed', progress: 100 }] });
    expect((await server.post('jobs/import/list', { collectionName: 'b' })).data).toEqual({ records: [] });
    expect((await server.post('jobs/import/describe', { jobId })).data).toEqual(done);
    expect(await server.post('jobs/import/commit', { jobId })).toEqual({ code: 0, data: {} });
    expect((await server.post('jobs/import/abort', { jobId })).code).toBe(2100);
  });

  test('goes into the partition that it names', async () => {
    await server.post('partitions/create', { collectionName: 'a', partitionName: 'p' });
    await put('a.jsonl', '{"id":1,"vector":[0,1]}');
    await ended(idOf(await begin([['a.jsonl']], { partitionName: 'p' })));
    expect((await server.post('partitions/get_stats', { collectionName: 'a', partitionName: 'p' })).data).toEqual({ rowCount: 1 });
    expect((await begin([['a.jsonl']], { partitionName: 'none' })).code).toBe(200);
  });

  test('that meets a row that does not fit fails, says where, and keeps what was before', async () => {
    await put('a.jsonl', '{"id":1,"vector":[0,1]}\n{"id":2,"vector":[0]}\n{"id":3,"vector":[0,1]}\n');
    const failed = await ended(idOf(await begin([['a.jsonl']])));
    const reason = expect.stringContaining('a.jsonl: line 2') as string;
    expect(failed).toMatchObject({ state: 'Failed', reason, details: [{ state: 'Failed', reason, completeTime: expect.stringContaining('T') as string }] });
    expect(await keys()).toEqual([1]);
    expect((await server.post('jobs/import/commit', { jobId: (failed as unknown as { jobId: string }).jobId })).code).toBe(2100);
  });

  test.each([
    ['torn', '[{"id":1,"vector":[0,1]},', 'the end'],
    ['no rows', '"text"', 'the end'],
    ['rows deeper within', '{"data":{"rows":[{"id":1}]}}', 'deeper'],
    ['a row that is none', '[{"id":1,"vector":[0,1]}, 7]', 'object'],
  ])('of a JSON file that is %s fails', async (_what, content, named) => {
    await put('a.json', content);
    expect(await ended(idOf(await begin([['a.json']])))).toMatchObject({ state: 'Failed', reason: expect.stringContaining(named) as string });
  });

  test('is aborted while it reads, and one that waits behind it', async () => {
    const whole = new TextEncoder().encode('{"id":1,"vector":[0,1]}');
    let reads = 0;
    const slow = { size: whole.length, read: (): Promise<Uint8Array> => (reads++, new Promise((resolve) => setTimeout(() => resolve(whole), 200))) };
    const imports = await Imports.open({ ...source(), open: async () => ({ bytes: slow, close: async () => undefined }) }, log);
    const other = await startTestServer({ services: createServices(log, { imports }) });
    await other.post('collections/create', { collectionName: 'a', dimension: 2 });
    const [first, second] = [await other.post('jobs/import/create', { collectionName: 'a', files: [['a.jsonl']] }), await other.post('jobs/import/create', { collectionName: 'a', files: [['b.jsonl']] })].map(idOf);
    for (const jobId of [first, second]) {
      expect(await other.post('jobs/import/abort', { jobId })).toEqual({ code: 0, data: {} });
      expect((await other.post('jobs/import/describe', { jobId })).data).toMatchObject({ state: 'Failed', reason: expect.stringContaining('aborted') as string });
    }
    await other.close();
    expect(reads).toBe(1);
  });

  test('is known after a restart: what had ended as it ended, what had not as failed', async () => {
    await put('a.jsonl', '{"id":1,"vector":[0,1]}');
    const jobId = idOf(await begin([['a.jsonl']]));
    await ended(jobId);
    await server.close();
    const kept = JSON.parse(await readFile(join(folder, 'imports.json'), 'utf8')) as { jobs: { id: string; state: string }[] };
    expect(kept.jobs).toMatchObject([{ id: jobId, state: 'Completed' }]);
    const running = { ...kept.jobs[0], id: '7', state: 'Importing' };
    await writeFile(join(folder, 'imports.json'), JSON.stringify({ ...kept, jobs: [...kept.jobs, running] }));
    const again = await Imports.open(source(), log);
    expect(again.describe(jobId, ANYBODY)).toMatchObject({ state: 'Completed' });
    expect(again.describe('7', ANYBODY)).toMatchObject({ state: 'Failed', reason: expect.stringContaining('stopped') as string });
    expect(JSON.parse(await readFile(join(folder, 'imports.json'), 'utf8'))).toMatchObject({ jobs: [{}, { id: '7', state: 'Failed' }] });
    await again.close();
    server = await startTestServer();
  });

  test.each(['{"format":9,"jobs":[]}', '{"format":1,"jobs":[{"id":7}]}', 'torn {'])('list that is damaged is told of, and begins anew: %s', async (content) => {
    await writeFile(join(folder, 'imports.json'), content);
    const told: string[] = [];
    const jobs = importDirectory({ directory: folder, stateFile: join(folder, 'imports.json'), log: (level, message) => void told.push(`${level}: ${message}`) });
    expect(await jobs.readJobs()).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^error: the list of import jobs/)]);
  });
});

describe('refused', () => {
  test.each([['../secret.jsonl'], ['/etc/hostname'], ['in/../../secret.jsonl'], ['link.jsonl'], ['linked/secret.jsonl'], ['none.jsonl'], [''], ['.'], ['a\0b.jsonl'], ['x'.repeat(2000)]])('a file out of the directory, or none: %j, with 2100 and nothing of what is there', async (path) => {
    await writeFile(join(folder, 'secret.jsonl'), '{"id":1,"vector":[0,1]}');
    await symlink(join(folder, 'secret.jsonl'), join(folder, 'in', 'link.jsonl'));
    await symlink(folder, join(folder, 'in', 'linked'));
    const { code, message } = await begin([[path]]);
    expect(code).toBe(2100);
    expect(message).not.toContain(folder);
    expect((await server.post('jobs/import/list', {})).data).toEqual({ records: [] });
  });

  test.each([
    ['create', { collectionName: 'a' }, 1802, 'files'],
    ['create', { collectionName: 'a', files: [] }, 2100, 'files'],
    ['create', { collectionName: 'a', files: ['a.jsonl'] }, 1801, 'files[0]'],
    ['create', { collectionName: 'a', files: [[]] }, 1801, 'files[0]'],
    ['create', { collectionName: 'a', files: [['a.npy', 'b.npy']] }, 10, 'column'],
    ['create', { collectionName: 'none', files: [['a.jsonl']] }, 100, 'none'],
    ['create', { collectionName: 'a', files: [['a.jsonl']], options: { backup: 'true' } }, 10, 'options.backup'],
    ['create', { collectionName: 'a', files: [['a.jsonl']], options: { timeout: 'soon' } }, 1801, 'timeout'],
    ['describe', {}, 1802, 'jobId'],
    ['describe', { jobId: '77' }, 2100, '77'],
    ['get_progress', { jobId: 77 }, 1801, 'jobId'],
    ['commit', { jobId: '77' }, 2100, '77'],
    ['abort', { jobId: '77' }, 2100, '77'],
  ])('%s of %j: %i, naming %s', async (verb, body, code, named) => {
    const answer = await server.post(`jobs/import/${verb}`, body);
    expect(answer.code).toBe(code);
    expect(answer.message).toContain(named);
  });

  test('every job, where there is no directory: 10', async () => {
    const without = await startTestServer();
    await without.post('collections/create', { collectionName: 'a', dimension: 2 });
    expect((await without.post('jobs/import/create', { collectionName: 'a', files: [['a.jsonl']] })).code).toBe(10);
    await without.close();
  });
});
