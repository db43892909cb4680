// Imports: the routes below jobs/import/. Rows of a job are there as it goes on, so that nothing is left to commit when it is done.

import { Type } from 'typebox';
import type { JsonObject } from '../json.js';
import { progressOf, rowsOf, hasEnded, type ImportFile, type ImportJob, type ImportTask } from '../imports/import-job.js';
import { unsupported } from '../milvus/key-values.js';
import { RefusedRequest, STATUS } from '../status.js';
import { present, wrongType } from './parameters.js';
import { DONE, route, type Answer, type Route } from './route.js';
import { ofCollection, ofDatabase, ofServer } from './rules.js';
import { COLLECTION, DB, Name, Request, SomeObject, Text } from './schema.js';

const JOB = { ...DB, jobId: Name('What create answered with.') };
const STATE = Type.Enum(['Pending', 'Importing', 'Completed', 'Failed']);
const RECORD = Type.Object({ jobId: Type.String(), collectionName: Type.String(), state: STATE, progress: Type.Integer(), reason: Type.Optional(Type.String()) });
const DETAIL = Type.Object({ fileName: Type.String(), fileSize: Type.Integer(), state: STATE, progress: Type.Integer(), importedRows: Type.Integer(), totalRows: Type.Integer(), completeTime: Type.String(), reason: Type.Optional(Type.String()) });
const PROGRESS = Type.Object({ jobId: Type.String(), collectionName: Type.String(), state: STATE, progress: Type.Integer(), importedRows: Type.Integer(), totalRows: Type.Integer(), fileSize: Type.Integer(), completeTime: Type.String(), reason: Type.Optional(Type.String()), details: Type.Array(DETAIL) });

export const IMPORT_ROUTES: readonly Route[] = [
  route({
    path: 'jobs/import/create',
    summary: 'Begins to import files from the directory of imports of the server: Parquet, JSON, JSONL, CSV, .npy, fvecs.',
    request: Request({ ...COLLECTION, partitionName: Text('The partition.'), files: Type.Array(Type.Array(Type.String()), { description: 'Files; beside one of vectors alone a JSONL file with the other fields.' }), options: SomeObject('timeout, such as "300s".') }),
    answer: Type.Object({ jobId: Type.String() }),
    rule: ofCollection('Import'),
    async run({ database, databaseName, services }, { collectionName, partitionName = '', files, options = {} }) {
      const collection = await database.collection(collectionName);
      if (partitionName !== '') await database.getPartitionStats(collectionName, partitionName);
      const jobId = await services.imports.start({ database: databaseName, collection, files: files.map(fileFrom), ...present('partition', partitionName === '' ? undefined : partitionName), ...present('timeoutMs', timeoutFrom(options)) });
      return { data: { jobId } };
    },
  }),
  route({
    path: 'jobs/import/list',
    summary: 'The jobs of a database, or of a collection, the youngest first.',
    request: Request({ ...DB, collectionName: Text('The collection; default: all.') }),
    answer: Type.Object({ records: Type.Array(RECORD) }),
    rule: ofServer('ListImport'),
    run: async (call, { collectionName = '' }) => ({ data: { records: call.services.imports.list(call, collectionName === '' ? undefined : collectionName).map(recordOf) } }),
  }),
  ...['jobs/import/get_progress', 'jobs/import/describe'].map((path) =>
    route({ path, summary: 'How far a job is.', request: Request(JOB), answer: PROGRESS, rule: ofServer('GetImportProgress'), run: async (call, { jobId }): Promise<Answer> => ({ data: progressTold(call.services.imports.describe(jobId, call)) }) }),
  ),
  route({
    path: 'jobs/import/commit',
    summary: 'Says that a job is done: its rows are there already.',
    request: Request(JOB),
    rule: ofDatabase('Import'),
    async run(call, { jobId }) {
      const { state } = call.services.imports.describe(jobId, call);
      if (state !== 'Completed') throw new RefusedRequest(STATUS.importFailed, `import job ${jobId} is ${state}, not Completed`);
      return DONE;
    },
  }),
  route({
    path: 'jobs/import/abort',
    summary: 'Ends a job that goes on; rows that are in stay.',
    request: Request(JOB),
    rule: ofDatabase('Import'),
    async run(call, { jobId }) {
      await call.services.imports.abort(jobId, call);
      return DONE;
    },
  }),
];

function fileFrom(paths: readonly string[], at: number): ImportFile {
  const [path, rest, ...more] = paths;
  if (path === undefined) throw wrongType(`files[${at}]`, 'a file', undefined);
  if (more.length > 0 || (rest !== undefined && !/\.jsonl?$/i.test(rest))) throw unsupported(`files[${at}]: a file for each column`);
  return { path, ...present('rest', rest) };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function timeoutFrom({ timeout, ...others }: JsonObject): number | undefined {
  const [other] = Object.keys(others);
  if (other !== undefined) throw unsupported(`options.${other}`);
  if (timeout === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(String(timeout)) ?? [];
  if (number === '') throw wrongType('options.timeout', 'a time such as "300s"', timeout);
  return Number(number) * (UNITS[unit] as number);
}

function recordOf(job: ImportJob): object {
  return { jobId: job.id, collectionName: job.collection, state: job.state, progress: progressOf(job), ...present('reason', job.reason) };
}

function progressTold(job: ImportJob): object {
  const rows = rowsOf(job);
  return { ...recordOf(job), importedRows: rows, totalRows: rows, fileSize: job.tasks.reduce((sum, { fileBytes }) => sum + fileBytes, 0), completeTime: timeOf(job.completedMs), details: job.tasks.map((task) => detailOf(task, job)) };
}

function detailOf(task: ImportTask, job: ImportJob): object {
  const progress = progressOf({ state: task.state, tasks: [task] });
  return { fileName: task.file.path, fileSize: task.fileBytes, state: task.state, progress, importedRows: task.rows, totalRows: task.rows, completeTime: hasEnded(task) ? timeOf(task.completedMs ?? job.completedMs) : '', ...present('reason', task.state === 'Failed' ? job.reason : undefined) };
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}
