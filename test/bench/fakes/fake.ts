// A made-up target: brute force whose knob says how many rows it looks at, so that recall grows with it.

import { measureBuild } from '../../../bench/measure.js';
import { createDistance } from '../../../bench/distance.js';
import type { NodeTarget, Searcher, Task } from '../../../bench/target.js';

/** `rowsMax` is the most rows that it can look at. */
export function fakeTarget(own: boolean, rowsMax: (n: number) => number): NodeTarget {
  return { own, metrics: ['l2'], prepare: async () => undefined, open: async (task) => [await open(task, rowsMax(task.base.n))] };
}

async function open({ metric, k, base, queries }: Task, rowsMax: number): Promise<Searcher> {
  const { index: distance, buildS, ramBytes } = await measureBuild(() => createDistance(metric, queries, base));
  let rows = base.n;
  return {
    index: 'FAKE',
    params: { fake: true },
    knob: { name: 'rows', min: 1, max: rowsMax },
    buildS,
    fileBytes: null,
    ramBytes,
    set(value) {
      rows = value;
    },
    search: (query) => Array.from({ length: rows }, (_, row) => row).sort((a, b) => distance(query, a) - distance(query, b)).slice(0, k),
    ids: (answer: readonly number[]) => answer,
  };
}
