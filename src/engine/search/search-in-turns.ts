// SearchInTurns: what is searched in this thread, a few queries and one segment at a time, with others served in between. The
// answer is of the moment at which it began: rows that are written or deleted meanwhile change nothing of it.

import { bitsetBytes, bitsetOf, type Bitset } from '../../model/bitset.js';
import type { Candidates, Core, SparseRows } from '../../ports/core.js';
import { matchingRows } from '../read/matching.js';
import type { Segment } from '../table/segment.js';
import type { SegmentCandidates } from './candidates.js';
import type { SearchPlan } from './search-plan.js';
import { searchSegment } from './segment-search.js';

/** What is looked at in one turn: milliseconds where every value is. */
const TURN_VALUES = 8_000_000;
/** Of sparse vectors, and of dense ones whatever the segment has: tiles of queries are read against the rows together. */
const TURN_QUERIES_MIN = 4;

/** Whether all of it is one turn. */
export function isOneTurn(segments: readonly Segment[], plan: SearchPlan): boolean {
  return segments.length <= 1 && segments.every((segment) => queriesInTurn(segment, plan) >= plan.queryCount);
}

/**
 * `plan` is weighed. `pause`: of the Ambient. Undefined if segments were changed meanwhile, which `isChanged` tells. REQUIRES: what
 * the search looks at is in memory.
 */
export async function searchInTurns(segments: readonly Segment[], plan: SearchPlan, core: Core, pause: () => Promise<void>, isChanged: () => boolean): Promise<readonly SegmentCandidates[] | undefined> {
  const taking = segments.map((segment) => ({ segment, rows: rowsNow(segment, plan, core) }));
  const parts: SegmentCandidates[] = [];
  for (const { segment, rows } of taking) {
    const found: SegmentCandidates[] = [];
    const count = queriesInTurn(segment, plan);
    for (let first = 0; first < plan.queryCount; first += count) {
      // Before the first, too: many queries were read in this turn.
      await pause();
      if (isChanged()) return undefined;
      found.push(searchSegment(segment, someQueries(plan, first, Math.min(first + count, plan.queryCount)), within(segment, rows)));
    }
    parts.push({ segment, candidates: joined(found.map(({ candidates }) => candidates)), recall: Math.min(...found.map(({ recall }) => recall)) });
  }
  await pause();
  return isChanged() ? undefined : parts;
}

function queriesInTurn({ rows }: Segment, { dim, queryCount, trace }: SearchPlan): number {
  // Who wants to know what is done is told of it as one.
  if (trace !== undefined) return queryCount;
  return Math.max(TURN_QUERIES_MIN, dim === 0 ? 0 : Math.floor(TURN_VALUES / Math.max(1, rows * dim)));
}

/** The rows that take part, in memory of their own; undefined: all that the segment will ever have. */
function rowsNow(segment: Segment, plan: SearchPlan, core: Core): Bitset | undefined {
  const alive = segment.alive()?.slice() ?? (segment.stored === undefined ? bitsetOf(segment.rows, true) : undefined);
  return matchingRows(segment, plan.filter, core.predicates, alive);
}

/** As long as the segment has become; what is new takes no part. */
function within({ rows: count }: Segment, rows: Bitset | undefined): Bitset | undefined {
  if (rows === undefined || rows.length >= bitsetBytes(count)) return rows;
  const longer = bitsetOf(count, false);
  longer.set(rows);
  return longer;
}

function someQueries(plan: SearchPlan, first: number, end: number): SearchPlan {
  const { queries, sparse, queryCount } = plan;
  if (first === 0 && end === queryCount) return plan;
  const perQuery = queries.length / queryCount;
  return {
    ...plan,
    queries: queries.subarray(first * perQuery, end * perQuery),
    sparse: sparse && { ...sparse, rows: someRows(sparse.rows, first, end) },
    queryCount: end - first,
  };
}

function someRows({ indptr, indices, values }: SparseRows, first: number, end: number): SparseRows {
  const start = indptr[first] as number;
  const stop = indptr[end] as number;
  return { indptr: indptr.slice(first, end + 1).map((at) => at - start), indices: indices.subarray(start, stop), values: values.subarray(start, stop) };
}

/** Of one group of queries behind the other. */
function joined(groups: readonly Candidates[]): Candidates {
  const [only] = groups;
  if (only === undefined || groups.length === 1) return only as Candidates;
  const { k } = only;
  const queries = groups.reduce((sum, { counts }) => sum + counts.length, 0);
  const all = { k, counts: new Uint32Array(queries), rows: new Uint32Array(queries * k), scores: new Float32Array(queries * k) };
  let query = 0;
  for (const { counts, rows, scores } of groups) {
    all.counts.set(counts, query);
    all.rows.set(rows, query * k);
    all.scores.set(scores, query * k);
    query += counts.length;
  }
  return all;
}
