// Filters of the bench are what they are said to be, the judge finds the truth under each, and the arms are timed alike.

import { describe, expect, test } from 'vitest';
import { createDistance } from '../../bench/distance.js';
import { measureCell, ROUNDS, type Arms } from '../../bench/filtered/arms.js';
import { cellsOf, labelCell, SELECTIVITIES, type Cell } from '../../bench/filtered/cells.js';
import { clustersOf } from '../../bench/filtered/clusters.js';
import { Judge } from '../../bench/filtered/judge.js';
import { filteredLine, worstLine } from '../../bench/filtered/report.js';
import type { Vectors } from '../../bench/target.js';
import { bitsetOf, countBits, hasBit, setRows, type Bitset } from '../../src/model/bitset.js';
import { random } from '../support/random.js';

const SEED = 5;
const N = 2000;
const D = 4;

/** Eight clouds far from each other, one after the other. */
function clouds(n: number, seed: number): Vectors {
  const next = random(seed);
  return { n, d: D, values: Float32Array.from({ length: n * D }, (_, i) => (Math.floor(i / D) % 8) * 100 * ((i % D) + 1) + next()) };
}
const base = clouds(N, SEED);
const queries = clouds(24, SEED + 1);
const clusters = clustersOf('l2', base, queries);
const cells = cellsOf(clusters);
const cellOf = (kind: string, selectivity: number): Cell => cells.find((cell) => cell.kind === kind && cell.selectivity === selectivity) as Cell;
const filterOf = (cell: Cell, q: number): Bitset => cell.filters[cell.filterOf[q] as number] as Bitset;

describe('clusters', () => {
  test('rows of one cloud never share a cluster with another, and a query goes with its cloud', () => {
    const cloudOf = new Map<number, number>();
    clusters.ofRow.forEach((cluster, row) => {
      expect(cloudOf.get(cluster) ?? row % 8).toBe(row % 8);
      cloudOf.set(cluster, row % 8);
    });
    clusters.ofQuery.forEach((cluster, q) => expect(cloudOf.get(cluster)).toBe(q % 8));
  });

  test('are the same at every call, and each comes first in its own order', () => {
    expect(clustersOf('l2', base, queries).ofRow).toEqual(clusters.ofRow);
    for (let cluster = 0; cluster < clusters.count; cluster++) {
      expect(clusters.order(cluster)[0]).toBe(cluster);
      expect(new Set(clusters.order(cluster)).size).toBe(clusters.count);
    }
  });
});

describe('cells', () => {
  test('there is one for each selectivity and kind, and exactly that share passes', () => {
    expect(cells).toHaveLength(SELECTIVITIES.length * 3);
    for (const { filters, selectivity } of cells) for (const filter of filters) expect(countBits(filter)).toBe(Math.round(selectivity * N));
  });

  test('the same cluster is the query’s own, the opposite one is not, a random one is anywhere', () => {
    const cloudsOf = (kind: string, q: number): ReadonlySet<number> => new Set([...setRows(filterOf(cellOf(kind, 0.01), q))].map((row) => row % 8));
    for (let q = 0; q < queries.n; q++) {
      expect([...cloudsOf('same', q)]).toEqual([q % 8]);
      expect(cloudsOf('opposite', q).has(q % 8)).toBe(false);
      expect(cloudsOf('random', q).size).toBeGreaterThan(3);
    }
  });

  test('labels take turns', () => {
    const cell = labelCell(['b', 'a', 'b'], 4);
    expect([...cell.filterOf]).toEqual([0, 1, 0, 1]);
    expect(cell.filters.map((filter) => [...setRows(filter)])).toEqual([[1], [0, 2]]);
  });
});

describe('judge', () => {
  const K = 10;
  const distance = createDistance('l2', queries, base);
  const best = (cell: Cell, q: number): number[] => [...setRows(filterOf(cell, q))].sort((a, b) => distance(q, a) - distance(q, b)).slice(0, K);
  const padded = (ids: readonly number[]): number[] => [...ids, ...new Array<number>(K - ids.length).fill(-1)];
  const answers = (cell: Cell, change: (ids: number[]) => number[] = (ids) => ids): Int32Array => Int32Array.from(Array.from({ length: queries.n }, (_, q) => padded(change(best(cell, q)))).flat());
  const judge = new Judge('l2', queries, base, cells, K);

  test('the true neighbours are all right in every cell, also where fewer than k pass', () => {
    for (const cell of cells) expect(judge.judge(cell, answers(cell))).toEqual({ recall: 1, short: 0 });
  });

  test('what is missing is missed, and told apart from what is short', () => {
    const few = cellOf('random', 0.001);
    expect(judge.judge(few, answers(few, (ids) => ids.slice(1)))).toEqual({ recall: 0.5, short: queries.n });
    const many = cellOf('random', 0.9);
    expect(judge.judge(many, answers(many, ([first]) => new Array<number>(K).fill(first as number))).recall).toBeCloseTo(0.1, 9);
  });

  test('a row that does not pass is an error, not a miss', () => {
    const cell = cellOf('same', 0.01);
    const outside = Array.from({ length: N }, (_, row) => row).find((row) => !hasBit(filterOf(cell, 0), row)) as number;
    const ids = answers(cell);
    ids[0] = outside;
    expect(() => judge.judge(cell, ids)).toThrow(`query 0: row ${outside} does not pass its filter`);
  });
});

test('every arm is asked with the filter of its query, and counts are of the filtered arm alone', () => {
  const filters = [bitsetOf(64, true), bitsetOf(128, true)];
  const calls = { filtered: 0, exact: 0, plain: 0 };
  const candidates = (row: number) => ({ k: 2, counts: Uint32Array.of(1), rows: Uint32Array.of(row, 99), scores: new Float32Array(2) });
  const arms: Arms = {
    filtered: (q, rows) => (expect(rows).toBe(filters[q % 2]), calls.filtered++, candidates(q)),
    exact: (q, rows) => (expect(rows).toBe(filters[q % 2]), calls.exact++, candidates(q)),
    plain: (q) => (calls.plain++, candidates(q)),
    counts: (scanRows) => ({ hops: calls.filtered, codes4: calls.plain, codes1: 0, lists: 0, vectors: calls.filtered * scanRows, bytes: 0 }),
  };
  const { ids, counts, times } = measureCell(arms, { queryCount: 6, k: 2, filterOf: (q) => filters[q % 2] as Bitset });
  expect([...ids]).toEqual([0, -1, 1, -1, 2, -1, 3, -1, 4, -1, 5, -1]);
  expect(counts).toMatchObject({ hops: 1, codes4: 0, vectors: 96 });
  expect(times).toHaveLength(ROUNDS);
  for (const took of times) for (const seconds of Object.values(took)) expect(seconds).toBeGreaterThanOrEqual(0);
  expect(calls.exact).toBeGreaterThan(0);
});

test('cost is over the cheaper way, and the worst of all cells is found by name', () => {
  const counts = { hops: 0, codes4: 0, codes1: 0, lists: 0, vectors: 0, bytes: 0 };
  const shape = { asked: 0.95, n: 1, d: 2, k: 3 };
  const line = (kind: 'same' | 'random', recall: number, filtered: number) =>
    filteredLine('wasm', { ...cellOf(kind, 0.001), kind }, { recall, short: 0 }, counts, [{ filtered, exact: 2, plain: 8 }, { filtered: filtered * 2, exact: 2, plain: 1 }, { filtered: filtered * 4, exact: 2, plain: 8 }], shape);
  const lines = [line('same', 0.9, 3), line('random', 0.99, 4)];
  expect(lines[0]).toMatchObject({ filtered: 'wasm', kind: 'same', selectivity: 0.001, recall: 0.9, cost: [1.5, 3, 6], n: 1, d: 2, k: 3 });
  expect(worstLine(lines)).toEqual({ filteredWorst: 'wasm', recall: 0.9, recallAt: 'same 0.1 %', cost: 4, costAt: 'random 0.1 %' });
});
