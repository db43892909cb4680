// Searches: Search, HybridSearch, and the walks of Milvus' search iterators.

import type { HybridOptions, HybridPart } from '../../../../engine/api/hybrid.js';
import type { EngineCollection } from '../../../../engine/collection/collection.js';
import type { Hit } from '../../../../model/hit.js';
import type { Vector } from '../../../../model/row.js';
import { LIMITS } from '../../../../model/limits.js';
import { highlightOptions } from '../../../milvus/highlighter.js';
import { integerOf, invalid, textOf, type KeyValues } from '../../../milvus/key-values.js';
import { queriesOf } from '../../../milvus/placeholder.js';
import { hybridRerank } from '../../../milvus/rerank.js';
import { planResult, type ResultPlan } from '../../../milvus/result-columns.js';
import { refuseBeyond, searchedField, searchOptions } from '../../../milvus/search-options.js';
import { groupOf, roundDecimalOf, searchSettings, type SearchSettings } from '../../../milvus/search-settings.js';
import type { SearchWalks } from '../../../milvus/search-walks.js';
import { encodeSearchAnswer, type SearchAnswer } from '../../codec/answers.js';
import { readPlaceholder } from '../../codec/placeholder-group.js';
import { readHybridSearchRequest, readSearchRequest, type HybridSearchRequest, type SearchRequest } from '../../codec/read-request.js';
import { onCollection } from '../../rules.js';
import { verb, type GrpcCall, type Verbs } from '../../verb.js';
import { nextTimestamp } from '../server.js';
import { bufferOf } from './bytes.js';
import { searchAnswer, type Asked, type Found } from './search-answer.js';

export const SEARCH_VERBS: Verbs = {
  Search: verb<SearchRequest, SearchAnswer>({ rule: onCollection('Search'), isLarge: true, decode: (bytes) => readSearchRequest(bufferOf(bytes)), encode: encodeSearchAnswer, run: search }),
  HybridSearch: verb<HybridSearchRequest, SearchAnswer>({ rule: onCollection('Search'), isLarge: true, decode: (bytes) => readHybridSearchRequest(bufferOf(bytes)), encode: encodeSearchAnswer, run: hybridSearch }),
};

async function search({ caller, database, services }: GrpcCall, request: SearchRequest): Promise<SearchAnswer> {
  refuseBeyond(request.beyond);
  const collection = await database.opened(request.collection_name);
  const settings = searchSettings(request.params);
  const plan = planResult(collection.schema, request.outputFields, false);
  const highlight = highlightOptions(request.highlighter);
  const field = searchedField(collection.schema, settings);
  const options = searchOptions(field, { ...request, settings, highlight, outputFields: plan.asked });
  const asked: Asked = { collectionName: request.collection_name, plan, limit: settings.limit, roundDecimal: settings.roundDecimal, groupBy: settings.group.groupByField, highlighted: highlight !== undefined, sessionTs: sessionOf(request) };
  if (settings.iterator !== undefined) return searchAnswer(collection, asked, await walk(services.walks, caller?.user ?? '', collection, request, settings, options));
  if (request.ids !== undefined) return searchAnswer(collection, asked, await collection.search({ ...options, ids: idsOf(request) }));
  const data = queriesOf(field, placeholderOf(request), request.nq);
  return searchAnswer(collection, asked, await collection.search({ ...options, data: data as readonly Vector[] }));
}

async function walk(walks: SearchWalks, user: string, collection: EngineCollection, request: SearchRequest, settings: SearchSettings, options: ReturnType<typeof searchOptions>): Promise<Found> {
  const { iterator, offset } = settings;
  if (iterator === undefined || request.ids !== undefined) throw invalid('search_iter_v2: expected one vector');
  if (offset !== 0) throw invalid('Not support offset when searching iteration');
  const field = searchedField(collection.schema, settings);
  const data = queriesOf(field, placeholderOf(request), request.nq);
  const [query] = data;
  if (data.length !== 1 || query === undefined) throw invalid('Not support search iteration over multiple vectors at present');
  const { limit: _, offset: __, ...rest } = options;
  const { page, token, lastBound } = await walks.next(user, collection, field, { ...rest, data: query, batchSize: iterator.batchSize }, iterator, performance.now());
  return { hits: [page.hits], recall: page.recall, iterator: { token, lastBound } };
}

async function hybridSearch({ database }: GrpcCall, request: HybridSearchRequest): Promise<SearchAnswer> {
  refuseBeyond(request.beyond);
  const collection = await database.opened(request.collection_name);
  const { rankParams } = request;
  if (request.requests.length === 0) throw invalid('hybrid search: expected at least one of requests');
  const limit = limitOf(rankParams);
  const offset = integerOf(rankParams, 'offset') ?? 0;
  const plan = planResult(collection.schema, request.outputFields, false);
  const group = groupOf(rankParams);
  const options = hybridOptions(request, limit, offset, plan, group, request.requests.map((part, at) => partOf(collection, part, at)));
  const { hits, recall } = await collection.hybridSearch(options);
  const asked: Asked = { collectionName: request.collection_name, plan, limit, roundDecimal: roundDecimalOf(rankParams), groupBy: group.groupByField, highlighted: false, sessionTs: sessionOf(request) };
  // Of several queries they come as lists.
  const lists = hits as readonly Hit[] | readonly (readonly Hit[])[];
  return searchAnswer(collection, asked, { hits: lists as readonly (readonly Hit[])[], recall });
}

function hybridOptions({ rankParams, functionScore, partitionNames }: HybridSearchRequest, limit: number, offset: number, { asked }: ResultPlan, group: ReturnType<typeof groupOf>, searches: readonly HybridPart[]): HybridOptions {
  const rerank = hybridRerank(rankParams, functionScore);
  const scorer = textOf(rankParams, 'rank_group_scorer')?.toLowerCase();
  return {
    searches,
    limit,
    offset,
    ...group,
    ...(rerank === undefined ? {} : { rerank }),
    ...(scorer === undefined || group.groupByField === undefined ? {} : { groupScorer: scorer as 'max' | 'sum' | 'avg' }),
    ...(partitionNames.length === 0 ? {} : { partitionNames }),
    ...(asked.length === 0 ? {} : { outputFields: asked }),
  };
}

function partOf(collection: EngineCollection, request: SearchRequest, at: number): HybridPart {
  refuseBeyond(request.beyond.map((name) => `requests[${at}].${name}`));
  const settings = searchSettings(request.params);
  if (settings.iterator !== undefined) throw invalid(`requests[${at}]: iterators are not for a hybrid search`);
  const field = searchedField(collection.schema, settings);
  // What belongs to the whole is said beside the requests, and in each of them by some clients.
  const { limit, offset, outputFields: _, groupByField: __, groupSize: ___, strictGroupSize: ____, partitionNames: _____, ...options } = searchOptions(field, { ...request, settings, highlight: undefined, outputFields: [] });
  const wanted = { ...options, limit: Math.min(LIMITS.topKMax, (limit ?? 0) + (offset ?? 0)) };
  if (request.ids !== undefined) return { ...wanted, ids: idsOf(request) };
  return { ...wanted, data: queriesOf(field, placeholderOf(request), request.nq) as readonly Vector[] };
}

function limitOf(rankParams: KeyValues): number {
  const limit = integerOf(rankParams, 'limit');
  if (limit === undefined) throw invalid('limit not found in rank_params');
  return limit;
}

function idsOf({ ids = [], nq }: SearchRequest): NonNullable<SearchRequest['ids']> {
  if (ids.length === 0 || ids.length > LIMITS.queriesMax) throw invalid(`ids: expected 1 to ${LIMITS.queriesMax}, found ${ids.length}`);
  if (nq !== 0 && nq !== ids.length) throw invalid(`nq: expected the number of ids, ${ids.length}, found ${nq}`);
  return ids;
}

function placeholderOf({ placeholderGroup }: SearchRequest): ReturnType<typeof readPlaceholder> {
  return placeholderGroup === undefined ? undefined : readPlaceholder(placeholderGroup);
}

/** Every read is of now; who walks on is told the time that he came with. */
export function sessionOf({ guaranteeTimestamp }: { readonly guaranteeTimestamp: bigint }): bigint {
  return guaranteeTimestamp > SPECIAL_TIMESTAMPS ? guaranteeTimestamp : BigInt(nextTimestamp());
}

/** 0, 1 and 2 stand for levels of consistency. */
const SPECIAL_TIMESTAMPS = 2n;
