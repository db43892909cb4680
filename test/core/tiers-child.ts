// What tiers.test.ts runs in processes of their own: builds an index, searches it and a flat index, and writes a
// digest of all bytes that come of it.
//
// usage: tiers-child.ts MODULE

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { METRICS } from '../../src/model/metric.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import type { Predicates } from '../../src/ports/core.js';

const DIM = 40;
const ROWS = 700;
const K = 10;

function values(count: number): Float32Array<ArrayBuffer> {
  let state = count >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const [, , path = ''] = process.argv;
const core = createWasmCore(new WebAssembly.Module(readFileSync(path)), {} as Predicates);
const indexes = createHash('sha256');
const rows = createHash('sha256');
const scores = createHash('sha256');
for (const metric of METRICS) {
  const flat = core.createFlat(DIM, metric);
  flat.append(values(ROWS * DIM));
  const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
  while (!build.step(10_000));
  const queries = values(9 * DIM);
  scores.update(flat.search(queries, K).scores);
  for (const kind of ['graph', 'ivf'] as const) {
    const file = build.bytes(kind);
    indexes.update(file);
    for (const effort of [0, 20]) {
      const found = core.openIndex(file, flat).search(queries, K, { effort, keep: 50, rerank: 20, patience: 300 });
      rows.update(found.rows);
      scores.update(found.scores);
    }
  }
}
console.log(JSON.stringify({ indexes: indexes.digest('hex'), rows: rows.digest('hex'), scores: scores.digest('hex') }));
