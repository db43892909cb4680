// The flat index through the Core port: one suite for every kernel set of both bindings. All give the rows and
// scores that plain JavaScript gives, and refuse bad arguments with an ElanusError and without a crash.

import { describe, expect, it } from 'vitest';
import { bitsetBytes, bitsetOf, setBit, type Bitset } from '../../src/model/bitset.js';
import { METRICS, type Metric } from '../../src/model/metric.js';
import type { Candidates, FlatIndex } from '../../src/ports/core.js';
import { CORES, randomVectors } from './flat-cores.js';

const DIM = 37;
const ROWS = 500;
const TOLERANCE = 1e-5;

function score(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [dot, l2, aa, bb] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    l2 += (x - y) ** 2;
    aa += x * x;
    bb += y * y;
  }
  if (metric === 'L2') return l2;
  return metric === 'IP' ? dot : dot / Math.sqrt(aa * bb);
}

/** The best rows and their scores, by sorting. */
function sorted(metric: Metric, vectors: Float32Array, query: Float32Array, k: number, alive?: Bitset): readonly (readonly [number, number])[] {
  const scored: (readonly [number, number])[] = [];
  for (let row = 0; row * query.length < vectors.length; row++) {
    if (alive !== undefined && ((alive[row >> 3] as number) & (1 << (row & 7))) === 0) continue;
    scored.push([row, score(metric, vectors.subarray(row * query.length, (row + 1) * query.length), query)]);
  }
  return scored.sort((a, b) => (metric === 'L2' ? a[1] - b[1] : b[1] - a[1]) || a[0] - b[0]).slice(0, k);
}

function expectHits(found: Candidates, query: number, expected: readonly (readonly [number, number])[]): void {
  const first = query * found.k;
  expect(found.counts[query]).toBe(expected.length);
  expect([...found.rows.subarray(first, first + expected.length)]).toEqual(expected.map(([row]) => row));
  expected.forEach(([, truth], i) => {
    const difference = Math.abs((found.scores[first + i] as number) - truth);
    expect(difference).toBeLessThanOrEqual(TOLERANCE * Math.max(1, Math.abs(truth)));
  });
}

describe.each(CORES)('$name', ({ create }) => {
  const filled = (metric: Metric, vectors: Float32Array, dim = DIM): FlatIndex => {
    const flat = create().createFlat(dim, metric);
    flat.append(vectors);
    return flat;
  };

  it.each(METRICS)('finds what sorting finds under %s', (metric) => {
    const [vectors, queries] = [randomVectors(ROWS * DIM), randomVectors(3 * DIM, 7)];
    const flat = filled(metric, vectors);
    for (const k of [1, 10, ROWS, ROWS + 1]) {
      const found = flat.search(queries, k);
      for (let q = 0; q < 3; q++) expectHits(found, q, sorted(metric, vectors, queries.subarray(q * DIM, (q + 1) * DIM), k));
    }
    flat.close();
  });

  it('takes only rows that are alive', () => {
    const [vectors, query] = [randomVectors(ROWS * DIM), randomVectors(DIM, 8)];
    const flat = filled('L2', vectors);
    const some = bitsetOf(ROWS, false);
    for (const row of [0, 63, 64, 200, ROWS - 1]) setBit(some, row);
    for (const alive of [some, bitsetOf(ROWS, true), bitsetOf(ROWS, false)]) {
      expectHits(flat.search(query, 10, alive), 0, sorted('L2', vectors, query, 10, alive));
    }
    flat.close();
  });

  it('finds rows 0 to k - 1 where all are equal', () => {
    const flat = filled('COSINE', new Float32Array(100 * DIM).fill(0.25));
    expect([...flat.search(new Float32Array(DIM).fill(1), 5).rows]).toEqual([0, 1, 2, 3, 4]);
    flat.close();
  });

  it('answers a batch larger than what crosses at once like each query alone', () => {
    const dim = 1024;
    const [vectors, queries] = [randomVectors(20 * dim), randomVectors(300 * dim, 9)];
    const flat = filled('IP', vectors, dim);
    const alive = bitsetOf(20, true);
    const batch = flat.search(queries, 4, alive);
    for (const q of [0, 1, 150, 254, 255, 256, 299]) {
      const one = flat.search(queries.subarray(q * dim, (q + 1) * dim), 4);
      expect(batch.counts[q]).toBe(4);
      expect([...batch.rows.subarray(q * 4, q * 4 + 4)]).toEqual([...one.rows]);
      expect([...batch.scores.subarray(q * 4, q * 4 + 4)]).toEqual([...one.scores]);
    }
    flat.close();
  });

  it('gives results that a later search does not change', () => {
    const flat = filled('L2', randomVectors(ROWS * DIM));
    const first = flat.search(randomVectors(DIM, 1), 3);
    const [rows, scores] = [[...first.rows], [...first.scores]];
    flat.search(randomVectors(DIM, 2), 3);
    expect([[...first.rows], [...first.scores]]).toEqual([rows, scores]);
    flat.close();
  });

  it('reads back what was appended, far beyond its first memory', () => {
    const core = create();
    const dim = 784;
    const vectors = randomVectors(4000 * dim);
    const [before, flat] = [core.memoryBytes(), core.createFlat(dim, 'L2')];
    for (let row = 0, count = 1; row < 4000; row += count, count = Math.min(count * 3, 4000 - row)) flat.append(vectors.subarray(row * dim, (row + count) * dim));
    expect(flat.size).toBe(4000);
    expect(core.memoryBytes() - before).toBeGreaterThan(vectors.byteLength - 2 ** 21);
    expect(Buffer.from(flat.read(0, 4000).buffer).equals(Buffer.from(vectors.buffer))).toBe(true);
    expect([...flat.read(3999, 1)]).toEqual([...vectors.subarray(3999 * dim)]);
    expect(flat.search(vectors.subarray(3333 * dim, 3334 * dim), 1).rows[0]).toBe(3333);
    flat.close();
  });

  it('finds nothing in an empty index and accepts empty input', () => {
    const flat = create().createFlat(DIM, 'L2');
    flat.append(new Float32Array());
    expect([...flat.search(new Float32Array(2 * DIM), 5).counts]).toEqual([0, 0]);
    expect(flat.search(new Float32Array(), 5).counts.length).toBe(0);
    expect(flat.read(0, 0).length).toBe(0);
    flat.close();
  });

  it('refuses bad arguments, and goes on', () => {
    const flat = filled('L2', randomVectors(100 * DIM));
    const query = new Float32Array(DIM);
    const invalid = expect.objectContaining({ code: 'InvalidArgument' });
    const unsafe = (value: unknown): never => value as never;
    for (const bad of [new Float32Array(DIM + 1), new Float64Array(DIM), [1, 2], null, undefined, 'x', { length: DIM }]) {
      expect(() => flat.search(unsafe(bad), 1)).toThrow(invalid);
      expect(() => flat.append(unsafe(bad))).toThrow(invalid);
    }
    for (const k of [0, -1, 1.5, 16_385, NaN, Infinity, 2 ** 32 + 1, '3']) expect(() => flat.search(query, unsafe(k))).toThrow(invalid);
    for (const alive of [new Uint8Array(bitsetBytes(100) - 1), new Uint32Array(100), [255], null]) expect(() => flat.search(query, 1, unsafe(alive))).toThrow(invalid);
    for (const [first, count] of [[0, 101], [100, 1], [-1, 1], [0.5, 1], [0, NaN]] as const) expect(() => flat.read(first, count)).toThrow(invalid);
    expect(flat.size).toBe(100);
    expect(flat.search(query, 100).counts[0]).toBe(100);
    flat.close();
  });

  it('refuses a bad dimension and an unknown metric', () => {
    const core = create();
    for (const dim of [0, -1, 2.5, 32_769, NaN]) expect(() => core.createFlat(dim, 'L2')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    for (const metric of ['l2', 'toString', 'HAMMING']) expect(() => core.createFlat(4, metric as Metric)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });

  it('says so once it is closed', () => {
    const core = create();
    const before = core.memoryBytes();
    const flat = core.createFlat(DIM, 'L2');
    flat.close();
    flat.close();
    for (const use of [() => flat.search(new Float32Array(DIM), 1), () => flat.append(new Float32Array(DIM)), () => flat.read(0, 0)]) {
      expect(use).toThrow(expect.objectContaining({ code: 'Closed' }));
    }
    if (core.kind === 'native') expect(core.memoryBytes()).toBe(before);
  });
});
