// Our public API as a target, as its users call it: rows inserted in batches, then one awaited search a query.

import { pathToFileURL } from 'node:url';
import type { Database, SearchResult } from '../src/engine/api.js';
import type { IndexKind } from '../src/model/index-kind.js';
import type { Hit } from '../src/model/hit.js';
import { measureBuild } from './measure.js';
import { OWN_METRICS, ownKinds, ownMetric } from './own-index.js';
import { inRepository, missingBuild } from './repository.js';
import type { NodeTarget, Searcher, Task } from './target.js';

const BATCH_ROWS = 4096;
const INDEX_POLL_MS = 50;
const INDEX_WAIT_MAX_MS = 600_000;

interface Package {
  open(name: string, options: { readonly storage: 'memory'; readonly core: 'native' | 'wasm' }): Promise<Database>;
}

/** What its knob turns: the recall asked for, or the effort set by hand. */
export type DatabaseKnob = 'recall' | 'ef';

export function databaseTarget(core: 'native' | 'wasm', coreFile: string, knob: DatabaseKnob = 'recall'): NodeTarget {
  return {
    own: true,
    metrics: OWN_METRICS,
    prepare: async () => missingBuild('dist/node.js', 'dist/filter.wasm', coreFile),
    open: async (task) => [await openDatabase(core, knob, task)],
  };
}

/** Waits until every segment that gets an index has one; gives up when nothing happens any more. */
async function indexed(db: Database): Promise<void> {
  for (let waited = 0; waited < INDEX_WAIT_MAX_MS; waited += INDEX_POLL_MS) {
    const { sealedSegments, indexedSegments } = await db.describeCollection('bench');
    if (indexedSegments === sealedSegments) return;
    await new Promise((resolve) => setTimeout(resolve, INDEX_POLL_MS));
  }
}

/** AUTOINDEX takes whichever kind is faster, but `ef` is of graphs. */
function milvusName(kinds: readonly IndexKind[], turned: DatabaseKnob): 'FLAT' | 'HNSW' | 'IVF_FLAT' | 'AUTOINDEX' {
  if (kinds.length === 0) return 'FLAT';
  if (turned === 'ef' || kinds.length === 1) return kinds[0] === 'ivf' ? 'IVF_FLAT' : 'HNSW';
  return 'AUTOINDEX';
}

async function openDatabase(core: 'native' | 'wasm', turned: DatabaseKnob, { metric, k, index, base, queries }: Task): Promise<Searcher> {
  const kinds = ownKinds(index);
  const name = milvusName(kinds, turned);
  const { open } = (await import(pathToFileURL(inRepository('dist/node.js')).href)) as Package;
  const db = await open('bench', { storage: 'memory', core });
  const vector = (values: Float32Array, row: number): Float32Array => values.subarray(row * base.d, (row + 1) * base.d);
  const { index: collection, buildS, buildCpuS } = await measureBuild(async () => {
    const built = await db.createCollection({ name: 'bench', dimension: base.d, metric: ownMetric(metric) });
    await db.createIndex('bench', { fieldName: 'vector', indexType: name });
    for (let first = 0; first < base.n; first += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, base.n - first);
      await built.insert(Array.from({ length: count }, (_, i) => ({ id: first + i, vector: vector(base.values as Float32Array, first + i) })));
    }
    await built.flush();
    if (name !== 'FLAT') await indexed(db);
    return built;
  });
  const { sealedSegments: segments } = await db.describeCollection('bench');
  const health = await db.health();
  if (health.core !== core) throw new Error(`absent: expected the ${core} core, found ${health.core}`);
  let effort: { readonly recall: number } | { readonly ef: number } = { recall: 1 };
  const knob =
    turned === 'ef'
      ? { knob: { name: 'ef', min: k, max: 4000 }, set: (value: number) => void (effort = { ef: value }) }
      : { knob: { name: 'recallPerMille', min: 500, max: 1000 }, set: (value: number) => void (effort = { recall: value / 1000 }) };
  const asked = Array.from({ length: queries.n }, (_, q) => vector(queries.values as Float32Array, q));
  return {
    index: name,
    params: { kernels: health.kernels, buildCpuS, segments, ram: 'by its own account', file: 'kept in memory' },
    buildS,
    fileBytes: null,
    ramBytes: health.coreMemoryBytes,
    ...(name === 'FLAT' ? {} : knob),
    search: (query) => collection.search({ data: asked[query] as Float32Array, limit: k, ...effort }),
    ids: ({ hits }: SearchResult<readonly Hit[]>) => hits.map((hit) => Number(hit.id)),
    promised: ({ recall }: SearchResult<readonly Hit[]>) => recall,
  };
}
