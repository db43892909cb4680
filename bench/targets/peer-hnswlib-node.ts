// hnswlib-node: hnswlib as a Node addon, compiled as its package does; vectors are plain arrays.

import { join } from 'node:path';
import { statSync } from 'node:fs';
import { measureBuild } from '../measure.js';
import { installNpm, requirePeer } from '../peers/install.js';
import { efRange, rowsAsArrays } from '../rows.js';
import type { NodeTarget } from '../target.js';

interface Hnsw {
  initIndex(options: { readonly maxElements: number; readonly m: number; readonly efConstruction: number; readonly randomSeed: number }): void;
  addPoint(point: readonly number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: readonly number[], k: number): Answer;
  writeIndexSync(path: string): void;
}
interface Answer {
  readonly neighbors: readonly number[];
}
interface Package {
  readonly HierarchicalNSW: new (space: string, dim: number) => Hnsw;
}

export const target: NodeTarget = {
  own: false,
  metrics: ['l2', 'ip', 'cosine'],
  prepare: async () => installNpm('hnswlib-node', true),
  async open({ metric, k: asked, base, queries, folder }) {
    const { HierarchicalNSW } = requirePeer('hnswlib-node') as Package;
    const k = Math.min(asked, base.n);
    const { index, buildS, buildCpuS, ramBytes } = await measureBuild(() => {
      const built = new HierarchicalNSW(metric, base.d);
      built.initIndex({ maxElements: base.n, m: 16, efConstruction: 200, randomSeed: 100 });
      let row = 0;
      for (const point of rowsAsArrays(base)) built.addPoint(point, row++);
      return built;
    });
    const path = join(folder, 'hnswlib-node');
    index.writeIndexSync(path);
    const points = [...rowsAsArrays(queries)];
    return [
      {
        index: 'HNSW',
        params: { M: 16, efConstruction: 200, buildCpuS, ram: 'growth of the process' },
        knob: efRange(k, base.n),
        buildS,
        fileBytes: statSync(path).size,
        ramBytes,
        set: (ef) => index.setEf(ef),
        search: (query) => index.searchKnn(points[query] as readonly number[], k),
        ids: ({ neighbors }: Answer) => neighbors,
      },
    ];
  },
};
