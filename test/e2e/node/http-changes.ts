// What the SDK's HttpClient changes over REST: collections, indexes, loading, rows. Each step builds on those before it.

import type { HttpClient } from '@zilliz/milvus2-sdk-node';
import { COUNT, DIM, rowOf, rowsOf, SMALL_DIM, vectorOf, type Row } from './rows.js';
import { same, type Step } from './steps.js';

export const NAME = 'http_birds';
const collectionName = NAME;

export interface HttpWorld {
  readonly client: HttpClient;
  readonly step: Step;
  /** What is in the collection. */
  readonly stored: Row[];
}

interface Answer {
  readonly code: number;
  readonly message?: string;
}

/** The answer, which must be a success. */
export function good<A extends Answer>(answer: A): A {
  if (answer.code !== 0) throw new Error(`expected code 0, found ${JSON.stringify(answer)}`);
  return answer;
}

export function bad({ code, message }: Answer, expected?: number): void {
  if (code === 0 || (expected !== undefined && code !== expected)) throw new Error(`expected code ${expected ?? 'of an error'}, found ${code}: ${message ?? ''}`);
}

/** What the declared types of the client leave out. */
export const loose = (value: object): never => value as never;

const FIELDS = [
  { fieldName: 'id', dataType: 'Int64', isPrimary: true },
  { fieldName: 'title', dataType: 'VarChar', elementTypeParams: { max_length: 200 } },
  { fieldName: 'year', dataType: 'Int32' },
  { fieldName: 'price', dataType: 'Double', nullable: true },
  { fieldName: 'sold', dataType: 'Bool' },
  { fieldName: 'tags', dataType: 'Array', elementDataType: 'VarChar', elementTypeParams: { max_capacity: 8, max_length: 40 } },
  { fieldName: 'info', dataType: 'JSON' },
  { fieldName: 'body', dataType: 'VarChar', elementTypeParams: { max_length: 1000, enable_analyzer: true, enable_match: true } },
  { fieldName: 'dense', dataType: 'FloatVector', elementTypeParams: { dim: DIM } },
  { fieldName: 'small', dataType: 'FloatVector', elementTypeParams: { dim: SMALL_DIM } },
  { fieldName: 'sparse', dataType: 'SparseFloatVector' },
  { fieldName: 'words', dataType: 'SparseFloatVector' },
];

export async function changeHttp({ client, step, stored }: HttpWorld): Promise<void> {
  await step('create', 'a collection from a schema and a function is described as it was made', async () => {
    const functions = [{ name: 'bm25', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['words'], params: {} }];
    good(await client.createCollection(loose({ collectionName, schema: { autoId: false, enableDynamicField: true, fields: FIELDS, functions }, params: { consistencyLevel: 'Strong' } })));
    const { data } = good(await client.describeCollection({ collectionName }));
    same((data.fields as unknown as { name: string; type: string }[]).map(({ name, type }) => [name, type]), FIELDS.map(({ fieldName, dataType }) => [fieldName, dataType]));
    same([data.collectionName, data.enableDynamicField, data.load], [NAME, true, 'LoadStateNotLoad']);
    same(good(await client.hasCollection({ dbName: 'default', collectionName })).data, { has: true });
    same(good(await client.hasCollection({ dbName: 'default', collectionName: 'http_nests' })).data, { has: false });
    same(good(await client.listCollections()).data.includes(NAME), true);
  });
  await step('create', 'the short way makes, indexes and loads at once', async () => {
    good(await client.createCollection({ collectionName: 'http_short', dimension: 4 }));
    same(good(await client.describeCollection({ collectionName: 'http_short' })).data.load, 'LoadStateLoaded');
    good(await client.dropCollection({ collectionName: 'http_short' }));
  });
  await step('index', 'indexes are made, listed and described', async () => {
    const indexParams = [
      { fieldName: 'dense', indexName: 'dense', metricType: 'COSINE', indexType: 'FLAT' },
      { fieldName: 'small', indexName: 'small', metricType: 'L2', indexType: 'HNSW', params: { M: 16, efConstruction: 100 } },
      { fieldName: 'sparse', indexName: 'sparse', metricType: 'IP', indexType: 'SPARSE_INVERTED_INDEX' },
      { fieldName: 'words', indexName: 'words', metricType: 'BM25', indexType: 'SPARSE_INVERTED_INDEX' },
    ];
    good(await client.createIndex(loose({ collectionName, indexParams })));
    same([...(good(await client.listIndexes(loose({ collectionName }))) as unknown as { data: string[] }).data].sort(), ['dense', 'small', 'sparse', 'words']);
    const [found] = good(await client.describeIndex({ collectionName, indexName: 'small' })).data;
    same([found?.fieldName, found?.indexType, found?.metricType, found?.indexState], ['small', 'HNSW', 'L2', 'Finished']);
  });
  await step('load', 'a search needs it', async () => {
    bad(await client.search({ collectionName, data: [vectorOf(DIM)], annsField: 'dense', limit: 3, outputFields: [] }), 101);
    good(await client.loadCollection({ collectionName }));
    same(good(await client.getCollectionLoadState({ collectionName })).data.loadState, 'LoadStateLoaded');
  });
  await changeRows({ client, step, stored });
}

async function changeRows({ client, step, stored }: HttpWorld): Promise<void> {
  const countNow = async (): Promise<number> => Number(good(await client.query({ collectionName, filter: '', outputFields: ['count(*)'] })).data[0]?.['count(*)']);
  await step('insert', 'rows are counted, named by their keys, and come back as they were given', async () => {
    stored.push(...rowsOf(0, COUNT));
    for (let at = 0; at < COUNT; at += 200) {
      const { data } = good(await client.insert({ collectionName, data: stored.slice(at, at + 200).map((row) => ({ ...row, extra: row.id * 2 })) }));
      same([data.insertCount, (data.insertIds as unknown as (string | number)[]).map(Number)], [200, Array.from({ length: 200 }, (_, i) => at + i)]);
    }
    same(await countNow(), COUNT);
    const { data } = good(await client.get({ collectionName, id: [0, 1, 7], outputFields: ['*'] }));
    for (const row of data as unknown as Record<string, unknown>[]) {
      const kept = stored[Number(row['id'])] as Row;
      for (const name of ['title', 'year', 'price', 'sold', 'body'] as const) same(row[name], kept[name], `${name} of ${kept.id}`);
      // As few digits come as a float of 32 bits needs.
      for (const name of ['dense', 'small'] as const) same((row[name] as number[]).map(Math.fround), kept[name], `${name} of ${kept.id}`);
      same(row['extra'], kept.id * 2, 'a field that is not of the schema');
      same(plainJson(row['info']), kept.info);
      same(arrayOf(row['tags']), kept.tags);
    }
    good(await client.flushCollection({ collectionName }));
    same(Number(good(await client.getCollectionStatistics({ collectionName })).data.rowCount), COUNT);
  });
  await step('upsert', 'a row is replaced, one that was not there is added', async () => {
    for (const id of [3, COUNT]) {
      stored[id] = { ...rowOf(id), title: `new ${id}` };
      same(good(await client.upsert({ collectionName, data: [stored[id]] })).data.upsertCount, 1);
    }
    const { data } = good(await client.query({ collectionName, filter: `id in [3, 4, ${COUNT}]`, outputFields: ['title'] }));
    same(data.map(({ title }) => title as unknown), ['new 3', 'title 4', `new ${COUNT}`]);
  });
  await step('delete', 'by a filter, exactly those rows go', async () => {
    good(await client.delete({ collectionName, filter: 'id in [10, 11] or (id > 20 and year == 2000)' }));
    stored.splice(0, stored.length, ...stored.filter(({ id, year }) => id !== 10 && id !== 11 && !(id > 20 && year === 2000)));
    same(await countNow(), stored.length);
  });
}

/** JSON fields may come as text. */
const plainJson = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);

/** Arrays may come wrapped as they are in protobuf. */
function arrayOf(value: unknown): unknown {
  const data = (value as { Data?: { StringData?: { data?: unknown } } } | null)?.Data?.StringData?.data;
  return data ?? value;
}
