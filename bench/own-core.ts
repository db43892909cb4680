// Our core as a target: the index behind the C ABI, without the engine above it. A query is a call of its own, so
// that no two queries share a read of the base.

import type { Candidates, Core } from '../src/ports/core.js';
import { coreRecipe, type CoreName } from './cores.js';
import { countsOf, unitBytes } from './counts.js';
import { isBinary } from './distance.js';
import { measureBuild } from './measure.js';
import { openBinary } from './own-binary.js';
import { flatOf, openAnn, OWN_METRICS, ownKinds, type OpenedAnn } from './own-index.js';
import { optionsOf, WIDTHS, type Width } from './own-options.js';
import type { NodeTarget, Searcher, Task } from './target.js';

export function coreTarget(name: CoreName): NodeTarget {
  const { absent, create } = coreRecipe(name);
  return { own: true, metrics: [...OWN_METRICS, 'hamming', 'jaccard'], prepare: absent, open: async (task) => open(await create(), task) };
}

async function open(core: Core, task: Task): Promise<readonly Searcher[]> {
  if (isBinary(task.metric)) return [await openBinary(core, task)];
  const kinds = ownKinds(task.index);
  if (kinds.length === 0) return [await openFlat(core, task)];
  const opened = await openAnn(core, flatOf(core, task.metric, task.base), kinds);
  return opened.flatMap((index) => WIDTHS[index.ann.kind].map((width) => searcherOf(core, task, index, width)));
}

function queriesOf({ base, queries }: Task): readonly Float32Array[] {
  return Array.from({ length: queries.n }, (_, q) => (queries.values as Float32Array).subarray(q * base.d, (q + 1) * base.d));
}

/** `ramBytes` is what the index takes beside the vectors: they are read for the exact scores alone, by row number. */
function searcherOf(core: Core, task: Task, { ann, file, buildS, buildCpuS, unit }: OpenedAnn, width: Width): Searcher {
  const { base, k } = task;
  const asked = queriesOf(task);
  const knob = ann.kind === 'graph' ? { name: 'ef', min: Math.ceil(k / 2), max: 4000 } : { name: 'nprobe', min: 1, max: ann.lists };
  let options = optionsOf(ann.kind, knob.min, k, width);
  return {
    index: ann.kind.toUpperCase(),
    params: { kernels: core.kernels, buildCpuS, lists: ann.lists, ...(ann.kind === 'ivf' ? { keep: width.keep * k, rerank: width.rerank * k } : {}), ram: 'the index, less the vectors', file: 'the index file' },
    knob,
    buildS,
    fileBytes: file.length,
    ramBytes: ann.memoryBytes,
    set: (effort) => void (options = optionsOf(ann.kind, effort, k, width)),
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
    counts: () => countsOf({ hops: 0, scored: 0, scanned: 0, lists: 0, reranked: 0, scans }, unit, base.n),
  };
}
