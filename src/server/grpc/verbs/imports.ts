// Imports: remote procedures that put files into a collection, and tell how far that is: the same jobs that REST has.

import { DEFAULT_DATABASE } from '../../../format/catalog.js';
import { progressOf, rowsOf, type ImportJob, type ImportState } from '../../imports/import-job.js';
import { unsupported } from '../../milvus/key-values.js';
import { collectionId } from '../../milvus/ids.js';
import type { ServedDatabase } from '../../call.js';
import type { KeyValue } from '../messages.js';
import { onCollection, onServer } from '../rules.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface Asked {
  readonly collection_name: string;
  readonly partition_name: string;
  readonly files: readonly string[];
  readonly options: readonly KeyValue[];
}

const STATES: Readonly<Record<ImportState, string>> = { Pending: 'ImportPending', Importing: 'ImportStarted', Completed: 'ImportCompleted', Failed: 'ImportFailed' };
/** Clients send these with every import, and they say nothing here. */
const PASSED_OVER: ReadonlySet<string> = new Set(['bucket', 'sep', 'backup']);

export const IMPORT_VERBS: Verbs = {
  Import: verb<Asked, object>({ rule: onCollection('Import'), run: start }),
  GetImportState: verb<{ readonly task: string }, object>({ rule: onServer('GetImportProgress'), scope: 'server', run: async ({ caller, database, services }, { task }) => told(database, services.imports.describe(task, { caller, databaseName: undefined })) }),
  ListImportTasks: verb<{ readonly collection_name: string; readonly limit: string }, object>({ rule: onServer('ListImport'), run: list }),
};

async function start({ database, databaseName, services }: GrpcCall, { collection_name, partition_name, files, options }: Asked): Promise<object> {
  const option = options.find(({ key, value }) => !PASSED_OVER.has(key) && value !== '' && value !== 'false');
  if (option !== undefined) throw unsupported(`options of an import: ${option.key}`);
  const collection = await database.collection(collection_name);
  // Errors: a partition that is not there.
  if (partition_name !== '') await database.getPartitionStats(collection_name, partition_name);
  const id = await services.imports.start({ database: databaseName, collection, files: files.map((path) => ({ path })), ...(partition_name === '' ? {} : { partition: partition_name }) });
  return { tasks: [id] };
}

async function list(call: GrpcCall, { collection_name, limit }: { readonly collection_name: string; readonly limit: string }): Promise<object> {
  const jobs = call.services.imports.list(call, collection_name === '' ? undefined : collection_name);
  return { tasks: (Number(limit) > 0 ? jobs.slice(0, Number(limit)) : jobs).map((job) => told(call.database, job)) };
}

function told(database: ServedDatabase, job: ImportJob): object {
  const entry = database.catalogEntries.find(({ name, database: home = DEFAULT_DATABASE }) => name === job.collection && home === job.database);
  const infos = [
    { key: 'files', value: job.tasks.map(({ file }) => file.path).join(',') },
    { key: 'collection', value: job.collection },
    { key: 'partition', value: job.partition ?? '' },
    { key: 'progress_percent', value: String(progressOf(job)) },
    { key: 'failed_reason', value: job.reason ?? '' },
  ];
  return { state: STATES[job.state], row_count: String(rowsOf(job)), id_list: [], infos, id: job.id, collection_id: entry === undefined ? '0' : collectionId(entry.id), segment_ids: [], create_ts: String(Math.floor(job.createdMs / 1000)) };
}
