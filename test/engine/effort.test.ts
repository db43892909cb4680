// Effort: from a recall, or from parameters given by hand, to the parameters of a search.

import { describe, expect, test } from 'vitest';
import { effortFor, givenEffort, harder, isFar, rerankOf } from '../../src/engine/search/effort.js';
import type { Calibration } from '../../src/format/calibration.js';

const graph: Calibration = {
  far: 1,
  points: [
    { k: 10, effort: 12, keep: 12, rerank: 12, patience: 0, recall: 9300 },
    { k: 10, effort: 20, keep: 20, rerank: 20, patience: 0, recall: 9700 },
    { k: 10, effort: 0, keep: 40, rerank: 40, patience: 100, recall: 9000 },
    { k: 10, effort: 0, keep: 40, rerank: 40, patience: 300, recall: 9750 },
    { k: 100, effort: 120, keep: 120, rerank: 120, patience: 0, recall: 9600 },
    { k: 100, effort: 0, keep: 400, rerank: 400, patience: 900, recall: 9900 },
  ],
};
const ivf: Calibration = {
  far: 1,
  points: [
    { k: 10, effort: 3, keep: 50, rerank: 20, patience: 0, recall: 9200 },
    { k: 10, effort: 8, keep: 50, rerank: 20, patience: 0, recall: 9800 },
    { k: 100, effort: 12, keep: 300, rerank: 200, patience: 0, recall: 9700 },
  ],
};

describe('effort', () => {
  test('is the least that reaches the recall', () => {
    expect(effortFor(graph, 'graph', 5, 0.9, false)).toEqual({ effort: 12, keep: 12, rerank: 12, patience: 0, recall: 0.93 });
    expect(effortFor(graph, 'graph', 10, 0.95, false)).toMatchObject({ effort: 20, recall: 0.97 });
    expect(effortFor(ivf, 'ivf', 10, 0.95, false)).toMatchObject({ effort: 8, keep: 50, rerank: 20 });
  });

  test('grows with k: of a graph the rows kept, of lists what is kept of them', () => {
    expect(effortFor(graph, 'graph', 50, 0.95, false)).toMatchObject({ effort: 60, rerank: 60 });
    expect(effortFor(graph, 'graph', 300, 0.95, false)).toMatchObject({ effort: 360, keep: 360, rerank: 360 });
    expect(effortFor(ivf, 'ivf', 50, 0.95, false)).toMatchObject({ effort: 12, keep: 150, rerank: 100 });
    expect(effortFor(ivf, 'ivf', 300, 0.95, false)).toMatchObject({ effort: 36, keep: 900, rerank: 600 });
  });

  test('under a filter aims higher, and has patience for lists', () => {
    expect(effortFor(graph, 'graph', 10, 0.95, true)).toMatchObject({ effort: 20, patience: 300, keep: 40, rerank: 40, recall: 0.97 });
    // No patience was enough: all lists are read.
    expect(effortFor(ivf, 'ivf', 10, 0.95, true)).toMatchObject({ effort: 8, patience: 0, keep: 200 });
  });

  test('is none where no point reaches the recall, so that the search is exact', () => {
    expect(effortFor(graph, 'graph', 10, 0.99, false)).toBeUndefined();
    expect(effortFor(graph, 'graph', 50, 0.97, false)).toBeUndefined();
    expect(effortFor({ far: 0, points: [] }, 'graph', 10, 0.5, false)).toBeUndefined();
  });

  test('given by hand is taken as it is, for an index of its kind', () => {
    expect(givenEffort(graph, 'graph', 10, { ef: 16 })).toMatchObject({ effort: 16, recall: 0.93 });
    expect(givenEffort(graph, 'graph', 10, { ef: 3 })).toMatchObject({ effort: 3, rerank: 10, recall: 0 });
    expect(givenEffort(graph, 'graph', 10, { nprobe: 16 })).toBeUndefined();
    expect(givenEffort(ivf, 'ivf', 10, { nprobe: 5 })).toMatchObject({ effort: 5, keep: 50, rerank: 20, recall: 0.92 });
    expect(givenEffort({ far: 0, points: [] }, 'ivf', 10, { nprobe: 5 })).toMatchObject({ effort: 5, keep: 200, rerank: 40, recall: 0 });
  });

  test('for far queries is more', () => {
    expect(harder({ effort: 10, keep: 10, rerank: 10, patience: 100 }, 'graph', 10)).toEqual({ effort: 60, keep: 20, rerank: 20, patience: 600 });
    expect(harder({ effort: 6, keep: 6, rerank: 10, patience: 0 }, 'graph', 10)).toMatchObject({ effort: 60 });
    expect(harder({ effort: 6, keep: 6, rerank: 10, patience: 0 }, 'ivf', 10)).toMatchObject({ effort: 36 });
    expect(isFar(graph, Float32Array.of(0.5, 1.5), 'L2', 0.95)).toBe(true);
    expect(isFar(graph, Float32Array.of(0.5, 0.9), 'L2', 0.95)).toBe(false);
    expect(isFar(graph, Float32Array.of(0.9, 0.5), 'COSINE', 0.95)).toBe(true);
    expect(isFar(graph, Float32Array.of(0.9, 0.5), 'IP', 0.95)).toBe(false);
    // At a recall of a half, the sixth to tenth of those found say nothing.
    expect(isFar(graph, Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.9, 2, 3, 4, 5, 6), 'L2', 0.5)).toBe(false);
    expect(isFar(graph, Float32Array.of(0.1, 0.2, 0.3, 0.4, 1.1, 2, 3, 4, 5, 6), 'L2', 0.5)).toBe(true);
    expect(isFar(graph, new Float32Array(0), 'L2', 0.95)).toBe(false);
  });

  test('re-ranks at least k', () => {
    for (const k of [1, 10, 100]) for (const ef of [1, 10, 50, 500, 5000]) expect(rerankOf(ef, k)).toBeGreaterThanOrEqual(k);
  });
});
