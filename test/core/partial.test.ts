// An index file that arrives in pieces: what has come is searched, without the rows in memory, and the vectors of its
// candidates are read one by one and ranked. On images of Fashion-MNIST, the first 768 of their 784 dimensions.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnnOptions, Core, FlatIndex, IndexStage } from '../../src/ports/core.js';
import { CORES } from './flat-cores.js';

const DIM = 768;
const ROWS = 10_000;
const QUERIES = 100;
const K = 10;

/** The first values of each row of a .bvecs: an i32 dimension, then so many bytes. */
function pixels(name: string, rows: number): Float32Array<ArrayBuffer> {
  const bytes = gunzipSync(readFileSync(fileURLToPath(new URL(`../../data/${name}.bvecs.gz`, import.meta.url))));
  const stride = 4 + bytes.readInt32LE(0);
  return Float32Array.from({ length: rows * DIM }, (_, at) => bytes[Math.floor(at / DIM) * stride + 4 + (at % DIM)] as number);
}

/** What a storage does that is asked for ranges: it counts what it gives. */
class Served {
  readonly bytes: Uint8Array;
  read = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  range(first: number, end: number): Uint8Array {
    this.read += end - first;
    return this.bytes.subarray(first, end);
  }
}

/** Goes on from `come`, the beginning that is there, until a stage is. */
function fetchTo(core: Core, served: Served, come: Uint8Array, stage: IndexStage): Uint8Array {
  let here = come;
  for (;;) {
    const extent = core.indexExtent(here, stage);
    const end = 'bytes' in extent ? extent.bytes : extent.headBytes;
    if (end > here.length) {
      const longer = new Uint8Array(end);
      longer.set(here);
      longer.set(served.range(here.length, end), here.length);
      here = longer;
    }
    if ('bytes' in extent) return here;
  }
}

/** `bytesMax`: of the file, a row, when the stage has come. `reads`: vectors that are read for each query. */
const STAGES: readonly { stage: IndexStage; options: AnnOptions; reads: number; bytesMax: number; recallMin: number }[] = [
  { stage: 'scan', options: { effort: 0, keep: 100, rerank: 50, patience: 1200 }, reads: 50, bytesMax: 120, recallMin: 0.98 },
  { stage: 'refine', options: { effort: 0, keep: 100, rerank: 20, patience: 1200 }, reads: 20, bytesMax: 520, recallMin: 0.99 },
  { stage: 'graph', options: { effort: 60, keep: 100, rerank: 20, patience: 0 }, reads: 20, bytesMax: 575, recallMin: 0.99 },
];

// Of each binding the best set: what differs between sets is tested on fewer rows.
const BEST = CORES.filter(({ name }, at) => !name.endsWith('relaxed') && CORES.findIndex((other) => other.name.split(' ')[0] === name.split(' ')[0]) === at);

describe.each(BEST)('$name', ({ create }) => {
  let core: Core;
  let rows: Float32Array<ArrayBuffer>;
  let queries: Float32Array<ArrayBuffer>;
  let flat: FlatIndex;
  let file: Uint8Array;
  beforeAll(() => {
    core = create();
    rows = pixels('fashion-mnist.base', ROWS);
    queries = pixels('fashion-mnist.query', QUERIES);
    flat = core.createFlat(DIM, 'L2');
    flat.append(rows);
    const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) });
    while (!build.step(5_000_000));
    file = build.bytes();
    build.close();
  }, 120_000);

  it('answers from what has come, and better the more it is', () => {
    const truth = flat.search(queries, K);
    const served = new Served(file);
    let come: Uint8Array = new Uint8Array();
    for (const { stage, options, reads, bytesMax, recallMin } of STAGES) {
      come = fetchTo(core, served, come, stage);
      // Nothing is fetched twice, and no more than the extent.
      expect(served.read).toBe(come.length);
      expect(come.length / ROWS).toBeLessThanOrEqual(bytesMax);
      const index = core.openIndex(come, undefined, { partial: true });
      expect(index.stage).toBe(stage);
      const candidates = index.search(queries, reads, options);
      let found = 0;
      for (let q = 0; q < QUERIES; q++) {
        const vectors = new Float32Array(reads * DIM);
        candidates.rows.subarray(q * reads, (q + 1) * reads).forEach((row, at) => vectors.set(rows.subarray(row * DIM, (row + 1) * DIM), at * DIM));
        const ranking = core.rank('L2', 'FloatVector', DIM, queries.subarray(q * DIM, (q + 1) * DIM), vectors, K);
        const worst = truth.scores[q * K + K - 1] as number;
        for (const score of ranking.scores) found += score <= worst ? 1 : 0;
      }
      expect(found / (QUERIES * K), stage).toBeGreaterThanOrEqual(recallMin);
      index.close();
    }
  });

  it('is not searched before its scan stage is there, and one byte short of a stage at the stage before', () => {
    const served = new Served(file);
    const [scan, refine] = (['scan', 'refine'] as const).map((stage) => fetchTo(core, served, new Uint8Array(), stage).length) as [number, number];
    expect(() => core.openIndex(file.subarray(0, scan - 1), undefined, { partial: true })).toThrow(expect.objectContaining({ code: 'Corrupt' }));
    const index = core.openIndex(file.subarray(0, refine - 1), undefined, { partial: true });
    expect(index.stage).toBe('scan');
    expect(index.search(queries, K, { effort: 0, keep: 50, rerank: 50, patience: 0 }).errors?.every((error) => error === Infinity)).toBe(true);
    index.close();
  });
});
