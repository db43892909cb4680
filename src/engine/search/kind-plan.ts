// Kind plan: a search that is more than one ranking of rows, checked: grouped, reranked, or made of several searches.

import { ElanusError, require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { functionOf, primaryField, type Schema } from '../../model/schema.js';
import { checkDecay, type Decay, type DecayRerank } from '../../query/decay.js';
import { checkFusion, RRF_K, type Fusion } from '../../query/fusion.js';
import { checkGroupBy, GROUP_SCORERS, type GroupBy, type GroupScorer } from '../../query/grouping.js';
import type { HybridOptions } from '../api/hybrid.js';
import type { SearchOptions } from '../api/search.js';
import { planHighlight, type Highlighting, type SoughtText } from './highlight.js';
import { planOutput, type Output } from '../read/output.js';
import { checkRerank, type Reranker } from './rerank.js';
import { checkWindow, LIMIT_DEFAULT, type SearchPlan } from './search-plan.js';

/** Hits, or groups, that a reranker is given. */
const CANDIDATES_MIN = 100;
const CANDIDATES_FACTOR = 4;

export interface KindSearch {
  readonly plan: SearchPlan;
  /** Hits, or groups, that it brings. */
  readonly wanted: number;
  readonly rerank: Reranker | undefined;
}

export interface KindPlan {
  readonly schema: Schema;
  /** All of the same number of queries. */
  readonly searches: readonly KindSearch[];
  /** Undefined for one search, which is no hybrid. */
  readonly fusion: Fusion | { readonly kind: 'decay'; readonly decay: Decay } | undefined;
  readonly groupBy: GroupBy | undefined;
  readonly groupScorer: GroupScorer;
  readonly limit: number;
  readonly offset: number;
  readonly queryCount: number;
  readonly single: boolean;
  readonly output: Output;
  /** `output` with the primary key. */
  readonly hitOutput: Output;
  readonly explain: boolean;
  /** Of each query; undefined if nothing is shown. */
  readonly highlights: readonly Highlighting[] | undefined;
}

/** Checks one search as `planSearch` does. */
export type Plan = (request: SearchOptions & { readonly data: unknown }) => SearchPlan;

/** Whether `request` takes more than one ranking of rows. */
export function isKind(request: unknown): boolean {
  if (typeof request !== 'object' || request === null) return false;
  const { groupByField, groupSize, strictGroupSize, rerank, explain, highlight } = request as SearchOptions;
  return explain === true || highlight !== undefined || groupByField !== undefined || groupSize !== undefined || strictGroupSize !== undefined || rerank !== undefined;
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function planKind(schema: Schema, plan: Plan, request: SearchOptions & { readonly data: unknown }): KindPlan {
  const checked = plan(request);
  const groupBy = checkGroupBy(request, schema);
  const rerank = request.rerank === undefined ? undefined : checkRerank(request.rerank, schema);
  require(groupBy === undefined || checked.range === undefined, () => 'groupByField: Not allowed to do range-search when doing search-group-by');
  const { limit, offset, queryCount, single, output, hitOutput } = checked;
  const window = limit + offset;
  const wanted = rerank === undefined ? window : Math.max(window, Math.min(LIMITS.topKMax, Math.max(CANDIDATES_MIN, CANDIDATES_FACTOR * window)));
  return { schema, searches: [{ plan: checked, wanted, rerank }], fusion: undefined, groupBy, groupScorer: 'max', limit, offset, queryCount, single, output, hitOutput, ...extrasOf(request, schema, [checked], [request.data]) };
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function planHybrid(schema: Schema, plan: Plan, request: HybridOptions): KindPlan {
  require(typeof request === 'object' && request !== null, () => 'hybridSearch: expected an object with searches');
  const { searches: given, rerank = { kind: 'rrf', k: RRF_K }, limit = LIMIT_DEFAULT, offset = 0, outputFields = [], groupScorer = 'max' } = request;
  checkWindow(limit, offset);
  require(Array.isArray(given) && given.length >= 1 && given.length <= LIMITS.searchesMax, () => `searches: expected 1 to ${LIMITS.searchesMax} searches, found ${Array.isArray(given) ? given.length : typeof given}`);
  const groupBy = checkGroupBy(request, schema);
  require(GROUP_SCORERS.includes(groupScorer), () => `groupScorer: input group scorer type ${JSON.stringify(groupScorer)} is not supported, expected one of ${GROUP_SCORERS.join(', ')}`);
  require(request.groupScorer === undefined || groupBy !== undefined, () => 'groupScorer: expected a groupByField beside it');
  const searches = given.map((part, at) => planPart(schema, plan, part, `searches[${at}]`, limit + offset, groupBy));
  const [first] = searches as [KindSearch, ...KindSearch[]];
  const { queryCount } = first.plan;
  for (const [at, search] of searches.entries()) require(search.plan.queryCount === queryCount, () => `searches[${at}].data: nq should be the same in all searches: expected ${queryCount}, found ${search.plan.queryCount}`);
  const output = planOutput(schema, outputFields, false);
  const hitOutput = output.fields.some(({ name }) => name === primaryField(schema).name) ? output : planOutput(schema, outputFields, true);
  return { schema, searches, fusion: fusionOf(rerank, schema, searches.length), groupBy, groupScorer, limit, offset, queryCount, single: first.plan.single, output, hitOutput, ...extrasOf(request, schema, searches.map(({ plan: checked }) => checked), given.map(({ data }) => data)) };
}

function extrasOf({ explain, highlight }: Pick<SearchOptions, 'explain' | 'highlight'>, schema: Schema, plans: readonly SearchPlan[], data: readonly unknown[]): Pick<KindPlan, 'explain' | 'highlights'> {
  require(explain === undefined || typeof explain === 'boolean', () => `explain: expected true or false, found ${String(explain)}`);
  if (highlight === undefined) return { explain: explain === true, highlights: undefined };
  const filters = plans.map(({ filter }) => filter);
  const soughtBy = (query: number): readonly SoughtText[] => plans.flatMap(({ field: { name } }, at) => {
    const [text] = [data[at]].flat().slice(query, query + 1);
    const made = functionOf(schema, name);
    return made === undefined || typeof text !== 'string' ? [] : [{ field: made.inputFieldNames[0], text }];
  });
  return { explain: explain === true, highlights: Array.from({ length: plans[0]?.queryCount ?? 0 }, (_, query) => planHighlight(highlight, schema, filters, soughtBy(query))) };
}

function planPart(schema: Schema, plan: Plan, part: unknown, where: string, window: number, groupBy: GroupBy | undefined): KindSearch {
  require(typeof part === 'object' && part !== null, () => `${where}: expected a search with data`);
  const request = part as SearchOptions & { readonly data: unknown };
  for (const name of ['offset', 'outputFields', 'groupByField', 'groupSize', 'strictGroupSize', 'explain', 'highlight'] as const) require(request[name] === undefined, () => `${where}.${name}: expected it beside searches, not in one of them`);
  try {
    const checked = plan({ ...request, limit: request.limit ?? window });
    const rerank = request.rerank === undefined ? undefined : checkRerank(request.rerank, schema);
    require(groupBy === undefined || checked.range === undefined, () => 'Not allowed to do range-search when doing search-group-by');
    return { plan: checked, wanted: checked.limit, rerank };
  } catch (error) {
    if (error instanceof ElanusError) throw new ElanusError(error.code, `${where}: ${error.message}`, { milvusCode: error.milvusCode, ...(error.position === undefined ? {} : { position: error.position }), cause: error });
    throw error;
  }
}

function fusionOf(rerank: unknown, schema: Schema, searches: number): KindPlan['fusion'] {
  const kind = typeof rerank === 'object' && rerank !== null && 'kind' in rerank ? rerank.kind : undefined;
  return kind === 'decay' ? { kind, decay: checkDecay(rerank as DecayRerank, schema) } : checkFusion(rerank, searches);
}
