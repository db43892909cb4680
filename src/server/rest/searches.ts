// Searches: the routes below entities/ that look for what is near. Hits of all queries come in one list; `topks` says how many
// are each query's.

import { Type, type Static } from 'typebox';
import type { Collection, Fusion, GroupOptions, HybridPart, SearchOptions } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import { SEARCH_PARAMETERS } from '../../model/index-type.js';
import { primaryField, vectorFields, type Schema, type VectorField } from '../../model/schema.js';
import type { Params } from '../../model/parameter.js';
import type { Hit } from '../../model/hit.js';
import type { JsonInput, JsonObject } from '../json.js';
import { missing, numberIn, objectIn, paramsFrom, present, refuseUnsupported, textIn } from './parameters.js';
import { checkLevel, FILTER, filterOf, LIMIT_DEFAULT, outputOr, OUTPUT, PARTITIONS, ROW, WINDOW } from './reads.js';
import { route, type Answer, type Route } from './route.js';
import { keysFrom, queriesFrom, rowOfHit } from './rows.js';
import { ofCollection } from './rules.js';
import { AnyArray, COLLECTION, CONSISTENCY, Count, Flag, Keys, Request, SomeObject, Text } from './schema.js';

const GROUPING = {
  groupingField: Text('Hits come in groups of its values.'),
  groupSize: Count('Hits of each group.'),
  strictGroupSize: Flag('Groups are as full as can be.'),
};
const DATA = { data: Type.Optional(AnyArray('Vectors, or texts where a function makes the vectors.')) };
const FIELD = { annsField: Text('The vector field; may be left out where there is one.') };
const SCORE = { functionScore: SomeObject('Functions that give hits new scores.') };

const SEARCH = Request({
  ...COLLECTION, ...DATA, ...FIELD, ...PARTITIONS, ...FILTER, ...WINDOW, ...OUTPUT, ...GROUPING, ...CONSISTENCY, ...SCORE,
  ids: Type.Optional(Keys('Instead of data: rows, by whose vectors is searched.')),
  metricType: Text('The metric of the field.'),
  searchParams: SomeObject('Parameters of the search, or "params" with them: recall, ef, nprobe, radius, range_filter and others.'),
  params: SomeObject('As in searchParams.'),
});

const PART = Type.Object({
  ...DATA, ...FIELD, ...FILTER, ...WINDOW,
  metricType: Text('The metric of the field.'),
  groupingField: Text('As of the whole search.'),
  ignoreGrowing: Flag('Taken; every row is searched.'),
  params: SomeObject('Parameters of the search.'),
  searchParams: SomeObject('As params.'),
});

const HYBRID = Request({
  ...COLLECTION, ...PARTITIONS, ...WINDOW, ...OUTPUT, ...GROUPING, ...CONSISTENCY, ...SCORE,
  search: Type.Array(PART, { description: 'The searches, all of as many queries.' }),
  rerank: SomeObject('strategy: rrf or weighted; params: k, or weights and norm_score.'),
});

export const SEARCH_ROUTES: readonly Route[] = [
  route({
    path: 'entities/search',
    summary: 'The rows nearest to some vectors, or best for some texts.',
    request: SEARCH,
    answer: Type.Array(ROW),
    rule: ofCollection('Search'),
    run: async ({ database }, { collectionName, ...body }) => search(await database.collection(collectionName), body),
  }),
  ...['entities/hybrid_search', 'entities/advanced_search'].map((path) =>
    route({
      path,
      summary: 'Several searches as one.',
      request: HYBRID,
      answer: Type.Array(ROW),
      rule: ofCollection('Search'),
      run: async ({ database }, { collectionName, ...body }) => hybrid(await database.collection(collectionName), body),
    }),
  ),
];

async function search(collection: Collection, body: Omit<Static<typeof SEARCH>, 'collectionName'>): Promise<Answer> {
  const { schema } = collection;
  const { data, ids, offset = 0, limit = LIMIT_DEFAULT, outputFields, functionScore, consistencyLevel } = body;
  checkLevel(consistencyLevel);
  refuseUnsupported({ functionScore }, ['functionScore']);
  if (data === undefined && ids === undefined) throw missing('data');
  const field = searchedField(schema, body);
  const options: SearchOptions = { annsField: field.name, limit, offset, ...partOf(body), ...groupingOf(body), outputFields: outputOr(outputFields, []), ...present('partitionNames', body.partitionNames) };
  const { hits } = ids === undefined ? await collection.search({ ...options, data: queriesFrom(schema, field, data ?? []) as readonly string[] }) : await collection.search({ ...options, ids: keysFrom(schema, ids, 'ids') });
  return answered(schema, hits);
}

async function hybrid(collection: Collection, body: Omit<Static<typeof HYBRID>, 'collectionName'>): Promise<Answer> {
  const { schema } = collection;
  const { search: parts, rerank = {}, offset = 0, limit = LIMIT_DEFAULT, outputFields, functionScore, consistencyLevel } = body;
  checkLevel(consistencyLevel);
  refuseUnsupported({ functionScore }, ['functionScore']);
  const searches = parts.map((part, i): HybridPart => {
    const field = searchedField(schema, part);
    if (part.data === undefined) throw missing(`search[${i}].data`);
    return { annsField: field.name, ...partOf(part), ...present('limit', part.limit), data: queriesFrom(schema, field, part.data) as readonly string[] };
  });
  const found = await collection.hybridSearch({ searches, rerank: fusionFrom(rerank), limit, offset, ...groupingOf(body), outputFields: outputOr(outputFields, []), ...present('partitionNames', body.partitionNames) });
  return answered(schema, [found.hits]);
}

function fusionFrom(rerank: JsonObject): Fusion {
  const params = objectIn(rerank, 'params');
  const strategy = textIn(rerank, 'strategy') ?? 'rrf';
  if (strategy === 'rrf') return { kind: 'rrf', ...present('k', numberIn(params, 'k')) };
  if (strategy === 'weighted' || strategy === 'ws') return { kind: 'weighted', weights: (params['weights'] ?? []) as readonly number[] };
  throw new ElanusError('InvalidArgument', `rerank.strategy: expected rrf or weighted, found ${strategy}`);
}

function answered(schema: Schema, hits: readonly (readonly Hit[])[]): Answer {
  const { name } = primaryField(schema);
  return { data: hits.flatMap((list) => list.map((hit) => rowOfHit(name, hit))), cost: 0, topks: hits.map((list) => list.length) };
}

interface Part {
  readonly filter?: string;
  readonly exprParams?: JsonObject;
  readonly searchParams?: JsonObject;
  readonly params?: JsonObject;
}

function partOf({ filter, exprParams, searchParams = {}, params = {} }: Part): Pick<SearchOptions, 'filter' | 'filterParams' | 'recall' | 'ef' | 'params'> {
  return { ...filterOf(filter, exprParams), ...effort({ ...params, ...searchParams }) };
}

/** `recall` and `ef` of searchParams, or of the params in them, where Milvus has them; and every other of Milvus' params. */
function effort(outer: JsonObject): Pick<SearchOptions, 'recall' | 'ef' | 'params'> {
  const inner = objectIn(outer, 'params');
  const number = (name: string): number | undefined => numberIn(inner, name) ?? numberIn(outer, name);
  return { ...present('recall', number('recall')), ...present('ef', number('ef')), params: searchParamsFrom(outer, inner) };
}

// The params, and of what stands beside them what Milvus has in them; `recall` is ours.
function searchParamsFrom(outer: JsonObject, inner: JsonObject): Params {
  const beside = Object.entries(outer).filter(([name]) => Object.hasOwn(SEARCH_PARAMETERS, name));
  const { recall: _, ...rest } = paramsFrom(inner, 'params');
  return { ...paramsFrom(Object.fromEntries(beside), 'searchParams'), ...rest };
}

function groupingOf({ groupingField = '', groupSize, strictGroupSize }: { readonly groupingField?: string; readonly groupSize?: number; readonly strictGroupSize?: boolean }): GroupOptions {
  return groupingField === '' ? {} : { groupByField: groupingField, ...present('groupSize', groupSize === 0 ? undefined : groupSize), ...present('strictGroupSize', strictGroupSize) };
}

interface Asked {
  readonly annsField?: string;
  readonly metricType?: string;
  readonly searchParams?: JsonObject;
  readonly data?: readonly JsonInput[];
}

/** A search names the field, which may be left out where there is one vector, and the metric it means, of which a field has one. */
function searchedField(schema: Schema, { annsField = '', metricType, searchParams = {} }: Asked): VectorField {
  const fields = vectorFields(schema);
  const name = annsField === '' && fields.length === 1 ? fields[0]?.name : annsField;
  const field = fields.find((vector) => vector.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `annsField: expected ${fields.length === 1 ? 'the vector field' : 'one of the vector fields'} ${fields.map((vector) => `"${vector.name}"`).join(', ')}, found ${JSON.stringify(name)}`);
  const asked = textIn({ metricType }, 'metricType') ?? textIn(searchParams, 'metricType') ?? textIn(searchParams, 'metric_type') ?? field.metric;
  if (asked !== field.metric) throw new ElanusError('InvalidArgument', `metric type not match: expected ${field.metric}, found ${asked}`);
  return field;
}
