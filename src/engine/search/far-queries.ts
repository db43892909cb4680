// Far queries: those of another kind than the rows are searched for with more effort. Under a filter distance tells nothing.

import type { VectorMetric } from '../../model/metric.js';
import type { Candidates } from '../../ports/core.js';
import type { SegmentIndex } from '../table/vector-part.js';
import { harder, isFar, type Effort } from './effort.js';

/** Puts what is found with more effort in place of what was found for the queries that are far. `queries` is row-major. */
export function searchFarAgain({ ann, calibration }: SegmentIndex, queries: Float32Array, effort: Effort, { k, counts, rows, scores }: Candidates, { dim, metric }: { readonly dim: number; readonly metric: VectorMetric }): void {
  for (let q = 0; q < counts.length; q++) {
    const found = scores.subarray(q * k, q * k + (counts[q] as number));
    if (!isFar(calibration, found, metric, effort.recall)) continue;
    const again = ann.search(queries.subarray(q * dim, (q + 1) * dim), k, harder(effort, ann.kind, k));
    counts[q] = again.counts[0] as number;
    rows.set(again.rows, q * k);
    scores.set(again.scores, q * k);
  }
}
