// What the Node SDK changes over gRPC: collections, indexes, loading, rows. Each step builds on those before it.

import { DataType, FunctionType, type FieldType, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { COUNT, DIM, SMALL_DIM, rowOf, rowsOf, vectorOf, type Row } from './rows.js';
import { close, fine, refused, same, type Step } from './steps.js';

export const NAME = 'node_birds';

const FIELDS: FieldType[] = [
  { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: false },
  { name: 'title', data_type: DataType.VarChar, max_length: 200 },
  { name: 'year', data_type: DataType.Int32 },
  { name: 'price', data_type: DataType.Double, nullable: true },
  { name: 'sold', data_type: DataType.Bool },
  { name: 'tags', data_type: DataType.Array, element_type: DataType.VarChar, max_capacity: 8, max_length: 40 },
  { name: 'info', data_type: DataType.JSON },
  { name: 'body', data_type: DataType.VarChar, max_length: 1000, enable_analyzer: true, enable_match: true },
  { name: 'dense', data_type: DataType.FloatVector, dim: DIM },
  { name: 'small', data_type: DataType.FloatVector, dim: SMALL_DIM },
  { name: 'sparse', data_type: DataType.SparseFloatVector },
  { name: 'words', data_type: DataType.SparseFloatVector, is_function_output: true },
];

const INDEXES = [
  { field_name: 'dense', index_type: 'FLAT', metric_type: 'COSINE' },
  { field_name: 'small', index_type: 'HNSW', metric_type: 'L2', params: { M: 16, efConstruction: 100 } },
  { field_name: 'sparse', index_type: 'SPARSE_INVERTED_INDEX', metric_type: 'IP' },
  { field_name: 'words', index_type: 'SPARSE_INVERTED_INDEX', metric_type: 'BM25' },
  { field_name: 'year', index_name: 'by_year', index_type: 'STL_SORT' },
];

export interface World {
  readonly client: MilvusClient;
  readonly step: Step;
  /** What is in the collection. */
  readonly stored: Row[];
}

export const rowsData = (rows: readonly Row[]): Record<string, never>[] => rows.map((row) => ({ ...row })) as unknown as Record<string, never>[];

export async function count(client: MilvusClient, name: string): Promise<number> {
  return Number((await client.count({ collection_name: name })).data);
}

export async function makeAndLoad({ client, step }: World): Promise<void> {
  const collection_name = NAME;
  await step('create', 'a collection from fields and a function is described as it was made', async () => {
    fine(await client.createCollection({ collection_name, fields: FIELDS, enable_dynamic_field: true, consistency_level: 'Strong', description: 'birds', functions: [{ name: 'bm25', type: FunctionType.BM25, input_field_names: ['body'], output_field_names: ['words'], params: {} }] }));
    const { status, schema, consistency_level, db_name } = await client.describeCollection({ collection_name });
    fine(status);
    same(schema.fields.map(({ name }) => name), FIELDS.map(({ name }) => name));
    same(schema.fields.map(({ dataType }) => dataType), FIELDS.map(({ data_type }) => data_type));
    same([schema.fields[8]?.dim, schema.fields[3]?.nullable, schema.fields[11]?.is_function_output], [String(DIM), true, true]);
    same([schema.enable_dynamic_field, schema.description, consistency_level, db_name], [true, 'birds', 'Strong', 'default']);
    same((await client.hasCollection({ collection_name })).value, true);
    same((await client.hasCollection({ collection_name: 'node_nests' })).value, false);
    same((await client.showCollections()).data.some(({ name }) => name === collection_name), true);
  });
  await step('create', 'the short way makes, indexes and loads at once', async () => {
    fine(await client.createCollection({ collection_name: 'node_short', dimension: 4 }));
    // The client throws if it fails, and otherwise says nothing of what is there already.
    await client.createCollection({ collection_name: 'node_short', dimension: 4 });
    same((await client.getLoadState({ collection_name: 'node_short' })).state, 'LoadStateLoaded');
    fine(await client.dropCollection({ collection_name: 'node_short' }));
  });
  await step('load', 'not without an index', async () => {
    refused(await client.loadCollectionAsync({ collection_name }), 700);
  });
  await step('index', 'indexes are made, listed and described as they were asked for', async () => {
    refused((await client.describeIndex({ collection_name })).status, 700);
    for (const index of INDEXES) fine(await client.createIndex({ collection_name, ...index }));
    const { index_descriptions } = await client.describeIndex({ collection_name });
    same(index_descriptions.map(({ field_name }) => field_name).sort(), INDEXES.map(({ field_name }) => field_name).sort());
    const small = index_descriptions.find(({ field_name }) => field_name === 'small');
    const params = Object.fromEntries(small?.params.map(({ key, value }) => [key, value]) ?? []);
    same([params['index_type'], params['metric_type'], small?.state], ['HNSW', 'L2', 'Finished']);
    same((await client.listIndexes({ collection_name })).indexes.includes('by_year'), true);
    same((await client.getIndexState({ collection_name, field_name: 'dense' })).state, 'Finished');
  });
  await step('load', 'a search needs it', async () => {
    refused((await client.search({ collection_name, data: vectorOf(DIM), anns_field: 'dense', limit: 3 })).status, 101);
    fine(await client.loadCollection({ collection_name }));
    same((await client.getLoadState({ collection_name })).state, 'LoadStateLoaded');
    same((await client.getLoadingProgress({ collection_name })).progress, '100');
  });
}

export async function changeRows({ client, step, stored }: World): Promise<void> {
  const collection_name = NAME;
  await step('insert', 'rows are counted, named by their keys, and come back as they were given', async () => {
    stored.push(...rowsOf(0, COUNT));
    for (let at = 0; at < COUNT; at += 100) {
      const { status, insert_cnt, IDs } = await client.insert({ collection_name, data: rowsData(stored.slice(at, at + 100)).map((row, i) => ({ ...row, extra: (at + i) * 2 })) });
      fine(status);
      same([insert_cnt, 'int_id' in IDs ? IDs.int_id.data : IDs], ['100', Array.from({ length: 100 }, (_, i) => String(at + i))]);
    }
    same(await count(client, collection_name), COUNT);
    const { data } = await client.get({ collection_name, ids: [0, 1, 7], output_fields: ['*'] });
    for (const row of data) {
      const kept = stored[Number(row['id'])] as Row;
      for (const name of ['title', 'year', 'price', 'sold', 'tags', 'info', 'body', 'dense', 'small'] as const) same(row[name], kept[name], `${name} of ${kept.id}`);
      same(Object.entries(row['sparse'] as Record<string, number>), Object.entries(kept.sparse), 'sparse');
      same((row['$meta'] as Record<string, unknown>)['extra'], kept.id * 2, 'a field that is not of the schema');
    }
    same(data.map(({ id }) => id), ['0', '1', '7']);
  });
  await step('insert', 'figures count what is flushed', async () => {
    fine((await client.flushSync({ collection_names: [collection_name] })).status);
    same((await client.getCollectionStatistics({ collection_name })).data['row_count'], String(COUNT));
  });
  await step('insert', 'integers of 64 bits are exact', async () => {
    fine(await client.createCollection({ collection_name: 'node_long', dimension: 4 }));
    fine((await client.insert({ collection_name: 'node_long', data: [{ id: '9223372036854775807', vector: [1, 0, 0, 0] }, { id: '-9007199254740993', vector: [0, 1, 0, 0] }] })).status);
    same((await client.search({ collection_name: 'node_long', data: [1, 0, 0, 0], limit: 2 })).results.map(({ id }) => id), ['9223372036854775807', '-9007199254740993']);
    fine(await client.dropCollection({ collection_name: 'node_long' }));
  });
  await step('upsert', 'a row is replaced, one that was not there is added', async () => {
    for (const id of [3, COUNT]) {
      const row = { ...rowOf(id), title: `new ${id}` };
      const { status, upsert_cnt } = await client.upsert({ collection_name, data: rowsData([row]) });
      fine(status);
      same(upsert_cnt, '1');
      stored[id] = row;
    }
    const { data } = await client.query({ collection_name, filter: `id in [3, 4, ${COUNT}]`, output_fields: ['title', 'dense'] });
    same(data.map(({ title }) => title as unknown), ['new 3', 'title 4', `new ${COUNT}`]);
    close(data[0]?.['dense'] as number[], (stored[3] as Row).dense);
    same(await count(client, collection_name), COUNT + 1);
  });
  await step('upsert', 'a partial one keeps what it does not give', async () => {
    fine((await client.upsert({ collection_name, data: [{ id: 9, title: 'part' }], partial_update: true })).status);
    stored[9] = { ...(stored[9] as Row), title: 'part' };
    const { data } = await client.get({ collection_name, ids: [9], output_fields: ['title', 'year', 'dense'] });
    same([data[0]?.['title'], data[0]?.['year'], data[0]?.['dense']], ['part', stored[9].year, stored[9].dense]);
  });
  await step('delete', 'by keys and by a filter, exactly those rows go', async () => {
    fine((await client.delete({ collection_name, ids: [10, 11] })).status);
    const { status, delete_cnt } = await client.delete({ collection_name, filter: 'id > 20 and year == 2000' });
    fine(status);
    const gone = stored.filter(({ id, year }) => id > 20 && year === 2000).length;
    same(Number(delete_cnt), gone);
    const left = stored.filter(({ id, year }) => id !== 10 && id !== 11 && !(id > 20 && year === 2000));
    stored.splice(0, stored.length, ...left);
    const { data } = await client.query({ collection_name, filter: 'id >= 0', output_fields: ['id'] });
    same(data.map(({ id }) => Number(id)), stored.map(({ id }) => id));
  });
}
