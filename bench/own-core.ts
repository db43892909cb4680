// Our core as a target: the index behind the C ABI, without the engine above it. A query is a call of its own, so
// that no two queries share a read of the base.

import { METRICS } from '../src/model/metric.js';
import { rerankOf } from '../src/engine/calibration.js';
import type { AnnOptions, Candidates, Core, FlatIndex, IndexKind } from '../src/ports/core.js';
import { measureBuild } from './measure.js';
import type { BenchMetric, NodeTarget, Searcher, Task } from './target.js';

const APPEND_ROWS = 4096;
const STEP_PAIRS = 100_000_000;

export const OWN_METRICS: readonly BenchMetric[] = ['l2', 'ip', 'cosine'];

/** Of lists: rows kept by 1-bit codes, and of these rows scored exactly, as multiples of k. */
const IVF_KEEP = 5;
const IVF_RERANK = 2;

type OwnIndex = 'FLAT' | 'GRAPH' | 'IVF';

/** Errors: an index that we do not have. AUTOINDEX and HNSW are our graph, IVF_RABITQ is our IVF. */
export function ownIndex(asked: string): OwnIndex {
  if (asked === 'FLAT' || asked === 'IVF') return asked;
  if (asked === 'IVF_RABITQ') return 'IVF';
  if (asked === 'AUTOINDEX' || asked === 'HNSW' || asked === 'GRAPH') return 'GRAPH';
  throw new Error(`absent: it has no index ${asked}`);
}

/** The named-upper-case form of a metric that we have. */
export function ownMetric(metric: BenchMetric): (typeof METRICS)[number] {
  const found = METRICS.find((name) => name.toLowerCase() === metric);
  if (found === undefined) throw new Error(`absent: it has no metric ${metric}`);
  return found;
}

export function coreTarget(prepare: NodeTarget['prepare'], createCore: () => Promise<Core>): NodeTarget {
  return { own: true, metrics: OWN_METRICS, prepare, open: async (task) => [await OPENERS[ownIndex(task.index)](await createCore(), task)] };
}

const OPENERS: Readonly<Record<OwnIndex, (core: Core, task: Task) => Promise<Searcher>>> = {
  FLAT: openFlat,
  GRAPH: (core, task) => openAnn(core, task, 'graph'),
  IVF: (core, task) => openAnn(core, task, 'ivf'),
};

function flatOf(core: Core, { metric, base }: Task): FlatIndex {
  const { d } = base;
  const rows = base.values as Float32Array;
  const built = core.createFlat(d, ownMetric(metric));
  for (let row = 0; row < base.n; row += APPEND_ROWS) built.append(rows.subarray(row * d, Math.min(row + APPEND_ROWS, base.n) * d));
  return built;
}

function queriesOf({ base, queries }: Task): readonly Float32Array[] {
  return Array.from({ length: queries.n }, (_, q) => (queries.values as Float32Array).subarray(q * base.d, (q + 1) * base.d));
}

/** `ramBytes` is what the index takes beside the vectors: they are read for the exact scores alone, by row number. */
async function openAnn(core: Core, task: Task, kind: IndexKind): Promise<Searcher> {
  const { k } = task;
  const flat = flatOf(core, task);
  const { index: bytes, buildS, buildCpuS } = await measureBuild(() => {
    const build = core.buildIndex(flat, { kind, seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(STEP_PAIRS));
    const file = build.bytes();
    build.close();
    return file;
  });
  const ann = core.openIndex(bytes, flat);
  const asked = queriesOf(task);
  const optionsOf = (effort: number): AnnOptions =>
    kind === 'graph' ? { effort, keep: k, rerank: rerankOf(effort, k), patience: 0 } : { effort, keep: IVF_KEEP * k, rerank: IVF_RERANK * k, patience: 0 };
  const knob = kind === 'graph' ? { name: 'ef', min: k, max: 4000 } : { name: 'nprobe', min: 1, max: ann.lists };
  let options = optionsOf(knob.min);
  return {
    index: kind === 'graph' ? 'GRAPH' : 'IVF',
    params: { kernels: core.kernels, buildCpuS, lists: ann.lists, ram: 'the index, less the vectors', file: 'the index file' },
    knob,
    buildS,
    fileBytes: bytes.length,
    ramBytes: ann.memoryBytes,
    set: (effort) => void (options = optionsOf(effort)),
    search: (query) => ann.search(asked[query] as Float32Array, k, options),
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
  };
}

async function openFlat(core: Core, task: Task): Promise<Searcher> {
  const { k, base } = task;
  const { index: flat, buildS, buildCpuS } = await measureBuild(() => flatOf(core, task));
  const asked = queriesOf(task);
  return {
    index: 'FLAT',
    params: { kernels: core.kernels, buildCpuS, ram: 'by its own account', file: 'the vectors' },
    buildS,
    fileBytes: base.n * base.d * 4,
    ramBytes: core.memoryBytes(),
    search: (query) => flat.search(asked[query] as Float32Array, k),
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
  };
}
