// Codes of growing rows: what every core must give, and that all give the same.

import { describe, expect, it } from 'vitest';
import type { Metric } from '../../src/model/metric.js';
import type { Candidates, FlatCodes, FlatIndex } from '../../src/ports/core.js';
import { CORES, randomVectors } from './flat-cores.js';

const DIM = 64;
const OPTIONS = { deviations: 3 };
const invalid = expect.objectContaining({ code: 'InvalidArgument' });
const closed = expect.objectContaining({ code: 'Closed' });

/** Points about 16 centres. */
function clustered(count: number, seed: number): Float32Array<ArrayBuffer> {
  const centres = randomVectors(16 * DIM, 7);
  const rows = randomVectors(count * DIM, seed);
  for (let i = 0; i < count; i++) for (let j = 0; j < DIM; j++) rows[i * DIM + j] = (rows[i * DIM + j] as number) * 0.5 + (centres[((i * 5) % 16) * DIM + j] as number);
  return rows;
}

function updateAll(codes: FlatCodes, rowsMax: number): void {
  for (let calls = 0; codes.update(rowsMax) > 0; calls++) expect(calls).toBeLessThan(10_000);
}

function recallOf(found: Candidates, truth: Candidates): number {
  let [hits, wanted] = [0, 0];
  truth.counts.forEach((count, q) => {
    const rows = new Set(found.rows.subarray(q * truth.k, q * truth.k + (found.counts[q] as number)));
    for (const row of truth.rows.subarray(q * truth.k, q * truth.k + count)) hits += rows.has(row) ? 1 : 0;
    wanted += count;
  });
  return hits / wanted;
}

function open(core: (typeof CORES)[number], metric: Metric): { rows: FlatIndex; codes: FlatCodes } {
  const created = core.create();
  const rows = created.createFlat(DIM, metric);
  return { rows, codes: created.codesOf(rows) };
}

describe.each(CORES)('codes of $name', (core) => {
  it.each(['L2', 'IP', 'COSINE'] as const)('find what an exact scan finds under %s, while rows are appended', (metric) => {
    const { rows, codes } = open(core, metric);
    const queries = clustered(16, 99);
    expect(codes.search(queries, 10, OPTIONS).counts[0]).toBe(0);
    for (let seed = 1; rows.size < 3000; seed++) {
      rows.append(clustered(seed * 100 + 7, seed));
      codes.update(500);
      expect(recallOf(codes.search(queries, 10, OPTIONS), rows.search(queries, 10))).toBeGreaterThanOrEqual(0.98);
    }
    updateAll(codes, 300);
    const before = codes.cost();
    expect(recallOf(codes.search(queries, 10, OPTIONS), rows.search(queries, 10))).toBeGreaterThanOrEqual(0.98);
    const after = codes.cost();
    expect(after.scanned - before.scanned).toBe(16 * rows.size);
    expect(after.reranked - before.reranked).toBeLessThan((16 * rows.size) / 4);
    expect(after.scans).toBe(before.scans);
    expect(codes.recall(OPTIONS)).toBeGreaterThan(0.97);
    expect(codes.recall(OPTIONS)).toBeLessThan(1);
    expect(codes.memoryBytes).toBeGreaterThan((rows.size * DIM) / 8);
    codes.close();
    rows.close();
  });

  it('find k rows whenever k match', () => {
    const { rows, codes } = open(core, 'L2');
    rows.append(clustered(2000, 3));
    updateAll(codes, 1000);
    const queries = clustered(4, 98);
    for (const every of [1, 3, 50, 900]) {
      const alive = new Uint8Array(256);
      for (let row = 0; row < 2000; row += every) alive[row >> 3] = (alive[row >> 3] as number) | (1 << (row & 7));
      for (const k of [1, 10, 2500]) {
        const found = codes.search(queries, k, OPTIONS, alive);
        expect(Array.from(found.counts)).toEqual(Array.from(rows.search(queries, k, alive).counts));
        expect(recallOf(found, rows.search(queries, k, alive))).toBeGreaterThanOrEqual(0.97);
      }
    }
    codes.close();
    rows.close();
  });

  it('refuse what breaks the contract', () => {
    const { rows, codes } = open(core, 'L2');
    for (const rowsMax of [0, -1, 1.5, NaN, 2 ** 31]) expect(() => codes.update(rowsMax)).toThrow(invalid);
    for (const deviations of [0, -1, NaN]) {
      expect(() => codes.search(new Float32Array(DIM), 1, { deviations })).toThrow(invalid);
      expect(() => codes.recall({ deviations })).toThrow(invalid);
    }
    expect(() => codes.search(new Float32Array(DIM + 1), 1, OPTIONS)).toThrow(invalid);
    expect(() => codes.search(new Float32Array(DIM), 0, OPTIONS)).toThrow(invalid);
    codes.close();
    codes.close();
    expect(() => codes.update(1)).toThrow(closed);
    expect(() => codes.search(new Float32Array(DIM), 1, OPTIONS)).toThrow(closed);
    expect(() => codes.recall(OPTIONS)).toThrow(closed);
    rows.close();
    expect(() => core.create().codesOf(rows)).toThrow();
  });
});

it('all cores find the same rows by their codes', () => {
  const answers = CORES.map((core) => {
    const { rows, codes } = open(core, 'L2');
    rows.append(clustered(1500, 5));
    updateAll(codes, 200);
    const found = codes.search(clustered(20, 97), 10, OPTIONS);
    const { scanned, scans } = codes.cost();
    const recall = codes.recall(OPTIONS);
    codes.close();
    rows.close();
    return { rows: Array.from(found.rows), scanned, scans, recall };
  });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
