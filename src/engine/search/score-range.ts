// ScoreRange: only hits whose score lies in a range. L2: rangeFilter <= distance < radius; IP and COSINE:
// radius < score <= rangeFilter (Milvus' range search).

import { isDistance, type VectorMetric } from '../../model/metric.js';
import type { Candidates, ScoreRange } from '../../ports/core.js';

/** Whether a score is nearer than the range begins. */
export function isTooNear(score: number, { rangeFilter }: ScoreRange, metric: VectorMetric): boolean {
  if (rangeFilter === undefined) return false;
  const bound = Math.fround(rangeFilter);
  return isDistance(metric) ? score < bound : score > bound;
}

/** Whether a score is beyond the range; NaN is. */
export function isTooFar(score: number, { radius }: ScoreRange, metric: VectorMetric): boolean {
  if (radius === undefined) return false;
  const bound = Math.fround(radius);
  return isDistance(metric) ? !(score < bound) : !(score > bound);
}

/** The candidates within the range, k at most of each query. */
export function cutToRange({ k: given, counts, rows, scores }: Candidates, range: ScoreRange, metric: VectorMetric, k: number): Candidates {
  const cut = { k, counts: new Uint32Array(counts.length), rows: new Uint32Array(counts.length * k), scores: new Float32Array(counts.length * k) };
  counts.forEach((count, q) => {
    let kept = 0;
    for (let at = q * given; at < q * given + count && kept < k; at++) {
      const score = scores[at] as number;
      if (isTooNear(score, range, metric) || isTooFar(score, range, metric)) continue;
      cut.rows[q * k + kept] = rows[at] as number;
      cut.scores[q * k + kept++] = score;
    }
    cut.counts[q] = kept;
  });
  return cut;
}
