// Search: queries against every segment, merged and with the fields asked for. All on the CPU in one go, so that the
// answer is of one moment; or sealed segments on the accelerator, and again on the CPU if anything changed meanwhile.

import type { Hit } from '../model/hit.js';
import { vectorField } from '../model/schema.js';
import type { Accelerator, Candidates, Core } from '../ports/core.js';
import { rank, type SegmentCandidates } from './candidates.js';
import { matchingRows } from './matching.js';
import { keyOf, rowOf } from './output.js';
import type { SearchPlan } from './search-plan.js';
import { searchSegment } from './segment-search.js';
import type { Segment } from './segment.js';
import type { Table } from './table.js';

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
