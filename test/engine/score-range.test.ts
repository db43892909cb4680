// Hits within a range of scores, cut to it by half-open bounds.

import { describe, expect, test } from 'vitest';
import { cutToRange } from '../../src/engine/search/score-range.js';

describe('a range of scores', () => {
  test('is half open, towards the nearer end', () => {
    const distances = { k: 4, counts: Uint32Array.of(4), rows: Uint32Array.of(7, 5, 6, 4), scores: Float32Array.of(1, 2, 3, 4) };
    const near = cutToRange(distances, { radius: 4, rangeFilter: 2 }, 'L2', 3);
    expect([...near.rows.subarray(0, near.counts[0])]).toEqual([5, 6]);
    const similar = { k: 4, counts: Uint32Array.of(4), rows: Uint32Array.of(7, 5, 6, 4), scores: Float32Array.of(4, 3, 2, 1) };
    const far = cutToRange(similar, { radius: 1, rangeFilter: 3 }, 'IP', 3);
    expect([...far.rows.subarray(0, far.counts[0])]).toEqual([5, 6]);
  });

  test('keeps k of each query', () => {
    const found = { k: 2, counts: Uint32Array.of(2, 1), rows: Uint32Array.of(1, 2, 3, 0), scores: Float32Array.of(1, 2, 3, NaN) };
    const cut = cutToRange(found, { radius: 10 }, 'L2', 1);
    expect(cut).toEqual({ k: 1, counts: Uint32Array.of(1, 1), rows: Uint32Array.of(1, 3), scores: Float32Array.of(1, 3) });
  });
});
