// Our indexes as the harness asks for them by name, and how one is built of a set's rows.

import { METRICS } from '../src/model/metric.js';
import type { AnnIndex, Core, FlatIndex } from '../src/ports/core.js';
import { unitBytes, type UnitBytes } from './counts.js';
import { measureBuild } from './measure.js';
import type { BenchMetric, Vectors } from './target.js';

const APPEND_ROWS = 4096;
const STEP_PAIRS = 100_000_000;

export const OWN_METRICS: readonly BenchMetric[] = ['l2', 'ip', 'cosine'];

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

export function flatOf(core: Core, metric: BenchMetric, { n, d, values }: Vectors): FlatIndex {
  const rows = values as Float32Array;
  const built = core.createFlat(d, ownMetric(metric));
  for (let row = 0; row < n; row += APPEND_ROWS) built.append(rows.subarray(row * d, Math.min(row + APPEND_ROWS, n) * d));
  return built;
}

export interface BuiltAnn {
  readonly ann: AnnIndex;
  readonly bytes: Uint8Array;
  readonly buildS: number;
  readonly buildCpuS: number;
  readonly unit: UnitBytes;
}

export async function buildAnn(core: Core, flat: FlatIndex): Promise<BuiltAnn> {
  const { index: bytes, buildS, buildCpuS } = await measureBuild(() => {
    const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(STEP_PAIRS));
    const file = build.bytes();
    build.close();
    return file;
  });
  const ann = core.openIndex(bytes, flat);
  const { code4 } = unitBytes(flat.dim, 0);
  // What the index holds for a row beside its code is its neighbours.
  return { ann, bytes, buildS, buildCpuS, unit: unitBytes(flat.dim, Math.max(0, ann.memoryBytes / flat.size - code4)) };
}
