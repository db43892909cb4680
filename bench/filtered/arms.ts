// Arms: the three ways to answer that a filtered search is held against each other by, timed in turns over the same queries
// within one process: the filtered search itself, the exact one over the rows that pass, and the graph without a filter.

import { countBits, type Bitset } from '../../src/model/bitset.js';
import type { Candidates } from '../../src/ports/core.js';
import { perQuery, type Counts } from '../counts.js';

export interface Arms {
  filtered(query: number, rows: Bitset): Candidates;
  exact(query: number, rows: Bitset): Candidates;
  plain(query: number): Candidates;
  /** Of the filtered and the plain, in sums; an exact scan among them counts as `scanRows` vectors. */
  counts(scanRows: number): Counts;
}

/** CPU seconds of a query by each arm, in one round. */
export interface ArmTimes {
  readonly filtered: number;
  readonly exact: number;
  readonly plain: number;
}

export interface CellTask {
  readonly queryCount: number;
  readonly k: number;
  readonly filterOf: (query: number) => Bitset;
}

export interface CellMeasured {
  /** Of the filtered arm: queries x k, -1 for none. */
  readonly ids: Int32Array;
  readonly counts: Counts;
  readonly times: readonly ArmTimes[];
}

export const ROUNDS = 5;
const ROUND_SECONDS = 0.02;

/** Every round takes another fifth of the queries, and every other one begins with the other end of the arms. */
export function measureCell(arms: Arms, { queryCount, k, filterOf }: CellTask): CellMeasured {
  const ids = new Int32Array(queryCount * k).fill(-1);
  const passing = Array.from({ length: queryCount }, (_, q) => countBits(filterOf(q))).reduce((sum, rows) => sum + rows, 0) / queryCount;
  const before = arms.counts(passing);
  for (let q = 0; q < queryCount; q++) {
    const { rows, counts } = arms.filtered(q, filterOf(q));
    ids.set(rows.subarray(0, counts[0]), q * k);
  }
  const counts = perQuery(before, arms.counts(passing), queryCount);
  const times: ArmTimes[] = [];
  for (let round = 0; round < Math.min(ROUNDS, queryCount); round++) {
    const block = Array.from({ length: queryCount }, (_, q) => q).filter((q) => q % ROUNDS === round);
    const searches = [
      ['filtered', (q: number) => arms.filtered(q, filterOf(q))],
      ['exact', (q: number) => arms.exact(q, filterOf(q))],
      ['plain', (q: number) => arms.plain(q)],
    ] as const;
    const inOrder = round % 2 === 0 ? searches : [...searches].reverse();
    const took: Record<keyof ArmTimes, number> = { filtered: 0, exact: 0, plain: 0 };
    for (const [name, search] of inOrder) took[name] = secondsOf(block, search);
    times.push(took);
  }
  return { ids, counts, times };
}

function secondsOf(block: readonly number[], search: (query: number) => unknown): number {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let passes = 0;
  do {
    for (const query of block) search(query);
    passes++;
  } while (performance.now() - start < ROUND_SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6 / (passes * block.length);
}
