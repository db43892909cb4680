// Our exact index over bit vectors as a target; they have no other.

import { BINARY_METRICS, type BinaryMetric } from '../src/model/metric.js';
import type { Candidates, Core, FlatIndex } from '../src/ports/core.js';
import { measureBuild } from './measure.js';
import type { Searcher, Task } from './target.js';

const APPEND_ROWS = 4096;
const NAMES: readonly string[] = ['BIN_FLAT', 'FLAT', 'AUTOINDEX'];

/** Errors: an index that bit vectors do not have. */
export async function openBinary(core: Core, task: Task): Promise<Searcher> {
  const { k, base, queries, index } = task;
  if (!NAMES.includes(index)) throw new Error(`absent: it has no index ${index} of bit vectors`);
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

function binaryOf(core: Core, { metric, base }: Task): FlatIndex<'BinaryVector'> {
  const width = base.d / 8;
  const rows = base.values as Uint8Array;
  const named = BINARY_METRICS.find((name) => name.toLowerCase() === metric) as BinaryMetric;
  const built = core.createFlat(base.d, named, 'BinaryVector');
  for (let row = 0; row < base.n; row += APPEND_ROWS) built.append(rows.subarray(row * width, Math.min(row + APPEND_ROWS, base.n) * width));
  return built;
}
