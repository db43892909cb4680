// SearchEffort: what the search parameters of Milvus' clients mean here. A parameter that the field's index does not
// have is checked and changes nothing, as in Milvus: its clients send one set of parameters whatever the index.

import { require } from './errors.js';
import { nlistOf, type IndexDefinition } from './index-definition.js';
import { INDEX_TYPES, NLIST_PRESET, SEARCH_PARAMETERS, type IndexMetric, type IndexType, type SearchParameterName } from './index-type.js';
import { LIMITS } from './limits.js';
import { checkParams, readNumber, type Params } from './parameter.js';

/** The part of a search that says how far to look and how hard. */
export interface SearchBounds {
  readonly params?: Params;
  readonly radius?: number;
  readonly rangeFilter?: number;
}

export interface SearchEffort {
  /** Given by hand; absent, a recall decides. */
  readonly effort?: {
    /** Graph: rows kept on the way, at most LIMITS.efMax. */
    readonly ef?: number;
    /** IVF: lists to read of the `nlist` asked for. `listsToRead` makes them lists of a segment. */
    readonly nprobe?: number;
    /** Rows to score by their vectors, at most LIMITS.efMax. */
    readonly rerank?: number;
  };
  /** The recall that `level` stands for. */
  readonly recall?: number;
  /** L2, HAMMING, JACCARD: rangeFilter <= distance < radius. IP, COSINE, BM25: radius < score <= rangeFilter. Each may be absent. */
  readonly radius?: number;
  readonly rangeFilter?: number;
  /** Sparse: share of a query's weights that need not find candidates, 0 .. 1. */
  readonly dropRatio?: number;
}

/** The recall of each `level`, from 1 on: Zilliz promises about 0.9 for the first and more for each that follows. */
const RECALL_OF_LEVEL = [0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995] as const;

/** What `given` asks of a search for `k` rows (limit + offset) by this index. Errors: `InvalidArgument`. */
export function searchEffort(index: IndexDefinition, given: SearchBounds, k: number): SearchEffort {
  const { params = {} } = given;
  checkParams('search', SEARCH_PARAMETERS, params);
  const { search }: IndexType = INDEX_TYPES[index.indexType];
  const acting = (name: SearchParameterName): number | undefined => (search.includes(name) ? numberIn(params, name) : undefined);
  const effort = present({ ef: atLeastK('ef', acting('ef'), k) ?? atLeastK('search_list', acting('search_list'), k), nprobe: acting('nprobe'), rerank: rerankOf(acting, k) });
  const level = acting('level');
  const range = rangeOf(index.metricType, given, params);
  return {
    ...(Object.keys(effort).length === 0 ? {} : { effort }),
    ...present({ recall: level === undefined ? undefined : RECALL_OF_LEVEL[level - 1], ...range, dropRatio: acting('drop_ratio_search') }),
  };
}

/**
 * Lists of a segment to read for a `nprobe`. Milvus' user chooses a share of the rows, nprobe / nlist (128 if none was
 * given); a segment that has another number of lists reads that share of them, rounded up, at least one, at most all.
 */
export function listsToRead({ params }: IndexDefinition, nprobe: number, lists: number): number {
  return Math.max(1, Math.min(lists, Math.ceil((nprobe * lists) / (nlistOf(params) ?? NLIST_PRESET))));
}

function numberIn(params: Params, name: SearchParameterName): number | undefined {
  return params[name] === undefined ? undefined : readNumber(name, SEARCH_PARAMETERS[name], params[name]);
}

// Milvus refuses less than k. More than we ever keep is as good as what we keep.
function atLeastK(name: string, value: number | undefined, k: number): number | undefined {
  if (value === undefined) return undefined;
  require(value >= k, () => `${name}(${value}) should be larger than k(${k})`);
  return Math.min(value, LIMITS.efMax);
}

function rerankOf(acting: (name: SearchParameterName) => number | undefined, k: number): number | undefined {
  const reorder = atLeastK('reorder_k', acting('reorder_k'), k);
  const factor = acting('refine_k');
  return reorder ?? (factor === undefined ? undefined : Math.min(Math.ceil(factor * k), LIMITS.efMax));
}

function rangeOf(metric: IndexMetric | undefined, given: SearchBounds, params: Params): { readonly radius: number | undefined; readonly rangeFilter: number | undefined } {
  const radius = bound('radius', given.radius, 'radius', params);
  const rangeFilter = bound('rangeFilter', given.rangeFilter, 'range_filter', params);
  if (radius !== undefined && rangeFilter !== undefined) {
    const distance = metric === 'L2' || metric === 'HAMMING' || metric === 'JACCARD';
    require(distance ? rangeFilter < radius : rangeFilter > radius, () => `range_filter(${rangeFilter}) must be ${distance ? 'less' : 'greater'} than radius(${radius}) for ${String(metric)}`);
  }
  return { radius, rangeFilter };
}

function bound(option: string, beside: unknown, name: 'radius' | 'range_filter', params: Params): number | undefined {
  if (beside === undefined) return numberIn(params, name);
  require(params[name] === undefined, () => `${option}: given twice, also as params.${name}`);
  return readNumber(option, SEARCH_PARAMETERS[name], beside);
}

function present<T extends Readonly<Record<string, number | undefined>>>(members: T): { readonly [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { readonly [K in keyof T]?: number };
}
