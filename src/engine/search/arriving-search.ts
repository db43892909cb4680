// Arriving search: a search in segments of which the codes have come and the vectors have not. Every code is looked at; the
// vectors of the best candidates are asked for one by one, in waves, until those that are left out are expected to hold no
// more of the best than the recall allows. So hits have exact scores, and the recall is one that was estimated for these queries.

import type { Candidates, Core } from '../../ports/core.js';
import { EFFORT_MAX } from '../../model/limits.js';
import { unlessDamaged, type Reader } from '../read/visit.js';
import type { Segment } from '../table/segment.js';
import { CandidateList } from './candidate-list.js';
import type { SegmentCandidates } from './candidates.js';
import { EstimatedRanking, type Estimate } from './estimated-ranking.js';
import { rankRows, type Ranked } from './row-ranking.js';
import { cutToRange } from './score-range.js';
import type { SearchPlan } from './search-plan.js';
import { reading } from './search-trace.js';

/** Candidates by estimates, for each hit. */
const PER_HIT = 64;
const CANDIDATES_MIN = 1024;

/** How many candidates a segment gives a search for `k` hits. */
export function candidatesFor(k: number): number {
  return Math.min(EFFORT_MAX, Math.max(CANDIDATES_MIN, PER_HIT * k));
}

/** `arriving`: of each such segment the candidates, all the same number; `exact`: what other segments have. Errors: those of the network. */
export async function scoreArriving(reader: Reader, arriving: ReadonlyMap<Segment, Candidates>, exact: readonly SegmentCandidates[], plan: SearchPlan, core: Core): Promise<readonly SegmentCandidates[]> {
  const k = plan.offset + plan.limit;
  const segments = [...arriving.keys()];
  const lists = segments.map(() => new CandidateList(plan.queryCount, k));
  const rankings = Array.from({ length: plan.queryCount }, (_, query) => new EstimatedRanking(k, plan.metric, estimatesOf(arriving, query), exact.flatMap(({ candidates }) => [...scoresOf(candidates, query)])));
  for (;;) {
    const wave = rankings.map((ranking) => (ranking.recall() >= plan.recall ? [] : ranking.next()));
    if (wave.every((wanted) => wanted.length === 0)) break;
    await Promise.all(segments.map((segment, part) => {
      const wanted = wave.map((of) => Uint32Array.from(of.flatMap((estimate) => (estimate.part === part ? [estimate.row] : []))).sort());
      const found: Ranked = (query, rows, scores) => {
        rows.forEach((row, at) => rankings[query]?.take(part, row, scores[at] as number));
        lists[part]?.add(query, rows, scores, plan.metric);
      };
      return unlessDamaged(reader, segment, () => reading(plan.trace, segment, () => rankRows(segment, wanted, 0, plan, core, EFFORT_MAX, found)));
    }));
  }
  const recall = rankings.reduce((sum, ranking) => sum + ranking.recall(), 0) / rankings.length;
  return segments.flatMap((segment, part) => {
    if (segment.damage !== undefined) return [];
    const candidates = (lists[part] as CandidateList).candidates();
    return [{ segment, candidates: plan.range === undefined ? candidates : cutToRange(candidates, plan.range, plan.metric, k), recall }];
  });
}

function estimatesOf(arriving: ReadonlyMap<Segment, Candidates>, query: number): readonly Estimate[] {
  return [...arriving.values()].flatMap((candidates, part) => {
    const first = query * candidates.k;
    return Array.from(scoresOf(candidates, query), (score, at) => ({ part, row: candidates.rows[first + at] as number, score }));
  });
}

function scoresOf({ k, counts, scores }: Candidates, query: number): Float32Array {
  return scores.subarray(query * k, query * k + (counts[query] as number));
}
