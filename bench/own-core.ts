// Our core as a target: the index behind the C ABI, without the engine above it. A query is a call of its own, so
// that no two queries share a read of the base.

import type { Candidates, Core } from '../src/ports/core.js';
import { coreRecipe, type CoreName } from './cores.js';
import { countsOf, unitBytes } from './counts.js';
import { measureBuild } from './measure.js';
import { buildAnn, flatOf, OWN_METRICS, ownIndex } from './own-index.js';
import { optionsOf } from './own-options.js';
import type { NodeTarget, Searcher, Task } from './target.js';

export function coreTarget(name: CoreName): NodeTarget {
  const { absent, create } = coreRecipe(name);
  return { own: true, metrics: OWN_METRICS, prepare: absent, open: async (task) => [await (ownIndex(task.index) === 'FLAT' ? openFlat : openGraph)(await create(), task)] };
}

function queriesOf({ base, queries }: Task): readonly Float32Array[] {
  return Array.from({ length: queries.n }, (_, q) => (queries.values as Float32Array).subarray(q * base.d, (q + 1) * base.d));
}

/** `ramBytes` is what the graph takes beside the vectors: they are read for the exact scores alone, by row number. */
async function openGraph(core: Core, task: Task): Promise<Searcher> {
  const { metric, base, k } = task;
  const { ann, bytes, buildS, buildCpuS, unit } = await buildAnn(core, flatOf(core, metric, base));
  const asked = queriesOf(task);
  let options = optionsOf(k, k);
  return {
    index: 'GRAPH',
    params: { kernels: core.kernels, buildCpuS, ram: 'codes and graph, less the vectors', file: 'the index file' },
    knob: { name: 'ef', min: k, max: 4000 },
    buildS,
    fileBytes: bytes.length,
    ramBytes: ann.memoryBytes,
    set: (ef) => void (options = optionsOf(ef, k)),
    search: (query) => ann.search(asked[query] as Float32Array, k, options),
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
    counts: () => countsOf(ann.cost(), unit, base.n),
  };
}

async function openFlat(core: Core, task: Task): Promise<Searcher> {
  const { metric, k, base } = task;
  const { index: flat, buildS, buildCpuS } = await measureBuild(() => flatOf(core, metric, base));
  const asked = queriesOf(task);
  const unit = unitBytes(base.d, 0);
  let scans = 0;
  return {
    index: 'FLAT',
    params: { kernels: core.kernels, buildCpuS, ram: 'by its own account', file: 'the vectors' },
    buildS,
    fileBytes: base.n * base.d * 4,
    ramBytes: core.memoryBytes(),
    search(query) {
      scans++;
      return flat.search(asked[query] as Float32Array, k);
    },
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
    counts: () => countsOf({ hops: 0, scored: 0, reranked: 0, scans }, unit, base.n),
  };
}
