// edgevec: HNSW in WebAssembly, in Node. Its search width cannot be set after construction but is never below the
// number of hits asked for: that number is the knob, and the hits beyond k are dropped. Its cosine and dot rank the
// farthest first: for cosine it gets unit vectors under l2, whose order is right; for ip there is no such way.

import { readFileSync } from 'node:fs';
import { measureBuild } from '../measure.js';
import { importPeer, installNpm, peerFile } from '../peers/install.js';
import { efRange, rowsAsViews } from '../rows.js';
import type { BenchMetric, NodeTarget, Vectors } from '../target.js';

interface Config {
  metric: string;
  ef_search: number;
  ef_construction: number;
  m: number;
  m0: number;
}
interface Index {
  insert(vector: Float32Array): number;
  search(query: Float32Array, count: number): Answer;
}
type Answer = readonly { readonly id: number }[];
interface Package {
  readonly EdgeVecConfig: new (dimensions: number) => Config;
  readonly EdgeVec: new (config: Config) => Index;
  initSync(options: { readonly module: Uint8Array }): { readonly memory: WebAssembly.Memory };
}

const METRIC: Readonly<Partial<Record<BenchMetric, string>>> = { l2: 'l2', ip: 'dot', cosine: 'l2' };

export const target: NodeTarget = {
  own: false,
  metrics: ['l2', 'ip', 'cosine'],
  prepare: async () => installNpm('edgevec', false),
  async open({ metric, k: asked, base, queries }) {
    const { EdgeVec, EdgeVecConfig, initSync } = (await importPeer('edgevec/edgevec.js')) as Package;
    const { memory } = initSync({ module: readFileSync(peerFile('edgevec/edgevec_bg.wasm')) });
    const k = Math.min(asked, base.n);
    const rowOf = new Map<number, number>();
    const { index, buildS, buildCpuS } = await measureBuild(() => {
      const config = Object.assign(new EdgeVecConfig(base.d), { metric: METRIC[metric] ?? metric, m: 16, m0: 32, ef_construction: 200, ef_search: k });
      const built = new EdgeVec(config);
      rowsOf(metric, base).forEach((row, i) => rowOf.set(built.insert(row), i));
      return built;
    });
    const points = rowsOf(metric, queries);
    let count = k;
    return [
      {
        index: 'HNSW',
        params: { M: 16, efConstruction: 200, metric: metric === 'cosine' ? 'l2 of unit vectors' : metric, buildCpuS, ram: 'the WebAssembly memory', file: 'not saved' },
        knob: { ...efRange(k, base.n), name: 'hitsAsked' },
        buildS,
        fileBytes: null,
        ramBytes: memory.buffer.byteLength,
        set(value) {
          count = value;
        },
        search: (query) => index.search(points[query] as Float32Array, count),
        ids: (answer: Answer) => answer.map(({ id }) => rowOf.get(id) ?? -1),
      },
    ];
  },
};

function rowsOf(metric: BenchMetric, vectors: Vectors): readonly Float32Array[] {
  const rows = rowsAsViews<Float32Array>(vectors);
  return metric === 'cosine' ? rows.map(unit) : rows;
}

function unit(row: Float32Array): Float32Array {
  const norm = Math.hypot(...row);
  return norm === 0 ? row : row.map((value) => value / norm);
}
