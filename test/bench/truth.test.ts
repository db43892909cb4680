// Recall is counted by true distance: ties are right, doubles count once, and a ground truth of other data is refused.

import { describe, expect, test } from 'vitest';
import { createDistance } from '../../bench/distance.js';
import type { Vectors } from '../../bench/target.js';
import { truthFromData, truthFromFile } from '../../bench/truth.js';
import { random } from '../support/random.js';

function floats(...rows: readonly (readonly number[])[]): Vectors {
  return { n: rows.length, d: rows[0]?.length ?? 0, values: Float32Array.from(rows.flat()) };
}
function bits(...rows: readonly (readonly number[])[]): Vectors {
  return { n: rows.length, d: (rows[0]?.length ?? 0) * 8, values: Uint8Array.from(rows.flat()) };
}

describe('distance', () => {
  test('each metric is its formula', () => {
    const query = floats([1, 2]);
    const base = floats([4, 6], [0, 0]);
    expect(createDistance('l2', query, base)(0, 0)).toBe(25);
    expect(createDistance('ip', query, base)(0, 0)).toBe(-16);
    expect(createDistance('cosine', query, base)(0, 0)).toBeCloseTo(1 - 16 / Math.sqrt(5 * 52), 12);
    expect(createDistance('cosine', query, base)(0, 1)).toBe(1);
    const set = bits([0b1100, 0]);
    const sets = bits([0b1010, 1], [0, 0]);
    expect(createDistance('hamming', set, sets)(0, 0)).toBe(3);
    expect(createDistance('jaccard', set, sets)(0, 0)).toBe(3 / 4);
    expect(createDistance('jaccard', bits([0, 0]), sets)(0, 1)).toBe(0);
  });

  test('a squared distance that stops early is above the limit, one that does not is exact', () => {
    const query = floats(new Array<number>(200).fill(0));
    const base = floats(new Array<number>(200).fill(1));
    expect(createDistance('l2', query, base)(0, 0, 200)).toBe(200);
    expect(createDistance('l2', query, base)(0, 0, 50)).toBeGreaterThan(50);
  });
});

describe('recall', () => {
  const query = floats([0, 0]);
  // Distances 1, 1, 1, 4, 9.
  const base = floats([1, 0], [0, 1], [-1, 0], [2, 0], [3, 0]);
  const truth = truthFromData('l2', query, base, 2);

  test.each<[string, readonly number[], number]>([
    ['the true two', [0, 1], 1],
    ['a tie with the true second', [2, 1], 1],
    ['one that is farther', [0, 3], 0.5],
    ['the same row twice', [0, 0], 0.5],
    ['one row missing', [1, -1], 0.5],
    ['a row that is not there', [1, 5], 0.5],
    ['nothing right', [4, 3], 0],
  ])('%s', (_, ids, recall) => expect(truth.recall(Int32Array.from(ids))).toBe(recall));

  test('a distance within 1e-5 of the k-th is a tie, beyond it is not', () => {
    const near = truthFromData('l2', floats([0]), floats([1], [1.000004], [1.00001]), 1);
    expect(near.recall(Int32Array.of(1))).toBe(1);
    expect(near.recall(Int32Array.of(2))).toBe(0);
  });

  test('of fewer rows than k, all of them are all', () => {
    const few = truthFromData('l2', query, floats([1, 0]), 3);
    expect(few.recall(Int32Array.of(0, -1, -1))).toBe(1);
  });

  test('brute force and a ground-truth file agree', () => {
    const seed = 7;
    const next = random(seed);
    const vectors = (n: number): Vectors => ({ n, d: 80, values: Float32Array.from({ length: n * 80 }, () => Math.floor(next() * 8) - 4) });
    const queries = vectors(9);
    const rows = vectors(300);
    for (const metric of ['l2', 'ip', 'cosine'] as const) {
      const distance = createDistance(metric, queries, rows);
      const order = (q: number): number[] => Array.from({ length: rows.n }, (_, row) => row).sort((a, b) => distance(q, a) - distance(q, b));
      const gt = { n: 9, d: 20, values: Int32Array.from(Array.from({ length: 9 }, (_, q) => order(q).slice(0, 20)).flat()) };
      const answer = Int32Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? Math.floor(next() * rows.n) : (gt.values[Math.floor(i / 10) * 20 + (i % 10)] as number)));
      const fromFile = truthFromFile('gt', gt, metric, queries, rows, 10);
      expect(fromFile.recall(answer), `${metric}, seed ${seed}`).toBe(truthFromData(metric, queries, rows, 10).recall(answer));
      expect(fromFile.recall(gt.values.filter((_, i) => i % 20 < 10))).toBe(1);
    }
  });

  test('a ground truth that does not fit is refused', () => {
    const file = (d: number, ...values: readonly number[]) => ({ n: values.length / d, d, values: Int32Array.from(values) });
    const read = (gt: ReturnType<typeof file>) => () => truthFromFile('gt', gt, 'l2', query, base, 2);
    expect(read(file(2, 0, 1, 0, 1))).toThrow('gt: expected a row for each of the 1 queries, found 2');
    expect(read(file(1, 0))).toThrow('gt: expected at least k = 2 neighbours a query, found 1');
    expect(read(file(2, 0, 5))).toThrow('gt: query 0: expected a row from 0 to 4, found 5');
    expect(read(file(2, 4, 0))).toThrow(/nearer than the one before them under l2/);
  });
});
