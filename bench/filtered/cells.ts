// Cells: the filters that are tried, by what share of the rows passes and by what the passing rows have to do with the query:
//
//   random    any rows
//   same      the query's cluster first, then its neighbours, till enough rows pass; of the last one taken, and of the first
//             if it has more than enough, rows drawn at random
//   opposite  the same from the other end: the clusters farthest from the query's first
//   label     rows of one label, where labels are given: query q asks for label q mod their number
//
// Queries of one cluster share a filter. Everything is drawn deterministically.

import { bitsetOf, setBit, type Bitset } from '../../src/model/bitset.js';
import type { Clusters } from './clusters.js';
import { shuffled } from './random.js';

export const SELECTIVITIES: readonly number[] = [0.001, 0.01, 0.05, 0.1, 0.3, 0.6, 0.9];
export type CellKind = 'random' | 'same' | 'opposite' | 'label';

export interface Cell {
  readonly kind: CellKind;
  /** Share of the rows that pass; of labels the mean. */
  readonly selectivity: number;
  readonly filters: readonly Bitset[];
  /** Of each query its filter. */
  readonly filterOf: Int32Array;
}

/** All but those of labels. */
export function cellsOf(clusters: Clusters): readonly Cell[] {
  const rows = clusters.ofRow.length;
  const members = membersOf(clusters);
  const groups = [...new Set(clusters.ofQuery)].sort((a, b) => a - b);
  const filterOf = clusters.ofQuery.map((cluster) => groups.indexOf(cluster));
  const cell = (kind: CellKind, selectivity: number, ordered: (group: number) => readonly number[]): Cell => {
    const count = Math.max(1, Math.round(selectivity * rows));
    return { kind, selectivity, filterOf, filters: groups.map((group) => firstOf(ordered(group), count, rows)) };
  };
  const all = Array.from({ length: rows }, (_, row) => row);
  const random = new Map(groups.map((group) => [group, shuffled(all, group)]));
  const near = new Map(groups.map((group) => [group, clusters.order(group).flatMap((cluster) => members[cluster] ?? [])]));
  const far = new Map(groups.map((group) => [group, [...clusters.order(group)].reverse().flatMap((cluster) => members[cluster] ?? [])]));
  const of = (orders: ReadonlyMap<number, readonly number[]>) => (group: number): readonly number[] => orders.get(group) ?? [];
  return SELECTIVITIES.flatMap((share) => [cell('random', share, of(random)), cell('same', share, of(near)), cell('opposite', share, of(far))]);
}

/** Rows of the query's label, `labels` being those of the base rows. */
export function labelCell(labels: readonly string[], queries: number): Cell {
  const names = [...new Set(labels)].sort();
  const filters = names.map((name) => {
    const bits = bitsetOf(labels.length, false);
    labels.forEach((label, row) => label === name && setBit(bits, row));
    return bits;
  });
  return { kind: 'label', selectivity: 1 / names.length, filters, filterOf: Int32Array.from({ length: queries }, (_, q) => q % names.length) };
}

/** Rows of each cluster, shuffled, so that the first of them are drawn at random. */
function membersOf({ count, ofRow }: Clusters): readonly (readonly number[])[] {
  const members = Array.from({ length: count }, (): number[] => []);
  ofRow.forEach((cluster, row) => members[cluster]?.push(row));
  return members.map((rows, cluster) => shuffled(rows, cluster));
}

function firstOf(rows: readonly number[], count: number, size: number): Bitset {
  const bits = bitsetOf(size, false);
  for (const row of rows.slice(0, count)) setBit(bits, row);
  return bits;
}
