// usearch: its Node package. The search width can be set only when an index is made, so that each setting reloads
// the saved index; that is outside every timing. Its Node package takes no packed bits, so the binary metrics are absent.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { measureBuild } from '../measure.js';
import { installNpm, requirePeer } from '../peers/install.js';
import { efRange, rowsAsViews } from '../rows.js';
import type { BenchMetric, NodeTarget } from '../target.js';

interface Index {
  add(key: bigint, vector: Float32Array, threads: number): void;
  search(vector: Float32Array, k: number, threads: number): Answer;
  save(path: string): void;
  load(path: string): void;
}
interface Answer {
  readonly keys: BigUint64Array;
}
interface Package {
  readonly Index: new (options: Readonly<Record<string, number | string | boolean>>) => Index;
}

const METRIC: Readonly<Partial<Record<BenchMetric, string>>> = { l2: 'l2sq', ip: 'ip', cosine: 'cos' };
const ONE_THREAD = 1;

export const target: NodeTarget = {
  own: false,
  metrics: ['l2', 'ip', 'cosine'],
  prepare: async () => installNpm('usearch', true),
  async open({ metric, k: asked, base, queries, folder }) {
    const { Index } = requirePeer('usearch') as Package;
    const k = Math.min(asked, base.n);
    const create = (width: number): Index =>
      new Index({ dimensions: base.d, metric: METRIC[metric] ?? metric, quantization: 'f32', connectivity: 16, expansion_add: 200, expansion_search: width, multi: false });
    const { index: built, buildS, buildCpuS, ramBytes } = await measureBuild(() => {
      const index = create(k);
      rowsAsViews<Float32Array>(base).forEach((row, i) => index.add(BigInt(i), row, ONE_THREAD));
      return index;
    });
    const path = join(folder, 'usearch');
    built.save(path);
    let index = built;
    const points = rowsAsViews<Float32Array>(queries);
    return [
      {
        index: 'HNSW',
        params: { M: 16, efConstruction: 200, quantization: 'f32', buildCpuS, ram: 'growth of the process' },
        knob: efRange(k, base.n),
        buildS,
        fileBytes: statSync(path).size,
        ramBytes,
        set(width) {
          index = create(width);
          index.load(path);
        },
        search: (query) => index.search(points[query] as Float32Array, k, ONE_THREAD),
        ids: ({ keys }: Answer) => Array.from(keys, Number),
      },
    ];
  },
};
