// Indexes, loads, flushes, segments and the server itself over gRPC, by the unmodified client of Milvus for Node.

import { DataType, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../../src/presets/node.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let server: GrpcTestServer;
let client: MilvusClient;

beforeAll(async () => {
  server = await startGrpcServer();
  client = await server.client();
});

afterAll(async () => server.close());

const OK = { error_code: 'Success', code: 0 };
const FIELDS = [
  { name: 'id', data_type: DataType.Int64, is_primary_key: true },
  { name: 'year', data_type: DataType.Int16 },
  { name: 'v', data_type: DataType.FloatVector, dim: 4 },
];
const ROWS = [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]].map((v, id) => ({ id, year: 2000 + id, v }));

describe('an index', () => {
  test('is told as it was asked for, sets the metric of its field, and is no longer there when it was dropped', async () => {
    const name = { collection_name: 'a' };
    await client.createCollection({ ...name, fields: FIELDS });
    await client.insert({ ...name, data: ROWS });
    expect((await client.describeIndex(name)).status).toMatchObject({ code: 700, error_code: 'IndexNotExist' });
    expect(await client.loadCollectionAsync(name)).toMatchObject({ code: 700, error_code: 'IndexNotExist', reason: expect.stringContaining('[v], please create index firstly') as unknown });
    expect(await client.createIndex({ ...name, field_name: 'v', index_name: 'near', index_type: 'HNSW', metric_type: 'L2', params: { M: 8, efConstruction: 64 } })).toMatchObject(OK);
    expect(await client.createIndex({ ...name, field_name: 'year', index_type: 'STL_SORT' })).toMatchObject(OK);
    await client.flushSync({ collection_names: ['a'] });
    const { index_descriptions: told } = await client.describeIndex(name);
    expect(told).toMatchObject([
      { index_name: 'year', field_name: 'year', state: 'Finished', params: [{ key: 'index_type', value: 'STL_SORT' }] },
      { index_name: 'near', field_name: 'v', state: 'Finished', indexed_rows: '3', total_rows: '3', pending_index_rows: '0', params: [{ key: 'index_type', value: 'HNSW' }, { key: 'metric_type', value: 'L2' }, { key: 'params', value: '{"M":8,"efConstruction":64}' }] },
    ]);
    expect(told[0]?.indexID).not.toBe(told[1]?.indexID);
    expect((await client.getIndexBuildProgress({ ...name, index_name: 'near' }))).toMatchObject({ indexed_rows: '3', total_rows: '3' });
    expect((await client.getIndexState({ ...name, index_name: 'near' })).state).toBe('Finished');
    expect((await client.getIndexStatistics({ ...name, index_name: 'near' })).index_descriptions).toHaveLength(1);
    expect((await client.describeIndex({ ...name, index_name: 'far' })).status.code).toBe(700);
    expect(await client.loadCollection(name)).toMatchObject(OK);
    const { results } = await client.search({ ...name, data: [0, 2, 0, 0], limit: 2, output_fields: ['id', 'year'] });
    expect(results).toMatchObject([{ id: '1', score: 0, year: 2001 }, { id: '0', score: 5 }]);
    expect(await client.dropIndex({ ...name, index_name: 'near' })).toMatchObject({ code: 1100, reason: expect.stringContaining('cannot be dropped on loaded collection') as unknown });
    expect(await client.alterIndexProperties({ ...name, index_name: 'near', params: { 'mmap.enabled': true } })).toMatchObject(OK);
    expect((await client.describeIndex({ ...name, index_name: 'near' })).index_descriptions[0]?.params).toContainEqual({ key: 'mmap.enabled', value: 'true' });
    expect((await client.alterIndexProperties({ ...name, index_name: 'near', params: { nlist: 7 } as never })).code).toBe(1100);
    await client.releaseCollection(name);
    expect(await client.dropIndex({ ...name, index_name: 'near' })).toMatchObject(OK);
    expect(await client.dropIndex({ ...name, index_name: 'near' })).toMatchObject(OK);
    expect((await client.describeIndex({ ...name, field_name: 'v' })).status.code).toBe(700);
  });

  test('is that of its vector where the collection was made by REST, and is kept over a release', async () => {
    const name = { collection_name: 'by_rest' };
    expect(await server.post('collections/create', { collectionName: 'by_rest', dimension: 4, metricType: 'L2' })).toMatchObject({ code: 0 });
    expect((await client.describeIndex(name)).index_descriptions).toMatchObject([{ field_name: 'vector', params: [{ key: 'index_type', value: 'AUTOINDEX' }, { key: 'metric_type', value: 'L2' }] }]);
    expect(await client.releaseCollection(name)).toMatchObject(OK);
    expect((await client.describeIndex(name)).index_descriptions).toHaveLength(1);
    expect(await client.loadCollection(name)).toMatchObject(OK);
    const told = (await server.post('collections/describe', { collectionName: 'by_rest' })).data as { readonly collectionID: number };
    expect(Number(told.collectionID)).toBe(Number((await client.describeCollection(name)).collectionID));
  });

  test('is told with the settings apart that came apart, as other clients send them', async () => {
    await client.createCollection({ collection_name: 'apart', fields: FIELDS });
    const extra_params = Object.entries({ index_type: 'HNSW', metric_type: 'IP', M: '16', efConstruction: '100' }).map(([key, value]) => ({ key, value }));
    expect(await server.call('CreateIndex', { collection_name: 'apart', field_name: 'v', extra_params })).toMatchObject(OK);
    expect((await client.describeIndex({ collection_name: 'apart' })).index_descriptions[0]?.params).toEqual(extra_params);
    expect(await server.call('CreateIndex', { collection_name: 'apart', field_name: 'v', extra_params: [{ key: 'params', value: '[1' }] })).toMatchObject({ code: 1100 });
  });

  test.each([
    ['another of the same field', { field_name: 'v', index_type: 'FLAT', metric_type: 'COSINE' }, 65535],
    ['an unknown type', { field_name: 'v', index_type: 'MAGIC', metric_type: 'IP' }, 1100],
    ['an unknown metric', { field_name: 'v', index_type: 'FLAT', metric_type: 'NEAR' }, 1100],
    ['a parameter out of range', { field_name: 'v', index_type: 'HNSW', metric_type: 'IP', params: { M: 1, efConstruction: 8 } }, 1100],
    ['a type for other fields', { field_name: 'year', index_type: 'HNSW' }, 1100],
    ['a field that is not there', { field_name: 'none', index_type: 'FLAT', metric_type: 'IP' }, 1700],
  ])('is refused: %s', async (_name, request, code) => {
    const name = { collection_name: 'refused' };
    if ((await client.hasCollection(name)).value !== true) {
      await client.createCollection({ ...name, fields: FIELDS });
      await client.createIndex({ ...name, field_name: 'v', index_type: 'AUTOINDEX', metric_type: 'COSINE' });
    }
    expect(await client.createIndex({ ...name, ...request } as never)).toMatchObject({ code });
  });
});

describe('a load', () => {
  test('is a gate for searches, is told, and outlives a restart of the server', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'elanus-grpc-'));
    try {
      const name = { collection_name: 'kept' };
      const first = await startGrpcServer({ database: await open('default', { directory, core: 'wasm' }) });
      const one = await first.client();
      await one.createCollection({ ...name, fields: FIELDS });
      await one.createCollection({ collection_name: 'quick', dimension: 4 });
      await one.insert({ ...name, data: ROWS });
      await one.createIndex({ ...name, field_name: 'v', index_type: 'FLAT', metric_type: 'IP' });
      expect((await one.getLoadState(name)).state).toBe('LoadStateNotLoad');
      expect((await one.getLoadState({ collection_name: 'none' })).state).toBe('LoadStateNotExist');
      expect((await one.getLoadState({ collection_name: 'quick' })).state).toBe('LoadStateLoaded');
      expect((await one.getLoadingProgress(name)).status).toMatchObject({ code: 101, error_code: 'UnexpectedError' });
      expect((await one.search({ ...name, data: [1, 0, 0, 0], limit: 1 })).status).toMatchObject({ code: 101 });
      expect((await one.query({ ...name, filter: 'id >= 0' })).status.code).toBe(101);
      const told = await one.describeCollection(name);
      const shown = await one.showCollections();
      expect(shown.data.map(({ name: title, loadedPercentage }) => [title, loadedPercentage])).toEqual([['kept', '0'], ['quick', '100']]);
      await first.close();

      const second = await startGrpcServer({ database: await open('default', { directory, core: 'wasm' }) });
      const two = await second.client();
      const again = await two.describeCollection(name);
      for (const member of ['collectionID', 'created_timestamp', 'update_timestamp', 'schema'] as const) expect(again[member]).toEqual(told[member]);
      expect((await two.getLoadState(name)).state).toBe('LoadStateNotLoad');
      expect(await two.loadCollection(name)).toMatchObject(OK);
      expect((await two.getLoadingProgress(name))).toMatchObject({ progress: '100', refresh_progress: '100' });
      await second.close();

      const third = await startGrpcServer({ database: await open('default', { directory, core: 'wasm' }) });
      const three = await third.client();
      expect((await three.getLoadState(name)).state).toBe('LoadStateLoaded');
      expect((await three.search({ ...name, data: [1, 0, 0, 0], limit: 1 })).results).toMatchObject([{ id: '0', score: 1 }]);
      expect(await three.releaseCollection(name)).toMatchObject(OK);
      expect((await three.search({ ...name, data: [1, 0, 0, 0], limit: 1 })).status.code).toBe(101);
      expect((await three.loadCollectionAsync({ ...name, replica_number: 2 })).code).toBe(1100);
      await third.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('flushes and segments', () => {
  test('are done when they are answered, and told by numbers that do not change', async () => {
    const name = { collection_name: 'sealed' };
    await client.createCollection({ ...name, dimension: 4 });
    await client.insert({ ...name, data: [{ id: 1, vector: [1, 2, 3, 4] }, { id: 2, vector: [2, 2, 3, 4] }] });
    expect((await client.getQuerySegmentInfo({ collectionName: 'sealed' })).infos).toMatchObject([{ num_rows: '2', state: 'Growing' }]);
    const flushed = await client.flush({ collection_names: ['sealed'] });
    const [segment] = flushed.coll_segIDs['sealed'].data;
    expect(flushed).toMatchObject({ status: OK, db_name: 'default' });
    expect((await client.getFlushState({ segmentIDs: [segment] } as never)).flushed).toBe(true);
    expect((await client.getPersistentSegmentInfo({ collectionName: 'sealed' })).infos).toMatchObject([{ segmentID: segment, num_rows: '2', state: 'Flushed' }]);
    expect((await client.getQuerySegmentInfo({ collectionName: 'sealed' })).infos).toMatchObject([{ segmentID: segment, num_rows: '2', state: 'Sealed', index_name: 'vector', nodeID: '1' }]);
    expect(((await client.flush({ collection_names: ['sealed'] })).coll_segIDs['sealed'] as { data: unknown[] }).data).toEqual([]);
    expect((await client.flush({ collection_names: ['none'] })).status.code).toBe(100);
    expect((await client.flushAll()).status).toMatchObject(OK);
    expect((await client.getFlushAllState({ flush_all_ts: 1 } as never)).flushed).toBe(true);
    const { compactionID } = await client.compact(name);
    await expect.poll(async () => (await client.getCompactionState({ compactionID: Number(compactionID) })).state).toBe('Completed');
    expect(await client.getCompactionStateWithPlans({ compactionID: Number(compactionID) })).toMatchObject({ state: 'Completed', mergeInfos: [] });
    expect((await client.getCompactionState({ compactionID: 5 })).status.code).toBe(1100);
    expect((await client.getReplicas({ collectionID: (await client.describeCollection(name)).collectionID })).replicas).toMatchObject([{ node_ids: ['1'] }]);
  });
});

describe('the server', () => {
  test('tells its metrics, its one resource group, timestamps that grow, and what analyzers make', async () => {
    const metrics = await client.getMetric({ request: { metric_type: 'system_info' } });
    expect((metrics.response as unknown as { nodes_info: unknown[] }).nodes_info).toMatchObject([{ infos: { type: 'standalone', has_error: false } }]);
    expect(await server.call('GetMetrics', { request: 'x' })).toMatchObject({ status: { code: 1100 } });
    expect((await client.listResourceGroups()).resource_groups).toEqual(['__default_resource_group']);
    expect((await client.describeResourceGroup({ resource_group: '__default_resource_group' })).resource_group).toMatchObject({ capacity: 1 });
    expect((await client.describeResourceGroup({ resource_group: 'other' })).status.code).toBe(300);
    const times = [await server.call('AllocTimestamp', {}), await server.call('AllocTimestamp', {})].map(({ timestamp }) => BigInt(timestamp as string));
    expect(times[1]).toBeGreaterThan(times[0] ?? 0n);
    expect(Number((times[0] ?? 0n) >> 18n)).toBeGreaterThan(Date.now() - 60_000);
    const { results } = await client.runAnalyzer({ analyzer_params: { type: 'english' }, text: ['Ünder kites', 'x'], with_detail: true, with_hash: true } as never);
    expect(results[0]?.tokens).toMatchObject([{ token: 'ünder', start_offset: '0', end_offset: '6' }, { token: 'kite', start_offset: '7', end_offset: '12' }]);
    expect(results).toHaveLength(2);
    expect(await server.call('RunAnalyzer', { analyzer_params: '{', placeholder: [] })).toMatchObject({ status: { code: 1100 } });
  });
});
