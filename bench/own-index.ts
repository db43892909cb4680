// Our indexes as the harness asks for them by name, and how one is built of a set's rows.

import { METRICS } from '../src/model/metric.js';
import type { AnnIndex, Core, FlatIndex, IndexKind } from '../src/ports/core.js';
import { unitBytes, type UnitBytes } from './counts.js';
import { measureBuild } from './measure.js';
import type { BenchMetric, Vectors } from './target.js';

const APPEND_ROWS = 4096;
const STEP_PAIRS = 100_000_000;

export const OWN_METRICS: readonly BenchMetric[] = ['l2', 'ip', 'cosine'];

/**
 * The kinds of index that a name stands for; none of them is exact search. AUTOINDEX is either kind, whichever costs less at
 * the asked recall: the engine's rule, which measures both on the segment; here the harness measures both, as it does for
 * peers with several indexes. Errors: an index that we do not have.
 */
export function ownKinds(asked: string): readonly IndexKind[] {
  if (asked === 'FLAT') return [];
  if (asked === 'AUTOINDEX') return ['graph', 'ivf'];
  if (asked === 'GRAPH' || asked === 'HNSW') return ['graph'];
  if (asked === 'IVF' || asked === 'IVF_FLAT' || asked === 'IVF_RABITQ') return ['ivf'];
  throw new Error(`absent: it has no index ${asked}`);
}

/** The named-upper-case form of a metric that we have. */
export function ownMetric(metric: BenchMetric): (typeof METRICS)[number] {
  const found = METRICS.find((name) => name.toLowerCase() === metric);
  if (found === undefined) throw new Error(`absent: it has no metric ${metric}`);
  return found;
}

export function flatOf(core: Core, metric: BenchMetric, { n, d, values }: Vectors): FlatIndex {
  const rows = values as Float32Array;
  const built = core.createFlat(d, ownMetric(metric));
  for (let row = 0; row < n; row += APPEND_ROWS) built.append(rows.subarray(row * d, Math.min(row + APPEND_ROWS, n) * d));
  return built;
}

export interface OpenedAnn {
  readonly ann: AnnIndex;
  readonly file: Uint8Array;
  readonly buildS: number;
  readonly buildCpuS: number;
  readonly unit: UnitBytes;
}

/** One index opened as each of `kinds`. A graph's file holds all that the other kind needs, so it is built but once. */
export async function openAnn(core: Core, flat: FlatIndex, kinds: readonly IndexKind[]): Promise<readonly OpenedAnn[]> {
  const { index: files, buildS, buildCpuS } = await measureBuild(() => {
    const build = core.buildIndex(flat, { kind: kinds.includes('graph') ? 'graph' : 'ivf', seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(STEP_PAIRS));
    const written = kinds.map((kind) => build.bytes(kind));
    build.close();
    return written;
  });
  return files.map((file) => {
    const ann = core.openIndex(file, flat);
    const { code4 } = unitBytes(flat.dim, 0);
    // What a graph holds for a row beside its code is its neighbours.
    const graphBytes = ann.kind === 'graph' ? Math.max(0, ann.memoryBytes / flat.size - code4) : 0;
    return { ann, file, buildS, buildCpuS, unit: unitBytes(flat.dim, graphBytes) };
  });
}
