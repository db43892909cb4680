// What a cell comes to: a line of JSON, and the worst of all cells.

import type { Counts } from '../counts.js';
import { rounded } from '../log.js';
import { median } from '../statistics.js';
import type { ArmTimes } from './arms.js';
import type { Cell } from './cells.js';
import type { Verdict } from './judge.js';

export interface FilteredLine {
  /** The core. */
  readonly filtered: string;
  readonly kind: string;
  readonly selectivity: number;
  readonly asked: number;
  readonly recall: number;
  /** Queries that got fewer rows than k, though more passed. */
  readonly short: number;
  readonly qpsCpu: number;
  /** Of the exact search over the rows that pass, and of the graph without a filter. */
  readonly exactQpsCpu: number;
  readonly plainQpsCpu: number;
  /** CPU time over that of the cheaper of the two, round by round: least, median, greatest. */
  readonly cost: readonly [number, number, number];
  readonly counts: Counts;
  readonly n: number;
  readonly d: number;
  readonly k: number;
}

export interface WorstLine {
  readonly filteredWorst: string;
  readonly recall: number;
  readonly recallAt: string;
  /** The greatest of the cells' median costs. */
  readonly cost: number;
  readonly costAt: string;
}

export function filteredLine(
  core: string,
  { kind, selectivity }: Cell,
  { recall, short }: Verdict,
  counts: Counts,
  times: readonly ArmTimes[],
  shape: { readonly asked: number; readonly n: number; readonly d: number; readonly k: number },
): FilteredLine {
  const { asked, ...size } = shape;
  const qps = (arm: keyof ArmTimes): number => rounded(1 / median(times.map((took) => took[arm])));
  // The cheaper way is one for the cell, not one for each round.
  const cheaper = median(times.map(({ exact }) => exact)) <= median(times.map(({ plain }) => plain)) ? 'exact' : 'plain';
  const costs = times.map((took) => took.filtered / took[cheaper]);
  return {
    filtered: core,
    kind,
    selectivity: rounded(selectivity),
    asked,
    recall: rounded(recall),
    short,
    qpsCpu: qps('filtered'),
    exactQpsCpu: qps('exact'),
    plainQpsCpu: qps('plain'),
    cost: [rounded(Math.min(...costs)), rounded(median(costs)), rounded(Math.max(...costs))],
    counts,
    ...size,
  };
}

/** REQUIRES: `lines` is not empty and of one core. */
export function worstLine(lines: readonly FilteredLine[]): WorstLine {
  const [first] = lines as readonly [FilteredLine];
  const least = lines.reduce((a, b) => (b.recall < a.recall ? b : a));
  const dearest = lines.reduce((a, b) => (b.cost[1] > a.cost[1] ? b : a));
  return { filteredWorst: first.filtered, recall: least.recall, recallAt: nameOf(least), cost: dearest.cost[1], costAt: nameOf(dearest) };
}

function nameOf({ kind, selectivity }: FilteredLine): string {
  return `${kind} ${rounded(selectivity * 100)} %`;
}

export function filteredTable(lines: readonly FilteredLine[]): string {
  const head = ['core', 'filter', 'recall', 'short', 'QPS by CPU', 'exact', 'unfiltered', 'cost', 'codes4', 'codes1', 'vectors'];
  const rows = lines.map((line) => [line.filtered, nameOf(line), line.recall, line.short, line.qpsCpu, line.exactQpsCpu, line.plainQpsCpu, line.cost[1], line.counts.codes4, line.counts.codes1, line.counts.vectors].map(String));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] as string).length)));
  return [head, ...rows].map((row) => row.map((text, column) => text.padEnd(widths[column] as number)).join('  ').trimEnd()).join('\n');
}
