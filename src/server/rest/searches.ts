// Searches: the routes below entities/ that look for what is near. Hits of all queries come in one list; `topks` says how many
// are each query's.

import { Type, type Static } from 'typebox';
import type { Collection, HybridPart } from '../../engine/api.js';
import type { FilterParams } from '../../model/filter-object.js';
import type { Hit } from '../../model/hit.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { JsonObject } from '../json.js';
import { highlightOptions } from '../milvus/highlighter.js';
import { unsupported } from '../milvus/key-values.js';
import { hybridRerank } from '../milvus/rerank.js';
import { searchedField, searchOptions } from '../milvus/search-options.js';
import { groupOf, roundDecimalOf, searchSettings, type SearchSettings } from '../milvus/search-settings.js';
import { slices, type Pause } from '../slices.js';
import { missing, objectIn, present } from './parameters.js';
import { checkLevel, FILTER, LIMIT_DEFAULT, outputOr, OUTPUT, PARTITIONS, ROW, WINDOW } from './reads.js';
import { route, type Answer, type Route } from './route.js';
import { keysFrom, queriesFrom, rowOfHit } from './rows.js';
import { ofCollection } from './rules.js';
import { AnyArray, COLLECTION, CONSISTENCY, Count, Flag, Keys, Request, SomeObject, Text } from './schema.js';
import { functionScoreFrom, keyValuesFrom } from './settings.js';

const GROUPING = {
  groupingField: Text('Hits come in groups of its values.'),
  groupSize: Count('Hits of each group.'),
  strictGroupSize: Flag('Groups are as full as can be.'),
};
const DATA = { data: Type.Optional(AnyArray('Vectors, or texts where a function makes the vectors.')) };
const FIELD = { annsField: Text('The vector field; may be left out where there is one.') };
const SCORE = {
  functionScore: SomeObject('Functions that give hits new scores: decay and boost; of hybrid searches rrf, weighted, decay.'),
  highlighter: SomeObject('Shows where in texts was found what was looked for: pre_tags, post_tags, fragment_size and others.'),
};

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
  searchParams: SomeObject('Of the whole: round_decimal.'),
});

export const SEARCH_ROUTES: readonly Route[] = [
  route({
    path: 'entities/search',
    summary: 'The rows nearest to some vectors, or best for some texts.',
    request: SEARCH,
    answer: Type.Array(ROW),
    rule: ofCollection('Search'), isLarge: true,
    run: async ({ database }, { collectionName, ...body }) => search(await database.collection(collectionName), body),
  }),
  ...['entities/hybrid_search', 'entities/advanced_search'].map((path) =>
    route({
      path,
      summary: 'Several searches as one.',
      request: HYBRID,
      answer: Type.Array(ROW),
      rule: ofCollection('Search'), isLarge: true,
      run: async ({ database }, { collectionName, ...body }) => hybrid(await database.collection(collectionName), body),
    }),
  ),
];

type SearchBody = Omit<Static<typeof SEARCH>, 'collectionName'>;
type PartBody = Static<typeof PART>;

async function search(collection: Collection, body: SearchBody): Promise<Answer> {
  const { schema } = collection;
  const { data, ids, outputFields, partitionNames = [], consistencyLevel } = body;
  checkLevel(consistencyLevel);
  if (data === undefined && ids === undefined) throw missing('data');
  const settings = settingsOf(body, { ...groupSettings(body), topk: body.limit ?? LIMIT_DEFAULT });
  const field = searchedField(schema, settings);
  const options = searchOptions(field, { ...askOf(body, settings), partitionNames, highlight: highlightFrom(body.highlighter), outputFields: outputOr(outputFields, []) });
  const { hits } = ids === undefined ? await collection.search({ ...options, data: (await queriesFrom(schema, field, data ?? [])) as readonly string[] }) : await collection.search({ ...options, ids: keysFrom(schema, ids, 'ids') });
  return answered(schema, hits, settings.roundDecimal);
}

async function hybrid(collection: Collection, body: Omit<Static<typeof HYBRID>, 'collectionName'>): Promise<Answer> {
  const { schema } = collection;
  const { search: parts, rerank = {}, offset = 0, limit = LIMIT_DEFAULT, outputFields, partitionNames = [], functionScore, consistencyLevel, highlighter, searchParams = {} } = body;
  checkLevel(consistencyLevel);
  const highlight = highlightFrom(highlighter);
  const searches: HybridPart[] = [];
  const pause = slices();
  for (const [i, part] of parts.entries()) searches.push(await partFrom(schema, part, i, offset + limit, pause));
  const found = await collection.hybridSearch({
    searches,
    limit,
    offset,
    ...groupOf(keyValuesFrom(groupSettings(body))),
    ...present('rerank', hybridRerank(keyValuesFrom(rerank), functionScoreFrom(functionScore))),
    ...present('highlight', highlight),
    ...(partitionNames.length === 0 ? {} : { partitionNames }),
    outputFields: outputOr(outputFields, []),
  });
  // Of several queries they come as lists, of one in an array, too.
  return answered(schema, found.hits as unknown as readonly (readonly Hit[])[], roundDecimalOf(keyValuesFrom(searchParams)));
}

async function partFrom(schema: Schema, part: PartBody, at: number, limit: number, pause: Pause): Promise<HybridPart> {
  if (part.data === undefined) throw missing(`search[${at}].data`);
  if ((part.offset ?? 0) > 0) throw unsupported(`search[${at}].offset`);
  const settings = settingsOf(part, { topk: part.limit ?? limit });
  const field = searchedField(schema, settings);
  const { offset: _, outputFields: _none, ...options } = searchOptions(field, { ...askOf(part, settings), partitionNames: [], highlight: undefined, outputFields: [] });
  return { ...options, data: (await queriesFrom(schema, field, part.data, pause)) as readonly string[] };
}

interface Asked {
  readonly annsField?: string;
  readonly metricType?: string;
  readonly offset?: number;
  readonly searchParams?: JsonObject;
  readonly params?: JsonObject;
}

// As gRPC clients say it: what a search takes, and "params" with what its index takes.
function settingsOf({ annsField, metricType, offset, searchParams = {}, params = {} }: Asked, more: JsonObject): SearchSettings {
  const outer = { ...params, ...searchParams };
  const inner = { ...objectIn(outer, 'params') };
  const metric = metricType ?? outer['metricType'] ?? null;
  const settings = searchSettings(keyValuesFrom({ ...outer, ...more, params: inner, anns_field: annsField ?? null, offset: offset ?? 0, ...(metric === null ? {} : { metric_type: metric }) }));
  if (settings.iterator !== undefined) throw unsupported('search_iter_v2');
  return settings;
}

function groupSettings({ groupingField = '', groupSize, strictGroupSize }: { readonly groupingField?: string; readonly groupSize?: number; readonly strictGroupSize?: boolean }): JsonObject {
  return { group_by_field: groupingField, group_size: groupSize === 0 ? null : (groupSize ?? null), strict_group_size: strictGroupSize ?? null };
}

interface Filtered {
  readonly filter?: string;
  readonly exprParams?: JsonObject;
  readonly functionScore?: JsonObject;
}

function askOf({ filter = '', exprParams = {}, functionScore }: Filtered, settings: SearchSettings) {
  return { settings, expr: filter, exprValues: exprParams as FilterParams, functionScore: functionScoreFrom(functionScore) };
}

function highlightFrom(given: JsonObject | undefined) {
  if (given === undefined || Object.keys(given).length === 0) return undefined;
  const { type = 0, params, ...rest } = given;
  const lexical = type === 0 || (typeof type === 'string' && type.toLowerCase() === 'lexical');
  return highlightOptions({ type: lexical ? 0 : 1, params: keyValuesFrom({ ...rest, ...objectIn({ params }, 'params') }) });
}

function answered(schema: Schema, hits: readonly (readonly Hit[])[], decimals: number | undefined): Answer {
  const { name } = primaryField(schema);
  return { data: hits.flatMap((list) => list.map((hit) => rowOfHit(name, hit, decimals))), cost: 0, topks: hits.map((list) => list.length) };
}
