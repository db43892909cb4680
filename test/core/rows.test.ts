// Flat indexes of every element, and searches within a range, through the Core port: one suite for every kernel set of both
// bindings, against brute force in f64.

import { describe, expect, it } from 'vitest';
import { bitsetOf, setBit } from '../../src/model/bitset.js';
import { BINARY_METRICS, METRICS } from '../../src/model/metric.js';
import type { FlatIndex, MetricOf, QueryValues, ScoreRange, VectorElement, VectorValues } from '../../src/ports/core.js';
import { CORES, randomVectors } from './flat-cores.js';
import { hitsOf, isIn, randomStored, sorted, trueScore, valueOf, type AnyMetric, type Hit } from './rows-support.js';

const DIM = 40;
const ROWS = 300;
const TOLERANCE = 1e-5;

const DENSE = ['FloatVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector'] as const;
const KINDS: readonly (readonly [VectorElement, AnyMetric])[] = [
  ...DENSE.flatMap((element) => METRICS.map((metric) => [element, metric] as const)),
  ...BINARY_METRICS.map((metric) => ['BinaryVector', metric] as const),
];

const invalid = expect.objectContaining({ code: 'InvalidArgument' });
const unsafe = (value: unknown): never => value as never;

/** Rows from which the scores of row r and query q come in f64. */
interface Fixture {
  readonly stored: VectorValues<VectorElement>;
  readonly queries: QueryValues<VectorElement>;
  scores(q: number): readonly number[];
}

function fixture(element: VectorElement, metric: AnyMetric, queryCount: number): Fixture {
  const width = element === 'BinaryVector' ? DIM / 8 : DIM;
  const stored = randomStored(element, ROWS * width, 1);
  stored.fill(0, 0, width); // a zero vector
  stored.copyWithin(5 * width, 4 * width, 5 * width); // the same twice
  const queries = element === 'BinaryVector' ? (randomStored(element, queryCount * width, 2) as Uint8Array) : randomVectors(queryCount * width, 2);
  const values = Float64Array.from(stored, (value) => valueOf(element, value));
  const scores = (q: number): readonly number[] => {
    const query = queries.subarray(q * width, (q + 1) * width);
    return Array.from({ length: ROWS }, (_, row) => trueScore(metric, query, values.subarray(row * width, (row + 1) * width)));
  };
  return { stored, queries, scores };
}

/** What sums round to is in proportion to what was added, of which the largest score tells. */
function expectHits(found: readonly Hit[], expected: readonly Hit[], scores: readonly number[]): void {
  const tolerance = TOLERANCE * Math.max(1, ...scores.map(Math.abs));
  expect(found.length).toBe(expected.length);
  expect(new Set(found.map(([row]) => row)).size).toBe(found.length);
  found.forEach(([row, score], i) => {
    const [, truth] = expected[i] as Hit;
    expect(Math.abs(score - truth)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs((scores[row] as number) - score)).toBeLessThanOrEqual(tolerance);
  });
}

describe.each(CORES)('$name', ({ create }) => {
  const filled = (element: VectorElement, metric: AnyMetric, { stored }: Fixture): FlatIndex<VectorElement> => {
    const flat = create().createFlat<VectorElement>(DIM, metric as MetricOf<VectorElement>, element);
    flat.append(stored);
    return flat;
  };

  it.each(KINDS)('finds what sorting finds: %s under %s', (element, metric) => {
    const given = fixture(element, metric, 3);
    const flat = filled(element, metric, given);
    expect([flat.element, flat.metric, flat.dim, flat.size]).toEqual([element, metric, DIM, ROWS]);
    expect(flat.read(3, ROWS - 3)).toEqual(given.stored.slice((3 * given.stored.length) / ROWS));
    const some = bitsetOf(ROWS, false);
    for (let row = 0; row < ROWS; row += 3) setBit(some, row);
    for (const alive of [undefined, some]) {
      for (const k of [1, 10, ROWS + 1]) {
        const found = flat.search(given.queries, k, alive);
        for (let q = 0; q < 3; q++) expectHits(hitsOf(found, q), sorted(metric, given.scores(q), k, alive), given.scores(q));
      }
    }
    flat.close();
  });

  it.each(KINDS)('finds within a range what filtering all scores leaves: %s under %s', (element, metric) => {
    const given = fixture(element, metric, 70);
    const flat = filled(element, metric, given);
    const some = bitsetOf(ROWS, false);
    for (let row = 0; row < ROWS; row += 2) setBit(some, row);
    for (const alive of [undefined, some]) {
      const all = flat.search(given.queries, ROWS, alive);
      for (const [from, to] of [[0, 20], [20, 0], [30, 31], [7, 7]] as const) {
        // Bounds that are scores of query 0, so that what is just in and just out is tried.
        const [radius, rangeFilter] = [hitsOf(all, 0)[to]?.[1] as number, hitsOf(all, 0)[from]?.[1] as number];
        for (const range of [{ radius, rangeFilter }, { radius }, { rangeFilter }, {}, { radius: rangeFilter, rangeFilter: radius }] satisfies ScoreRange[]) {
          const found = flat.search(given.queries, 10, alive, range);
          for (const q of [0, 1, 69]) expect(hitsOf(found, q)).toEqual(hitsOf(all, q).filter(([, score]) => isIn(metric, range, score)).slice(0, 10));
        }
      }
    }
    flat.close();
  });

  it('takes bit vectors of the greatest dimension, in a batch larger than what crosses at once', () => {
    const dim = 262_144;
    const bits = randomStored('BinaryVector', (5 * dim) / 8, 3) as Uint8Array;
    const flat = create().createFlat(dim, 'HAMMING', 'BinaryVector');
    flat.append(bits);
    const queries = new Uint8Array((60 * dim) / 8);
    for (let q = 0; q < 60; q++) queries.set(bits.subarray(((q % 5) * dim) / 8, (((q % 5) + 1) * dim) / 8), (q * dim) / 8);
    const found = flat.search(queries, 1);
    expect([...found.rows]).toEqual(Array.from({ length: 60 }, (_, q) => q % 5));
    expect([...found.scores]).toEqual(new Array(60).fill(0));
    flat.close();
  });

  it('puts rows and queries that are not numbers last, and within no range', () => {
    const flat = create().createFlat(2, 'IP', 'Float16Vector');
    flat.append(Uint16Array.of(0x7e00, 0x3c00, 0x3c00, 0x3c00, 0, 0));
    expect(hitsOf(flat.search(Float32Array.of(1, 1), 3), 0)).toEqual([[1, 2], [2, 0], [0, NaN]]);
    expect(hitsOf(flat.search(Float32Array.of(1, 1), 3, undefined, {}), 0)).toEqual([[1, 2], [2, 0]]);
    expect([...flat.search(Float32Array.of(NaN, 1), 3).rows]).toEqual([0, 1, 2]);
    flat.close();
  });

  it('refuses what does not go together', () => {
    const core = create();
    for (const element of DENSE) {
      for (const metric of [...BINARY_METRICS, 'BM25']) expect(() => core.createFlat(8, unsafe(metric), element)).toThrow(invalid);
      for (const dim of [0, -1, 2.5, 32_769, NaN]) expect(() => core.createFlat(dim, 'L2', element)).toThrow(invalid);
    }
    for (const metric of METRICS) expect(() => core.createFlat(8, unsafe(metric), 'BinaryVector')).toThrow(invalid);
    for (const dim of [0, 4, 12, 262_152, NaN]) expect(() => core.createFlat(dim, 'HAMMING', 'BinaryVector')).toThrow(invalid);
    for (const element of ['SparseFloatVector', 'toString', '', null, 101] as readonly unknown[]) expect(() => core.createFlat(8, 'L2', element as 'FloatVector')).toThrow(invalid);
  });

  it('refuses arrays of another type or length, and ranges that are none', () => {
    const flat = create().createFlat(16, 'L2', 'Int8Vector');
    flat.append(new Int8Array(32));
    for (const bad of [new Int8Array(15), new Uint8Array(16), new Float32Array(16), new Uint8ClampedArray(16), [1, 2], null, undefined]) expect(() => flat.append(unsafe(bad))).toThrow(invalid);
    for (const bad of [new Float32Array(15), new Int8Array(16), null]) expect(() => flat.search(unsafe(bad), 1)).toThrow(invalid);
    for (const bad of [null, 1, { radius: NaN }, { rangeFilter: NaN }, { radius: '1' }]) expect(() => flat.search(new Float32Array(16), 1, undefined, unsafe(bad))).toThrow(invalid);
    expect(flat.size).toBe(2);
    const bits = create().createFlat(16, 'JACCARD', 'BinaryVector');
    for (const bad of [new Uint8Array(3), new Int8Array(2), new Float32Array(16)]) {
      expect(() => bits.append(unsafe(bad))).toThrow(invalid);
      expect(() => bits.search(unsafe(bad), 1)).toThrow(invalid);
    }
    for (const index of [flat, bits]) index.close();
    expect(() => bits.search(new Uint8Array(2), 1)).toThrow(expect.objectContaining({ code: 'Closed' }));
  });

  it('builds no graph of bits', () => {
    const core = create();
    const bits = core.createFlat(16, 'HAMMING', 'BinaryVector');
    bits.append(new Uint8Array(200));
    expect(() => core.buildIndex(unsafe(bits), { kind: 'graph', seed: 1, rowsSha256: new Uint8Array(32) })).toThrow(invalid);
    bits.close();
  });
});
