// Candidates of several segments, merged into one ranking: by score, then by segment and row, the order of insertion.

import { isDistance, type VectorMetric } from '../../model/metric.js';
import type { Candidates } from '../../ports/core.js';
import type { Segment } from '../table/segment.js';

export interface SegmentCandidates<S = Segment> {
  readonly segment: S;
  readonly candidates: Candidates;
  /** What share of the true nearest rows they are expected to hold. */
  readonly recall: number;
}

export interface Ranked<S = Segment> {
  readonly segment: S;
  readonly row: number;
  readonly score: number;
}

/** Places offset .. offset + limit of one query's ranking. `parts` are in order of insertion. */
export function rank<S>(parts: readonly SegmentCandidates<S>[], query: number, metric: VectorMetric, offset: number, limit: number): readonly Ranked<S>[] {
  const ranked: Ranked<S>[] = [];
  for (const { segment, candidates } of parts) {
    const first = query * candidates.k;
    const count = candidates.counts[query] as number;
    for (let at = first; at < first + count; at++) {
      ranked.push({ segment, row: candidates.rows[at] as number, score: candidates.scores[at] as number });
    }
  }
  // The sort is stable, and each part is ranked already: equal scores stay in order of insertion.
  if (parts.length > 1) ranked.sort(isDistance(metric) ? (a, b) => order(a.score, b.score) : (a, b) => order(b.score, a.score));
  return ranked.slice(offset, offset + limit);
}

// NaN, which only overflow can make, comes last in either direction.
function order(a: number, b: number): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : 1;
}
