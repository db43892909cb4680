// Search: queries against every segment, merged and with the fields asked for. All on the CPU in one go, so that the
// answer is of one moment; or sealed segments on the accelerator, and again on the CPU if anything changed meanwhile.

import type { Calibration } from '../format/manifest.js';
import type { Bitset } from '../model/bitset.js';
import { ElanusError, require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { LIMITS } from '../model/limits.js';
import { vectorField, type Schema } from '../model/schema.js';
import type { Accelerator, AnnOptions, Candidates, Core, FlatIndex } from '../ports/core.js';
import { compileFilter, type CheckedFilter } from '../query/check.js';
import type { SearchOptions } from './api.js';
import { effortFor, harder, isFar, recallOf, rerankOf } from './calibration.js';
import { rank, type SegmentCandidates } from './candidates.js';
import { matchingRows } from './matching.js';
import { keyOf, planOutput, rowOf, type Output } from './output.js';
import type { Segment, SegmentIndex } from './segment.js';
import type { Table } from './table.js';
import { writeVector } from './vector.js';

const LIMIT_DEFAULT = 10;
const RECALL_DEFAULT = 1;
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
  /** Given by hand instead of a recall. */
  readonly ef: number | undefined;
  readonly filter: CheckedFilter | undefined;
  readonly output: Output;
}

/** Errors: `InvalidArgument`, `InvalidFilter`. */
export function planSearch(schema: Schema, request: SearchOptions & { readonly data: unknown }): SearchPlan {
  require(typeof request === 'object' && request !== null, () => 'search: expected an object with data');
  const { data, limit = LIMIT_DEFAULT, offset = 0, recall = RECALL_DEFAULT, ef, filter, outputFields = [] } = request;
  checkWindow(limit, offset);
  checkEffort(recall, ef);
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
    ef,
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

function checkEffort(recall: unknown, ef: unknown): void {
  require(typeof recall === 'number' && recall >= RECALL_MIN && recall <= 1, () => `recall: expected ${RECALL_MIN} to 1, found ${String(recall)}`);
  require(ef === undefined || (Number.isInteger(ef) && (ef as number) >= 1 && (ef as number) <= LIMITS.efMax), () => `ef: expected 1 to ${LIMITS.efMax}, found ${String(ef)}`);
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

export interface SearchAnswer {
  /** Of each query. */
  readonly hits: readonly (readonly Hit[])[];
  /** The least of the segments'. */
  readonly recall: number;
}

export async function runSearch(table: Table, plan: SearchPlan, engines: Engines): Promise<SearchAnswer> {
  const parts = (await searchAccelerated(table, plan, engines)) ?? searchHere(table.segments(), plan, engines.core);
  const { metric } = vectorField(table.schema);
  const hits = Array.from({ length: plan.queryCount }, (_, query) =>
    rank(parts, query, metric, plan.offset, plan.limit).map(({ segment, row, score }) => ({
      id: keyOf(segment, row, table.schema),
      score,
      fields: rowOf(segment, row, plan.output),
    })),
  );
  return { hits, recall: parts.reduce((least, part) => Math.min(least, part.recall), 1) };
}

function searchHere(segments: readonly Segment[], plan: SearchPlan, core: Core): readonly SegmentCandidates[] {
  return segments.map((segment) => searchSegment(segment, plan, matchingRows(segment, plan.filter, core.predicates)));
}

function searchSegment(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): SegmentCandidates {
  const k = plan.offset + plan.limit;
  const { approximate } = segment;
  const effort = approximate === undefined ? undefined : effortOf(approximate.calibration, plan, k);
  if (approximate === undefined || effort === undefined) return { segment, candidates: segment.index.search(plan.queries, k, rows), recall: 1 };
  const candidates = approximate.ann.search(plan.queries, k, effort, rows);
  if (rows === undefined && plan.ef === undefined) searchFarAgain(approximate, plan, effort, candidates, segment.index);
  return { segment, candidates, recall: effort.recall };
}

// Queries of another kind than the rows are searched for with more effort. Under a filter distance tells nothing.
function searchFarAgain({ ann, calibration }: SegmentIndex, plan: SearchPlan, effort: AnnOptions, { k, counts, rows, scores }: Candidates, { dim, metric }: FlatIndex): void {
  for (let q = 0; q < plan.queryCount; q++) {
    const found = scores.subarray(q * k, q * k + (counts[q] as number));
    if (!isFar(calibration, found, metric)) continue;
    const again = ann.search(plan.queries.subarray(q * dim, (q + 1) * dim), k, harder(effort));
    counts[q] = again.counts[0] as number;
    rows.set(again.rows, q * k);
    scores.set(again.scores, q * k);
  }
}

// Undefined where only looking at every row will do.
function effortOf(points: Calibration, { recall, ef }: SearchPlan, k: number): ReturnType<typeof effortFor> {
  if (ef !== undefined) {
    const rerank = rerankOf(Math.max(ef, k), k);
    return { effort: Math.max(ef, k), keep: rerank, rerank, patience: 0, recall: recallOf(points, k, ef) };
  }
  return recall === 1 ? undefined : effortFor(points, k, recall);
}

// Undefined if the accelerator is not for this search, failed, or the table changed while it ran.
async function searchAccelerated(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const { accelerator, core } = engines;
  if (plan.queryCount === 1 || table.sealed.length === 0 || prefersIndexes(table, plan)) return undefined;
  if (accelerator === undefined) void engines.wantAccelerator();
  if (accelerator === undefined || plan.queryCount < accelerator.queriesMin) return undefined;
  const before = table.changes;
  try {
    const parts: SegmentCandidates[] = [];
    for (const { segment } of table.sealed) parts.push({ segment, candidates: await searchSealed(segment, plan, accelerator, core), recall: 1 });
    if (table.changes !== before) return undefined;
    return table.growing === undefined ? parts : [...parts, ...searchHere([table.growing], plan, core)];
  } catch (error) {
    if (table.changes === before) engines.acceleratorFailed(error);
    return undefined;
  }
}

// A graph answers sooner than a device looks at every row.
function prefersIndexes(table: Table, plan: SearchPlan): boolean {
  return plan.recall < 1 && table.sealed.some(({ segment }) => segment.approximate !== undefined);
}

async function searchSealed(segment: Segment, plan: SearchPlan, accelerator: Accelerator, core: Core): Promise<Candidates> {
  const k = plan.offset + plan.limit;
  const accelerated = await (segment.accelerated ??= accelerator.attach(segment.index));
  const rows = matchingRows(segment, plan.filter, core.predicates);
  if (accelerated === undefined || k > accelerated.kMax) return segment.index.search(plan.queries, k, rows);
  return accelerated.search(plan.queries, k, rows);
}
