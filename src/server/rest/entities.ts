// Entities: the verbs below /v2/vectordb/entities/.

import type { Collection, Database, SearchOptions } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import { SEARCH_PARAMETERS } from '../../model/index-type.js';
import type { Params } from '../../model/parameter.js';
import type { RowInput } from '../../model/row.js';
import type { Field } from '../../model/field.js';
import { vectorFields, type Schema } from '../../model/schema.js';
import type { JsonObject } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';
import { asArray, asObject, missing, optional, optionalNumber, optionalObject, optionalParams, optionalText, optionalTexts, present, refuseUnsupported, required, textOf } from './parameters.js';
import { keysFrom, rowOfHit, rowsFrom, vectorsFrom } from './rows.js';
import type { Answer, Verbs } from './verb.js';

const LIMIT_DEFAULT = 100;
const COUNT_FIELD = 'count(*)';

export const ENTITY_VERBS: Verbs = {
  'entities/insert': async (database, body) => {
    const { ids, count } = await write(database, body, (collection, rows) => collection.insert(rows));
    return { data: { insertCount: count, insertIds: ids } };
  },
  'entities/upsert': async (database, body) => {
    refuseUnsupported(body, ['partialUpdate']);
    const { ids, count } = await write(database, body, (collection, rows) => collection.upsert(rows));
    return { data: { upsertCount: count, upsertIds: ids } };
  },
  'entities/delete': remove,
  'entities/get': get,
  'entities/query': query,
  'entities/search': search,
};

async function write<T>(database: Database, body: JsonObject, act: (collection: Collection, rows: readonly RowInput[]) => Promise<T>): Promise<T> {
  const collection = await collectionOf(database, body);
  const data = required(body, 'data');
  const rows = (Array.isArray(data) ? asArray(data, 'data') : [data]).map((row, i) => asObject(row, `data[${i}]`));
  try {
    return await act(collection, rowsFrom(collection.schema, rows));
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'InvalidArgument') throw error;
    throw new RefusedRequest(STATUS.badInsertData, `fail to deal the insert data, error: ${error.message}`);
  }
}

async function remove(database: Database, body: JsonObject): Promise<Answer> {
  refuseUnsupported(body, ['exprParams']);
  const collection = await collectionOf(database, body);
  const filter = optionalText(body, 'filter');
  const ids = optional(body, 'ids');
  if (filter === undefined && ids === undefined) throw missing('filter or ids');
  if (filter !== undefined && ids !== undefined) throw new ElanusError('InvalidArgument', 'expected filter or ids, found both');
  const { count } = await collection.delete(filter === undefined ? { ids: keysFrom(collection.schema, ids ?? [], 'ids') } : { filter });
  return { data: { deleteCount: count } };
}

async function get(database: Database, body: JsonObject): Promise<Answer> {
  const collection = await collectionOf(database, body);
  const ids = keysFrom(collection.schema, required(body, 'id'), 'id');
  return { data: await collection.get({ ids, outputFields: optionalTexts(body, 'outputFields') ?? ['*'] }) };
}

async function query(database: Database, body: JsonObject): Promise<Answer> {
  refuseUnsupported(body, ['exprParams', 'orderByFields']);
  const collection = await collectionOf(database, body);
  const filter = optionalText(body, 'filter');
  const outputFields = optionalTexts(body, 'outputFields') ?? ['*'];
  if (outputFields.length === 1 && outputFields[0] === COUNT_FIELD) return { data: [{ [COUNT_FIELD]: await collection.count(filter) }] };
  const rows = await collection.query({ ...window(body), outputFields, ...(filter === undefined ? {} : { filter }) });
  return { data: rows };
}

async function search(database: Database, body: JsonObject): Promise<Answer> {
  refuseUnsupported(body, ['exprParams', 'groupingField', 'groupSize', 'strictGroupSize', 'functionScore']);
  const collection = await collectionOf(database, body);
  const field = searchedField(collection.schema, body);
  const filter = optionalText(body, 'filter');
  const { hits } = await collection.search({
    data: vectorsFrom(field.type, required(body, 'data')),
    annsField: field.name,
    ...window(body),
    ...effort(body),
    outputFields: optionalTexts(body, 'outputFields') ?? [],
    ...(filter === undefined ? {} : { filter }),
  });
  return { data: hits.flatMap((list) => list.map((hit) => rowOfHit(collection.schema, hit))), topks: hits.map((list) => list.length) };
}

/** `recall` and `ef` of searchParams, or of the params in them, where Milvus has them; and every other of Milvus' params. */
function effort(body: JsonObject): Pick<SearchOptions, 'recall' | 'ef' | 'params'> {
  const outer = optionalObject(body, 'searchParams');
  const inner = optionalObject(outer, 'params');
  const number = (name: string): number | undefined => optionalNumber(inner, name) ?? optionalNumber(outer, name);
  return { ...present('recall', number('recall')), ...present('ef', number('ef')), params: searchParams(outer) };
}

// The params, and of what stands beside them what Milvus has in them; `recall` is ours.
function searchParams(outer: JsonObject): Params {
  const beside = Object.entries(outer).filter(([name]) => Object.hasOwn(SEARCH_PARAMETERS, name));
  const { recall: _, ...inner } = optionalParams(outer, 'params');
  return { ...optionalParams({ params: Object.fromEntries(beside) }, 'params'), ...inner };
}

/** A search names the field, which may be left out where there is one vector, and the metric it means, of which a field has one. */
function searchedField(schema: Schema, body: JsonObject): Field {
  const fields = vectorFields(schema);
  const name = optionalText(body, 'annsField') ?? (fields.length === 1 ? fields[0]?.name : undefined);
  const field = fields.find((vector) => vector.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `annsField: expected ${fields.length === 1 ? 'the vector field' : 'one of the vector fields'} ${fields.map((vector) => `"${vector.name}"`).join(', ')}, found ${JSON.stringify(name)}`);
  const { metric } = field;
  const params = optionalObject(body, 'searchParams');
  const asked = optionalText(params, 'metricType') ?? optionalText(params, 'metric_type') ?? metric;
  if (asked !== metric) throw new ElanusError('InvalidArgument', `metric type not match: expected ${metric}, found ${asked}`);
  return field;
}

function window(body: JsonObject): { readonly limit: number; readonly offset: number } {
  return { limit: optionalNumber(body, 'limit') ?? LIMIT_DEFAULT, offset: optionalNumber(body, 'offset') ?? 0 };
}

function collectionOf(database: Database, body: JsonObject): Promise<Collection> {
  return database.collection(textOf(body, 'collectionName'));
}
