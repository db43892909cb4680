// Indexes: the routes below indexes/.

import { Type, type Static } from 'typebox';
import type { Database, IndexDescription } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import type { IndexRequest } from '../../model/index-definition.js';
import type { ServedDatabase } from '../call.js';
import { factsOf } from '../milvus/facts.js';
import { changeIndex, type IndexChange } from '../milvus/index-change.js';
import { RefusedRequest, STATUS } from '../status.js';
import { ofCollection } from './rules.js';
import { missing, paramsFrom, present } from './parameters.js';
import { DONE, route, type Answer, type Route } from './route.js';
import { COLLECTION, Name, Properties, PropertyKeys, Request, SomeObject, Text } from './schema.js';

export const INDEX_PARAM = Type.Object({
  fieldName: Name('The field.'),
  indexName: Text('Default: the name of the field.'),
  metricType: Text('Of a vector: the metric of the field.'),
  indexType: Text('One of the names of Milvus; default AUTOINDEX.'),
  params: SomeObject('Build parameters, as numbers or text; index_type and metric_type may be here, too.'),
});

const NAMED = { ...COLLECTION, indexName: Name('The index.') };
const DESCRIBED = Type.Object({ indexName: Type.String(), fieldName: Type.String(), indexType: Type.String(), metricType: Type.String(), totalRows: Type.Integer(), indexedRows: Type.Integer(), pendingRows: Type.Integer(), indexState: Type.String(), failReason: Type.String() });

export const INDEX_ROUTES: readonly Route[] = [
  route({
    path: 'indexes/create',
    summary: 'Defines indexes; what is there is indexed in the background.',
    request: Request({ ...COLLECTION, indexParams: Type.Array(INDEX_PARAM) }),
    rule: ofCollection('CreateIndex'),
    async run({ database }, { collectionName, indexParams }) {
      if (indexParams.length === 0) throw missing('indexParams');
      for (const index of indexParams) await database.createIndex(collectionName, indexRequest(index));
      return DONE;
    },
  }),
  route({
    path: 'indexes/describe',
    summary: 'One index, or every one of a collection, and how far it is.',
    request: Request({ ...COLLECTION, indexName: Text('The index; default: all.') }),
    answer: Type.Array(DESCRIBED),
    rule: ofCollection('IndexDetail'),
    run: ({ database }, { collectionName, indexName = '' }) => describe(database, collectionName, indexName),
  }),
  route({
    path: 'indexes/list',
    summary: 'The names of the indexes of a collection.',
    request: Request(COLLECTION),
    answer: Type.Array(Type.String()),
    rule: ofCollection('IndexDetail'),
    run: async ({ database }, { collectionName }) => ({ data: await database.listIndexes(collectionName) }),
  }),
  route({
    path: 'indexes/drop',
    summary: 'Removes an index. One that is not there is no error.',
    request: Request(NAMED),
    rule: ofCollection('DropIndex'),
    async run({ database }, { collectionName, indexName }) {
      await database.dropIndex(collectionName, { indexName });
      return DONE;
    },
  }),
  route({
    path: 'indexes/alter_properties',
    summary: 'Sets properties of an index: mmap.enabled, which is kept and told.',
    request: Request({ ...NAMED, properties: Properties }),
    rule: ofCollection('CreateIndex'),
    run: async ({ database }, { collectionName, indexName, properties = {} }) => {
      const set = Object.fromEntries(Object.entries(paramsFrom(properties, 'properties')).map(([key, value]) => [key, String(value)]));
      return change(database, collectionName, indexName, { set, remove: [] });
    },
  }),
  route({
    path: 'indexes/drop_properties',
    summary: 'Removes properties of an index.',
    request: Request({ ...NAMED, propertyKeys: Type.Optional(PropertyKeys) }),
    rule: ofCollection('CreateIndex'),
    run: ({ database }, { collectionName, indexName, propertyKeys = [] }) => change(database, collectionName, indexName, { set: {}, remove: propertyKeys }),
  }),
];

/** What a body asks of an index. Type and metric may also be in the params, where older clients put them. */
export function indexRequest({ fieldName, params: given = {}, ...index }: Static<typeof INDEX_PARAM>): IndexRequest {
  const { index_type: olderType, metric_type: olderMetric, ...params } = paramsFrom(given, 'params');
  return {
    fieldName,
    params,
    ...present('indexName', textOf(index.indexName)),
    ...present('indexType', textOf(index.indexType) ?? textOf(olderType)),
    ...present('metricType', textOf(index.metricType) ?? textOf(olderMetric)),
  };
}

function textOf(value: string | number | boolean | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

async function change(database: ServedDatabase, name: string, indexName: string, asked: IndexChange): Promise<Answer> {
  const index = (await factsOf(database, name)).indexes.find((one) => one.indexName === indexName);
  if (index === undefined) throw notFound(indexName);
  await changeIndex(database, name, index, asked);
  return DONE;
}

async function describe(database: Database, name: string, indexName: string): Promise<Answer> {
  const indexes = await database.listIndexes(name);
  if (indexName !== '' && !indexes.includes(indexName)) throw notFound(indexName);
  const described: object[] = [];
  for (const one of indexName === '' ? indexes : [indexName]) described.push(describedIndex(await describeOne(database, name, one)));
  return { data: described };
}

async function describeOne(database: Database, collection: string, indexName: string): Promise<IndexDescription> {
  try {
    return await database.describeIndex(collection, { indexName });
  } catch (error) {
    // Dropped meanwhile, as its collection was there a moment ago.
    if (error instanceof ElanusError && error.code === 'NotFound') throw notFound(indexName);
    throw error;
  }
}

function notFound(indexName: string): RefusedRequest {
  return new RefusedRequest(STATUS.indexNotFound, `index not found[indexName=${indexName}]`);
}

function describedIndex({ indexName, fieldName, indexType, metricType, params, state, totalRows, indexedRows, pendingRows }: IndexDescription): object {
  return { indexName, fieldName, indexType, metricType: metricType ?? '', params, totalRows, indexedRows, pendingRows, indexState: state, failReason: '' };
}
