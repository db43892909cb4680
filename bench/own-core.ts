// Our core as a target: the index behind the C ABI, without the engine above it. A query is a call of its own, so
// that no two queries share a read of the base.

import { BINARY_METRICS, METRICS, type BinaryMetric } from '../src/model/metric.js';
import { rerankOf } from '../src/engine/calibration.js';
import { isBinary } from './distance.js';
import type { Candidates, Core, FlatIndex } from '../src/ports/core.js';
import { measureBuild } from './measure.js';
import type { BenchMetric, NodeTarget, Searcher, Task } from './target.js';

const APPEND_ROWS = 4096;
const STEP_PAIRS = 100_000_000;

export const OWN_METRICS: readonly BenchMetric[] = ['l2', 'ip', 'cosine'];
const CORE_METRICS: readonly BenchMetric[] = [...OWN_METRICS, 'hamming', 'jaccard'];

/** Errors: an index that we do not have. AUTOINDEX and HNSW are our graph. */
export function ownIndex(asked: string): 'FLAT' | 'GRAPH' {
  if (asked === 'FLAT') return 'FLAT';
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
  return { own: true, metrics: CORE_METRICS, prepare, open: async (task) => [await opening(task)(await createCore(), task)] };
}

/** Bit vectors have the exact index alone. */
function opening({ index, metric }: Task): (core: Core, task: Task) => Promise<Searcher> {
  if (!isBinary(metric)) return ownIndex(index) === 'FLAT' ? openFlat : openGraph;
  if (index === 'BIN_FLAT' || index === 'FLAT' || index === 'AUTOINDEX') return openBinary;
  throw new Error(`absent: it has no index ${index} of bit vectors`);
}

function binaryOf(core: Core, { metric, base }: Task): FlatIndex<'BinaryVector'> {
  const width = base.d / 8;
  const rows = base.values as Uint8Array;
  const named = BINARY_METRICS.find((name) => name.toLowerCase() === metric) as BinaryMetric;
  const built = core.createFlat(base.d, named, 'BinaryVector');
  for (let row = 0; row < base.n; row += APPEND_ROWS) built.append(rows.subarray(row * width, Math.min(row + APPEND_ROWS, base.n) * width));
  return built;
}

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

/** `ramBytes` is what the graph takes beside the vectors: they are read for the exact scores alone, by row number. */
async function openGraph(core: Core, task: Task): Promise<Searcher> {
  const { k } = task;
  const flat = flatOf(core, task);
  const { index: bytes, buildS, buildCpuS } = await measureBuild(() => {
    const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(STEP_PAIRS));
    const file = build.bytes();
    build.close();
    return file;
  });
  const ann = core.openIndex(bytes, flat);
  const asked = queriesOf(task);
  let effort = { ef: k, rerank: k };
  return {
    index: 'GRAPH',
    params: { kernels: core.kernels, buildCpuS, ram: 'codes and graph, less the vectors', file: 'the index file' },
    knob: { name: 'ef', min: k, max: 4000 },
    buildS,
    fileBytes: bytes.length,
    ramBytes: ann.memoryBytes,
    set: (ef) => void (effort = { ef, rerank: rerankOf(ef, k) }),
    search: (query) => ann.search(asked[query] as Float32Array, k, effort),
    ids: ({ rows: found, counts }: Candidates) => found.subarray(0, counts[0]),
  };
}

async function openBinary(core: Core, task: Task): Promise<Searcher> {
  const { k, base, queries } = task;
  const width = base.d / 8;
  const { index: flat, buildS, buildCpuS } = await measureBuild(() => binaryOf(core, task));
  const asked = Array.from({ length: queries.n }, (_, q) => (queries.values as Uint8Array).subarray(q * width, (q + 1) * width));
  return {
    index: 'BIN_FLAT',
    params: { kernels: core.kernels, buildCpuS, ram: 'by its own account', file: 'the vectors' },
    buildS,
    fileBytes: base.n * width,
    ramBytes: core.memoryBytes(),
    search: (query) => flat.search(asked[query] as Uint8Array, k),
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
