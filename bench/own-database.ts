// Our public API as a target, as its users call it: rows inserted in batches, then one awaited search a query.

import { pathToFileURL } from 'node:url';
import type { Database, SearchResult } from '../src/engine/api.js';
import type { Hit } from '../src/model/hit.js';
import { measureBuild } from './measure.js';
import { OWN_METRICS, ownIndex, ownMetric } from './own-core.js';
import { inRepository, missingBuild } from './repository.js';
import type { NodeTarget, Searcher, Task } from './target.js';

const BATCH_ROWS = 4096;

interface Package {
  open(name: string, options: { readonly storage: 'memory'; readonly core: 'native' | 'wasm' }): Promise<Database>;
}

export function databaseTarget(core: 'native' | 'wasm', coreFile: string): NodeTarget {
  return {
    own: true,
    metrics: OWN_METRICS,
    prepare: async () => missingBuild('dist/node.js', 'dist/filter.wasm', coreFile),
    open: async (task) => [await openDatabase(core, task)],
  };
}

async function openDatabase(core: 'native' | 'wasm', { metric, k, index, base, queries }: Task): Promise<Searcher> {
  const name = ownIndex(index);
  const { open } = (await import(pathToFileURL(inRepository('dist/node.js')).href)) as Package;
  const db = await open('bench', { storage: 'memory', core });
  const vector = (values: Float32Array, row: number): Float32Array => values.subarray(row * base.d, (row + 1) * base.d);
  const { index: collection, buildS, buildCpuS } = await measureBuild(async () => {
    const built = await db.createCollection({ name: 'bench', dimension: base.d, metric: ownMetric(metric) });
    for (let first = 0; first < base.n; first += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, base.n - first);
      await built.insert(Array.from({ length: count }, (_, i) => ({ id: first + i, vector: vector(base.values as Float32Array, first + i) })));
    }
    await built.flush();
    return built;
  });
  const health = await db.health();
  if (health.core !== core) throw new Error(`absent: expected the ${core} core, found ${health.core}`);
  const asked = Array.from({ length: queries.n }, (_, q) => vector(queries.values as Float32Array, q));
  return {
    index: name,
    params: { kernels: health.kernels, buildCpuS, ram: 'by its own account', file: 'kept in memory' },
    buildS,
    fileBytes: null,
    ramBytes: health.coreMemoryBytes,
    search: (query) => collection.search({ data: asked[query] as Float32Array, limit: k }),
    ids: ({ hits }: SearchResult<readonly Hit[]>) => hits.map((hit) => Number(hit.id)),
  };
}
