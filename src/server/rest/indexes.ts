// Indexes: the verbs below /v2/vectordb/indexes/.

import type { Database, IndexDescription } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import type { IndexRequest } from '../../model/index-definition.js';
import type { JsonObject } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';
import { missing, objectsOf, optionalParams, optionalText, present, textOf } from './parameters.js';
import type { Answer, Verbs } from './verb.js';

export const INDEX_VERBS: Verbs = {
  'indexes/create': async (database, body) => {
    const name = textOf(body, 'collectionName');
    const requests = indexRequests(body);
    if (requests.length === 0) throw missing('indexParams');
    for (const request of requests) await database.createIndex(name, request);
    return { data: {} };
  },
  'indexes/describe': describe,
  'indexes/list': async (database, body) => ({ data: await database.listIndexes(textOf(body, 'collectionName')) }),
  'indexes/drop': async (database, body) => {
    await database.dropIndex(textOf(body, 'collectionName'), { indexName: textOf(body, 'indexName') });
    return { data: {} };
  },
};

/** What a body asks of indexes. The type may also be in the params, where older clients put it. */
export function indexRequests(body: JsonObject): readonly IndexRequest[] {
  return objectsOf(body, 'indexParams').map((index) => {
    const { index_type: older, ...params } = optionalParams(index, 'params');
    const indexType = optionalText(index, 'indexType') ?? (older === undefined ? undefined : String(older));
    return {
      fieldName: textOf(index, 'fieldName'),
      params,
      ...present('indexName', optionalText(index, 'indexName')),
      ...present('indexType', indexType),
      ...present('metricType', optionalText(index, 'metricType')),
    };
  });
}

/** One index, or every one of the collection. */
async function describe(database: Database, body: JsonObject): Promise<Answer> {
  const name = textOf(body, 'collectionName');
  const indexes = await database.listIndexes(name);
  const indexName = optionalText(body, 'indexName');
  if (indexName !== undefined && !indexes.includes(indexName)) throw notFound(indexName);
  const described: object[] = [];
  for (const one of indexName === undefined ? indexes : [indexName]) described.push(describedIndex(await describeOne(database, name, one)));
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
