// Row ranking: exact scores of rows whose vectors are in their files.

import { NUMBER_ARRAYS } from '../../model/columns.js';
import type { Metric } from '../../model/metric.js';
import type { Core, DenseElement, VectorValues } from '../../ports/core.js';
import type { Segment } from '../table/segment.js';
import type { SearchPlan } from './search-plan.js';

/** Told of the best rows of a query, best first. */
export type Ranked = (query: number, rows: Uint32Array, scores: Float32Array) => void;

/** Reads the vectors of rows and gives of each query the `k` best of those `wanted` for it; `wanted` is of queries `first`, `first` + 1, ... Errors: `Corrupt`, those of the storage. */
export async function rankRows(segment: Segment, wanted: readonly Uint32Array[], first: number, plan: SearchPlan, core: Core, k: number, found: Ranked): Promise<void> {
  const rows = Uint32Array.from(new Set(wanted.flatMap((of) => [...of]))).sort();
  if (rows.length === 0) return;
  const { dim, field, queries } = plan;
  const read = await segment.stored?.files.vectors(field.name, rows);
  if (read === undefined) return;
  const position = new Map(Array.from(rows, (row, at) => [row, at]));
  wanted.forEach((of, at) => {
    if (of.length === 0) return;
    const query = first + at;
    const vectors = new NUMBER_ARRAYS[field.type as DenseElement](of.length * dim);
    of.forEach((row, i) => {
      const from = position.get(row) as number;
      vectors.set(read.subarray(from * dim, (from + 1) * dim), i * dim);
    });
    const { positions, scores } = core.rank(plan.metric as Metric, field.type as DenseElement, dim, (queries as Float32Array).subarray(query * dim, (query + 1) * dim), vectors as VectorValues<DenseElement>, Math.min(k, of.length));
    found(query, Uint32Array.from(positions, (i) => of[i] as number), scores);
  });
}
