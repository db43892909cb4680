// Search: queries against every segment, merged and with the fields asked for. All on the CPU in one go, so that the
// answer is of one moment; or sealed segments on the accelerator, and again on the CPU if anything changed meanwhile.

import { ElanusError, require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { LIMITS } from '../model/limits.js';
import { vectorField, type Schema } from '../model/schema.js';
import type { Accelerator, Candidates, Core } from '../ports/core.js';
import { compileFilter, type CheckedFilter } from '../query/check.js';
import type { SearchOptions } from './api.js';
import { rank, type SegmentCandidates } from './candidates.js';
import { matchingRows } from './matching.js';
import { keyOf, planOutput, rowOf, type Output } from './output.js';
import type { Segment } from './segment.js';
import type { Table } from './table.js';
import { writeVector } from './vector.js';

const LIMIT_DEFAULT = 10;

/** A checked search. `queries` is row-major. */
export interface SearchPlan {
  readonly queries: Float32Array;
  readonly queryCount: number;
  /** One vector was given, so one list of hits is answered. */
  readonly single: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly filter: CheckedFilter | undefined;
  readonly output: Output;
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function planSearch(schema: Schema, request: SearchOptions & { readonly data: unknown }): SearchPlan {
  require(typeof request === 'object' && request !== null, () => 'search: expected an object with data');
  const { data, limit = LIMIT_DEFAULT, offset = 0, filter, outputFields = [] } = request;
  checkWindow(limit, offset);
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

function isVector(data: unknown): boolean {
  return ArrayBuffer.isView(data) || (Array.isArray(data) && typeof data[0] === 'number');
}

function checkVectors(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new ElanusError('InvalidArgument', `data: expected a vector or an array of vectors, found ${typeof data}`);
  require(data.length >= 1 && data.length <= LIMITS.queriesMax, () => `data: expected 1 to ${LIMITS.queriesMax} vectors, found ${data.length}`);
  return data;
}

export interface Engines {
  readonly core: Core;
  /** Undefined if there is none, or none that works any more. */
  readonly accelerator: Accelerator | undefined;
  /** Opens it, if one was offered that is not open yet. Never rejects. */
  readonly wantAccelerator: () => Promise<void>;
  readonly acceleratorFailed: (error: unknown) => void;
}

/** The hits of each query. */
export async function runSearch(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly (readonly Hit[])[]> {
  const parts = (await searchAccelerated(table, plan, engines)) ?? searchHere(table.segments(), plan, engines.core);
  const { metric } = vectorField(table.schema);
  return Array.from({ length: plan.queryCount }, (_, query) =>
    rank(parts, query, metric, plan.offset, plan.limit).map(({ segment, row, score }) => ({
      id: keyOf(segment, row, table.schema),
      score,
      fields: rowOf(segment, row, plan.output),
    })),
  );
}

function searchHere(segments: readonly Segment[], plan: SearchPlan, core: Core): readonly SegmentCandidates[] {
  const k = plan.offset + plan.limit;
  return segments.map((segment) => ({ segment, candidates: segment.index.search(plan.queries, k, matchingRows(segment, plan.filter, core.predicates)) }));
}

// Undefined if the accelerator is not for this search, failed, or the table changed while it ran.
async function searchAccelerated(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const { accelerator, core } = engines;
  if (plan.queryCount === 1 || table.sealed.length === 0) return undefined;
  if (accelerator === undefined) void engines.wantAccelerator();
  if (accelerator === undefined || plan.queryCount < accelerator.queriesMin) return undefined;
  const before = table.changes;
  try {
    const parts: SegmentCandidates[] = [];
    for (const { segment } of table.sealed) parts.push({ segment, candidates: await searchSealed(segment, plan, accelerator, core) });
    if (table.changes !== before) return undefined;
    return table.growing === undefined ? parts : [...parts, ...searchHere([table.growing], plan, core)];
  } catch (error) {
    if (table.changes === before) engines.acceleratorFailed(error);
    return undefined;
  }
}

async function searchSealed(segment: Segment, plan: SearchPlan, accelerator: Accelerator, core: Core): Promise<Candidates> {
  const k = plan.offset + plan.limit;
  const accelerated = await (segment.accelerated ??= accelerator.attach(segment.index));
  const rows = matchingRows(segment, plan.filter, core.predicates);
  if (accelerated === undefined || k > accelerated.kMax) return segment.index.search(plan.queries, k, rows);
  return accelerated.search(plan.queries, k, rows);
}
