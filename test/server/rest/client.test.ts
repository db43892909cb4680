// The unmodified HttpClient of @zilliz/milvus2-sdk-node: every group of its calls, as it sends them and as it reads them.

import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support.js';

let server: TestServer;
let client: HttpClient;

beforeEach(async () => {
  server = await startTestServer();
  client = new HttpClient({ endpoint: server.url });
});
afterEach(() => server.close());

const DONE = { code: 0, data: {} };

test('collections: made, told of, changed, loaded, compacted, renamed, dropped', async () => {
  expect(await client.createCollection({ collectionName: 'a', dimension: 2, metricType: 'L2' })).toEqual(DONE);
  expect(await client.hasCollection({ dbName: 'default', collectionName: 'a' })).toEqual({ code: 0, data: { has: true } });
  expect(await client.listCollections()).toEqual({ code: 0, data: ['a'] });
  expect((await client.describeCollection({ collectionName: 'a' })).data).toMatchObject({ collectionName: 'a', load: 'LoadStateLoaded', enableDynamicField: true, shardsNum: 1, indexes: [{ fieldName: 'vector', metricType: 'L2' }] });
  expect(await client.addCollectionField({ collectionName: 'a', schema: { fieldName: 'year', dataType: 'Int16', nullable: true } })).toEqual(DONE);
  expect(await client.addCollectionField({ collectionName: 'a', schema: { fieldName: 'title', dataType: 'VarChar', nullable: true, elementTypeParams: { max_length: 10 } } })).toEqual(DONE);
  expect(await client.alterCollectionFieldProperties({ collectionName: 'a', fieldName: 'title', fieldParams: { max_length: 20 } })).toEqual(DONE);
  expect(await client.alterCollectionProperties({ collectionName: 'a', properties: { 'collection.ttl.seconds': 3600 } })).toEqual(DONE);
  expect((await client.describeCollection({ collectionName: 'a' })).data).toMatchObject({ fields: [{}, {}, { name: 'year', nullable: true }, { name: 'title', params: [{ key: 'max_length', value: '20' }] }], properties: [{ key: 'collection.ttl.seconds', value: '3600' }] });
  expect(await client.dropCollectionProperties({ collectionName: 'a', propertyKeys: ['collection.ttl.seconds'] })).toEqual(DONE);
  expect(await client.getCollectionStatistics({ collectionName: 'a' })).toEqual({ code: 0, data: { rowCount: 0 } });
  expect(await client.releaseCollection({ collectionName: 'a' })).toEqual(DONE);
  expect((await client.getCollectionLoadState({ collectionName: 'a' })).data).toEqual({ loadState: 'LoadStateNotLoad' });
  expect(await client.query({ collectionName: 'a', filter: 'id > 0', outputFields: ['*'] })).toMatchObject({ code: 101 });
  expect(await client.loadCollection({ collectionName: 'a' })).toEqual(DONE);
  expect(await client.refreshLoad({ collectionName: 'a' })).toEqual(DONE);
  expect((await client.getCollectionLoadState({ collectionName: 'a' })).data).toEqual({ loadState: 'LoadStateLoaded', loadProgress: 100 });
  expect(await client.flushCollection({ collectionName: 'a' })).toEqual(DONE);
  const { data } = await client.compactCollection({ collectionName: 'a' });
  expect(data.compactionID).toBeGreaterThan(0);
  await expect.poll(async () => (await client.getCompactionState({ collectionName: 'a', compactionID: data.compactionID })).data).toMatchObject({ compactionID: data.compactionID, state: 'Completed' });
  expect(await client.renameCollection({ collectionName: 'a', newCollectionName: 'b' })).toEqual(DONE);
  expect(await client.dropCollection({ collectionName: 'b' })).toEqual(DONE);
  expect(await client.listCollections()).toEqual({ code: 0, data: [] });
});

test('rows: inserted, upserted, read, searched, deleted, with keys as text', async () => {
  await client.createCollection({ collectionName: 'a', dimension: 2, metricType: 'L2' });
  expect(await client.insert({ collectionName: 'a', data: [{ id: 1, vector: [0, 0], color: 'red' }, { id: '9007199254740993', vector: [3, 0], color: 'green' }] })).toEqual({ code: 0, data: { insertCount: 2, insertIds: ['1', '9007199254740993'] }, cost: 0 });
  expect(await client.upsert({ collectionName: 'a', data: [{ id: 1, vector: [1, 0], color: 'blue' }] })).toEqual({ code: 0, data: { upsertCount: 1, upsertIds: ['1'] }, cost: 0 });
  expect(await client.get({ collectionName: 'a', id: ['9007199254740993'], outputFields: ['color'] })).toEqual({ code: 0, data: [{ id: '9007199254740993', color: 'green' }], cost: 0 });
  expect((await client.query({ collectionName: 'a', filter: 'color in ["blue"]', outputFields: ['vector'] })).data).toEqual([{ id: '1', vector: [1, 0] }]);
  const one = await client.search({ collectionName: 'a', data: [[0, 0]], limit: 5, outputFields: ['color'] });
  expect(one.data).toEqual([{ id: '1', distance: 1, color: 'blue' }, { id: '9007199254740993', distance: 9, color: 'green' }]);
  const two = await client.search({ collectionName: 'a', data: [[0, 0], [3, 0]], limit: 2, outputFields: [] });
  expect(two.topks).toEqual([2, 2]);
  expect(two.data).toMatchObject([[{ id: '1' }, { id: '9007199254740993' }], [{ id: '9007199254740993', distance: 0 }, { id: '1', distance: 4 }]]);
  expect((await client.hybridSearch({ collectionName: 'a', search: [{ data: [[0, 0]], annsField: 'vector', limit: 2 }, { data: [[3, 0]], annsField: 'vector', limit: 2 }], rerank: { strategy: 'weighted', params: { weights: [0.1, 0.9] } }, limit: 1 })).data).toMatchObject([{ id: '9007199254740993' }]);
  expect(await client.delete({ collectionName: 'a', filter: 'id == 9007199254740993' })).toEqual({ code: 0, data: { deleteCount: 1 } });
  const numbers = new HttpClient({ endpoint: server.url, acceptInt64: true });
  expect((await numbers.query({ collectionName: 'a', outputFields: ['id'] })).data).toEqual([{ id: 1 }]);
});

test('partitions', async () => {
  await client.createCollection({ collectionName: 'a', dimension: 2 });
  const p = { collectionName: 'a', partitionName: 'p' };
  expect(await client.createPartition(p)).toEqual(DONE);
  expect(await client.hasPartition(p)).toEqual({ code: 0, data: { has: true } });
  expect(await client.listPartitions({ collectionName: 'a' })).toEqual({ code: 0, data: ['_default', 'p'] });
  await client.insert({ ...p, data: [{ id: 1, vector: [1, 0] }] } as Parameters<HttpClient['insert']>[0]);
  expect(await client.getPartitionStatistics(p)).toEqual({ code: 0, data: { rowCount: 1 } });
  expect(await client.releasePartitions({ collectionName: 'a', partitionNames: ['p'] })).toEqual(DONE);
  expect(await client.search({ collectionName: 'a', data: [[1, 0]], partitionNames: ['p'], outputFields: [] })).toMatchObject({ code: 201 });
  expect(await client.loadPartitions({ collectionName: 'a', partitionNames: ['p'] })).toEqual(DONE);
  expect((await client.search({ collectionName: 'a', data: [[1, 0]], partitionNames: ['p'], outputFields: [] })).data).toMatchObject([{ id: '1' }]);
  await client.releasePartitions({ collectionName: 'a', partitionNames: ['p'] });
  expect(await client.dropPartition(p)).toEqual(DONE);
});

test('indexes, aliases and databases', async () => {
  await client.createCollection({ collectionName: 'a', dimension: 2, schema: { fields: [{ fieldName: 'id', dataType: 'Int64', isPrimary: true }, { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: 2 } }] } });
  expect((await client.getCollectionLoadState({ collectionName: 'a' })).data.loadState).toBe('LoadStateNotLoad');
  expect(await client.createIndex({ collectionName: 'a', indexParams: [{ metricType: 'L2', fieldName: 'v', indexName: 'near', params: { index_type: 'HNSW', M: '16', efConstruction: '100' } }] })).toEqual(DONE);
  expect((await client.describeIndex({ collectionName: 'a', indexName: 'near' })).data).toMatchObject([{ indexName: 'near', fieldName: 'v', indexType: 'HNSW', metricType: 'L2', indexState: 'Finished', totalRows: 0, failReason: '' }]);
  expect(await client.listIndexes({ collectionName: 'a' })).toEqual({ code: 0, data: ['near'] });
  expect(await client.dropIndex({ collectionName: 'a', indexName: 'near' })).toEqual(DONE);

  expect(await client.createAlias({ collectionName: 'a', aliasName: 'b' })).toEqual(DONE);
  expect(await client.describeAlias({ aliasName: 'b' })).toEqual({ code: 0, data: { dbName: 'default', collectionName: 'a', aliasName: 'b' } });
  expect(await client.listAliases({ collectionName: 'a' } as Parameters<HttpClient['listAliases']>[0])).toEqual({ code: 0, data: ['b'] });
  expect(await client.alterAlias({ collectionName: 'a', aliasName: 'b' })).toEqual(DONE);
  expect(await client.dropAlias({ aliasName: 'b' })).toEqual(DONE);

  expect(await client.createDatabase({ dbName: 'd', properties: { 'database.max.collections': 5 } as never })).toEqual(DONE);
  expect((await client.describeDatabase({ dbName: 'd' })).data).toMatchObject({ dbName: 'd', properties: [{ key: 'database.max.collections', value: '5' }] });
  expect(await client.alterDatabaseProperties({ dbName: 'd', properties: { 'database.replica.number': 1 } })).toEqual(DONE);
  expect(await client.dropDatabaseProperties({ dbName: 'd', propertyKeys: ['database.max.collections'] })).toEqual(DONE);
  expect((await client.describeDatabase({ dbName: 'd' })).data.properties).toEqual([{ key: 'database.replica.number', value: '1' }]);
  const other = new HttpClient({ endpoint: server.url, database: 'd' });
  expect(await other.createCollection({ collectionName: 'there', dimension: 2 })).toEqual(DONE);
  expect(await other.listCollections({ dbName: 'd' })).toEqual({ code: 0, data: ['there'] });
  expect(await client.listCollections()).toEqual({ code: 0, data: ['a'] });
  expect(await other.dropCollection({ collectionName: 'there' })).toEqual(DONE);
  expect(await client.dropDatabase({ dbName: 'd' })).toEqual(DONE);
  expect(await other.listCollections({ dbName: 'd' })).toMatchObject({ code: 800 });
});
