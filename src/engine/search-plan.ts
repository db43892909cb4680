// Search plan: a search as its caller gave it, checked.

import { ElanusError, require } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { vectorField, type Schema } from '../model/schema.js';
import type { ScoreRange } from '../ports/core.js';
import { compileFilter, type CheckedFilter } from '../query/check.js';
import type { SearchOptions } from './api.js';
import type { GivenEffort } from './effort.js';
import { planOutput, type Output } from './output.js';
import { checkRange } from './score-range.js';
import { writeVector } from './vector.js';

const LIMIT_DEFAULT = 10;
const RECALL_DEFAULT = 0.95;
const RECALL_MIN = 0.5;

/** A checked search. `queries` is row-major. */
export interface SearchPlan {
  readonly queries: Float32Array;
  readonly queryCount: number;
  /** One vector was given, so one list of hits is answered. */
  readonly single: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly recall: number;
  /** Given by hand; counts for indexes of its kind instead of the recall. */
  readonly effort: GivenEffort | undefined;
  readonly range: ScoreRange | undefined;
  readonly filter: CheckedFilter | undefined;
  readonly output: Output;
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function planSearch(schema: Schema, request: SearchOptions & { readonly data: unknown }): SearchPlan {
  require(typeof request === 'object' && request !== null, () => 'search: expected an object with data');
  const { data, limit = LIMIT_DEFAULT, offset = 0, recall = RECALL_DEFAULT, ef, nprobe, radius, rangeFilter, filter, outputFields = [] } = request;
  checkWindow(limit, offset);
  require(typeof recall === 'number' && recall >= RECALL_MIN && recall <= 1, () => `recall: expected ${RECALL_MIN} to 1, found ${String(recall)}`);
  checkEffort('ef', ef, LIMITS.efMax);
  checkEffort('nprobe', nprobe, LIMITS.nprobeMax);
  const single = isVector(data);
  const vectors: readonly unknown[] = single ? [data] : checkVectors(data);
  const { name, dim, metric } = vectorField(schema);
  const queries = new Float32Array(vectors.length * dim);
  vectors.forEach((vector, at) => writeVector(vector, queries.subarray(at * dim, (at + 1) * dim), metric, () => (single ? `data for "${name}"` : `data[${at}] for "${name}"`)));
  return {
    queries,
    queryCount: vectors.length,
    single,
    limit,
    offset,
    recall,
    effort: ef === undefined && nprobe === undefined ? undefined : { ...(ef === undefined ? {} : { ef }), ...(nprobe === undefined ? {} : { nprobe }) },
    range: checkRange(radius, rangeFilter, metric),
    filter: filter === undefined || filter === '' ? undefined : compileFilter(filter, schema),
    output: planOutput(schema, outputFields, false),
  };
}

/** Checks limit and offset of a search or query. */
export function checkWindow(limit: unknown, offset: unknown): void {
  require(Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= LIMITS.topKMax, () => `limit: expected 1 to ${LIMITS.topKMax}, found ${String(limit)}`);
  require(Number.isInteger(offset) && (offset as number) >= 0, () => `offset: expected 0 or more, found ${String(offset)}`);
  require((limit as number) + (offset as number) <= LIMITS.topKMax, () => `limit + offset: at most ${LIMITS.topKMax}, found ${String(limit)} + ${String(offset)}`);
}

function checkEffort(name: string, value: unknown, most: number): void {
  require(value === undefined || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most), () => `${name}: expected 1 to ${most}, found ${String(value)}`);
}

function isVector(data: unknown): boolean {
  return ArrayBuffer.isView(data) || (Array.isArray(data) && typeof data[0] === 'number');
}

function checkVectors(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new ElanusError('InvalidArgument', `data: expected a vector or an array of vectors, found ${typeof data}`);
  require(data.length >= 1 && data.length <= LIMITS.queriesMax, () => `data: expected 1 to ${LIMITS.queriesMax} vectors, found ${data.length}`);
  return data;
}
