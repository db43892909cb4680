// Judge: the truth under filters, by brute force in f64 over the rows that pass. No kernel that is measured takes part.

import { hasBit } from '../../src/model/bitset.js';
import { createDistance, type Distance } from '../distance.js';
import type { BenchMetric, Vectors } from '../target.js';
import { limitOf } from '../truth.js';
import type { Cell } from './cells.js';

export interface Verdict {
  readonly recall: number;
  /** Queries that got fewer rows than there were, though fewer than k. */
  readonly short: number;
}

export class Judge {
  private readonly distance: Distance;
  /** By cell and query: the distance up to which a row is right, and how many rows there were to find. */
  private readonly limits = new Map<Cell, { readonly limits: Float64Array; readonly wanted: Int32Array }>();

  constructor(
    metric: BenchMetric,
    private readonly queries: Vectors,
    base: Vectors,
    cells: readonly Cell[],
    private readonly k: number,
  ) {
    this.distance = createDistance(metric, queries, base);
    for (const cell of cells) this.limits.set(cell, { limits: new Float64Array(queries.n), wanted: new Int32Array(queries.n) });
    const distances = new Float64Array(base.n);
    for (let q = 0; q < queries.n; q++) {
      for (let row = 0; row < base.n; row++) distances[row] = this.distance(q, row);
      for (const [{ filters, filterOf }, { limits, wanted }] of this.limits) {
        const nearest = kNearest(distances, filters[filterOf[q] as number] as Uint8Array, k);
        limits[q] = limitOf(metric, nearest.at(-1) ?? -Infinity);
        wanted[q] = nearest.length;
      }
    }
  }

  /** `ids` are queries x k, -1 for none. Errors: a row that does not pass. */
  judge(cell: Cell, ids: Int32Array): Verdict {
    const { limits, wanted } = this.limits.get(cell) as { readonly limits: Float64Array; readonly wanted: Int32Array };
    let recall = 0;
    let short = 0;
    for (let q = 0; q < this.queries.n; q++) {
      const found = new Set(ids.subarray(q * this.k, (q + 1) * this.k));
      found.delete(-1);
      const bits = cell.filters[cell.filterOf[q] as number] as Uint8Array;
      for (const row of found) if (!hasBit(bits, row)) throw new Error(`query ${q}: row ${row} does not pass its filter`);
      const right = [...found].filter((row) => this.distance(q, row) <= (limits[q] as number)).length;
      if (found.size < (wanted[q] as number)) short++;
      recall += wanted[q] === 0 ? 1 : right / (wanted[q] as number);
    }
    return { recall: recall / this.queries.n, short };
  }
}

/** Distances of the k nearest rows that pass, the nearest first; fewer if fewer pass. */
function kNearest(distances: Float64Array, bits: Uint8Array, k: number): readonly number[] {
  const nearest: number[] = [];
  for (let row = 0; row < distances.length; row++) {
    if (!hasBit(bits, row)) continue;
    const distance = distances[row] as number;
    if (nearest.length === k && distance >= (nearest[k - 1] as number)) continue;
    let place = nearest.length < k ? nearest.length : k - 1;
    for (; place > 0 && (nearest[place - 1] as number) > distance; place--) nearest[place] = nearest[place - 1] as number;
    nearest[place] = distance;
  }
  return nearest;
}
