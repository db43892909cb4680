// Imports over gRPC, by the unmodified client of Milvus for Node.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importDirectory } from '../../../src/server/imports/import-directory.js';
import { Imports } from '../../../src/server/imports/imports.js';
import { createServices } from '../../../src/server/services.js';
import { startGrpcServer } from './support.js';

const log = (): void => {};

test('files are put into a collection as a job, which is told, listed, and refused where it cannot be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'elanus-grpc-imports-'));
  await mkdir(join(folder, 'in'));
  await writeFile(join(folder, 'in', 'rows.jsonl'), '{"id":1,"vector":[1,2]}\n{"id":2,"vector":[2,2]}\n');
  const imports = await Imports.open(importDirectory({ directory: join(folder, 'in'), stateFile: join(folder, 'imports.json'), log }), log);
  const server = await startGrpcServer({ services: createServices(log, { imports }) });
  try {
    const client = await server.client();
    const name = { collection_name: 'c' };
    await client.createCollection({ ...name, dimension: 2 });
    const { tasks } = await client.bulkInsert({ ...name, files: ['rows.jsonl'] } as never);
    expect(tasks).toHaveLength(1);
    const state = async () => client.getImportState({ task: tasks[0] } as never);
    await expect.poll(async () => (await state()).state).toBe('ImportCompleted');
    const { collectionID } = await client.describeCollection(name);
    expect(await state()).toMatchObject({ status: { code: 0 }, row_count: '2', id: String(tasks[0]), collection_id: collectionID, infos: expect.arrayContaining([{ key: 'progress_percent', value: '100' }, { key: 'failed_reason', value: '' }]) as unknown });
    expect((await client.query({ ...name, filter: 'id >= 0', output_fields: ['count(*)'] })).data).toMatchObject([{ 'count(*)': '2' }]);
    expect((await client.listImportTasks(name as never)).tasks).toHaveLength(1);
    expect((await server.call('Import', { ...name, files: ['../imports.json'] }))).toMatchObject({ status: { code: 2100 } });
    expect((await server.call('Import', { ...name, files: ['rows.jsonl'], partition_name: 'none' }))).toMatchObject({ status: { code: 200 } });
    expect((await server.call('Import', { collection_name: 'none', files: ['rows.jsonl'] }))).toMatchObject({ status: { code: 100 } });
    expect((await server.call('Import', { ...name, files: ['rows.jsonl'], options: [{ key: 'timeout', value: '1s' }] }))).toMatchObject({ status: { code: 10 } });
    expect((await server.call('GetImportState', { task: '5' }))).toMatchObject({ status: { code: 2100 } });
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
