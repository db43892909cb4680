// Search: queries against every segment, merged and with the fields asked for. All on the CPU in one go, so that the
// answer is of one moment; or sealed segments on the accelerator, and again on the CPU if anything changed meanwhile.

import type { Hit } from '../model/hit.js';
import { vectorField } from '../model/schema.js';
import type { Accelerator, Candidates, Core } from '../ports/core.js';
import { rank, type SegmentCandidates } from './candidates.js';
import { matchingRows } from './matching.js';
import { keyOf, rowOf } from './output.js';
import type { SearchPlan } from './search-plan.js';
import { searchSegment, searchSegmentInThreads } from './segment-search.js';
import type { Segment } from './segment.js';
import type { Table } from './table.js';

/** What is worth the way to other threads: so many queries, or values to look at. */
const THREAD_QUERIES_MIN = 16;
const THREAD_VALUES_MIN = 20_000_000;

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

/** `current` gives the table as it is: a copy may be switched to a newer one meanwhile. */
export async function runSearch(current: () => Table, plan: SearchPlan, engines: Engines): Promise<SearchAnswer> {
  const parts = (await searchAccelerated(current(), plan, engines)) ?? (await searchInThreads(current(), plan, engines.core)) ?? searchHere(current().segments(), plan, engines.core);
  const { schema } = current();
  const { metric } = vectorField(schema);
  const hits = Array.from({ length: plan.queryCount }, (_, query) =>
    rank(parts, query, metric, plan.offset, plan.limit).map(({ segment, row, score }) => ({
      id: keyOf(segment, row, schema),
      score,
      fields: rowOf(segment, row, plan.output),
    })),
  );
  return { hits, recall: parts.reduce((least, part) => Math.min(least, part.recall), 1) };
}

function searchHere(segments: readonly Segment[], plan: SearchPlan, core: Core): readonly SegmentCandidates[] {
  return segments.map((segment) => searchSegment(segment, plan, matchingRows(segment, plan.filter, core.predicates)));
}

// Undefined if it is too little for threads, there are none, or the table changed while they ran. The growing segment is
// searched at once: what is written next would have to wait for it.
async function searchInThreads(table: Table, plan: SearchPlan, core: Core): Promise<readonly SegmentCandidates[] | undefined> {
  const { sealed, growing } = table;
  if (sealed[0]?.segment.index.searchAsync === undefined || !isMuch(table, plan)) return undefined;
  const before = table.changes;
  const found = sealed.map(({ segment }) => searchSegmentInThreads(segment, plan, matchingRows(segment, plan.filter, core.predicates)));
  const last = growing === undefined ? [] : searchHere([growing], plan, core);
  try {
    const parts = [...(await Promise.all(found)), ...last];
    return table.changes === before ? parts : undefined;
  } catch (error) {
    // A table that was closed meanwhile is closed to the rest of the search, too.
    if (table.changes !== before) return undefined;
    throw error;
  }
}

function isMuch({ sealed }: Table, plan: SearchPlan): boolean {
  if (plan.queryCount >= THREAD_QUERIES_MIN) return true;
  const values = sealed.reduce((sum, { segment }) => sum + segment.rows * segment.index.dim, 0);
  return plan.recall === 1 && plan.queryCount * values >= THREAD_VALUES_MIN;
}

// Undefined if the accelerator is not for this search, failed, or the table changed while it ran.
async function searchAccelerated(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const { accelerator, core } = engines;
  if (plan.queryCount === 1 || plan.range !== undefined || table.sealed.length === 0 || prefersIndexes(table, plan)) return undefined;
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
