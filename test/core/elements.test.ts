// Approximate indexes, codes and ranking over every element through the Core port, for every kernel set of both bindings:
// rows of the same values give the same answers whatever they are made of, on every core alike. Relaxed SIMD is held to
// none of it: its products differ between the two compilers of V8 11.3 (ann.test.ts), even within one build.

import { describe, expect, it } from 'vitest';
import type { Metric } from '../../src/model/metric.js';
import { METRICS } from '../../src/model/metric.js';
import type { AnnOptions, Candidates, Core, DenseElement, FlatIndex, VectorValues } from '../../src/ports/core.js';
import { CORES, randomVectors } from './flat-cores.js';

const DIM = 64;
const ROWS = 1100;
const K = 10;
const SHA = new Uint8Array(32).fill(7);
const ELEMENTS = ['FloatVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector'] as const;
const OPTIONS: AnnOptions = { effort: 60, keep: 100, rerank: 40, patience: 0 };

/** Whole numbers of -96 to 96 around a few centres, which every element holds. */
const values = ((): Float32Array<ArrayBuffer> => {
  const centres = randomVectors(20 * DIM, 5);
  return randomVectors(ROWS * DIM, 1).map((x, at) => Math.round(64 * (centres[(Math.floor(at / DIM) % 20) * DIM + (at % DIM)] as number) + 32 * x));
})();
const queries = values.slice(0, 5 * DIM).map((x, at) => x + 9 * Math.sin(at));

/** The stored bits of whole numbers below 256. */
const STORED: { readonly [E in DenseElement]: (values: Float32Array) => VectorValues<E, ArrayBuffer> } = {
  FloatVector: (all) => Float32Array.from(all),
  Float16Vector: (all) => Uint16Array.from(all, halfOf),
  BFloat16Vector: (all) => new Uint16Array(new Uint32Array(Float32Array.from(all).buffer).map((bits) => bits >>> 16)),
  Int8Vector: (all) => Int8Array.from(all),
};

function halfOf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(value) / 2 ** exponent - 1) * 1024);
}

function flatOf<E extends DenseElement>(core: Core, metric: Metric, element: E): FlatIndex<E> {
  const flat = core.createFlat<DenseElement>(DIM, metric, element);
  flat.append(STORED[element](values));
  return flat as FlatIndex<E>;
}

function fileOf(core: Core, flat: FlatIndex<DenseElement>): Uint8Array {
  const build = core.buildIndex(flat, { kind: 'graph', seed: 1, rowsSha256: SHA });
  while (!build.step(1_000_000));
  const file = build.bytes();
  build.close();
  return file;
}

function answersOf({ k, counts, rows }: Candidates): readonly (readonly number[])[] {
  return Array.from(counts, (count, q) => [...rows.subarray(q * k, q * k + count)]);
}

/** What the first core and element give, for all others to be held against. */
const firstFiles = new Map<string, Uint8Array>();
const firstAnswers = new Map<string, readonly (readonly number[])[]>();

function expectFirst(key: string, answers: readonly (readonly number[])[]): void {
  if (!firstAnswers.has(key)) firstAnswers.set(key, answers);
  expect(answers, key).toEqual(firstAnswers.get(key));
}

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

describe.each(CORES.filter(({ name }) => !name.endsWith('relaxed')))('$name', ({ create }) => {
  describe.each(ELEMENTS)('rows of %s', (element) => {
    it.each(METRICS)('under %s have the same file on every core and the same answers as of any element', (metric) => {
      const core = create();
      const flat = flatOf(core, metric, element);
      const file = fileOf(core, flat);
      const key = `${element} ${metric}`;
      if (!firstFiles.has(key)) firstFiles.set(key, file);
      expect(Buffer.compare(file, firstFiles.get(key) as Uint8Array)).toBe(0);
      const truth = answersOf(flat.search(queries, K));
      for (const kind of ['graph', 'ivf'] as const) {
        const index = core.openIndex(file, flat, { kind });
        const found = answersOf(index.search(queries, K, OPTIONS));
        expectFirst(`${metric} ${kind}`, found);
        const common = truth.flatMap((hits, q) => hits.filter((row) => found[q]?.includes(row))).length;
        expect(common / (K * truth.length)).toBeGreaterThanOrEqual(0.9);
        index.close();
      }
    });

    it('ranked after a search without rows are what a search with rows gives', () => {
      const core = create();
      for (const metric of METRICS) {
        const flat = flatOf(core, metric, element);
        const file = fileOf(core, flat);
        const [index, blind] = [core.openIndex(file, flat), core.openIndex(file, undefined)];
        const expected = index.search(queries, K, OPTIONS);
        const candidates = blind.search(queries, OPTIONS.rerank, OPTIONS);
        expect(expected.errors).toBeUndefined();
        expect(candidates.errors?.every((error) => error >= 0 && error < Infinity)).toBe(true);
        for (let q = 0; q < expected.counts.length; q++) {
          const rows = candidates.rows.subarray(q * OPTIONS.rerank, (q + 1) * OPTIONS.rerank);
          const vectors = STORED[element](Float32Array.from([...rows].flatMap((row) => [...values.subarray(row * DIM, (row + 1) * DIM)])));
          const ranking = core.rank<DenseElement>(metric, element, DIM, queries.subarray(q * DIM, (q + 1) * DIM), vectors, K);
          expect([...ranking.positions].map((position) => rows[position])).toEqual([...expected.rows.subarray(q * K, (q + 1) * K)]);
          expect(ranking.scores).toEqual(expected.scores.slice(q * K, (q + 1) * K));
        }
        for (const held of [index, blind, flat]) held.close();
      }
    });

    it('get codes by which nearly everything is found', () => {
      const core = create();
      const flat = flatOf(core, 'COSINE', element);
      const codes = core.codesOf(flat);
      while (codes.update(10_000) > 0);
      expect(codes.memoryBytes).toBeGreaterThan(ROWS * (DIM / 8));
      const found = codes.search(queries, K, { deviations: 4 });
      expect(codes.cost().scanned).toBeGreaterThan(0);
      expect(answersOf(found)).toEqual(answersOf(flat.search(queries, K)));
      codes.close();
    });

    it('are needed to search the index that was made of them', () => {
      const core = create();
      const file = fileOf(core, flatOf(core, 'L2', element));
      for (const other of ELEMENTS) {
        const rows = flatOf(core, 'L2', other);
        if (other === element) expect(core.openIndex(file, rows).kind).toBe('graph');
        else expect(() => core.openIndex(file, rows)).toThrow(code('InvalidArgument'));
      }
    });
  });

});

describe.each(CORES)('$name', ({ create }) => {
  it('refuses bit vectors, and what cannot be ranked', () => {
    const core = create();
    const bits = core.createFlat(64, 'HAMMING', 'BinaryVector');
    bits.append(new Uint8Array(8 * 100));
    const wrong = bits as unknown as FlatIndex<DenseElement>;
    expect(() => core.codesOf(wrong)).toThrow(code('InvalidArgument'));
    expect(() => core.buildIndex(wrong, { kind: 'ivf', seed: 1, rowsSha256: SHA })).toThrow(code('InvalidArgument'));
    expect(() => core.openIndex(fileOf(core, flatOf(core, 'L2', 'FloatVector')), wrong)).toThrow(code('InvalidArgument'));
    const [query, vectors] = [new Float32Array(8), new Int8Array(24)];
    expect(core.rank('L2', 'Int8Vector', 8, query, vectors, 10)).toEqual({ positions: Uint32Array.of(0, 1, 2), scores: new Float32Array(3) });
    expect(core.rank('L2', 'Int8Vector', 8, query, new Int8Array(), 10).positions).toHaveLength(0);
    const rank = core.rank as (...given: unknown[]) => unknown;
    for (const bad of [
      ['HAMMING', 'BinaryVector', 8, new Uint8Array(1), new Uint8Array(3), 1],
      ['JACCARD', 'Int8Vector', 8, query, vectors, 1],
      ['L2', 'FloatVector', 8, query, vectors, 1],
      ['L2', 'Int8Vector', 7, query, vectors, 1],
      ['L2', 'Int8Vector', 8, new Float32Array(16), vectors, 1],
      ['L2', 'Int8Vector', 8, query, new Int8Array(23), 1],
      ['L2', 'Int8Vector', 8, query, vectors, 0],
      ['L2', 'Int8Vector', 8, query, vectors, 16_385],
    ]) {
      expect(() => rank(...bad), String(bad)).toThrow(code('InvalidArgument'));
    }
  });
});
