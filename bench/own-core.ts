// Our core as a target: the index behind the C ABI, without the engine above it. A query is a call of its own, so
// that no two queries share a read of the base.

import { METRICS } from '../src/model/metric.js';
import type { Candidates, Core } from '../src/ports/core.js';
import { measureBuild } from './measure.js';
import type { BenchMetric, NodeTarget, Searcher, Task } from './target.js';

const APPEND_ROWS = 4096;

export const OWN_METRICS: readonly BenchMetric[] = ['l2', 'ip', 'cosine'];

/** Errors: an index that we do not have. Until there is another, AUTOINDEX is FLAT. */
export function ownIndex(asked: string): 'FLAT' {
  if (asked !== 'AUTOINDEX' && asked !== 'FLAT') throw new Error(`absent: it has no index ${asked}`);
  return 'FLAT';
}

/** The named-upper-case form of a metric that we have. */
export function ownMetric(metric: BenchMetric): (typeof METRICS)[number] {
  const found = METRICS.find((name) => name.toLowerCase() === metric);
  if (found === undefined) throw new Error(`absent: it has no metric ${metric}`);
  return found;
}

export function coreTarget(prepare: NodeTarget['prepare'], createCore: () => Promise<Core>): NodeTarget {
  return { own: true, metrics: OWN_METRICS, prepare, open: async (task) => [await openFlat(await createCore(), task)] };
}

async function openFlat(core: Core, { metric, k, index, base, queries }: Task): Promise<Searcher> {
  const name = ownIndex(index);
  const { d } = base;
  const rows = base.values as Float32Array;
  const { index: flat, buildS, buildCpuS } = await measureBuild(() => {
    const built = core.createFlat(d, ownMetric(metric));
    for (let row = 0; row < base.n; row += APPEND_ROWS) built.append(rows.subarray(row * d, Math.min(row + APPEND_ROWS, base.n) * d));
    return built;
  });
  const asked = Array.from({ length: queries.n }, (_, q) => (queries.values as Float32Array).subarray(q * d, (q + 1) * d));
  return {
    index: name,
    params: { kernels: core.kernels, buildCpuS, ram: 'by its own account', file: 'the vectors' },
    buildS,
    fileBytes: base.n * d * 4,
    ramBytes: core.memoryBytes(),
    search: (query) => flat.search(asked[query] as Float32Array, k),
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
  };
}
