// hnswlib-wasm: hnswlib as WebAssembly, in Node by a loader of our own.

import { measureBuild } from '../measure.js';
import { loadHnswlibWasm } from '../peers/hnswlib-wasm-loader.js';
import { installNpm } from '../peers/install.js';
import { efRange, rowsAsViews } from '../rows.js';
import type { NodeTarget } from '../target.js';

interface Hnsw {
  initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void;
  addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void;
  setEfSearch(ef: number): void;
  searchKnn(query: Float32Array, k: number, filter: undefined): Answer;
}
interface Answer {
  readonly neighbors: readonly number[];
}
interface Package {
  readonly HierarchicalNSW: new (space: string, dim: number, autoSaveFilename: string) => Hnsw;
  readonly HEAPU8: Uint8Array;
}

export const target: NodeTarget = {
  own: false,
  metrics: ['l2', 'ip', 'cosine'],
  prepare: async () => installNpm('hnswlib-wasm', false),
  async open({ metric, k: asked, base, queries }) {
    const library = (await loadHnswlibWasm()) as Package;
    const k = Math.min(asked, base.n);
    const { index, buildS, buildCpuS } = await measureBuild(() => {
      const built = new library.HierarchicalNSW(metric, base.d, '');
      built.initIndex(base.n, 16, 200, 100);
      rowsAsViews<Float32Array>(base).forEach((row, i) => built.addPoint(row, i, false));
      return built;
    });
    const points = rowsAsViews<Float32Array>(queries);
    return [
      {
        index: 'HNSW',
        params: { M: 16, efConstruction: 200, buildCpuS, ram: 'the WebAssembly memory', file: 'not saved' },
        knob: efRange(k, base.n),
        buildS,
        fileBytes: null,
        ramBytes: library.HEAPU8.buffer.byteLength,
        set: (ef) => index.setEfSearch(ef),
        search: (query) => index.searchKnn(points[query] as Float32Array, k, undefined),
        ids: ({ neighbors }: Answer) => neighbors,
      },
    ];
  },
};
